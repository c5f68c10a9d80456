"""No public port, judged on the whole stack: what only shows when resources are put together (S18).

Stack policies run after every resource was processed. They block a preview, and so the update that follows it; in an update that skips
its preview they only report. What one resource says on its own is judged earlier, by `no-public-port`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from .core.exposure import Limits, exposures
from .core.ingress import Ingress, ingress_of
from .core.networks import NetworkError, Sources, parse
from .core.rule import Finding, Resource, Schema, Settings, Stack, StackRule, texts, unjudged
from .core.types import (
    INGRESS_SOURCES,
    LOAD_BALANCER,
    PREFIX_LIST,
    PREFIX_LIST_ENTRY,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUPS,
    SERVICE,
    TASK_SET,
)
from .core.values import UNKNOWN, as_dict, as_list
from .public_ports import NO_PUBLIC_PORT

_SETTINGS: Final[dict[str, Schema]] = {
    "trustedPrefixLists": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Ids of prefix lists outside the stack that may be used as sources, such as CloudFront's origin-facing list.",
    },
}

_NOT_ATTACHED: Final = INGRESS_SOURCES | {SECURITY_GROUP_EGRESS_RULE}
"""These name a security group as a source or as the one they belong to, not as the guard of an interface."""


def _check(stack: Stack, settings: Settings) -> Iterable[Finding]:
    limits = Limits(settings)
    asked = [replace(each, props=each.asked) for each in stack.of(INGRESS_SOURCES)]
    plain = [ingress for each in asked for ingress in ingress_of(each)]
    followed: list[Ingress] = []
    trusted = frozenset(texts(settings, "trustedPrefixLists"))
    for ingress in plain:
        sources, findings = _follow(stack, ingress, trusted)
        followed.append(replace(ingress, sources=Sources.union((ingress.sources, sources))))
        yield from findings
    yield from _united(stack, plain, followed, limits)
    yield from _front_doors(stack, followed, limits)
    yield from _strangers(stack)


# Prefix lists


def _follow(stack: Stack, ingress: Ingress, trusted: frozenset[str]) -> tuple[Sources, list[Finding]]:
    """The addresses behind the prefix lists of one admission."""
    resource = stack.by_urn[ingress.urn]
    place = f"{resource.name}: {ingress.where}" if ingress.where else resource.name
    sources: list[Sources] = []
    findings: list[Finding] = []
    for identity in ingress.prefix_lists:
        lists = stack.named(identity, {PREFIX_LIST})
        if not lists and identity not in trusted:
            shown = identity if re.fullmatch(r"pl-[0-9a-f]{1,32}", identity) else "of an id that is none"
            findings.append(unjudged(f"{place} admits prefix list {shown}, whose content is not in this stack", ingress.urn))
        for each in lists:
            sources.append(_content(stack, each, place, findings))
    if set(ingress.unknown) & {"prefixListIds", "prefixListId"}:
        for prop in ("prefixListIds", "prefixListId", "ingress"):
            for urn in resource.references.get(prop, ()):
                other = stack.by_urn.get(urn)
                if other and other.type == PREFIX_LIST:
                    sources.append(_content(stack, other, place, findings))
    return Sources.union(sources), findings


def _content(stack: Stack, prefix_list: Resource, place: str, findings: list[Finding]) -> Sources:
    values = [as_dict(each).get("cidr", UNKNOWN) for each in as_list(prefix_list.asked.get("entries"))]
    for entry in stack.of({PREFIX_LIST_ENTRY}):
        owner = stack.join(entry, "prefixListId", entry.props.get("prefixListId"), {PREFIX_LIST})
        if prefix_list in owner.found:
            values.append(entry.asked.get("cidr", UNKNOWN))
    networks = []
    for value in values:
        if isinstance(value, str):
            try:
                networks.append(parse(value))
            except NetworkError:
                message = f"{place} admits prefix list {prefix_list.name}, of which an entry is no CIDR block"
                findings.append(Finding(message=message, urn=prefix_list.urn))
        else:
            findings.append(unjudged(f"{place} admits prefix list {prefix_list.name}, of which an entry is not known yet", prefix_list.urn))
    return Sources.of(networks)


# Unions


def _united(stack: Stack, plain: list[Ingress], followed: list[Ingress], limits: Limits) -> Iterator[Finding]:
    """Ports that are public only under the union over resources, or through a prefix list."""
    alone = [
        (exposure.protocols, exposure.first, exposure.last)
        for urn in dict.fromkeys(each.urn for each in plain)
        for exposure in exposures([each for each in plain if each.urn == urn], limits)
    ]
    for exposure in exposures(followed, limits):
        covered = any(
            set(exposure.protocols) <= set(protocols) and first <= exposure.first and exposure.last <= last
            for protocols, first, last in alone
        )
        if covered:
            continue  # `no-public-port` has already blamed the resource that does this on its own
        urns = list(dict.fromkeys(each.urn for each in exposure.contributors))
        names = ", ".join(stack.by_urn[urn].name for urn in urns)
        together = "together open" if len(urns) > 1 else "opens"
        yield Finding(message=f"{names} {together} {exposure.describe()}", urn=urns[0])


# The front door


def _front_doors(stack: Stack, followed: list[Ingress], limits: Limits) -> Iterator[Finding]:
    """A group that admits the internet to the load balancer's ports must guard load balancers and nothing else."""
    closed = replace_front_door(limits)
    open_groups: dict[str, list[Ingress]] = {}
    for ingress in followed:
        if not ingress.ports or not any(ingress.ports[0] <= port <= ingress.ports[1] for port in limits.front_ports):
            continue
        if not closed.public(ingress.sources):
            continue
        resource = stack.by_urn[ingress.urn]
        groups = _groups(stack, resource)
        if not groups:
            yield unjudged(
                f"{resource.name} opens the load balancer's ports to the internet for a group that is not in this stack", ingress.urn
            )
        for group in groups:
            open_groups.setdefault(group.urn, []).append(ingress)
    for urn in open_groups:
        group = stack.by_urn[urn]
        guarded = list(_guarded(stack, group))
        if not any(each.type in LOAD_BALANCER for each in guarded):
            yield Finding(
                message=f"{group.name} opens the load balancer's ports to the internet, but guards no load balancer of this stack", urn=urn
            )
        for each in guarded:
            if each.type not in LOAD_BALANCER:
                yield Finding(message=f"{group.name} opens the load balancer's ports to the internet, but also guards {each.name}", urn=urn)


