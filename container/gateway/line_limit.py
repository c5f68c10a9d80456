"""Bounds the control plane's own log: what a client or a site can cause again and again is a line
so many times, then a number.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

LINES: Final = 50
"""Of a kind at once."""
LINES_PER_SECOND: Final = 1.0
"""Of a kind on average."""
MOST_KINDS: Final = 500


class _Allowance:
    def __init__(self, at: float) -> None:
        self.left = float(LINES)
        self.at = at
        self.left_out = 0


class LineLimit(logging.Filter):
    """A kind of line is its place in the source: logger and line number. What was left out is
    reported with the next line of the kind.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, str, int], _Allowance] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, kind = self._clock(), (record.name, record.filename, record.lineno)
        if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
            self._kinds.clear()
        allowance = self._kinds.setdefault(kind, _Allowance(now))
        allowance.left = min(float(LINES), allowance.left + (now - allowance.at) * LINES_PER_SECOND)
        allowance.at = now
        if allowance.left < 1:
            allowance.left_out += 1
            return False
        allowance.left -= 1
        if allowance.left_out:
            text = (
                f"{record.getMessage()} ({allowance.left_out} lines of this kind were left out"
                " before)"
            )
            vars(record).update(msg=text, args=())
            allowance.left_out = 0
        return True
