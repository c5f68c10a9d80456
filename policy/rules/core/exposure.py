"""Which ports are public: the union of all sources over each port, held against the limits that configuration sets (S18)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from .ingress import ALL_PORTS, Ingress
from .networks import Sources, parse
from .rule import Schema, Settings, number, texts

NETWORK_SETTINGS: Final[dict[str, Schema]] = {
    "frontDoorCidrs": {
        "type": "array",
        "items": {"type": "string", "format": "cidr"},
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
        "description": (
            "The like for global IPv6. Only a few /12 of it are given out to registries, so a /16 is about what a /8 is in IPv4."
        ),
    },
}


class Limits:
    """The settings of the network rules, parsed."""

    def __init__(self, settings: Settings) -> None:
        self.front_ports = frozenset(int(port) for port in settings["frontDoorPorts"])  # type: ignore[attr-defined]
        self.ipv4_prefix = number(settings, "ipv4Prefix")
        self.ipv6_prefix = number(settings, "ipv6Prefix")
        self.front_sources = Sources.of(map(parse, texts(settings, "frontDoorCidrs")))

    def public(self, sources: Sources) -> bool:
        """Whether these sources are too much of the internet."""
        return sources.exceeds(ipv4_prefix=self.ipv4_prefix, ipv6_prefix=self.ipv6_prefix)


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A range of ports that is public."""

    protocols: tuple[str, ...]
    first: int
    last: int
    sources: Sources
    contributors: tuple[Ingress, ...]

    def describe(self) -> str:
        """`tcp port 4321 to 100 % of public IPv4`."""
        protocols = " and ".join(self.protocols)
        if (self.first, self.last) == ALL_PORTS:
            ports = f"every {protocols} port"
        elif self.first == self.last:
            ports = f"{protocols} port {self.first}"
        else:
            ports = f"{protocols} ports {self.first}-{self.last}"
        return f"{ports} to {self.sources.describe()}"


def exposures(ingress: Sequence[Ingress], limits: Limits) -> list[Exposure]:
    """The public port ranges under the union of all given admissions, neighbouring ranges with the same sources in one."""
    tcp, udp = (list(_joined(_sweep(ingress, protocol, limits))) for protocol in ("tcp", "udp"))
    both = []
    for each in tcp:
        twin = next((other for other in udp if replace(other, protocols=each.protocols) == each), None)
        if twin:
            udp.remove(twin)
            each = replace(each, protocols=("tcp", "udp"))
        both.append(each)
    return both + udp


def _sweep(ingress: Sequence[Ingress], protocol: str, limits: Limits) -> Iterator[Exposure]:
    relevant = [each for each in ingress if each.protocol in (protocol, "all") and each.ports is not None and each.sources]
    cuts = {0, 65536}
    for each in relevant:
        assert each.ports is not None
        cuts |= {each.ports[0], each.ports[1] + 1}
    if protocol == "tcp":
        cuts |= {cut for port in limits.front_ports for cut in (port, port + 1)}
    for first, end in pairwise(sorted(cuts)):
        contributors = tuple(each for each in relevant if each.ports and each.ports[0] <= first and end - 1 <= each.ports[1])
        sources = Sources.union(each.sources for each in contributors)
        if protocol == "tcp" and first in limits.front_ports:
            sources -= limits.front_sources
        if limits.public(sources):
            yield Exposure(protocols=(protocol,), first=first, last=end - 1, sources=sources, contributors=contributors)


def _joined(exposures: Iterator[Exposure]) -> Iterator[Exposure]:
    pending: Exposure | None = None
    for each in exposures:
        if pending and pending.last == each.first - 1 and pending.sources == each.sources:
            contributors = tuple(dict.fromkeys((*pending.contributors, *each.contributors)))
            pending = replace(pending, last=each.last, contributors=contributors)
            continue
        if pending:
            yield pending
        pending = each
    if pending:
        yield pending
