"""No public port (S18): sources are sets of addresses, and a port is public when too much of the internet may reach it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from .core.ingress import ALL_PORTS, Ingress, ingress_of
from .core.networks import NetworkError, Sources, parse
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, unjudged
from .core.types import INGRESS_SOURCES

NETWORK_SETTINGS: Final[dict[str, Schema]] = {
    "frontDoorCidrs": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "CIDR blocks that may reach the load balancer's own ports. Empty: nobody on the internet.",
    },
    "frontDoorPorts": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 65535},
        "default": [80, 443],
        "description": "The load balancer's own TCP ports, the only ones that `frontDoorCidrs` opens.",
    },
    "ipv4Prefix": {
        "type": "integer",
        "minimum": 0,
        "maximum": 32,
        "default": 8,
        "description": "A port is public when its sources hold more public IPv4 addresses than one network of this prefix length.",
    },
    "ipv6Prefix": {
        "type": "integer",
        "minimum": 0,
        "maximum": 128,
        "default": 16,
        "description": "The like for global IPv6. Regional registries give whole countries a /16 to /12, so this is about a /8 of IPv4.",
    },
}


class Limits:
    """The settings of the network rules, parsed."""

    def __init__(self, settings: Settings) -> None:
        self.front_ports = frozenset(int(port) for port in settings["frontDoorPorts"])  # type: ignore[attr-defined]
        self.ipv4_prefix = int(settings["ipv4Prefix"])  # type: ignore[call-overload]
        self.ipv6_prefix = int(settings["ipv6Prefix"])  # type: ignore[call-overload]
        self.problems: list[str] = []
        networks = []
        for text in settings["frontDoorCidrs"]:  # type: ignore[attr-defined]
            try:
                networks.append(parse(text))
            except NetworkError:
                self.problems.append(f"frontDoorCidrs names {text!r}, which is no CIDR block")
        self.front_sources = Sources.of(networks)

    def public(self, sources: Sources) -> bool:
        return sources.exceeds(ipv4_prefix=self.ipv4_prefix, ipv6_prefix=self.ipv6_prefix)


def public_ranges(ingress: Sequence[Ingress], limits: Limits) -> Iterator[tuple[str, int, int, Sources, list[Ingress]]]:
    """Port ranges that are public under the union of all given admissions: protocol, first and last port, sources, contributors."""
    for protocol in ("tcp", "udp"):
        relevant = [each for each in ingress if each.protocol in (protocol, "all") and each.ports is not None and each.sources]
        cuts = {0, 65536}
        for each in relevant:
            assert each.ports is not None
            cuts |= {each.ports[0], each.ports[1] + 1}
        if protocol == "tcp":
            cuts |= {cut for port in limits.front_ports for cut in (port, port + 1)}
        pending: tuple[str, int, int, Sources, list[Ingress]] | None = None
        for low, end in pairwise(sorted(cuts)):
            contributors = [each for each in relevant if each.ports and each.ports[0] <= low and end - 1 <= each.ports[1]]
            sources = Sources()
            for each in contributors:
                sources |= each.sources
            if protocol == "tcp" and low in limits.front_ports and end == low + 1:
                sources -= limits.front_sources
            if not limits.public(sources):
                continue
            if pending and pending[2] == low - 1 and pending[3] == sources:
                pending = (protocol, pending[1], end - 1, sources, contributors)
                continue
            if pending:
                yield pending
            pending = (protocol, low, end - 1, sources, contributors)
        if pending:
            yield pending


def ports_text(protocol: str, low: int, high: int) -> str:
    if (low, high) == ALL_PORTS:
        return f"every {protocol} port"
    return f"{protocol} port {low}" if low == high else f"{protocol} ports {low}-{high}"


def _judge(name: str, ingress: Sequence[Ingress], limits: Limits) -> Iterator[Finding]:
    for problem in limits.problems:
        yield Finding(message=f"the configuration's {problem}")
    for each in ingress:
        place = f"{name}: {each.where}" if each.where else name
        for text in each.unreadable:
            yield Finding(message=f"{place} admits {text}, which is no CIDR block; what cannot be read counts as public")
        if each.ports is None and limits.public(each.sources - limits.front_sources):
            # whichever the port will be, the front door's included
            yield Finding(message=f"{place} admits {each.sources.describe()} to a port that is not known yet")
        elif each.unknown:
            yield unjudged(f"{place} cannot be judged: {', '.join(each.unknown)} not known yet")
    for protocol, low, high, sources, contributors in public_ranges(ingress, limits):
        places = ", ".join(dict.fromkeys(each.where for each in contributors if each.where))
        subject = f"{name}: {places}" if places else name
        yield Finding(message=f"{subject} opens {ports_text(protocol, low, high)} to {sources.describe()}")


def _check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    return _judge(resource.name, list(ingress_of(resource)), Limits(settings))


NO_PUBLIC_PORT = ResourceRule(
    id="no-public-port",
    title="No port is open to the internet",
    reason=(
        "A dev server runs whatever is in the site it serves. Anyone who reaches its port runs code in the task; only the load "
        "balancer's own ports may face people, and only those people that the configuration names."
    ),
    fix=(
        "admit the load balancer's security group instead of addresses, or narrow the sources; for the load balancer's own 80/443 "
        "name the sources in the policy configuration (no-public-port.frontDoorCidrs)."
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    severity="critical",
    level="mandatory",
    spec="S18 S21",
    properties=NETWORK_SETTINGS,
    types=INGRESS_SOURCES,
    check=_check,
)

RULES = (NO_PUBLIC_PORT,)
