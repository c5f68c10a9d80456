"""Public addresses: tasks, instances and interfaces stand in private subnets and have none (S12, S18)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from .core.display import show
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule, unjudged
from .core.types import (
    INTERNET_GATEWAY,
    MOUNT_TARGET,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SERVICE,
    SUBNET,
    TASK_SET,
)
from .core.values import UNKNOWN, Value, as_dict, as_list, boolean

_SWITCHES: Final = frozenset({"assignpublicip", "associatepublicipaddress", "publiclyaccessible"})
"""Property names, in lower case, that ask for a public address. They are looked for at every depth of every AWS resource, so that
services, task sets, schedules, event targets, pipes, jobs, launch templates and databases are all covered, and so is the next one."""

EIP_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"
EIP: Final = "aws:ec2/eip:Eip"


def _walk(value: Value, path: str) -> Iterator[tuple[str, Value]]:
    """Every switch inside `value`, JSON documents in text included."""
    if isinstance(value, dict):
        for key, each in value.items():
            here = f"{path}.{key}" if path else key
            if key.lower() in _SWITCHES:
                yield here, each
            else:
                yield from _walk(each, here)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _walk(each, f"{path}[{index}]")
    elif isinstance(value, str) and "ublic" in value and value.lstrip()[:1] in ("{", "["):
        try:
            yield from _walk(json.loads(value), path)
        except ValueError:
            return


def _on(value: Value) -> bool:
    """Whether a switch is on. Anything but a plain no counts."""
    if value is None or boolean(value) is False:
        return False
    return not (isinstance(value, str) and value.strip().upper() in ("DISABLED", ""))


def _check(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not resource.type.startswith("aws:"):
        return
    for path, value in _walk(resource.props, ""):
        if value is UNKNOWN:
            yield unjudged(f"{resource.name}: {path} is not known yet")
        elif _on(value):
            yield Finding(message=f"{resource.name}: {path} is {show(value)}; allowed is false")
    if resource.type == EIP_ASSOCIATION:
        yield Finding(message=f"{resource.name} gives an instance or interface a public address; allowed are addresses of NAT gateways")
    if resource.type == EIP:
        for prop in ("instance", "networkInterface"):
            if resource.props.get(prop) is not None:
                yield Finding(message=f"{resource.name}: {prop} gets a public address; allowed are addresses of NAT gateways")


NO_PUBLIC_ADDRESS = ResourceRule(
    id="no-public-address",
    title="No task, instance or database has a public address",
    reason=(
        "Behind a load balancer nothing else needs a public address. With one, a single mistake in a security group puts a dev server "
        "on the internet, past sign-in."
    ),
    fix="set assign_public_ip=False (or its like), put the resource into private subnets and reach it through the load balancer",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    severity="critical",
    level="mandatory",
    spec="S12 S18",
    types=None,
    check=_check,
)

# Subnets


def _subnets(stack: Stack, _: Settings) -> Iterable[Finding]:
    public = _public_subnets(stack)
    for each in stack.of({SERVICE, TASK_SET, MOUNT_TARGET}):
        prop = "subnetId" if each.type == MOUNT_TARGET else "networkConfiguration"
        value = each.asked.get(prop)
        wanted = value if each.type == MOUNT_TARGET or value is UNKNOWN else as_dict(value).get("subnets")
        join = stack.join(each, prop, wanted, {SUBNET})
        for subnet in join.found:
            if subnet.urn in public:
                message = f"{each.name} stands in {subnet.name}, with a route to an internet gateway; allowed are private subnets"
                yield Finding(message=message, urn=each.urn)
        if join.unknown:
            yield unjudged(f"{each.name}: whether its subnets are private is not known yet", each.urn)


def _public_subnets(stack: Stack) -> set[str]:
    """URNs of the subnets whose route table has a route to an internet gateway."""
    tables: set[str] = set()
    for route in stack.of({ROUTE}):
        if stack.join(route, "gatewayId", route.asked.get("gatewayId"), {INTERNET_GATEWAY}).found:
            tables |= {each.urn for each in stack.join(route, "routeTableId", route.props.get("routeTableId"), {ROUTE_TABLE}).found}
    for table in stack.of({ROUTE_TABLE}):
        gateways = [as_dict(route).get("gatewayId") for route in as_list(table.asked.get("routes"))]
        if stack.join(table, "routes", gateways, {INTERNET_GATEWAY}).found:
            tables.add(table.urn)
    public: set[str] = set()
    for association in stack.of({ROUTE_TABLE_ASSOCIATION}):
        table_of = stack.join(association, "routeTableId", association.props.get("routeTableId"), {ROUTE_TABLE})
        if any(each.urn in tables for each in table_of.found):
            public |= {each.urn for each in stack.join(association, "subnetId", association.props.get("subnetId"), {SUBNET}).found}
    return public


PRIVATE_SUBNETS = StackRule(
    id="private-subnets",
    title="Tasks and mount targets stand in private subnets",
    reason="In a subnet with a route to an internet gateway one switch, a public address, is all that is missing to be on the internet.",
    fix="name private subnets: those whose route table leads to a NAT gateway, or nowhere",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
    severity="medium",
    level="mandatory",
    spec="S12 S14",
    check=_subnets,
)

RULES = (NO_PUBLIC_ADDRESS, PRIVATE_SUBNETS)
