"""No range of the internet, however it is spelled, cut or combined, reaches a port unless
configuration names it (S18).
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.rules.core.resource import Resource
from policy.rules.core.types import SECURITY_GROUP, SECURITY_GROUP_INGRESS_RULE, SECURITY_GROUP_RULE
from policy.rules.public_ports import NO_PUBLIC_PORT

Network = IPv4Network | IPv6Network
MANY: Final = settings(deadline=None, max_examples=200)
FRONT_PORTS: Final = frozenset({80, 443})


def _four(address: int, length: int) -> Network:
    return IPv4Network((address, length), strict=False)


def _six(address: int, length: int) -> Network:
    return IPv6Network((address, length), strict=False)


_MAPPED: Final = st.builds(
    lambda address, length: _six((0xFFFF << 32) | address, 96 + length),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
_NAT64: Final = st.builds(
    lambda address, length: _six((0x64FF9B << 96) | address, 96 + length),
    st.integers(0, 2**32 - 1),
    st.integers(0, 32),
)
NETWORKS: Final = st.one_of(
    st.builds(_four, st.integers(0, 2**32 - 1), st.integers(0, 32)),
    st.builds(_four, st.integers(0, 255).map(lambda first: first << 24), st.integers(0, 9)),
    st.builds(_six, st.integers(0, 2**128 - 1), st.integers(0, 128)),
    st.builds(_six, st.integers(0x2000 << 112, (0x4000 << 112) - 1), st.integers(3, 128)),
    st.sampled_from(
        [
            ipaddress.ip_network(each)
            for each in ("0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1", "::/0", "2000::/3")
        ]
    ),
    _MAPPED,
    _NAT64,
)
PRIVATE: Final = st.sampled_from(
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
)


@st.composite
def spelled(
    draw: st.DrawFn, networks: st.SearchStrategy[Network] = NETWORKS
) -> tuple[Network, str]:
    """A network, and one of its spellings."""
    network = draw(networks)
    text = draw(
        st.sampled_from([str(network), network.exploded, str(network).upper(), f" {network} "])
    )
    if isinstance(network, IPv4Network) and draw(st.booleans()):
        text = f"{network.network_address}/{network.netmask}"
    return network, text


PORTS: Final = st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(
    lambda pair: (min(pair), max(pair))
) | st.sampled_from([(443, 443), (80, 80), (80, 443), (443, 444), (4321, 4321), (0, 65535)])
PROTOCOLS: Final = st.sampled_from(
    ["tcp", "6", 6, "TCP", "udp", "17", "-1", -1, "all", "47", "sctp"]
)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """IPv4 inside IPv6 counts as IPv4."""
    if isinstance(address, IPv6Address):
        if address in IPv6Network("64:ff9b::/96"):
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address
    return address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """By Python's own copy of the IANA registries."""
    plain = _plain(address)
    return plain.is_global and not plain.is_multicast


def _inside(address: IPv4Address | IPv6Address, networks: list[Network]) -> bool:
    """Whether an address is in one of the networks, in whichever form either is written."""
    forms = [_plain(address)]
    if isinstance(forms[0], IPv4Address):
        forms += [
            IPv6Address((prefix << 32) | int(forms[0])) for prefix in (0xFFFF, 0x64FF9B << 64)
        ]
    return any(
        form in network for form in forms for network in networks if form.version == network.version
    )


def _admissions(
    texts: list[tuple[Network, str]], protocol: object, ports: tuple[int, int]
) -> list[Resource]:
    """The same sources by each kind of resource; a stand-alone rule of the new kind has
    one source.
    """
    first, last = ports
    rule: dict[str, Any] = {"protocol": protocol, "fromPort": first, "toPort": last}
    for network, text in texts:
        rule.setdefault("cidrBlocks" if network.version == 4 else "ipv6CidrBlocks", []).append(text)
    admitted = [
        Resource(
            type=SECURITY_GROUP,
            name="inline",
            urn="urn:a",
            props={"ingress": [{"protocol": "icmp"}, rule]},
        ),
        Resource(
            type=SECURITY_GROUP_RULE, name="old", urn="urn:b", props={"type": "ingress", **rule}
        ),
    ]
    if len(texts) == 1:
        new = {
            "ipProtocol": protocol,
            "fromPort": first,
            "toPort": last,
            f"cidrIpv{texts[0][0].version}": texts[0][1],
        }
        admitted.append(
            Resource(type=SECURITY_GROUP_INGRESS_RULE, name="new", urn="urn:c", props=new)
        )
    return admitted


def _refused(resources: list[Resource], **config: object) -> list[bool]:
    given_settings = NO_PUBLIC_PORT.settings(config)
    return [
        any(each.known for each in NO_PUBLIC_PORT.check(resource, given_settings))
        for resource in resources
    ]


@MANY
@given(
    sources=st.lists(spelled(), min_size=1, max_size=5),
    trusted=st.lists(NETWORKS, max_size=2),
    front=st.lists(NETWORKS, max_size=2),
    protocol=PROTOCOLS,
    ports=PORTS,
    seed=st.integers(0, 2**128 - 1),
)
def test_a_public_address_that_is_not_named_is_refused(
    sources: list[tuple[Network, str]],
    trusted: list[Network],
    front: list[Network],
    protocol: object,
    ports: tuple[int, int],
    seed: int,
) -> None:
    """Whatever the port, the protocol and the company it is in; the front door's networks count for
    its TCP ports only.
    """
    at_front_door = (
        str(protocol).lower() in ("tcp", "6")
        and set(range(ports[0], min(ports[1], ports[0] + 500) + 1)) <= FRONT_PORTS
    )
    named = [*trusted, *front] if at_front_door else trusted
    samples = [
        network[offset % network.num_addresses]
        for network, _ in sources
        for offset in (0, -1, seed)
    ]
    if any(_is_public(each) and not _inside(each, named) for each in samples):
        config = {"trustedCidrs": list(map(str, trusted)), "frontDoorCidrs": list(map(str, front))}
        assert all(_refused(_admissions(sources, protocol, ports), **config))


@MANY
@given(
    sources=st.lists(st.tuples(PRIVATE, st.integers(0, 2**128 - 1)), min_size=1, max_size=5),
    protocol=PROTOCOLS,
    ports=PORTS,
)
def test_private_ranges_pass(
    sources: list[tuple[str, int]], protocol: object, ports: tuple[int, int]
) -> None:
    """At every port, alone and together."""
    texts = []
    for around, seed in sources:
        outer = ipaddress.ip_network(around)
        length = outer.prefixlen + seed % (outer.max_prefixlen - outer.prefixlen + 1)
        address = int(outer.network_address) | (seed & int(outer.hostmask))
        network = _four(address, length) if outer.version == 4 else _six(address, length)
        texts.append((network, str(network)))
    assert not any(_refused(_admissions(texts, protocol, ports)))


@MANY
@given(named=spelled(), protocol=PROTOCOLS, ports=PORTS)
def test_what_configuration_trusts_passes(
    named: tuple[Network, str], protocol: object, ports: tuple[int, int]
) -> None:
    """At every port, in whatever spelling."""
    assert not any(_refused(_admissions([named], protocol, ports), trustedCidrs=[named[1].strip()]))


@MANY
@given(named=spelled(), port=st.sampled_from(sorted(FRONT_PORTS)))
def test_the_front_door_takes_its_own_networks(named: tuple[Network, str], port: int) -> None:
    """On its ports and no others."""
    assert not any(
        _refused(_admissions([named], "tcp", (port, port)), frontDoorCidrs=[named[1].strip()])
    )
