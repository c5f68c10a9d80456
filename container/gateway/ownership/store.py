"""What a store of ownership can do, and the one for a single task."""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, Protocol

from .model import BadItem, DuplicateTask, Lease, LostRace, Task

NEIGHBOURS: Final = 16
"""Tasks that a task keeps an eye on, besides those that it forwards to."""


class OwnershipStore(Protocol):
    """Conditional writes on tasks, sessions and used links. Every method may raise
    `StoreUnavailable`.
    """

    def hear_of_bad_items(self, hear: Callable[[BadItem], None]) -> None:
        """Call `hear` with each item of a task that is left out because no task writes such."""

    async def put_task(self, task: Task) -> int | None:
        """Write the task's beat; returns the one that was there, None for no item. `DuplicateTask`
        when another run has written the item since.
        """

    async def remove_task(self, task: Task) -> None:
        """Take the task's item away, unless another run has written it since."""

    async def read_tasks(self, ids: Iterable[str]) -> dict[str, Task]:
        """Those of `ids` that have a readable item."""

    async def all_tasks(self) -> list[Task]:
        """Every readable task item, dead tasks included."""

    async def neighbours(self, task_id: str) -> list[Task]:
        """Up to `NEIGHBOURS` other tasks: those that follow in the order of ids, round to the
        start. One small read.
        """

    async def read(self, session_id: str) -> Lease | None:
        """The session's lease as of now (a consistent read)."""

    async def swap(
        self,
        before: Lease | None,
        after: Lease,
        *,
        only_if: Task | None = None,
        gone: str | None = None,
    ) -> None:
        """Replace `before` by `after`, or raise `LostRace` when the item is no longer `before`.

        With `only_if`, also on the condition that this task's run and beat are still the given
        ones: nothing was heard of it since; with `gone`, that the task of this id has no item.
        """

    async def redeem(self, token_id: str, expires_at: int) -> bool:
        """True the first time in the whole service. `expires_at` is in seconds since 1970."""


class MemoryStore:
    """For one task, and for tests of several in one process."""

    def __init__(self, wall_clock: Callable[[], float] = time.time) -> None:
        self._tasks: dict[str, Task] = {}
        self._sorted: list[str] | None = None
        """Ids of the tasks, when they were asked for since one came or went."""
        self._leases: dict[str, Lease] = {}
        self._used: dict[str, int] = {}
        self._wall_clock = wall_clock
        self._purge_at = 0.0

    def hear_of_bad_items(self, hear: Callable[[BadItem], None]) -> None:
        """There are none."""

    async def put_task(self, task: Task) -> int | None:
        before = self._tasks.get(task.id)
        if before is not None and before.run != task.run:
            raise DuplicateTask(f"task {task.id!r} is written by run {before.run!r} already")
        if before is None:
            self._sorted = None
        self._tasks[task.id] = task
        return before.beat if before is not None else None

    async def remove_task(self, task: Task) -> None:
        if (before := self._tasks.get(task.id)) is not None and before.run == task.run:
            del self._tasks[task.id]
            self._sorted = None

    async def read_tasks(self, ids: Iterable[str]) -> dict[str, Task]:
        return {name: self._tasks[name] for name in ids if name in self._tasks}

    async def all_tasks(self) -> list[Task]:
        return list(self._tasks.values())

    async def neighbours(self, task_id: str) -> list[Task]:
        if self._sorted is None:
            self._sorted = sorted(self._tasks)
        names = self._sorted
        start = bisect.bisect(names, task_id)
        around = names[start : start + NEIGHBOURS] + names[: min(start, NEIGHBOURS)]
        return [self._tasks[name] for name in around if name != task_id][:NEIGHBOURS]

    async def read(self, session_id: str) -> Lease | None:
        return self._leases.get(session_id)

    async def swap(
        self,
        before: Lease | None,
        after: Lease,
        *,
        only_if: Task | None = None,
        gone: str | None = None,
    ) -> None:
        if self._leases.get(after.session_id) != before:
            raise LostRace(f"session {after.session_id!r} has changed")
        if only_if is not None:
            now = self._tasks.get(only_if.id)
            if now is None or (now.run, now.beat) != (only_if.run, only_if.beat):
                raise LostRace(f"task {only_if.id!r} is alive")
        if gone is not None and gone in self._tasks:
            raise LostRace(f"task {gone!r} is there")
        self._leases[after.session_id] = replace(after)

    def contents(self) -> tuple[dict[str, Task], dict[str, Lease]]:
        """What it holds of tasks and sessions, by id."""
        return dict(self._tasks), dict(self._leases)

    def restore(self, contents: tuple[dict[str, Task], dict[str, Lease]]) -> None:
        """Make it what it was once, as a table is restored from a backup."""
        self._tasks, self._leases = dict(contents[0]), dict(contents[1])
        self._sorted = None

    async def redeem(self, token_id: str, expires_at: int) -> bool:
        now = self._wall_clock()
        if now >= self._purge_at:
            self._used = {name: expiry for name, expiry in self._used.items() if expiry >= now}
            self._purge_at = now + 1
        if token_id in self._used:
            return False
        self._used[token_id] = expires_at
        return True
