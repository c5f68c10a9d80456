"""Which sign-in links were used: each works once in the life of the container, however many there
are.

The ids are kept until the links expire, here and (one message per sign-in) by the supervisor, so
that they outlive the control plane.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Mapping
from typing import Final

from contract.messages import MessageError
from contract.messages.supervisor import Entry

from .codes import Code
from .errors import SessionError
from .processes import Processes

MAX_LINKS: Final = 150_000
"""Used links that have not expired. Above it the one that expires first is forgotten, and every
unused link that expires no later is refused: rather a link too few than one twice. With links of
five minutes that takes 500 sign-ins per second.
"""

SETTLED_SECONDS: Final = 60.0
"""A used link is remembered this much longer than it lasts."""

LINK: Final = "link:"
FLOOR: Final = "links-floor"


class Busy(SessionError):
    """The sign-in cannot be recorded now. The link stays unused."""

    code = Code.BUSY


class UsedLinks:
    """The used links. `save` and `save_floor` keep them beyond this process; what they raise leaves
    a link unused.
    """

    def __init__(
        self,
        known: Mapping[str, int] | None = None,
        *,
        floor: int = 0,
        save: Callable[[str, int], None] = lambda _link, _expires_at: None,
        save_floor: Callable[[str, int], None] = lambda _forgotten, _floor: None,
        maximum: int = MAX_LINKS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._used = set(known or ())
        self._by_expiry = [
            (expires_at, self._lasts_until(expires_at), link)
            for link, expires_at in (known or {}).items()
        ]
        heapq.heapify(self._by_expiry)
        self._floor = floor
        self._save = save
        self._save_floor = save_floor
        self._maximum = maximum

    def __len__(self) -> int:
        return len(self._used)

    def use_up(self, link: str, expires_at: int) -> bool:
        """True the first time. `Busy` when that cannot be recorded."""
        self._forget_expired()
        if link in self._used or expires_at <= self._floor:
            return False
        if len(self._used) >= self._maximum:
            self._forget_first()
        self._save(link, expires_at)
        self._used.add(link)
        heapq.heappush(self._by_expiry, (expires_at, self._lasts_until(expires_at), link))
        return expires_at > self._floor

    def _lasts_until(self, expires_at: int) -> float:
        """By a clock that nobody sets: when a link that expires then has expired, as things look
        now.
        """
        return self._clock() + max(0.0, expires_at - time.time()) + SETTLED_SECONDS

    def _forget_expired(self) -> None:
        """Those that have expired by both clocks: a link must not work again when the machine's was
        ahead for a moment.
        """
        now, ticks = int(time.time()), self._clock()
        while self._by_expiry and self._by_expiry[0][0] < now and self._by_expiry[0][1] < ticks:
            self._used.discard(heapq.heappop(self._by_expiry)[2])

    def _forget_first(self) -> None:
        expires_at, _, link = self._by_expiry[0]
        self._save_floor(link, expires_at)
        self._floor = max(self._floor, expires_at)
        heapq.heappop(self._by_expiry)
        self._used.discard(link)


def remembered_links(processes: Processes) -> UsedLinks:
    """The links that earlier control planes of this container saw, and a record of
    those to come.
    """

    def save(link: str, expires_at: int) -> None:
        try:
            processes.remember(LINK + link, until=expires_at)
        except MessageError as error:
            raise Busy(
                f"the sign-in cannot be recorded now: {error}. Open the link again in a moment"
            ) from error

    def save_floor(forgotten: str, floor: int) -> None:
        try:
            processes.remember(FLOOR, str(floor))
            processes.forget(LINK + forgotten)
        except MessageError as error:
            raise Busy(
                f"the sign-in cannot be recorded now: {error}. Open the link again in a moment"
            ) from error

    known = {
        key.removeprefix(LINK): entry.until or 0
        for key, entry in processes.memory.items()
        if key.startswith(LINK)
    }
    floor = int(processes.memory.get(FLOOR, Entry(key=FLOOR, value="0")).value)
    return UsedLinks(known, floor=floor, save=save, save_floor=save_floor)
