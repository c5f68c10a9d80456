"""Where requests with a key are kept: the protocol, and the memory of a service with one task.

There the supervisor keeps what must outlive a control plane: that a request was begun, and that it
was carried out. The answers are gone with the control plane.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from contract.messages import MessageError

from ..links import Busy
from ..processes import Processes
from .model import KEPT_SECONDS, Entry, State
from .shares import Shares

NOTE: Final = "once:"
"""Begins the supervisor's keys; what the store names a request by follows."""
MOST_ENTRIES: Final = 100_000
"""Half of what the supervisor keeps (`contract/messages/supervisor.py`)."""
MOST_BYTES: Final = 32 * 1024 * 1024
"""Of all answers in memory. Beyond, the oldest ones of the credential with the most are not kept
any longer.
"""


LEAST_SECONDS: Final = 3600
"""A request that was carried out is kept for so long at least, however many follow."""
MOST_LOOKED_AT: Final = 1000
"""For one that has ended. Those that run stay where they began: far fewer may run at a time."""


class OnceStore(Protocol):
    """Every method may raise a `SessionError` with status 503: the store does not answer."""

    async def recover(self) -> None:
        """What is to be done once, at the start of a control plane: nobody runs what the one before
        was running.
        """

    async def begin(self, entry: Entry, instead_of: Entry | None = None) -> Entry:
        """Keep `entry`, unless there is one for the request already, which has not expired, and is
        not `instead_of` or has been carried out since that was read. Returns the one that is there
        now. Raises `BadItem`.
        """

    async def find(self, identifier: str) -> Entry | None:
        """What is kept of a request, if anything: it may have expired. Raises `BadItem`."""

    async def end(self, entry: Entry) -> None:
        """Keep how a request ended, unless another attempt has taken its place."""

    async def drop(self, entry: Entry) -> None:
        """The request came to nothing: the next one with its key is the first again."""


class Notes:
    """What the supervisor keeps of requests, by a name of the store's."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def known(self) -> dict[str, tuple[str, int]]:
        """Values and times of expiry that earlier control planes have left."""
        return {
            key.removeprefix(NOTE): (entry.value, entry.until or 0)
            for key, entry in self._processes.memory.items()
            if key.startswith(NOTE)
        }

    def write(self, name: str, value: str, until: int) -> None:
        """Raises `Busy`: it is not known whether the request would be remembered."""
        try:
            self._processes.remember(NOTE + name, value, until=until)
        except MessageError as error:
            raise Busy(f"the request cannot be recorded now: {error}. Send it again") from error

    def forget(self, name: str) -> None:
        """A note that stays does no harm: it is compared with what the store has."""
        try:
            self._processes.forget(NOTE + name)
        except MessageError:
            return


class MemoryStore:
    """`OnceStore` of a service with one task, and for tests of several in one process."""

    def __init__(
        self,
        notes: Notes | None = None,
        *,
        most_entries: int = MOST_ENTRIES,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._notes = notes
        self._entries: dict[str, Entry] = {}
        self._requests = Shares()
        """All of them."""
        self._answers = Shares()
        """Those whose answer is kept, by its bytes."""
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._clock = clock
        self._tidy_at = 0.0

    async def recover(self) -> None:
        known: Mapping[str, tuple[str, int]] = self._notes.known() if self._notes else {}
        for identifier, (value, until) in known.items():
            found, _, status = value.partition(" ")
            done = status.isascii() and status.isdecimal()
            self._put(
                Entry(
                    id=identifier,
                    print=found,
                    claim="0" * 16,
                    task="",
                    run="",
                    state=State.DONE if done else State.LOST,
                    status=int(status) if done else 0,
                    begun_at=0,
                    expires_at=until,
                )
            )

    async def begin(self, entry: Entry, instead_of: Entry | None = None) -> Entry:
        self._tidy()
        found = self._entries.get(entry.id)
        if found is not None and found.expires_at > self._clock():
            replaced = instead_of is not None and found.claim == instead_of.claim
            if not replaced or found.state is State.DONE:
                return found
        elif len(self._entries) >= self._most_entries and not self._make_room():
            raise Busy(
                f"{self._most_entries} requests with keys of the last hour are kept already. Send the"
                " request later, or without a key"
            )
        if self._notes:
            self._notes.write(entry.id, entry.print, entry.expires_at)
        self._put(entry)
        return entry

    async def find(self, identifier: str) -> Entry | None:
        return self._entries.get(identifier)

    async def end(self, entry: Entry) -> None:
        found = self._entries.get(entry.id)
        if found is None or found.claim != entry.claim:
            return
        self._put(entry)
        if self._notes and entry.state is State.DONE:
            self._notes.write(entry.id, f"{entry.print} {entry.status}", entry.expires_at)

    async def drop(self, entry: Entry) -> None:
        found = self._entries.get(entry.id)
        if found is not None and found.claim == entry.claim:
            self._take_out(entry.id)
            if self._notes:
                self._notes.forget(entry.id)

    def _put(self, entry: Entry) -> None:
        self._take_out(entry.id)
        self._entries[entry.id] = entry
        self._requests.add(entry.owner, entry.id)
        if entry.answer:
            self._answers.add(entry.owner, entry.id, len(entry.answer))
        while self._answers.total > self._most_bytes:
            oldest = self._answers.oldest()
            self._answers.take_out(oldest)
            self._entries[oldest] = replace(self._entries[oldest], answer=b"")

    def _take_out(self, identifier: str) -> None:
        self._entries.pop(identifier, None)
        self._requests.take_out(identifier)
        self._answers.take_out(identifier)

    def _make_room(self) -> bool:
        """Whether a request that has ended is forgotten, the oldest of the credential with the
        most: an answer that was lost is asked for in seconds, and to refuse all requests for the
        rest of a day would be worse.
        """
        latest = self._clock() + KEPT_SECONDS - LEAST_SECONDS
        for identifier in itertools.islice(self._requests.in_turn(), MOST_LOOKED_AT):
            entry = self._entries[identifier]
            if entry.state is not State.RUNNING and entry.expires_at <= latest:
                self._take_out(entry.id)
                if self._notes:
                    self._notes.forget(entry.id)
                return True
        return False

    def _tidy(self) -> None:
        now = self._clock()
        if now < self._tidy_at:
            return
        self._tidy_at = now + 60
        for identifier in [key for key, each in self._entries.items() if each.expires_at <= now]:
            self._take_out(identifier)
