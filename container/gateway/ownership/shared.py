"""Ownership of a task among several: `Owners` for the sessions, the table for links and epochs.

The registry says what runs here (`running`) and ends what is lost (`end`). A session is claimed
before it starts and released after it has stopped; both take turns by session, so that a release on
its way never gives away what was claimed meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from .model import BadItem, DuplicateTask, Lease, LostRace, OwnershipError, StoreUnavailable, Task
from .owners import Owners, Theirs
from .service import OwnedElsewhere, Unowned
from .store import OwnershipStore

FIRST_BEAT_SECONDS: Final = 10.0
"""How long a start waits for the table. Later the task serves what is forwarded to it, and claims
nothing yet.
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What ownership needs of the sessions of this task."""

    running: Callable[[str], bool]
    """Whether anything of the session is there, from its start to its end."""
    room: Callable[[], int]
    """Sessions that could still start here."""
    end: Callable[[str], Awaitable[None]]
    """End the session's dev server at once: another task has it, or may have it in a moment."""
    peers_cut_off: Callable[[list[Task]], Awaitable[bool]]
    """Whether none of these tasks reaches the table either."""
    taken_over: Callable[[str, str, float], None]
    """A session was taken from a task that is gone: its id, that task's, and seconds without a sign
    of life.
    """
    died: Callable[[], None]
    """Another task has turned out to be gone: `living` is without it."""
    refused: Callable[[BadItem], None]
    """An item of the table is not what tasks write."""
    failed: Callable[[str], None]
    """This task cannot go on: another one has its id."""


def combined_epoch(on_disk: str, number: int) -> str:
    """The epoch of tokens: another one whenever the disk's or the table's number is. The disk's
    while the table has none.
    """
    return f"{int(on_disk, 16) ^ number:016x}"


