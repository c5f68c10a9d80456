"""AWS's partitions, from the data that botocore carries: which one a region lies in, and how its
addresses end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader


@dataclass(frozen=True)
class Partition:
    """A partition: regions that share accounts and endpoints."""

    id: str
    """As in ARNs: `aws`, `aws-cn`, `aws-us-gov`, …"""
    dns_suffix: str
    """`amazonaws.com`; in China `amazonaws.com.cn`."""

    @property
    def reverse_dns_prefix(self) -> str:
        """The suffix read backwards, as some names of endpoint services begin."""
        return ".".join(reversed(self.dns_suffix.split(".")))


@cache
def partition_of(region: str) -> Partition:
    """The partition of `region`; the commercial one for a name that botocore cannot place."""
    known = Loader().load_data("partitions")["partitions"]
    commercial = next(each for each in known if each["id"] == "aws")
    found = next((each for each in known if re.fullmatch(each["regionRegex"], region)), commercial)
    return Partition(found["id"], found["outputs"]["dnsSuffix"])
