"""What texts of a stack's config must look like. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from components.certificate import DOMAIN
from components.regions import REGION
from contract.settings import Shape


def given(value: object) -> bool:
    """Whether a key has a value: neither the empty text or list, nor absent.

    A value that only the deployment knows is given.
    """
    return bool(value) if value is None or isinstance(value, str | tuple) else True


def matching(pattern: str, allowed: str, example: str = "") -> Shape:
    """A text, or a list of different texts, that matches `pattern` as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str | tuple[str, ...]) -> bool:
        texts = [value] if isinstance(value, str) else value
        return all(compiled.fullmatch(text) for text in texts) and len(set(texts)) == len(texts)

    return Shape(allowed, check, example, fix=name_once, pattern=pattern)


def name_once(value: str | tuple[str, ...]) -> str:
    """What to do about an entry that is named twice."""
    twice = (
        [text for index, text in enumerate(value) if text in value[:index]]
        if isinstance(value, tuple)
        else []
    )
    return f"name {twice[0]} once" if twice else ""


HEX: Final = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
"""What follows the kind in an id of EC2: eight digits in old accounts
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html)."""


def arn(service: str, resource: str, allowed: str, example: str) -> Shape:
    """An ARN of `service` with a region and an account; `resource` is a pattern."""
    pattern = rf"arn:aws[a-z-]*:{service}:{REGION}:\d{{12}}:{resource}"
    return matching(pattern, allowed, f"arn:aws:{service}:eu-central-1:123456789012:{example}")


def is_host_name(host: str) -> bool:
    """Whether `host` can be a public host: two DNS labels or more, the last one of letters.

    RFC 1035, and what ACM takes for a certificate: letters, digits and hyphens, so no underscore.
    """
    return len(host) <= 253 and not host.startswith("*") and DOMAIN.fullmatch(host) is not None


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine's own name or address, as in the local stack."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_https_address(text: str) -> bool:
    """Whether `text` is an https address with a public host."""
    url = urlsplit(text)
    plain = re.fullmatch(r"[!-~]+", text) is not None
    return (
        plain and url.scheme == "https" and is_host_name(url.hostname or "") and (url.port or 1) > 0
    )


def are_ranges(texts: tuple[str, ...]) -> bool:
    """Whether `texts` is one or more different ranges, spelled as AWS spells them."""
    return (
        bool(texts)
        and not name_once(texts)
        and all(text == str(ipaddress.ip_network(text)) for text in texts)
    )


def correct_range(text: str) -> str:
    """How to spell the range that `text` was meant to be; an empty text if it is one already, or
    none.
    """
    try:
        meant = str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return ""
    if "/" not in text:
        return f"write {meant}, with the prefix length,"
    return f"write {meant}" if meant != text else ""


def correct_ranges(texts: tuple[str, ...]) -> str:
    """How to spell the first wrong range of `texts`, or which one to name once."""
    return next(filter(None, map(correct_range, texts)), "") or name_once(texts)


def is_everywhere(cidr: str) -> bool:
    """Whether the range is the whole internet of its family."""
    return ipaddress.ip_network(cidr).prefixlen == 0


NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "0.0.0.0/8",
            "224.0.0.0/3",
        ),
    )
)
"""IPv4 ranges that lead to no host of the internet: those of private networks, of this machine, of
the link, and reserved ones.
"""

PRIVATE: Final = (*NOT_PUBLIC[:5], ipaddress.ip_network("fc00::/7"))
"""Ranges of private networks, from which an internal load balancer sees its visitors; and this
machine's, in the local stack.
"""


def reaches_the_internet(cidr: str) -> bool:
    """Whether an IPv4 range holds public addresses."""
    network = ipaddress.ip_network(cidr)
    return network.version == 4 and not any(network.subnet_of(other) for other in NOT_PUBLIC)  # type: ignore[arg-type]


def holds_private_addresses(cidr: str) -> bool:
    """Whether a range holds addresses of private networks."""
    network = ipaddress.ip_network(cidr)
    return any(network.version == other.version and network.overlaps(other) for other in PRIVATE)


def is_within(cidr: str, ranges: tuple[str, ...]) -> bool:
    """Whether each address of `cidr` is in one of `ranges`, or in several together."""
    network = ipaddress.ip_network(cidr)
    family = [
        other for other in map(ipaddress.ip_network, ranges) if other.version == network.version
    ]
    merged = ipaddress.collapse_addresses(family)  # type: ignore[type-var]
    return any(network.subnet_of(other) for other in merged)  # type: ignore[arg-type]


def is_vpc_range(text: str) -> bool:
    """Whether `text` can be the range of a new VPC: of a size that AWS takes, and of addresses that
    a host may have.
    """
    network = ipaddress.IPv4Network(text)
    unusable = (
        network.is_loopback or network.is_link_local or network.is_multicast or network.is_reserved
    )
    return (
        16 <= network.prefixlen <= 24
        and not unusable
        and not network.subnet_of(ipaddress.IPv4Network("0.0.0.0/8"))
    )


Ranges = Annotated[
    tuple[str, ...],
    Shape(
        "one or more different ranges whose host bits are zero",
        are_ranges,
        '["203.0.113.0/24"]',
        fix=correct_ranges,
    ),
]
VpcRange = Annotated[
    str,
    Shape(
        "an IPv4 range from /16 to /24 whose host bits are zero, not loopback, link-local,"
        " multicast or reserved",
        is_vpc_range,
        "10.20.0.0/16",
        fix=correct_range,
    ),
]
HttpsAddress = Annotated[
    str, Shape("an https address", is_https_address, "https://login.example.com/authorize")
]
