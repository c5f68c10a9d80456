"""No public port, judged on the whole stack: what only shows when resources are put together (S18).

Stack policies run after every resource was processed. They block a preview, and so the update that
follows it; in an update that skips its preview they only report. What one resource says on its own
is judged earlier, by `no-public-port`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from .core.display import show_id
from .core.exposure import Limits, exposures
from .core.ingress import Ingress, ingress_of
from .core.networks import NetworkError, Sources, parse
from .core.placement import guard_properties, guarding, places
from .core.rule import Finding, Resource, Schema, Settings, Stack, StackRule, texts, unjudged
from .core.types import (
    INGRESS_SOURCES,
    LOAD_BALANCER,
    PREFIX_LIST,
    PREFIX_LIST_ENTRY,
    SECURITY_GROUPS,
)
from .public_ports import NO_PUBLIC_PORT

_SETTINGS: Final[dict[str, Schema]] = {
    "trustedPrefixLists": {
        "type": "array",
        "items": {"type": "string", "pattern": "^pl-[0-9a-f]{8,17}$"},
        "default": [],
        "description": (
            "Ids of prefix lists outside the stack that may be used as sources, such as"
            " CloudFront's origin-facing list."
        ),
    },
}


def _check(stack: Stack, settings: Settings) -> Iterable[Finding]:
    limits, lists = (
        Limits(settings),
        _PrefixLists(stack, frozenset(texts(settings, "trustedPrefixLists"))),
    )
    open_groups: dict[str, Resource] = {}
    for resource in stack.of(INGRESS_SOURCES):
        for ingress in ingress_of(replace(resource, props=resource.asked)):
            behind, findings = lists.behind(resource, ingress)
            yield from findings
            for exposure in exposures([replace(ingress, sources=behind)], limits):
                yield Finding(
                    message=(
                        f"{_place(resource, ingress)} opens {exposure.describe()} through a prefix"
                        " list"
                    ),
                    urn=resource.urn,
                )
            if resource.inputs is None and _in_use(stack, resource):
                for exposure in exposures([ingress], limits):
                    message = (
                        f"{_place(resource, ingress)} opens {exposure.describe()}, in a group that"
                        " this stack reads and uses"
                    )
                    yield Finding(message=message, urn=resource.urn)
            both = Sources.union((ingress.sources, behind))
            if both.public - limits.trusted and _touches(ingress, limits.front_ports):
                open_groups.update({each.urn: resource for each in _groups(stack, resource)})
                yield from _elsewhere(stack, resource)
    for urn in open_groups:
        yield from _front_door(stack, stack.by_urn[urn])
    yield from _outside(stack)


def _in_use(stack: Stack, group: Resource) -> bool:
    """Whether a group that the stack reads (`SecurityGroup.get`) guards something in it. No rule
    has seen its inputs: it has none.
    """
    return any(_guards(stack.by_urn[urn], props) for urn, props in stack.mentioning(group).items())


def _place(resource: Resource, ingress: Ingress) -> str:
    return f"{resource.name}: {ingress.where}" if ingress.where else resource.name


def _touches(ingress: Ingress, ports: frozenset[int]) -> bool:
    return ingress.ports is not None and any(
        ingress.ports[0] <= port <= ingress.ports[1] for port in ports
    )


# Prefix lists


class _PrefixLists:
    """What the prefix lists of a stack hold."""

    def __init__(self, stack: Stack, trusted: frozenset[str]) -> None:
        self._stack, self._trusted = stack, trusted
        cidrs: dict[str, list[object]] = {each.urn: [] for each in stack.of({PREFIX_LIST})}
        for each in stack.of({PREFIX_LIST}):
            cidrs[each.urn] += [entry.at("cidr").value for entry in each.at("entries").each()]
        for entry in stack.of({PREFIX_LIST_ENTRY}):
            for owner in stack.join(
                entry, "prefixListId", entry.props.get("prefixListId"), {PREFIX_LIST}
            ).found:
                cidrs[owner.urn].append(entry.at("cidr").value)
        self._sources = {urn: _readable(values) for urn, values in cidrs.items()}
        self._unread = {
            each.urn
            for each in stack.of({PREFIX_LIST})
            if each.inputs is None and not cidrs[each.urn]
        }
        """Lists that the stack reads without their entries."""

    def behind(self, resource: Resource, ingress: Ingress) -> tuple[Sources, list[Finding]]:
        """The addresses behind the prefix lists of one admission of `resource`, and what is wrong
        with the lists.
        """
        found: list[Resource] = []
        findings: list[Finding] = []
        for identity in ingress.prefix_lists:
            lists = [
                each
                for each in self._stack.named(identity, {PREFIX_LIST})
                if each.urn not in self._unread
            ]
            found += lists
            if not lists and identity not in self._trusted:
                admits = f"{_place(resource, ingress)} admits prefix list {show_id('pl', identity)}"
                findings.append(
                    Finding(
                        message=(
                            f"{admits}, whose content is not in this stack; it counts as public"
                        ),
                        urn=resource.urn,
                    )
                )
        if set(ingress.unknown) & {"prefixListIds", "prefixListId"}:
            for prop in ("prefixListIds", "prefixListId", "ingress"):
                sources = (self._stack.by_urn.get(urn) for urn in resource.references.get(prop, ()))
                found += [each for each in sources if each and each.type == PREFIX_LIST]
        return Sources.union(self._sources[each.urn] for each in found), findings


def _readable(values: Iterable[object]) -> Sources:
    """What is not readable or not known yet is reported where it stands, by `no-public-port`."""
    networks = []
    for value in values:
        try:
            networks.append(parse(value if isinstance(value, str) else ""))
        except NetworkError:
            continue
    return Sources.of(networks)


# The front door


def _front_door(stack: Stack, group: Resource) -> Iterator[Finding]:
    """A group that admits the internet to the load balancer's ports must guard load balancers and
    nothing else.
    """
    opens = f"{group.name} opens the load balancer's ports to the internet"
    guarded = [
        stack.by_urn[urn]
        for urn, props in stack.mentioning(group).items()
        if _guards(stack.by_urn[urn], props)
    ]
    if not any(each.type in LOAD_BALANCER for each in guarded):
        yield Finding(message=f"{opens}, but guards no load balancer of this stack", urn=group.urn)
    for each in guarded:
        if each.type not in LOAD_BALANCER:
            yield Finding(message=f"{opens}, but also guards {each.name}", urn=group.urn)


def _guards(resource: Resource, props: Iterable[str]) -> bool:
    """Whether a resource that names a group in these properties is guarded by it."""
    held = guard_properties().get(resource.type, frozenset()) | _DOCUMENTS.get(
        resource.type, frozenset()
    )
    return not held.isdisjoint(props)


_DOCUMENTS: Final = {
    "aws:sfn/stateMachine:StateMachine": frozenset({"definition"}),
    "aws:scheduler/schedule:Schedule": frozenset({"target"}),
    "aws:cloudwatch/eventTarget:EventTarget": frozenset({"input", "inputTransformer"}),
}
"""Properties that hold JSON documents in which tasks are started."""


def _groups(stack: Stack, resource: Resource) -> tuple[Resource, ...]:
    if resource.type in SECURITY_GROUPS:
        return (resource,)
    return stack.join(
        resource, "securityGroupId", resource.props.get("securityGroupId"), SECURITY_GROUPS
    ).found


def _elsewhere(stack: Stack, resource: Resource) -> Iterator[Finding]:
    """A front door opened for a group that is not here: nobody sees what it guards."""
    if not _groups(stack, resource):
        message = (
            f"{resource.name} opens the load balancer's ports to the internet for a group that is"
            " not in this stack"
        )
        unknown = stack.join(
            resource, "securityGroupId", resource.props.get("securityGroupId"), SECURITY_GROUPS
        ).unknown
        yield Finding(message=message, urn=resource.urn, known=not unknown)


def _outside(stack: Stack) -> Iterator[Finding]:
    """Groups that guard something here but are declared elsewhere: their rules cannot be seen."""
    paths = guarding()
    for each in stack.of(paths):
        for prop, place in places(each, paths):
            for identity in stack.join(each, prop, place.value, SECURITY_GROUPS).outside:
                guarded = f"{each.name} is guarded by security group {show_id('sg', identity)}"
                yield unjudged(f"{guarded}, whose rules are not in this stack", each.urn)


NO_PUBLIC_PORT_STACK = StackRule(
    id="no-public-port-stack",
    title="No port is open to the internet by several resources together",
    reason=(
        "A prefix list that holds public addresses, one that nobody here can read, or the load"
        " balancer's security group on a task are public ports that no resource shows on its own."
    ),
    fix=(
        "narrow the sources, name trusted prefix lists in the policy configuration"
        " (no-public-port-stack.trustedPrefixLists), and give the load balancer its own security"
        " group"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    severity="critical",
    level="mandatory",
    properties=_SETTINGS,
    shares=NO_PUBLIC_PORT,
    check=_check,
)

RULES = (NO_PUBLIC_PORT_STACK,)
