"""What the supervisor keeps for later control planes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from contract.messages import supervisor as messages

SETTLED_SECONDS: Final = 60.0
"""An entry is kept this much longer than it has to be."""


class Memory:
    """Values kept for later control planes. Expired ones are dropped whenever the number has
    doubled since the last time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[str, messages.Entry] = {}
        self._lasts: dict[str, float] = {}
        """Until when, by a clock that nobody sets, whatever the machine's says: it may be ahead for
        a moment.
        """
        self._tidy_at = 1000

    def keep(self, entry: messages.Entry) -> bool:
        """False when there is no room."""
        if len(self._entries) >= self._tidy_at:
            self._tidy()
        if len(self._entries) >= messages.MAX_REMEMBERED and entry.key not in self._entries:
            return False
        self._entries[entry.key] = entry
        if entry.until is not None:
            self._lasts[entry.key] = (
                self._clock() + max(0.0, entry.until - time.time()) + SETTLED_SECONDS
            )
        return True

    def value(self, key: str) -> str:
        """The value that is kept; empty when there is none."""
        return self._entries[key].value if key in self._entries else ""

    def forget(self, key: str) -> None:
        self._entries.pop(key, None)
        self._lasts.pop(key, None)

    def batches(self) -> list[messages.Remembered]:
        """All of it, in messages that fit a packet."""
        self._tidy()
        entries = list(self._entries.values())
        return [
            messages.Remembered(entries=entries[at : at + messages.BATCH])
            for at in range(0, len(entries), messages.BATCH)
        ]

    def _tidy(self) -> None:
        now, ticks = time.time(), self._clock()
        over = [
            key
            for key, lasts in self._lasts.items()
            if lasts < ticks and (self._entries[key].until or 0) < now
        ]
        for key in over:
            self.forget(key)
        self._tidy_at = min(max(1000, 2 * len(self._entries)), messages.MAX_REMEMBERED)
