"""Network ACLs: they may let answers back in, and open nothing (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .core.exposure import Limits
from .core.ingress import ALL_PORTS
from .core.networks import NetworkError, Sources, parse
from .core.place import Place
from .core.rule import Finding, Resource, ResourceRule, Settings, unjudged
from .core.types import DEFAULT_NETWORK_ACL, NETWORK_ACL, NETWORK_ACL_RULE
from .core.values import UNKNOWN, boolean, integer
from .public_ports import NO_PUBLIC_PORT

_FIRST_ANSWER_PORT: Final = 1024
_ANSWER_PORTS: Final = 16_384
"""ACLs keep no state, so the ports of answers have to be open. A range of them starts above the
well-known ports and is no handful: AWS's own, 49152 to 65535, is the smallest.
"""

_ICMP: Final = ("icmp", "1", "icmpv6", "58")
_NAMES: Final = {"6": "tcp", "17": "udp"}


def _check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    limits = Limits(settings)
    if resource.type == NETWORK_ACL_RULE:
        if boolean(resource.asked.get("egress")) is not True:
            yield from _rule(resource.at(), "ruleAction", limits)
        return
    for rule in resource.at("ingress").each():
        yield from _rule(rule, "action", limits)


def _rule(rule: Place, action: str, limits: Limits) -> Iterator[Finding]:
    verdict = rule.at(action)
    if rule.unknown:
        yield rule.question()
    if rule.unknown or str(verdict.value).lower() == "deny":
        return
    sources, questions = _sources(rule)
    yield from questions
    first, last = _ports(rule)
    answers = first >= _FIRST_ANSWER_PORT and last - first + 1 >= _ANSWER_PORTS
    front = {first, last} <= limits.front_ports and first == last
    wide = sources.public - (limits.named if front else limits.trusted)
    protocol = str(rule.at("protocol").value).lower()
    if wide and not answers and protocol not in _ICMP:
        ports = (
            "every port"
            if (first, last) == ALL_PORTS
            else f"port {first}"
            if first == last
            else f"ports {first}-{last}"
        )
        allowed = "allowed are the front door's ports and wide ranges for answers"
        message = f"{rule} lets {wide.describe()} reach {_NAMES.get(protocol, '')} {ports}; {allowed}".replace(
            "  ", " "
        )
        known = verdict.value is not UNKNOWN
        yield Finding(message=message, urn=rule.urn, known=known)


def _sources(rule: Place) -> tuple[Sources, list[Finding]]:
    networks, findings = [], []
    places = (rule.at("cidrBlock"), rule.at("ipv6CidrBlock"))
    if all(place.value in (None, "") for place in places):
        return (
            Sources.of([parse("0.0.0.0/0")]),
            [],
        )  # what says nothing about whom it admits counts as everyone
    for place in places:
        if place.unknown:
            findings.append(unjudged(f"{place} is not known yet", place.urn))
        elif place.value not in (None, ""):
            try:
                networks.append(parse(str(place.value)))
            except NetworkError:
                findings.append(
                    Finding(
                        message=(
                            f"{place} is not a CIDR block; what cannot be read counts as public"
                        ),
                        urn=place.urn,
                    )
                )
    return Sources.of(networks), findings


def _ports(rule: Place) -> tuple[int, int]:
    """The ports of a rule; every port where it does not say."""
    first, last = integer(rule.at("fromPort").value), integer(rule.at("toPort").value)
    protocol = str(rule.at("protocol").value).lower()
    if protocol not in ("tcp", "udp", *_NAMES) or first is None or last is None or first > last:
        return ALL_PORTS
    return first, last


NETWORK_ACL_RULES = ResourceRule(
    id="network-acl",
    title="Network ACLs open no port to the internet",
    reason=(
        "A network ACL is the second barrier behind the security groups. One that admits the"
        " internet protects nothing, and the next mistake in a group is an open port."
    ),
    fix=(
        "allow the front door's ports from the networks that may use it, a wide range above 1024"
        " for answers, and private networks; deny the rest"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    severity="medium",
    level="mandatory",
    shares=NO_PUBLIC_PORT,
    types=frozenset({NETWORK_ACL, DEFAULT_NETWORK_ACL, NETWORK_ACL_RULE}),
    check=_check,
)

RULES = (NETWORK_ACL_RULES,)
