"""Turns for work that takes a processor each: so many at once, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable


def processors(stated: int) -> int:
    """How many this task has, as its settings state it, or else as the operating system does."""
    return stated or len(os.sched_getaffinity(0))


class Turns:
    """`at_once` have a turn at a time. Who has waited long enough goes on without one."""

    def __init__(self, at_once: int) -> None:
        self._room = asyncio.Semaphore(at_once)

    async def take(self, wait_seconds: float) -> Callable[[], None] | None:
        """What gives the turn back, which may be called more than once; None where it has not come
        within `wait_seconds`.
        """
        mine = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait_seconds)):
                mine = await self._room.acquire()

        def give_back() -> None:
            nonlocal mine
            if mine:
                mine = False
                self._room.release()

        return give_back if mine else None

    @contextlib.asynccontextmanager
    async def taken(self, wait_seconds: float) -> AsyncIterator[bool]:
        """Inside, it is this one's turn; False where that has not come within `wait_seconds`."""
        give_back = await self.take(wait_seconds)
        try:
            yield give_back is not None
        finally:
            if give_back:
                give_back()
