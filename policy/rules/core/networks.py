"""Set arithmetic on IP networks: how much of the public internet a set of sources covers.

A set of addresses is a sorted tuple of disjoint, non-adjacent, inclusive integer ranges, one set per IP version. Spelling never matters:
`0.0.0.0/0`, `0.0.0.0/1` with `128.0.0.0/1`, and `0::/0` with any zeros in it, are all just ranges.

Sources:
  special-purpose addresses: https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry
  global unicast IPv6 (2000::/3): https://www.iana.org/assignments/ipv6-address-space
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, Literal, TypeAlias

Range: TypeAlias = tuple[int, int]
Ranges: TypeAlias = tuple[Range, ...]
Version: TypeAlias = Literal[4, 6]


class NetworkError(ValueError):
    """A text is no IP network."""


def parse(text: str) -> IPv4Network | IPv6Network:
    """A network from its text in any spelling; host bits may be set, surrounding blanks are dropped.

    Raises `NetworkError` for anything Python's `ipaddress` cannot read, scoped addresses included.
    """
    stripped = text.strip()
    if "%" in stripped or not stripped:
        raise NetworkError(f"{text!r} is no CIDR block")
    try:
        return ip_network(stripped, strict=False)
    except ValueError as error:
        raise NetworkError(f"{text!r} is no CIDR block") from error


def merge(ranges: Iterable[Range]) -> Ranges:
    """The union of inclusive ranges."""
    merged: list[Range] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def subtract(ranges: Ranges, removed: Ranges) -> Ranges:
    """What is in `ranges` and not in `removed`; both merged."""
    result: list[Range] = []
    for low, high in ranges:
        start = low
        for removed_low, removed_high in removed:
            if removed_high < start:
                continue
            if removed_low > high:
                break
            if removed_low > start:
                result.append((start, removed_low - 1))
            start = removed_high + 1
        if start <= high:
            result.append((start, high))
    return tuple(result)


def size(ranges: Ranges) -> int:
    """Number of addresses in merged ranges."""
    return sum(high - low + 1 for low, high in ranges)


def _range(network: IPv4Network | IPv6Network) -> Range:
    return int(network.network_address), int(network.broadcast_address)


def _ranges(*networks: str) -> Ranges:
    return merge(_range(ip_network(each)) for each in networks)


_IPV4_NOT_PUBLIC: Final = _ranges(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
)
_IPV6_GLOBAL_UNICAST: Final = _ranges("2000::/3")
_IPV6_DOCUMENTATION: Final = _ranges("2001:db8::/32", "3fff::/20")
_IPV4_ALL: Final = _ranges("0.0.0.0/0")

_IPV4_MAPPED: Final = _range(IPv6Network("::ffff:0:0/96"))
_NAT64: Final = _range(IPv6Network("64:ff9b::/96"))
"""IPv4 as IPv6 addresses: a source inside these blocks counts as the IPv4 addresses it stands for."""


@dataclass(frozen=True)
class Sources:
    """A set of source addresses of both IP versions."""

    ipv4: Ranges = ()
    ipv6: Ranges = ()

    @classmethod
    def of(cls, networks: Iterable[IPv4Network | IPv6Network]) -> Sources:
        """The union of networks."""
        four: list[Range] = []
        six: list[Range] = []
        for network in networks:
            if isinstance(network, IPv4Network):
                four.append(_range(network))
                continue
            low, high = _range(network)
            six.append((low, high))
            for base, end in (_IPV4_MAPPED, _NAT64):
                if low <= end and high >= base:
                    four.append((max(low, base) - base, min(high, end) - base))
        return cls(merge(four), merge(six))

    @classmethod
    def union(cls, parts: Iterable[Sources]) -> Sources:
        """Everything in any of the parts."""
        every = list(parts)
        return cls(merge(range_ for each in every for range_ in each.ipv4), merge(range_ for each in every for range_ in each.ipv6))

    def __sub__(self, other: Sources) -> Sources:
        return Sources(subtract(self.ipv4, other.ipv4), subtract(self.ipv6, other.ipv6))

    def __bool__(self) -> bool:
        return bool(self.ipv4 or self.ipv6)

    @property
    def public(self) -> Sources:
        """The addresses that hosts on the internet can have: no private, reserved, documentation or multicast ones."""
        outside = subtract(_IPV4_ALL, _IPV4_NOT_PUBLIC)
        four = subtract(self.ipv4, subtract(_IPV4_ALL, outside))
        six = subtract(subtract(self.ipv6, _complement6(_IPV6_GLOBAL_UNICAST)), _IPV6_DOCUMENTATION)
        return Sources(four, six)

    def exceeds(self, *, ipv4_prefix: int, ipv6_prefix: int) -> bool:
        """Whether the public part holds more addresses than one network of the given prefix length, in either IP version."""
        public = self.public
        return size(public.ipv4) > 1 << (32 - ipv4_prefix) or size(public.ipv6) > 1 << (128 - ipv6_prefix)

    def describe(self) -> str:
        """`12 % of public IPv4 and 100 % of global IPv6` for a message."""
        public = self.public
        parts = []
        if public.ipv4:
            parts.append(f"{_percent(size(public.ipv4), size(subtract(_IPV4_ALL, _IPV4_NOT_PUBLIC)))} of public IPv4")
        if public.ipv6:
            parts.append(f"{_percent(size(public.ipv6), size(subtract(_IPV6_GLOBAL_UNICAST, _IPV6_DOCUMENTATION)))} of global IPv6")
        return " and ".join(parts) or "no public address"


def _complement6(ranges: Ranges) -> Ranges:
    return subtract(((0, (1 << 128) - 1),), ranges)


def _percent(part: int, whole: int) -> str:
    share = 100 * part / whole
    if part == whole:
        return "100 %"
    return f"{share:.1f} %" if share >= 0.1 else "under 0.1 %"
