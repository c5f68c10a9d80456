"""Waits between restarts, for everything that is restarted: dev servers, Envoy, the
control plane.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence


class Backoff:
    """Longer after each failure in a row. A process that ran for `steady_seconds`
    begins a new row.
    """

    def __init__(
        self,
        waits: Sequence[float],
        *,
        steady_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waits = tuple(waits)
        self._steady_seconds = steady_seconds
        self._clock = clock
        self._started_at = clock()
        self.failures = 0
        """Failures in a row."""

    def started(self) -> None:
        """The process starts now."""
        self._started_at = self._clock()

    def failed(self) -> float:
        """The process ended unasked: seconds to wait before its next start. The last of the waits
        repeats.
        """
        steady = self._clock() - self._started_at > self._steady_seconds
        self.failures = 1 if steady else self.failures + 1
        return self._waits[min(self.failures, len(self._waits)) - 1]
