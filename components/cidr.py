"""Pure checks of CIDR texts."""

from __future__ import annotations

import ipaddress
import re

from components.base import ComponentError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_cidr(name: str, text: str) -> Network:
    """Parse `text` strictly: host bits must be zero.

    Raises `ComponentError` naming `name`, the text and a correct spelling.
    """
    try:
        return ipaddress.ip_network(text, strict=True)
    except ValueError as error:
        try:
            hint = f"write {str(ipaddress.ip_network(text, strict=False))!r}"
        except ValueError:
            hint = "write an IPv4 or IPv6 range such as '203.0.113.0/24' or '2001:db8::/32'"
        raise ComponentError(
            f"{name} is {text!r}, which is not a CIDR range ({error}); {hint}"
        ) from None


def range_key(text: str) -> str:
    """`203_0_113_0_24` for 203.0.113.0/24, `2001_db8___32` for 2001:db8::/32: the part of a child's
    key that names a range.

    Keyed by position instead, the rules after a removed or inserted range would each take their
    neighbour's range, which AWS refuses as a duplicate. Different ranges have different keys.
    """
    return re.sub("[.:/]", "_", str(parse_cidr("range", text)))


def check_cidr(name: str, text: str, *, shortest_prefix: int, longest_prefix: int) -> None:
    """Refuse what is no IPv4 range with a prefix between the two lengths, inclusive. Raises
    `ComponentError`.
    """
    network = parse_cidr(name, text)
    if network.version != 4 or not shortest_prefix <= network.prefixlen <= longest_prefix:
        raise ComponentError(
            f"{name} is {text!r}; allowed is an IPv4 range from /{shortest_prefix} to"
            f" /{longest_prefix}, as in '10.20.0.0/16'"
        )
