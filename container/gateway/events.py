"""What happens to a session, kept for those who read along (`events_api.py`).

Any part of the gateway may add an event, at any time and whether anybody reads or not:

    from .events import publish
    publish(session, "checkpoint", {"action": "made", "id": "c-12", "name": "before the redesign"})

`kind` and the members of the data are those of `event_models.py`, where a new kind is declared
first; `at` is set here. The call never waits and never raises: an event that is not as declared is
a fault, which the log of the task names, and not worth a session.

The last events of a session are kept in a ring, numbered, in the form in which they are sent. A
reader holds a place in it and nothing else, so one that is slow costs no memory: it is told by a
`lost` event that it was overtaken. When the session leaves the task the ring ends with an `end`
event, and a new ring with another name begins, so that no id of an event means two things.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pydantic_core import PydanticSerializationError

from .event_models import EVENT, EndEvent, EndReason, LostEvent, LostReason

MOST_EVENTS: Final = 500
MOST_BYTES: Final = 512 * 1024
"""Of one session's ring."""
MOST_AT_A_TIME: Final = 50
"""Events that a reader is given at a time."""
EVENT_ID: Final = re.compile(r"([0-9a-f]{8})-([0-9]{1,15})")

log = logging.getLogger(__name__)


class HasEvents(Protocol):
    """A session."""

    events: EventLog


def publish(session: HasEvents, kind: str, data: Mapping[str, Any]) -> None:
    """Add an event of this kind to the session's. `data` has the members of its model but `at`."""
    session.events.publish(kind, data)


@dataclass(frozen=True)
class Entry:
    """An event as it is sent."""

    number: int
    kind: str
    data: bytes
    """JSON, in one line."""


class Ring:
    """The last events under one name."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(4)
        self.head = 0
        """Number of the newest event; 0 before the first."""
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()

    @property
    def first(self) -> int:
        """Number of the oldest event that is kept, or of the next one."""
        return self._entries[0].number if self._entries else self.head + 1

    def add(self, kind: str, data: bytes) -> None:
        self.head += 1
        self._entries.append(Entry(self.head, kind, data))
        self._bytes += len(data)
        while len(self._entries) > MOST_EVENTS or self._bytes > MOST_BYTES:
            self._bytes -= len(self._entries.popleft().data)
        self._changed.set()
        self._changed = asyncio.Event()

    def since(self, number: int) -> list[Entry]:
        """The next events after this number, a batch at most."""
        if number >= self.head:
            return []
        start = max(0, number + 1 - self.first)
        return [
            self._entries[at]
            for at in range(start, min(start + MOST_AT_A_TIME, len(self._entries)))
        ]

    async def changed(self, seconds: float) -> None:
        """Wait for the next event, or until the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


class Reader:
    """A place in a ring."""

    def __init__(self, ring: Ring, number: int) -> None:
        self._ring = ring
        self._number = number

    @property
    def id(self) -> str:
        """Of the event before the next one."""
        return f"{self._ring.name}-{self._number}"

    async def next(self, seconds: float) -> list[tuple[str, Entry]]:
        """The next events with their ids, the first of them `lost` when some are not kept any more;
        none when nothing happens in this time.
        """
        if self._number >= self._ring.head:
            await self._ring.changed(seconds)
        found: list[tuple[str, Entry]] = []
        missed = self._ring.first - 1 - self._number
        if missed > 0:
            self._number += missed
            found.append((self.id, lost("slow", missed)))
        for entry in self._ring.since(self._number):
            self._number = entry.number
            found.append((self.id, entry))
        return found


class EventLog:
    """Events of one session."""

    def __init__(self) -> None:
        self._ring = Ring()
        self.readers = 0
        """How many read along now."""
        self.noticed = asyncio.Event()
        """Set when what is wrong with the site may have changed (`problem_watch.py`)."""

    def publish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add an event. One that is not as declared is logged and left out."""
        try:
            self._ring.add(kind, encoded({"at": time.time(), **data, "kind": kind}))
        except (ValueError, PydanticSerializationError):
            log.exception("an event of kind %r is not as declared in event_models.py", kind)

    def end(self, reason: EndReason) -> None:
        """No reader gets anything after this: the session is not this task's any more."""
        ring, self._ring = self._ring, Ring()
        ring.add("end", encoded(EndEvent(at=time.time(), reason=reason)))

    def reader(self, last_id: str | None) -> tuple[Reader, bool | None]:
        """A reader that goes on after the event of this id; whether it does: None when it begins,
        False when that event is unknown.
        """
        ring = self._ring
        if last_id is None:
            return Reader(ring, ring.head), None
        match = EVENT_ID.fullmatch(last_id)
        if match is None or match[1] != ring.name or int(match[2]) > ring.head:
            return Reader(ring, ring.head), False
        return Reader(ring, int(match[2])), True

    def forget(self) -> None:
        """Nobody can go on where they were: something may have happened on another task."""
        self._ring.name = secrets.token_hex(4)


def encoded(event: Any) -> bytes:
    """An event as JSON, in one line."""
    return EVENT.dump_json(EVENT.validate_python(event))


def lost(reason: LostReason, missed: int | None = None) -> Entry:
    """For one reader only: it is in no ring."""
    return Entry(0, "lost", encoded(LostEvent(at=time.time(), reason=reason, missed=missed)))
