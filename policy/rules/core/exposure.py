"""Which ports an admission opens to the internet: any address that is neither private nor named by
configuration is one too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .ingress import ALL_PORTS, Ingress
from .networks import Sources, parse, size
from .rule import Schema, Settings, texts

_CIDRS: Final[Schema] = {
    "type": "array",
    "items": {"type": "string", "format": "cidr"},
    "default": [],
}

NETWORK_SETTINGS: Final[dict[str, Schema]] = {
    "frontDoorCidrs": {
        **_CIDRS,
        "description": (
            "CIDR blocks that may reach the load balancer's own ports. Empty: nobody on the"
            " internet."
        ),
    },
    "frontDoorPorts": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 65535},
        "default": [80, 443],
        "description": (
            "The load balancer's own TCP ports, the only ones that `frontDoorCidrs` opens."
        ),
    },
    "trustedCidrs": {
        **_CIDRS,
        "description": (
            "Public CIDR blocks that may reach any port, such as a VPC's own public range. Private"
            " ones may anyway."
        ),
    },
}


_MOST_IPV4: Final = 2 ** (32 - 8)
_MOST_IPV6: Final = 2 ** (128 - 16)


def at_every_port(settings: Settings, name: str) -> Iterator[str]:
    """A problem when the networks of a setting are more than anybody knows: a /8, or a
    /16 of IPv6.
    """
    given = Sources.of(map(parse, texts(settings, name))).public
    if size(given.ipv4) > _MOST_IPV4 or size(given.ipv6) > _MOST_IPV6:
        yield (
            f"{name} hold {given.describe()}, at every port; allowed are networks that you know. To"
            " switch the rule off, set its enforcementLevel"
        )


class Limits:
    """The settings of the network rules, parsed."""

    def __init__(self, settings: Settings) -> None:
        self.front_ports = frozenset(int(port) for port in settings["frontDoorPorts"])  # type: ignore[attr-defined]
        self.trusted = Sources.of(map(parse, texts(settings, "trustedCidrs")))
        self.named = Sources.union(
            (self.trusted, Sources.of(map(parse, texts(settings, "frontDoorCidrs"))))
        )
        """What configuration names, for the front door or for every port."""

    def too_wide(self, ingress: Ingress) -> Sources:
        """The public sources of an admission that nothing allows at one of its ports."""
        return ingress.sources.public - (
            self.named if self._at_front_door(ingress) else self.trusted
        )

    def _at_front_door(self, ingress: Ingress) -> bool:
        """Whether an admission is to the front door's ports and no others. One whose ports are not
        known yet may be.
        """
        if ingress.ports is None:
            return ingress.protocol == "tcp"
        first, last = ingress.ports
        return (
            ingress.protocol == "tcp"
            and last - first < len(self.front_ports)
            and self.front_ports.issuperset(range(first, last + 1))
        )


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """A range of ports that is public."""

    protocol: str
    ports: tuple[int, int]
    sources: Sources
    places: tuple[str, ...]
    """Where in the resource it is opened; empty for a rule that is a separate resource."""

    def describe(self) -> str:
        """`tcp port 4321 to 256 public IPv4 addresses`."""
        first, last = self.ports
        protocol = "" if self.protocol == "all" else f"{self.protocol} "
        if self.ports == ALL_PORTS:
            ports = f"every {protocol}port"
        else:
            ports = (
                f"{protocol}port {first}" if first == last else f"{protocol}ports {first}-{last}"
            )
        return f"{ports} to {self.sources.describe()}"


_SHOWN_PLACES: Final = 5


def exposures(ingress: Iterable[Ingress], limits: Limits) -> Iterator[Exposure]:
    """What the admissions open, one exposure for each protocol and range of ports."""
    wide: dict[tuple[str, tuple[int, int]], list[tuple[str, Sources]]] = {}
    for each in ingress:
        if each.ports is not None and (sources := limits.too_wide(each)):
            wide.setdefault((each.protocol, each.ports), []).append((each.where, sources))
    for (protocol, ports), found in wide.items():
        places = [where for where, _ in found if where]
        more = len(places) - _SHOWN_PLACES
        shown = places[:_SHOWN_PLACES] + ([f"{more} more"] if more > 0 else [])
        sources = Sources.union(sources for _, sources in found)
        yield Exposure(protocol=protocol, ports=ports, sources=sources, places=tuple(shown))
