"""The last lines of a session's log."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Final

MAX_LINE: Final = 4000
"""Characters."""
MAX_LINES: Final = 1000


class LogBuffer:
    """The last lines, numbered, with readers that follow."""

    def __init__(self, copy: Callable[[str], None] | None = None) -> None:
        """`copy` gets each line, too."""
        self._copy = copy
        self._lines: deque[tuple[int, str]] = deque(maxlen=MAX_LINES)
        self._next = 1
        self._changed = asyncio.Event()

    def add(self, line: str) -> None:
        self._lines.append((self._next, line[:MAX_LINE]))
        if self._copy is not None:
            self._copy(line)
        self._next += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def copy_to(self, other: LogBuffer) -> None:
        """Add the lines so far to `other`."""
        for _, line in self._lines:
            other.add(line)

    def since(self, number: int = 0) -> list[tuple[int, str]]:
        """Lines with a higher number than `number`."""
        return [entry for entry in self._lines if entry[0] > number]

    async def follow(self, number: int, seconds: float) -> list[tuple[int, str]]:
        """Lines after `number`, waiting for the first one; none when there is none in this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.since(number):
                    await self._changed.wait()
        return self.since(number)
