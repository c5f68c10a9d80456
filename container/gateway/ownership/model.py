"""Records of the ownership table, and the errors of its stores.

    task#{id}     address, run, beat, free, draining, revision     written by the task itself every `BEAT_SECONDS`
    session#{id}  owner, fence, epoch                              who runs the session
    link#{jti}    expires                                          a sign-in link that was used (DynamoDB deletes it by TTL)

Errors:
    OwnershipError            anything below
    ├── StoreUnavailable      the table cannot be reached or throttles: try again later, change nothing
    ├── LostRace              another task changed the item first; read again
    ├── DuplicateTask         another running task has the same id
    └── BadItem               an item that no task of this program writes
"""  # noqa: W505 - a table

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contract.hmr import is_session_id
from contract.ownership import SESSION_PREFIX
from contract.ranges import TASK_PORTS

FORMAT: Final = 1
"""Version of the items that this release writes. During a rolling deployment two releases share the
table: attributes that a reader does not know are kept when it writes.
"""
READABLE: Final = 1
"""The oldest format whose readers understand what this release writes; each item names it. A
release raises `FORMAT` alone where the one before can still read the items: both then share the
table.
"""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PRIVATE: Final[Sequence[Network]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "fc00::/7",
        "::1/128",
    )
)
"""Where tasks of a VPC and of a laptop can be, where its range is not known."""

BEAT_SECONDS: Final = 2.0
LEASE_SECONDS: Final = 5.0
"""A task whose beat did not change for so long, by the observer's own monotonic clock, is taken for
dead.
"""

TASK_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
MAX_COUNTER: Final = 2**53


class OwnershipError(Exception):
    """Base of what the stores raise."""


class StoreUnavailable(OwnershipError):
    """The table did not answer, or refused for load."""


class LostRace(OwnershipError):
    """The item is no longer what the caller had read."""


class DuplicateTask(OwnershipError):
    """Two running tasks have one id."""


class BadItem(OwnershipError):
    """An item of the table holds what no task writes."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(
            f"item {key[:120]!r} of the ownership table {problem}. It is ignored; delete it or"
            " correct it"
        )


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as the others see it."""

    id: str
    run: str
    """Random for each start, so that two tasks with one id notice each other."""
    address: str
    """`ip:port` of the listener for peers, inside the VPC."""
    beat: int = 0
    free: int = 0
    """Sessions that it could still start."""
    draining: bool = False
    revision: int = 0
    """Of the task definition: a task of an older one claims nothing new once a newer one runs."""

    def item(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "run": self.run,
            "address": self.address,
            "beat": self.beat,
            "free": self.free,
            "draining": self.draining,
            "revision": self.revision,
            "format": FORMAT,
            "readable": READABLE,
        }

    @classmethod
    def parse(cls, key: str, item: Mapping[str, Any], within: Sequence[Network] = PRIVATE) -> Task:
        """Raises `BadItem` on anything that `item` would not write, and on an address outside
        `within`.
        """
        check_format(key, item)
        for name in ("id", "run"):
            if not isinstance(item.get(name), str) or not TASK_ID.fullmatch(item[name]):
                raise BadItem(key, f"has no usable {name!r} (1-64 letters, digits or '-')")
        return cls(
            id=item["id"],
            run=item["run"],
            address=_address(key, item.get("address"), within),
            beat=counter(key, item, "beat"),
            free=counter(key, item, "free"),
            draining=_flag(key, item, "draining"),
            revision=counter(key, item, "revision"),
        )


@dataclass(frozen=True, kw_only=True)
class Lease:
    """Who owns a session."""

    session_id: str
    owner: str | None
    """Task id; None when nobody runs it."""
    fence: int = 0
    """Raised with each change of owner. Of two tasks that both believe to own a session the lower
    fence stops.
    """
    epoch: int = 0
    """Raised when the session is deleted or its viewers are signed out; part of every cookie's
    audience.
    """

    def item(self) -> dict[str, Any]:
        owner = {"owner": self.owner} if self.owner else {}
        return {
            **owner,
            "fence": self.fence,
            "epoch": self.epoch,
            "format": FORMAT,
            "readable": READABLE,
        }

    @classmethod
    def parse(cls, session_id: str, item: Mapping[str, Any]) -> Lease:
        """Raises `BadItem` on anything that `item` would not write."""
        key = f"{SESSION_PREFIX}{session_id}"
        check_format(key, item)
        owner = item.get("owner")
        if not is_session_id(session_id):
            raise BadItem(key, "does not name a session")
        if owner is not None and (not isinstance(owner, str) or not TASK_ID.fullmatch(owner)):
            raise BadItem(key, "has an owner that is not a task id")
        return cls(
            session_id=session_id,
            owner=owner,
            fence=counter(key, item, "fence"),
            epoch=counter(key, item, "epoch"),
        )


def check_format(key: str, item: Mapping[str, Any]) -> None:
    """Raise `BadItem` where the item is of a release that this one cannot read."""
    number = counter(key, item, "readable")
    if number > FORMAT:
        raise BadItem(
            key, f"needs a reader of format {number}, of a newer release; this one reads {FORMAT}"
        )


def _flag(key: str, item: Mapping[str, Any], name: str) -> bool:
    if not isinstance(value := item.get(name), bool):
        raise BadItem(key, f"has no usable {name!r} (true or false)")
    return value


def counter(key: str, item: Mapping[str, Any], name: str) -> int:
    """A whole number of an item, or `BadItem`."""
    value = item.get(name)
    whole = not isinstance(value, bool) and value is not None and not isinstance(value, str)
    try:
        number = int(value) if whole else -1  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not 0 <= number <= MAX_COUNTER or number != value:
        raise BadItem(key, f"has no usable {name!r} (a whole number from 0 to {MAX_COUNTER})")
    return number


def _address(key: str, value: object, within: Sequence[Network]) -> str:
    """`ip:port` of the tasks' networks: a request with somebody's cookie never leaves the VPC
    because an item says so.
    """
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise BadItem(key, "has no usable 'address' (ip:port)") from None
    if not any(address in network for network in within):
        allowed = "the private ranges" if within is PRIVATE else ", ".join(map(str, within))
        raise BadItem(key, f"has an 'address' outside {allowed}")
    if not port.isascii() or not port.isdigit() or not TASK_PORTS[0] <= int(port) <= TASK_PORTS[1]:
        raise BadItem(key, f"has an 'address' whose port is not {TASK_PORTS[0]}-{TASK_PORTS[1]}")
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"
