"""How many requests one credential may have under way: a log that is followed, a wait, a download
that nobody reads last for as long as their client likes, and each holds a connection of the task.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from .credentials.model import Caller
from .errors import Crowded

MOST_REQUESTS: Final = 100
"""Of one credential of sessions, on one task. The service's own are not counted: they stand for
all of its users.
"""


class CallerLimit:
    """The requests under way, by credential."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()

    @contextlib.contextmanager
    def counted(self, caller: Caller | None) -> Iterator[None]:
        """Count a request while it lasts. `Crowded` when its credential has too many."""
        if caller is None or caller.is_service:
            yield
            return
        if self._running[caller.id] >= MOST_REQUESTS:
            raise Crowded(
                f"this credential has {MOST_REQUESTS} requests under way. Send the request again"
                " when others have ended"
            )
        self._running[caller.id] += 1
        try:
            yield
        finally:
            self._running[caller.id] -= 1
            if not self._running[caller.id]:
                del self._running[caller.id]
