"""Who may reach which ports: the ingress of every kind of security-group resource in one form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .networks import NetworkError, Sources, parse
from .rule import Resource
from .types import SECURITY_GROUP_INGRESS_RULE, SECURITY_GROUP_RULE, SECURITY_GROUPS
from .values import UNKNOWN, Properties, Value, as_list, integer

ALL_PORTS: Final = (0, 65535)

_ICMP: Final = frozenset({"icmp", "1", "icmpv6", "icmp6", "58"})
"""Their `ports` are message types: nothing listens there."""

_WITH_PORTS: Final = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """One admission: sources to ports. What is unknown or unreadable is kept apart, so that it
    hides nothing known beside it.
    """

    urn: str
    """The resource that says so."""

    where: str
    """Place inside the resource for a message, such as `ingress[0]`; empty for a rule resource."""

    protocol: str
    """`tcp`, `udp`, or `all` for any other protocol but ICMP."""

    ports: tuple[int, int] | None
    """Inclusive; `None` when they are not known yet."""

    sources: Sources
    prefix_lists: tuple[str, ...] = ()
    """Ids of prefix lists that are known."""

    unreadable: tuple[str, ...] = ()
    """Places of sources that are no CIDR block, such as `cidrBlocks[1]`; not their text, which may
    be a secret.
    """

    unknown: tuple[str, ...] = ()
    """Names of properties whose value is not known yet."""

    named: bool = True
    """Whether it says whom it admits, in whatever form."""


def ingress_of(resource: Resource) -> Iterator[Ingress]:
    """Every admission that `resource` makes; none for a resource that is not about ingress."""
    props = resource.props
    if resource.type in SECURITY_GROUPS:
        rules = props.get("ingress")
        if rules is UNKNOWN:
            yield _unknown(resource, "ingress")
            return
        for index, rule in enumerate(as_list(rules)):
            where = f"ingress[{index}]"
            if isinstance(rule, dict):
                yield from _read(
                    resource,
                    where,
                    rule,
                    "cidrBlocks",
                    "ipv6CidrBlocks",
                    "prefixListIds",
                    "protocol",
                )
            else:
                yield _unknown(resource, where)
    elif resource.type == SECURITY_GROUP_RULE:
        kind = props.get("type")
        if kind is UNKNOWN or not (isinstance(kind, str) and kind.strip().lower() == "egress"):
            yield from _read(
                resource, "", props, "cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "protocol"
            )
    elif resource.type == SECURITY_GROUP_INGRESS_RULE:
        yield from _read(resource, "", props, "cidrIpv4", "cidrIpv6", "prefixListId", "ipProtocol")


def _unknown(resource: Resource, where: str) -> Ingress:
    return Ingress(
        urn=resource.urn,
        where=where,
        protocol="all",
        ports=None,
        sources=Sources(),
        unknown=(where,),
    )


def _read(
    resource: Resource,
    where: str,
    rule: Properties,
    ipv4: str,
    ipv6: str,
    lists: str,
    protocol_key: str,
) -> Iterator[Ingress]:
    unknown: list[str] = []
    protocol = _protocol(rule.get(protocol_key))
    if protocol == "icmp":
        return
    if rule.get(protocol_key) is UNKNOWN:
        unknown.append(protocol_key)

    networks, unreadable = [], []
    for key in (ipv4, ipv6):
        for index, each in enumerate(as_list(rule.get(key))):
            if each is UNKNOWN:
                unknown.append(key)
            elif isinstance(each, str):
                try:
                    networks.append(parse(each))
                except NetworkError:
                    unreadable.append(f"{key}[{index}]")
            elif each is not None:
                unreadable.append(f"{key}[{index}]")

    prefix_lists = []
    for each in as_list(rule.get(lists)):
        if isinstance(each, str):
            prefix_lists.append(each)
        elif each is not None:
            unknown.append(lists)

    ports = _ports(protocol, rule.get("fromPort"), rule.get("toPort"))
    if ports is None:
        unknown.append("fromPort" if rule.get("fromPort") is UNKNOWN else "toPort")
    yield Ingress(
        urn=resource.urn,
        where=where,
        protocol=protocol,
        ports=ports,
        sources=Sources.of(networks),
        prefix_lists=tuple(prefix_lists),
        unreadable=tuple(unreadable),
        unknown=tuple(dict.fromkeys(unknown)),
        named=any(
            rule.get(each) not in (None, [], "", False) for each in (ipv4, ipv6, lists, *_GROUPS)
        ),
    )


_GROUPS: Final = ("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId", "self")
"""Properties that admit security groups."""


def _protocol(value: Value) -> str:
    """`tcp`, `udp`, `icmp` or `all`. Whatever is not plainly one of the first three counts as
    everything.
    """
    number = integer(value)
    name = str(number) if number is not None else str(value).strip().lower()
    if name in _ICMP:
        return "icmp"
    return _WITH_PORTS.get(name, "all")


def _ports(protocol: str, low: Value, high: Value) -> tuple[int, int] | None:
    """The port range; everything for protocols without ports, and for a range that does not read as
    one.
    """
    if protocol == "all":
        return ALL_PORTS
    if low is UNKNOWN or high is UNKNOWN:
        return None
    first, last = integer(low), integer(high)
    if first is None or last is None or not 0 <= first <= last <= 65535:
        return ALL_PORTS
    return first, last
