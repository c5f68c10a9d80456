"""Claims and finds the owners of sessions for one task.

    place = await owners.locate(session_id)     who runs it now; claims nothing
    place = await owners.acquire(session_id)    as `locate`, and claims it, or takes it over, when nobody does

`Mine` carries the lease under which this task may run the session; `Theirs` the task to forward to.
`run` writes the beat and reports, through `on_lost`, leases that are no longer this task's: their
dev servers must end at once.

Cut off from the table, a task goes on for less than a lease and then gives its sessions up, before
anybody else can take them. When every other task that it knows says that it is cut off too, nobody
can take anything over, and all go on; only new starts wait. A task that does not answer may be one
that reaches the table: then this one gives up.
"""  # noqa: W505 - a table

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from .liveness import Liveness
from .model import (
    BEAT_SECONDS,
    LEASE_SECONDS,
    BadItem,
    DuplicateTask,
    Lease,
    LostRace,
    StoreUnavailable,
    Task,
)
from .store import OwnershipStore

ATTEMPTS: Final = 5
"""A race that is lost so often in a row is a fault, not a race."""
GIVE_UP: Final = 0.8
"""Part of a lease without a written beat after which a task gives its sessions up. The rest is for
ending dev servers.
"""
LATE_BEATS: Final = 1.25
"""So many times the time between two beats without one: the table is slow or gone."""
VERIFY_BEATS: Final = 5
"""Own leases are read back every so many beats: an item may have been edited by other means."""
RESTORED_BEATS: Final = 10
"""And at each of so many beats after the table was replaced by an earlier one, in which another
task may have found itself the owner.
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mine:
    """This task owns the session."""

    lease: Lease


@dataclass(frozen=True)
class Theirs:
    """Another task owns the session."""

    lease: Lease
    task: Task


@dataclass(frozen=True)
class Nobodys:
    """Nobody runs the session, or who did is dead."""

    lease: Lease | None
    dead: Task | None = None


Place = Mine | Theirs | Nobodys


@dataclass(kw_only=True)
class Counters:
    """What the metrics report."""

    claims: int = 0
    take_overs: int = 0
    hand_overs: int = 0
    lost: int = 0
    conflicts: int = 0
    unavailable: int = 0


class Owners:
    """One task's view of who owns what."""

    def __init__(
        self,
        store: OwnershipStore,
        task: Task,
        *,
        room: Callable[[], int],
        on_lost: Callable[[Lease, str], Awaitable[None]],
        peers_cut_off: Callable[[list[Task]], Awaitable[bool]] | None = None,
        on_take_over: Callable[[str, str, float], None] | None = None,
        on_death: Callable[[], None] = lambda: None,
        on_bad_item: Callable[[BadItem], None] = lambda _item: None,
        lease_seconds: float = LEASE_SECONDS,
        beat_seconds: float = BEAT_SECONDS,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """`on_take_over` hears of each session taken from a task that is gone: its id, that task's,
        and for how long it was silent; `on_death` of each other task that turns out to be gone:
        `living` is without it from then on; `on_bad_item` of a lease of this task's that holds what
        no task writes.
        """
        self._on_take_over = on_take_over
        self._on_death = on_death
        self._on_bad_item = on_bad_item
        self._store = store
        self._task = replace(task, run=task.run or secrets.token_hex(8))
        self._room = room
        self._on_lost = on_lost
        self._peers_cut_off = peers_cut_off
        self._lease_seconds = lease_seconds
        self._beat_seconds = beat_seconds
        self._clock = clock or asyncio.get_running_loop().time
        self._liveness = Liveness(self._clock, lease_seconds)
        self._held: dict[str, Lease] = {}
        self._watched: set[str] = set()
        self._expecting: asyncio.Task[None] | None = None
        """Looks again at the end of the lease of a watched task that has become silent."""
        self._written_at = float("-inf")
        """When the last beat that was written began. A task without an item would be taken for
        dead: it claims nothing before that.
        """
        self._failing = False
        """Whether the last attempt to write a beat failed."""
        self._confirmed = -1
        """The last beat that was written for certain."""
        self._verify_beats = 0
        """Beats for which own leases are still read back each time."""
        self.counters = Counters()

    @property
    def task(self) -> Task:
        """As last written or about to be."""
        return self._task

    @property
    def held(self) -> dict[str, Lease]:
        """This task's leases by session."""
        return dict(self._held)

    @property
    def cut_off(self) -> bool:
        """Whether no beat was written in time."""
        return self._clock() - self._written_at > GIVE_UP * self._lease_seconds

    @property
    def out_of_reach(self) -> bool:
        """Whether the table does not answer this task at the moment: sooner true than `cut_off`, so
        that tasks which lose the table together can tell each other before the first of them gives
        its sessions up.
        """
        return self._failing or self._clock() - self._written_at > LATE_BEATS * self._beat_seconds

    # Finding and claiming

    async def locate(self, session_id: str) -> Place:
        """Who runs the session, by a consistent read. Raises `StoreUnavailable`."""
        lease = await self._store.read(session_id)
        if lease is None or lease.owner is None:
            return Nobodys(lease)
        if lease.owner == self._task.id:
            return Mine(lease)
        tasks = await self._store.read_tasks([lease.owner])
        self._see(tasks.values())
        owner = tasks.get(lease.owner)
        if owner is None or self._liveness.is_dead(owner):
            return Nobodys(lease, owner)
        self._watched.add(owner.id)
        return Theirs(lease, owner)

    async def runs(self, task_id: str, run: str) -> bool:
        """Whether this run of a task has an item whose beat goes on. Raises `StoreUnavailable`."""
        tasks = await self._store.read_tasks([task_id])
        self._see(tasks.values())
        found = tasks.get(task_id)
        return found is not None and found.run == run and not self._liveness.is_dead(found)

    async def acquire(self, session_id: str) -> Place:
        """The owner, which is this task when there was none. Never returns `Nobodys`. Raises
        `StoreUnavailable`.
        """
        if (held := self._held.get(session_id)) is not None:
            return Mine(held)
        for _ in range(ATTEMPTS):
            place = await self.locate(session_id)
            if isinstance(place, Theirs):
                return place
            try:
                mine = place if isinstance(place, Mine) else await self._claim(session_id, place)
            except LostRace:
                self.counters.conflicts += 1
                continue
            if self.cut_off:
                # Others may take this task for dead already. The item names it all the same: the
                # next visit finds that out.
                raise StoreUnavailable(
                    "this task has not reached the ownership table for too long to start sessions"
                )
            self._held[session_id] = mine.lease
            return mine
        raise StoreUnavailable(f"session {session_id!r} changes hands faster than it can be read")

    async def _claim(self, session_id: str, place: Nobodys) -> Mine:
        before = place.lease
        if before is None:
            after = Lease(session_id=session_id, owner=self._task.id, fence=1)
            await self._store.swap(None, after)
        else:
            after = replace(before, owner=self._task.id, fence=before.fence + 1)
            gone = before.owner if before.owner and place.dead is None else None
            await self._store.swap(before, after, only_if=place.dead, gone=gone)
        if before is not None and before.owner is not None:
            self.counters.take_overs += 1
            if self._on_take_over is not None:
                self._on_take_over(
                    session_id,
                    before.owner,
                    self._liveness.silent_for(place.dead) if place.dead else 0.0,
                )
        else:
            self.counters.claims += 1
        return Mine(after)

    async def others(self) -> list[Task]:
        """The other tasks, dead ones left out as far as that is known."""
        tasks = await self._store.all_tasks()
        self._see(tasks)
        return [
            task for task in tasks if task.id != self._task.id and not self._liveness.is_dead(task)
        ]

    def known(self) -> list[Task]:
        """Tasks that were alive when they were last read."""
        return self._liveness.known()

    def living(self) -> set[str]:
        """Ids of the tasks that were alive when they were last read. One that is not watched stays
        among them until it is read again.
        """
        return {task.id for task in self._liveness.known()}

    async def place(self) -> Task:
        """Where a session that nobody runs is best started: here while there is room, else where
        most room is.
        """
        if self._room() > 0 and not self._task.draining:
            return self._task
        return next(iter(await self.candidates()), self._task)

    async def candidates(self) -> list[Task]:
        """The other tasks of the newest revision that have room as of their last beat, those with
        most room first.
        """
        others = [task for task in await self.others() if not task.draining]
        newest = max((task.revision for task in others), default=0)
        fitting = [task for task in others if task.free > 0 and task.revision == newest]
        return sorted(fitting, key=lambda task: task.free, reverse=True)

    async def drain(self) -> None:
        """Have the others start nothing on this task any more. A table that does not answer learns
        it with the next beat; where another task has this one's id, there is nothing to write.
        """
        self._task = replace(self._task, draining=True)
        with contextlib.suppress(StoreUnavailable, DuplicateTask, TimeoutError):
            async with asyncio.timeout(self._beat_seconds):
                await self.beat()

    # Giving up

    async def release(self, session_id: str) -> None:
        """The session has stopped here: anybody may start it."""
        lease = self._held.pop(session_id, None)
        if lease is not None:
            with contextlib.suppress(LostRace):
                await self._store.swap(lease, replace(lease, owner=None))

    async def hand_over(self, session_id: str, to: Task) -> Lease:
        """Make a living task the owner, once it has the session ready. Raises `LostRace` when it
        has died or the lease is not ours.
        """
        lease = self._held.get(session_id)
        if lease is None:
            raise LostRace(f"session {session_id!r} is not this task's")
        after = replace(lease, owner=to.id, fence=lease.fence + 1)
        tasks = await self._store.read_tasks([to.id])
        if to.id not in tasks or tasks[to.id].run != to.run:
            raise LostRace(f"task {to.id!r} has gone")
        await self._store.swap(lease, after)
        self._held.pop(session_id, None)
        self.counters.hand_overs += 1
        return after

    async def retire(self, session_id: str) -> Lease:
        """The session was deleted or its viewers are signed out: cookies of earlier epochs open it
        no more.
        """
        for _ in range(ATTEMPTS):
            before = await self._store.read(session_id)
            base = before or Lease(session_id=session_id, owner=None)
            after = replace(base, epoch=base.epoch + 1)
            try:
                await self._store.swap(before, after)
            except LostRace:
                self.counters.conflicts += 1
                continue
            if session_id in self._held:
                self._held[session_id] = after
            return after
        raise StoreUnavailable(f"session {session_id!r} changes hands faster than it can be read")

    # The beat

    async def run(self) -> None:
        """Write the beat until cancelled; then take this task's item away. Raises
        `DuplicateTask`.
        """
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._beats(group))
                group.create_task(self._watchdog())
        except* DuplicateTask as errors:
            await self._lose(list(self._held.values()), "another task has this task's id")
            raise errors.exceptions[0] from None
        finally:
            if self._expecting is not None:
                self._expecting.cancel()
            with contextlib.suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(self._beat_seconds):
                    await self._store.remove_task(self._task)

    async def _beats(self, group: asyncio.TaskGroup) -> None:
        """Beats on time: what is read in between may take longer than the time between two."""
        beats, looking = 0, None
        while True:
            began, pause = self._clock(), self._beat_seconds
            try:
                async with asyncio.timeout(self._beat_seconds):
                    await self.beat()
            except (StoreUnavailable, TimeoutError):
                self.counters.unavailable += 1
                self._failing = True
                pause /= 4
            else:
                self._failing = False
                beats += 1
                self._verify_beats = max(0, self._verify_beats - 1)
                often = self._verify_beats > 0
                if looking is None or looking.done():
                    with_own = often or beats % VERIFY_BEATS == 0
                    looking = group.create_task(self._observe(with_own=with_own))
            await asyncio.sleep(max(0.0, began + pause - self._clock()))

    async def beat(self) -> None:
        """Write one beat. Raises `StoreUnavailable` and `DuplicateTask`."""
        began = self._clock()
        task = replace(self._task, beat=self._task.beat + 1, free=max(0, self._room()))
        self._task = task
        before = await self._store.put_task(task)
        if self._confirmed >= 0 and (before is None or before < self._confirmed):
            logger.warning(
                "the ownership table is an earlier one: this task's last beat is not in it. What runs"
                " here is written again"
            )
            self._verify_beats = RESTORED_BEATS
        self._confirmed = task.beat
        late = began - self._written_at > self._lease_seconds  # the first one, too
        self._written_at = began
        if late:
            # Somebody may have taken over what this task still runs, and what it remembers of
            # others is old.
            self._liveness.start_over()
            await self._observe(with_own=True)

    async def _observe(self, *, with_own: bool) -> None:
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(self._beat_seconds):
                near = {task.id: task for task in await self._store.neighbours(self._task.id)}
                tasks = near | await self._store.read_tasks(self._watched - near.keys())
                self._see(tasks.values())
                for name in {task.id for task in self._liveness.known()} - tasks.keys():
                    self._liveness.forget(name)
                self._watched &= tasks.keys()
                self._expect_deaths()
                if with_own:
                    await self.verify()

    def _see(self, tasks: Iterable[Task]) -> None:
        if self._liveness.observe(tasks):
            self._on_death()

    def _expect_deaths(self) -> None:
        """Where requests are forwarded to a task that has become silent, look at it when its lease
        is over, and not only with the next beat.
        """
        soon = self._liveness.dead_within(self._beat_seconds, self._watched)
        if soon and (self._expecting is None or self._expecting.done()):
            self._expecting = asyncio.create_task(self._look_at(soon))

    async def _look_at(self, tasks: dict[str, float]) -> None:
        await asyncio.sleep(max(tasks.values()))
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(self._beat_seconds):
                self._see((await self._store.read_tasks(tasks)).values())

    async def _watchdog(self) -> None:
        """Give the sessions up in time, also while a request to the table hangs."""
        while True:
            await asyncio.sleep(self._beat_seconds / 8)
            if self._held and self.cut_off:
                others = [task for task in self._liveness.known() if task.id != self._task.id]
                if others and not (
                    self._peers_cut_off is not None and await self._peers_cut_off(others)
                ):
                    await self._lose(
                        list(self._held.values()),
                        "this task cannot reach the ownership table, and others can",
                    )

    async def verify(self) -> None:
        """Read own leases back. Where the table says otherwise, the higher fence wins; a table that
        was restored is corrected. What no task writes is told and changes nothing: no other task
        follows it either.
        """
        await asyncio.gather(*(self._verify(lease) for lease in list(self._held.values())))

    async def _verify(self, held: Lease) -> None:
        try:
            now = await self._store.read(held.session_id)
        except BadItem as error:
            self._on_bad_item(error)
            return
        if now == held or self._held.get(held.session_id) != held:
            return
        same = now is not None and (now.owner, now.fence) == (held.owner, held.fence)
        if now is not None and same and now.epoch > held.epoch:
            self._held[held.session_id] = now
        elif now is None or same or now.fence < held.fence:
            # An earlier table. Its epoch would let in again who was signed out since.
            with contextlib.suppress(LostRace):
                await self._store.swap(
                    now, replace(held, epoch=max(held.epoch, now.epoch if now else 0))
                )
        else:
            await self._lose([held], "another task has taken the session over")

    async def _lose(self, leases: Iterable[Lease], reason: str) -> None:
        lost = [lease for lease in leases if self._held.pop(lease.session_id, None) is not None]
        self.counters.lost += len(lost)
        for lease in lost:
            logger.warning("session %s is given up: %s", lease.session_id, reason)
        await asyncio.gather(*(self._on_lost(lease, reason) for lease in lost))
