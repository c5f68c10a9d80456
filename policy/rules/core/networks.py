"""Set arithmetic on IP networks: which addresses of a set of sources are on the internet.

A set of addresses is a sorted tuple of disjoint, non-adjacent, inclusive integer ranges, one set
per IP version. Spelling never matters: `0.0.0.0/0`, `0.0.0.0/1` with `128.0.0.0/1`, and `0::/0`
with any zeros in it, are all just ranges.

An address is on the internet unless the registry of special-purpose addresses says that it is not
reachable from there: https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeAlias

Range: TypeAlias = tuple[int, int]
Ranges: TypeAlias = tuple[Range, ...]

MOST_IPV4: Final = 2 ** (32 - 8)
MOST_IPV6: Final = 2 ** (128 - 32)
"""Most public addresses that are still somebody in particular: those of the widest network that AWS
calls not public in a bucket's policy
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
"""


class NetworkError(ValueError):
    """A text is no IP network."""


def parse(text: str) -> IPv4Network | IPv6Network:
    """A network from its text in any spelling; host bits may be set, surrounding blanks are
    dropped.

    Raises `NetworkError` for anything Python's `ipaddress` cannot read, scoped addresses included.
    """
    stripped = text.strip()
    if "%" in stripped or not stripped:
        raise NetworkError(f"{text!r} is not a CIDR block")
    try:
        return ip_network(stripped, strict=False)
    except ValueError as error:
        raise NetworkError(f"{text!r} is not a CIDR block") from error


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


_IPV4_CLOSED: Final = _ranges(
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared address space, which a VPC may use
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link local
    "172.16.0.0/12",  # private
    "192.0.0.0/29",  # IPv4 service continuity
    "192.0.2.0/24",  # documentation
    "192.168.0.0/16",  # private
    "198.18.0.0/15",  # benchmarking
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/3",  # multicast and reserved: no host has one as its own
)
_IPV6_CLOSED: Final = _ranges(
    "::/127",  # unspecified and loopback
    "64:ff9b:1::/48",  # local translation
    "100::/64",  # discard only
    "2001:2::/48",  # benchmarking
    "2001:db8::/32",  # documentation
    "3fff::/20",  # documentation
    "5f00::/16",  # segment routing
    "fc00::/7",  # unique local
    "fe80::/10",  # link local
    "ff00::/8",  # multicast
)

_IPV4_MAPPED: Final = _range(IPv6Network("::ffff:0:0/96"))
_NAT64: Final = _range(IPv6Network("64:ff9b::/96"))
"""IPv4 as IPv6 addresses: a source inside these blocks counts as the IPv4 addresses it
stands for.
"""


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
            rest: Ranges = (_range(network),)
            for block in (_IPV4_MAPPED, _NAT64):
                for low, high in _common(rest, block):
                    four.append((low - block[0], high - block[0]))
                rest = subtract(rest, (block,))
            six += rest
        return cls(merge(four), merge(six))

    @classmethod
    def union(cls, parts: Iterable[Sources]) -> Sources:
        """Everything in any of the parts."""
        every = list(parts)
        return cls(
            merge(range_ for each in every for range_ in each.ipv4),
            merge(range_ for each in every for range_ in each.ipv6),
        )

    def __sub__(self, other: Sources) -> Sources:
        return Sources(subtract(self.ipv4, other.ipv4), subtract(self.ipv6, other.ipv6))

    def __bool__(self) -> bool:
        return bool(self.ipv4 or self.ipv6)

    @property
    def public(self) -> Sources:
        """The addresses that hosts on the internet can have."""
        return Sources(subtract(self.ipv4, _IPV4_CLOSED), subtract(self.ipv6, _IPV6_CLOSED))

    @property
    def share(self) -> float:
        """The part of the internet's addresses of one version that is in here, from 0 to 1; of the
        version with the greater part.
        """
        return max(size(self.public.ipv4) / _ALL_IPV4, size(self.public.ipv6) / _ALL_IPV6)

    def describe(self) -> str:
        """`256 public IPv4 addresses` or `every public IPv6 address`, for a message: how many, not
        which, as they may be secret.
        """
        counts = (
            (size(self.public.ipv4), _ALL_IPV4, "IPv4"),
            (size(self.public.ipv6), _ALL_IPV6, "IPv6"),
        )
        return " and ".join(_count(*each) for each in counts if each[0]) or "no public address"


_ALL_IPV4: Final = size(subtract(_ranges("0.0.0.0/0"), _IPV4_CLOSED))
_ALL_IPV6: Final = size(subtract(_ranges("::/0"), _IPV6_CLOSED))


def _common(ranges: Ranges, block: Range) -> Iterable[Range]:
    return (
        (max(low, block[0]), min(high, block[1]))
        for low, high in ranges
        if low <= block[1] and high >= block[0]
    )


def _count(part: int, whole: int, version: str) -> str:
    if part * 1000 >= whole * 999:
        return f"every public {version} address"
    if part >= 1 << 40:
        return f"{max(part * 100 / whole, 0.1):.1f} % of public {version} addresses"
    return f"{part:,} public {version} address{'' if part == 1 else 'es'}".replace(",", " ")
