"""How many new keys a credential may send: each is kept for a day."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from ..codes import Code
from ..credentials.model import Caller
from ..errors import SessionError

WINDOW_SECONDS: Final = 3600.0
MOST_OF_SESSIONS: Final = 1_000
"""Of one credential of sessions, in a window, on one task."""
MOST_OF_SERVICE: Final = 20_000
"""Of the service's credentials, which stand for all of its users."""


class TooManyKeys(SessionError):
    code = Code.TOO_MANY_KEYS


class KeyLimit:
    """The keys of this window, by credential."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = float("-inf")
        self._sent: dict[str, int] = {}

    def check(self, caller: Caller) -> None:
        """Raise when the credential has sent as many as it may."""
        if self._clock() - self._began >= WINDOW_SECONDS:
            self._began = self._clock()
            self._sent.clear()
        most = MOST_OF_SERVICE if caller.is_service else MOST_OF_SESSIONS
        if self._sent.get(caller.id, 0) >= most:
            raise TooManyKeys(
                f"the credential has sent {most} requests with a new Idempotency-Key within an hour,"
                " and that is the limit. Send the request later, or without a key"
            )

    def count(self, caller: Caller) -> None:
        """One more was sent."""
        self._sent[caller.id] = self._sent.get(caller.id, 0) + 1
