"""How the range of a new VPC is divided. Pure.

Each zone has a quarter of the range, whether there are two or three: a zone that is added later
gets the next quarter and moves no subnet. AWS cannot change a subnet's range, and takes no second
subnet that overlaps with it while tasks are in the first.
"""

from __future__ import annotations

import ipaddress
from itertools import islice

SHARE_BITS = 2
"""A quarter each: three zones at most."""

RESERVED_ADDRESSES = 5
"""AWS keeps them in every subnet
(https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html).
"""


def subnet_ranges(cidr: str, zones: int) -> tuple[list[str], list[str]]:
    """Ranges of the public and of the private subnets, zone by zone: the halves of each zone's
    quarter.
    """
    quarters = list(islice(ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=SHARE_BITS), zones))
    halves = [[str(half) for half in quarter.subnets()] for quarter in quarters]
    return [half[0] for half in halves], [half[1] for half in halves]


def usable_addresses(cidr: str) -> int:
    """Addresses of one private subnet of a VPC with the range `cidr`."""
    (private,) = subnet_ranges(cidr, 1)[1]
    return ipaddress.IPv4Network(private).num_addresses - RESERVED_ADDRESSES
