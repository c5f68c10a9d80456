"""Output of dev servers in the task's own log, where it outlives them: bounded for each session, so
that none can fill it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

MAX_TEXT: Final = 1000
"""Characters of a line."""
BURST_SECONDS: Final = 20.0
"""A session that was silent may write what this long a time allows at once: a failed start's stack
is worth having whole.
"""


class OutputCopy:
    """A copy of one session's log lines, at most so many a minute on average."""

    def __init__(
        self,
        session_id: str,
        lines_per_minute: int,
        event: Callable[..., None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session_id = session_id
        self._per_second = lines_per_minute / 60
        self._most = max(1.0, self._per_second * BURST_SECONDS) if lines_per_minute else 0.0
        self._left = self._most
        self._event = event
        self._clock = clock
        self._at = clock()
        self._dropped = 0

    def line(self, text: str) -> None:
        """Copy a line, or count it as left out."""
        if not self._most or not text.strip():
            return
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            self._dropped += 1
            return
        self._left -= 1
        more: dict[str, Any] = {"left_out": self._dropped} if self._dropped else {}
        self._dropped = 0
        self._event("session_output", session=self._session_id, text=text[:MAX_TEXT], **more)