class SharedOwnership:
    """`Ownership` on a store that several tasks share."""

    shared = True

    def __init__(self, store: OwnershipStore) -> None:
        self._store = store
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()
        self._run: asyncio.Task[None] | None = None
        self._owners: Owners | None = None
        self._hooks: Hooks

    @property
    def owners(self) -> Owners:
        assert self._owners is not None, "start comes first"
        return self._owners

    async def start(self, task: Task, hooks: Hooks) -> None:
        """Write beats from now on; returns once the first is written, or after
        `FIRST_BEAT_SECONDS`.
        """
        self._hooks = hooks
        self._store.hear_of_bad_items(hooks.refused)
        self._owners = Owners(
            self._store,
            task,
            room=hooks.room,
            on_lost=self._lost,
            peers_cut_off=hooks.peers_cut_off,
            on_take_over=hooks.taken_over,
            on_death=hooks.died,
            on_bad_item=hooks.refused,
        )
        self._run = asyncio.create_task(self._owners.run(), name="ownership")
        self._run.add_done_callback(self._ended)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FIRST_BEAT_SECONDS):
                while self._owners.cut_off and not self._run.done():  # noqa: ASYNC110 - a beat is a write, not an event
                    await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Take this task's item away."""
        if self._run is not None:
            self._run.cancel()
            await asyncio.gather(self._run, return_exceptions=True)

    def _ended(self, run: asyncio.Task[None]) -> None:
        if not run.cancelled() and (error := run.exception()) is not None:
            log.error(
                "ownership has ended: %s",
                error,
                exc_info=None if isinstance(error, DuplicateTask) else error,
            )
            self._hooks.failed(str(error))

    async def _lost(self, lease: Lease, _reason: str) -> None:
        await self._hooks.end(lease.session_id)

    @contextlib.asynccontextmanager
    async def _turn(self, session_id: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        self._users[session_id] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[session_id] -= 1
            if not self._users[session_id]:
                del self._users[session_id], self._locks[session_id]

    @property
    def me(self) -> tuple[str, str]:
        return self.owners.task.id, self.owners.task.run

    async def runs(self, task: str, run: str) -> bool:
        with _as_unowned(self._hooks.refused):
            return await self.owners.runs(task, run)

    async def claim(self, session_id: str) -> None:
        async with self._turn(session_id):
            with _as_unowned(self._hooks.refused):
                place = await self.owners.acquire(session_id)
        if isinstance(place, Theirs):
            raise OwnedElsewhere(session_id, place.task)

    async def release(self, session_id: str) -> None:
        async with self._turn(session_id):
            if self._hooks.running(session_id):
                return
            try:
                await self.owners.release(session_id)
            except OwnershipError as error:
                # The item goes on to name this task. The next visit, here or there, finds that
                # nothing runs.
                log.warning("session %s could not be released: %s", session_id, error)

    async def owner(self, session_id: str) -> Task | None:
        if session_id in self.owners.held:
            return None
        with _as_unowned(self._hooks.refused):
            place = await self.owners.locate(session_id)
        return place.task if isinstance(place, Theirs) else None

    async def orphaned(self, session_id: str) -> bool:
        if session_id in self.owners.held:
            return False
        with _as_unowned(self._hooks.refused):
            place = await self.owners.locate(session_id)
        return not isinstance(place, Theirs) and bool(place.lease and place.lease.owner)

    async def drain(self) -> None:
        """This task is about to end: the others start nothing on it from now on."""
        await self.owners.drain()

    def lease(self, session_id: str) -> Lease | None:
        """Under which this task runs the session; None when it does not own it."""
        return self.owners.held.get(session_id)

    async def read(self, session_id: str) -> Lease | None:
        """What the table says now. Raises `Unowned`."""
        with _as_unowned(self._hooks.refused):
            return await self._store.read(session_id)

    async def hand_over(self, session_id: str, to: Task) -> Lease:
        """Make `to` the owner of a session of this task; the lease that it has then. Raises
        `Unowned`: then this task still is.
        """
        async with self._turn(session_id):
            try:
                with _as_unowned(self._hooks.refused):
                    return await self.owners.hand_over(session_id, to)
            except LostRace as error:
                raise Unowned(f"session {session_id!r} stays: {error}") from error

    async def candidates(self) -> list[Task]:
        """The other tasks with room, those with most first. Raises `Unowned`."""
        with _as_unowned(self._hooks.refused):
            return await self.owners.candidates()

    async def place(self) -> Task | None:
        """The other task with the most room; None when none has any. Raises `Unowned`."""
        with _as_unowned(self._hooks.refused):
            task = await self.owners.place()
        return None if task.id == self.owners.task.id else task

    async def others(self) -> list[Task]:
        """The other living tasks. Raises `Unowned`."""
        with _as_unowned(self._hooks.refused):
            return await self.owners.others()

    def outdated(self) -> bool:
        """Whether a task of a newer revision is known to be alive."""
        return any(task.revision > self.owners.task.revision for task in self.owners.known())

    def living(self) -> set[str]:
        """Ids of the tasks that are not known to be gone."""
        return self.owners.living()

    async def epoch(self, session_id: str, on_disk: str) -> str:
        with _as_unowned(self._hooks.refused):
            lease = await self._store.read(session_id)
        return combined_epoch(on_disk, lease.epoch if lease else 0)

    async def retire(self, session_id: str) -> None:
        with _as_unowned(self._hooks.refused):
            await self.owners.retire(session_id)

    async def use_up(self, link: str, expires_at: int) -> bool:
        with _as_unowned(self._hooks.refused):
            return await self._store.redeem(link, expires_at)


@contextlib.contextmanager
def _as_unowned(refused: Callable[[BadItem], None] | None = None) -> Iterator[None]:
    try:
        yield
    except (StoreUnavailable, BadItem) as error:
        if isinstance(error, BadItem) and refused is not None:
            refused(error)
        raise Unowned(f"{error}. What runs goes on; try again in a moment") from error
