"""What the supervisor keeps for later control planes."""

from __future__ import annotations

import time

from contract.messages import supervisor as messages


class Memory:
    """Values kept for later control planes. Expired ones are dropped whenever the number has doubled since the last time."""

    def __init__(self) -> None:
        self._entries: dict[str, messages.Entry] = {}
        self._tidy_at = 1000

    def keep(self, entry: messages.Entry) -> bool:
        """False when there is no room."""
        if len(self._entries) >= self._tidy_at:
            self._tidy()
        if len(self._entries) >= messages.MAX_REMEMBERED and entry.key not in self._entries:
            return False
        self._entries[entry.key] = entry
        return True

    def value(self, key: str) -> str:
        """The value that is kept; empty when there is none."""
        return self._entries[key].value if key in self._entries else ""

    def forget(self, key: str) -> None:
        self._entries.pop(key, None)

    def batches(self) -> list[messages.Remembered]:
        """All of it, in messages that fit a packet."""
        self._tidy()
        entries = list(self._entries.values())
        return [messages.Remembered(entries=entries[at : at + messages.BATCH]) for at in range(0, len(entries), messages.BATCH)]

    def _tidy(self) -> None:
        now = time.time()
        self._entries = {key: entry for key, entry in self._entries.items() if entry.until is None or entry.until >= now}
        self._tidy_at = min(max(1000, 2 * len(self._entries)), messages.MAX_REMEMBERED)