def _strangers(stack: Stack) -> Iterator[Finding]:
    """Groups that guard something here but are declared elsewhere: their rules cannot be seen."""
    for each in stack.of({SERVICE, TASK_SET, *LOAD_BALANCER}):
        prop = "securityGroups" if each.type in LOAD_BALANCER else "networkConfiguration"
        value = each.asked.get(prop)
        groups = value if prop == "securityGroups" else as_dict(value).get("securityGroups")
        for identity in stack.join(each, prop, groups, SECURITY_GROUPS).outside:
            shown = identity if re.fullmatch(r"sg-[0-9a-f]{1,32}", identity) else "of an id that is none"
            yield unjudged(f"{each.name} is guarded by security group {shown}, whose rules are not in this stack", each.urn)


def replace_front_door(limits: Limits) -> Limits:
    """The same limits without the front door's exception."""
    closed = object.__new__(Limits)
    closed.__dict__.update(limits.__dict__)
    closed.front_sources = Sources()
    return closed


def _groups(stack: Stack, resource: Resource) -> tuple[Resource, ...]:
    if resource.type in SECURITY_GROUPS:
        return (resource,)
    return stack.join(resource, "securityGroupId", resource.props.get("securityGroupId"), SECURITY_GROUPS).found


def _guarded(stack: Stack, group: Resource) -> Iterator[Resource]:
    for each in stack.resources:
        if each.type in _NOT_ATTACHED or not each.type.startswith("aws:"):
            continue
        props = [prop for prop in each.props if "ecurityGroup" in prop or prop in _NESTED]
        if stack.mentions(each, group, props):
            yield each


_NESTED: Final = frozenset({"networkConfiguration", "networkInterfaces", "vpcConfig", "vpcOptions", "ecsTarget", "target", "clientSubnets"})
"""Top-level properties that hold security groups deeper inside."""


NO_PUBLIC_PORT_STACK = StackRule(
    id="no-public-port-stack",
    title="No port is open to the internet by several resources together",
    reason=(
        "Halves of the internet in two rules, a prefix list that holds it, or the load balancer's security group on a task are public "
        "ports that no resource shows on its own."
    ),
    fix=(
        "narrow the sources, name trusted prefix lists in the policy configuration (no-public-port-stack.trustedPrefixLists), and give "
        "the load balancer a security group of its own"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    severity="critical",
    level="mandatory",
    spec="S18 S21",
    properties=_SETTINGS,
    shares=NO_PUBLIC_PORT,
    check=_check,
)

RULES = (NO_PUBLIC_PORT_STACK,)
