"""What texts of a stack's config must look like. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from contract.settings import Shape


def given(value: object) -> bool:
    """Whether a key has a value: neither the empty text or list, nor absent.

    A value that only the deployment knows is given.
    """
    return bool(value) if value is None or isinstance(value, str | tuple) else True


def matching(pattern: str, allowed: str, example: str = "") -> Shape:
    """A text, or a list of texts, that matches `pattern` as a whole."""
    compiled = re.compile(pattern)

    def check(value: str | tuple[str, ...]) -> bool:
        texts = [value] if isinstance(value, str) else value
        return all(compiled.fullmatch(text) for text in texts)

    return Shape(allowed, check, example)


def arn(service: str, resource: str, allowed: str, example: str) -> Shape:
    """An ARN of `service` with a region and an account; `resource` is a pattern."""
    pattern = rf"arn:aws[a-z-]*:{service}:[a-z]{{2}}(?:-[a-z]+)+-\d:\d{{12}}:{resource}"
    return matching(pattern, allowed, f"arn:aws:{service}:eu-central-1:123456789012:{example}")


def is_https_address(text: str) -> bool:
    """Whether `text` is an https address with a host."""
    url = urlsplit(text)
    return url.scheme == "https" and bool(url.hostname)


def are_ranges(texts: tuple[str, ...]) -> bool:
    """Whether `texts` is one or more ranges whose host bits are zero."""
    return bool(texts) and all(ipaddress.ip_network(text) and "/" in text for text in texts)


def correct_range(text: str) -> str:
    """How to spell the range that `text` was meant to be; an empty text if it is one already, or none."""
    try:
        meant = str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return ""
    if "/" not in text:
        return f"write {meant}, with the prefix length,"
    return f"write {meant}" if meant != text else ""


def correct_ranges(texts: tuple[str, ...]) -> str:
    """How to spell the first wrong range of `texts`."""
    return next(filter(None, map(correct_range, texts)), "")


def is_everywhere(cidr: str) -> bool:
    """Whether the range is the whole internet of its family."""
    return ipaddress.ip_network(cidr).prefixlen == 0


def is_within(cidr: str, ranges: tuple[str, ...]) -> bool:
    """Whether each address of `cidr` is in one of `ranges`, or in several together."""
    network = ipaddress.ip_network(cidr)
    family = [other for other in map(ipaddress.ip_network, ranges) if other.version == network.version]
    merged = ipaddress.collapse_addresses(family)  # type: ignore[type-var]
    return any(network.subnet_of(other) for other in merged)  # type: ignore[arg-type]


def is_vpc_range(text: str) -> bool:
    """Whether `text` can be the range of a new VPC."""
    network = ipaddress.IPv4Network(text)
    return 16 <= network.prefixlen <= 24


Ranges = Annotated[
    tuple[str, ...],
    Shape(
        "at least one range whose host bits are zero",
        are_ranges,
        '["203.0.113.0/24"]',
        fix=correct_ranges,
    ),
]
VpcRange = Annotated[
    str,
    Shape(
        "an IPv4 range from /16 to /24 whose host bits are zero",
        is_vpc_range,
        "10.20.0.0/16",
        fix=correct_range,
    ),
]
HttpsAddress = Annotated[str, Shape("an https address", is_https_address, "https://login.example.com/authorize")]
