"""Public addresses: tasks, instances and interfaces have none (S12, S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from .core.networks import NetworkError, Sources, parse
from .core.place import Place
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.sdk import opening_paths
from .core.switches import judged, switches
from .core.types import INSTANCE, LAUNCH_TEMPLATE, NETWORK_INTERFACE
from .core.values import UNKNOWN, Value, boolean, integer

_SWITCHES: Final = frozenset(
    {
        "allowfrompublic",
        "assignpublicip",
        "associatepublicipaddress",
        "createpublicip",
        "publicconnectivity",
        "publiclyaccessible",
    }
)
"""Property names, in lower case, that ask for a public address. They are looked for at every depth
of every AWS resource, so that services, task sets, schedules, event targets, pipes, jobs, launch
templates and databases are all covered, and so is the next one.
"""

_HOLDERS: Final = frozenset({"networkconfiguration", "awsvpcconfiguration"})
"""Objects around them, which a state machine may compute as a whole."""

EIP_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"
EIP: Final = "aws:ec2/eip:Eip"


def _hidden(resource: Resource) -> Iterator[str]:
    """Properties that are not known yet as a whole and hold a switch."""
    for path in opening_paths().get(resource.type, ()):
        prop, _, rest = path.partition(".")
        if (
            rest
            and rest.rpartition(".")[2].lower() in _SWITCHES
            and resource.props.get(prop) is UNKNOWN
        ):
            yield prop


def _off(value: Value) -> bool:
    """Whether a switch is off. Anything but a plain no counts as on."""
    return (
        value is None
        or boolean(value) is False
        or (isinstance(value, str) and value.strip().upper() in ("DISABLED", ""))
    )


_INTERFACES: Final = frozenset({INSTANCE, NETWORK_INTERFACE, LAUNCH_TEMPLATE})


def _check(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not resource.type.startswith("aws:"):
        return
    for prop in _hidden(resource):
        yield resource.at(prop).question()
    for path, value in switches(resource.props, _SWITCHES, holders=_HOLDERS):
        yield from judged(replace(resource.at(), path=path, value=value), _off, "false")
    if resource.type in _INTERFACES:
        yield from _ipv6(resource.at())
        for interface in resource.at("networkInterfaces").each():
            yield from _ipv6(interface)
    if resource.type == EIP_ASSOCIATION:
        yield Finding(
            message=(
                f"{resource.name} gives an instance or interface a public address; allowed are"
                " addresses of NAT gateways"
            )
        )
    if resource.type == EIP:
        for prop in ("instance", "networkInterface"):
            if resource.props.get(prop) is not None:
                yield Finding(
                    message=(
                        f"{resource.name}: {prop} gets a public address; allowed are addresses of"
                        " NAT gateways"
                    )
                )


def _ipv6(interface: Place) -> Iterator[Finding]:
    """AWS's own IPv6 addresses are reachable from everywhere; there are no private ones unless
    somebody brings unique local ones.
    """
    for name in ("ipv6AddressCount", "ipv6PrefixCount"):
        yield from interface.at(name).must(
            lambda count: integer(count) == 0, "0, as its IPv6 addresses are public", default=0
        )
    for name in ("ipv6Addresses", "ipv6AddressLists", "ipv6Prefixes"):
        for address in interface.at(name).each():
            yield from address.must(_is_local, "a unique local address, as others are public")


def _is_local(address: Value) -> bool:
    try:
        return not Sources.of([parse(str(address))]).public
    except NetworkError:
        return False


NO_PUBLIC_ADDRESS = ResourceRule(
    id="no-public-address",
    title="No task, instance or database has a public address",
    reason=(
        "Behind a load balancer nothing else needs a public address. With one, a single mistake in"
        " a security group puts a dev server on the internet, past sign-in."
    ),
    fix=(
        "set assign_public_ip=False (or its like), put the resource into private subnets and reach"
        " it through the load balancer"
    ),
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    severity="critical",
    level="mandatory",
    types=None,
    check=_check,
)

RULES = (NO_PUBLIC_ADDRESS,)
