"""The network arithmetic against a brute-force oracle on a small universe, and on
spellings (S18).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.rules.core.networks import (
    NetworkError,
    Range,
    Ranges,
    Sources,
    merge,
    parse,
    size,
    subtract,
)

UNIVERSE = 64


def _members(ranges: Iterable[Range]) -> set[int]:
    return {address for low, high in ranges for address in range(low, high + 1)}


def _is_normal(ranges: Ranges) -> bool:
    return all(low <= high for low, high in ranges) and all(
        earlier[1] + 1 < later[0] for earlier, later in pairwise(ranges)
    )


RANGES = st.lists(
    st.tuples(st.integers(0, UNIVERSE - 1), st.integers(0, UNIVERSE - 1)).map(
        lambda pair: (min(pair), max(pair))
    ),
    max_size=12,
)


@given(RANGES)
def test_merge_is_the_union(ranges: list[Range]) -> None:
    """Same addresses, sorted, disjoint and not touching."""
    merged = merge(ranges)
    assert _members(merged) == _members(ranges)
    assert _is_normal(merged)
    assert size(merged) == len(_members(ranges))


@given(RANGES, RANGES)
def test_subtract_is_the_difference(ranges: list[Range], removed: list[Range]) -> None:
    """What stays is what was in the first and not in the second."""
    result = subtract(merge(ranges), merge(removed))
    assert _members(result) == _members(ranges) - _members(removed)
    assert _is_normal(result)


# Networks: the last 6 bits of an address vary, so that an oracle can enumerate every address

LAST_BITS = st.integers(0, 63)
PREFIXES_V4 = st.builds(
    lambda bits, length: IPv4Network((0x08080800 | bits, length), strict=False),
    LAST_BITS,
    st.integers(26, 32),
)
PREFIXES_V6 = st.builds(
    lambda bits, length: IPv6Network(((0x2A00 << 112) | bits, length), strict=False),
    LAST_BITS,
    st.integers(122, 128),
)
NETWORKS = st.lists(st.one_of(PREFIXES_V4, PREFIXES_V6), max_size=10)


def _addresses(networks: list[IPv4Network | IPv6Network]) -> set[tuple[int, int]]:
    return {(network.version, int(address)) for network in networks for address in network}


def _of(sources: Sources) -> set[tuple[int, int]]:
    return {(4, address) for address in _members(sources.ipv4)} | {
        (6, address) for address in _members(sources.ipv6)
    }


@given(NETWORKS)
def test_sources_hold_exactly_the_networks_addresses(
    networks: list[IPv4Network | IPv6Network],
) -> None:
    """Overlaps, neighbours and duplicates count once."""
    assert _of(Sources.of(networks)) == _addresses(networks)


@given(NETWORKS, NETWORKS)
def test_difference_and_union_of_sources(
    first: list[IPv4Network | IPv6Network], second: list[IPv4Network | IPv6Network]
) -> None:
    """As sets of addresses."""
    one, other = Sources.of(first), Sources.of(second)
    assert _of(one - other) == _addresses(first) - _addresses(second)
    assert _of(Sources.union((one, other))) == _addresses(first) | _addresses(second)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_public_ipv4_agrees_with_python(address: int, length: int) -> None:
    """A network that Python calls global through and through is public whole, one that it calls
    private has nothing public.
    """
    network = IPv4Network((address, length), strict=False)
    public = size(Sources.of([network]).public.ipv4)
    if network.is_private or network.is_multicast or network.is_reserved:
        assert public == 0
    if length == 32 and network.network_address.is_global and not network.is_multicast:
        assert public == 1 or str(network.network_address).startswith(
            "192.0.0."
        )  # two anycast addresses of a private block


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0.0.0/0", "0.0.0.0/0"),
        (" 0.0.0.0/0\n", "0.0.0.0/0"),
        ("8.8.8.8/0", "0.0.0.0/0"),
        ("8.8.8.8", "8.8.8.8/32"),
        ("0.0.0.0/0.0.0.0", "0.0.0.0/0"),
        ("0::/0", "::/0"),
        ("::/00", "::/0"),
        ("0:0:0:0:0:0:0:0/0", "::/0"),
        ("0000:0000:0000:0000:0000:0000:0000:0000/0", "::/0"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::0.0.0.0/0", "::/0"),
    ],
)
def test_every_spelling_is_the_same_network(text: str, expected: str) -> None:
    """Host bits, blanks, zeros and case do not matter."""
    assert parse(text) == ip_network(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "everyone",
        "0.0.0.0/33",
        "1.2.3/8",
        "fe80::1%eth0/64",
        "::/129",
        "0.0.0.0/0,1.1.1.1/32",
        "/0",
    ],
)
def test_what_is_no_network_is_an_error(text: str) -> None:
    """Never an empty set, which would pass for closed."""
    with pytest.raises(NetworkError):
        parse(text)


def test_ipv4_inside_ipv6_counts_as_ipv4() -> None:
    """Mapped and NAT64 addresses stand for IPv4 ones, also inside a greater range."""
    for text in ("::ffff:0:0/96", "64:ff9b::/96"):
        assert Sources.of([parse(text)]) == Sources.of([parse("0.0.0.0/0")])
    assert not Sources.of([parse("::ffff:10.0.0.0/104")]).public
    assert Sources.of([parse("::/0")]).public.share == 1.0


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["0.0.0.0/0"], "every public IPv4 address"),
        (["0.0.0.0/1", "128.0.0.0/1"], "every public IPv4 address"),
        (["8.8.8.8"], "1 public IPv4 address"),
        (["8.0.0.0/8"], "16 777 216 public IPv4 addresses"),
        (["2600::/32"], "0.1 % of public IPv6 addresses"),
        (["8.8.8.0/24", "2600::1"], "256 public IPv4 addresses and 1 public IPv6 address"),
        (["10.0.0.0/8"], "no public address"),
    ],
)
def test_sources_are_described_by_number(texts: list[str], expected: str) -> None:
    """Not by their text, which may be a secret."""
    assert Sources.of(map(parse, texts)).describe() == expected
