"""Egress: where code of a site may connect to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Final

from .core.exposure import at_every_port
from .core.place import Place
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts
from .core.types import SECURITY_GROUP, SECURITY_GROUP_EGRESS_RULE, SECURITY_GROUP_RULE
from .core.values import integer

_SETTINGS: Final[dict[str, Schema]] = {
    "ports": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 65535},
        "default": [443],
        "description": "TCP ports on which resources may reach the internet.",
    },
    "allowedCidrs": {
        "type": "array",
        "items": {"type": "string", "format": "cidr"},
        "default": [],
        "description": "Networks outside the VPC that resources may reach on any port.",
    },
}

_PRIVATE: Final = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)


def _egress(resource: Resource, settings: Settings) -> Iterable[Finding]:
    for place, targets, protocol in _entries(resource):
        ports = _ports(place)
        for target in targets:
            if target.unknown:
                yield target.question()
            elif isinstance(target.value, str) and not _is_inside(
                target.value, texts(settings, "allowedCidrs")
            ):
                allowed = frozenset(settings["ports"])  # type: ignore[call-overload]
                if protocol not in ("tcp", "6") or not _are_among(ports, allowed):
                    which = ", ".join(map(str, sorted(allowed)))
                    yield Finding(
                        message=(
                            f"{target} lets traffic out to the internet; allowed is TCP on port"
                            f" {which}, or a network that config names"
                        )
                    )


def _entries(resource: Resource) -> Iterator[tuple[Place, list[Place], str]]:
    """Each way out: where it stands, its targets, its protocol."""
    here = resource.at()
    if resource.type == SECURITY_GROUP:
        for rule in resource.at("egress").each():
            yield (
                rule,
                [*rule.at("cidrBlocks").each(), *rule.at("ipv6CidrBlocks").each()],
                str(rule.at("protocol").value).lower(),
            )
    elif resource.type == SECURITY_GROUP_RULE:
        if str(resource.props.get("type")).lower() == "egress":
            targets = [*resource.at("cidrBlocks").each(), *resource.at("ipv6CidrBlocks").each()]
            yield here, targets, str(resource.props.get("protocol")).lower()
    else:
        targets = [
            place
            for name in ("cidrIpv4", "cidrIpv6")
            if (place := resource.at(name)).value is not None
        ]
        yield here, targets, str(resource.props.get("ipProtocol")).lower()


def _ports(rule: Place) -> tuple[int, int] | None:
    first, last = integer(rule.at("fromPort").value), integer(rule.at("toPort").value)
    return None if first is None or last is None or not 0 <= first <= last else (first, last)


def _are_among(ports: tuple[int, int] | None, allowed: frozenset[int]) -> bool:
    """Whether all ports of a range are allowed. A range may have any length, so its length is
    looked at first.
    """
    return (
        ports is not None
        and ports[1] - ports[0] < len(allowed)
        and allowed.issuperset(range(ports[0], ports[1] + 1))
    )


def _is_inside(text: str, allowed: tuple[str, ...]) -> bool:
    """Whether a network is private or named by config. A text that is no network is neither."""
    try:
        network = ip_network(text.strip(), strict=False)
        known = [*_PRIVATE, *(ip_network(each, strict=False) for each in allowed)]
    except ValueError:
        return False
    return any(network.version == each.version and network.subnet_of(each) for each in known)  # type: ignore[arg-type]


SECURITY_GROUP_EGRESS = ResourceRule(
    id="security-group-egress",
    title="Traffic leaves for the internet only on the ports that are needed",
    reason=(
        "Code that a site brings along runs in the task. With every port open to the outside it can"
        " carry drafts away, join in attacks and reach its operator by any protocol. HTTPS is what"
        " package registries and AWS need."
    ),
    fix="limit egress to TCP 443 and to the security groups that the task talks to",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    severity="medium",
    level="advisory",
    properties=_SETTINGS,
    sense=lambda settings: at_every_port(settings, "allowedCidrs"),
    types=frozenset({SECURITY_GROUP, SECURITY_GROUP_RULE, SECURITY_GROUP_EGRESS_RULE}),
    check=_egress,
)

RULES: Final = (SECURITY_GROUP_EGRESS,)
