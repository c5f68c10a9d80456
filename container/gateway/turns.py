"""Turns for work that takes a processor each: so many at once, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Turns:
    """`at_once` have a turn at a time. Who has waited long enough goes on without one."""

    def __init__(self, at_once: int) -> None:
        self._room = asyncio.Semaphore(at_once)

    @contextlib.asynccontextmanager
    async def taken(self, wait_seconds: float) -> AsyncIterator[bool]:
        """Inside, it is this one's turn; False where that has not come within `wait_seconds`."""
        mine = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wait_seconds)):
                mine = await self._room.acquire()
        try:
            yield mine
        finally:
            if mine:
                self._room.release()
