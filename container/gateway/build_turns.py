"""Whose build runs: so many at a time in a task, and the session that has waited longest is next.

A build takes a whole limit of memory (`buildMemoryMib`) and the processors. Each session has one
place in the queue, so that one that asks again and again takes no other's turn. A build that waits
takes the sources as they are when its turn comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from contract import messages

log = logging.getLogger(__name__)

REPORT_SECONDS: Final = 15.0
"""An adopted dev server that has not said for so long whether it builds is taken not to."""


class BuildTurns:
    """The builds of a task, by session."""

    def __init__(self, *, at_once: int, limit_seconds: float) -> None:
        """A turn is over when the dev server says so or ends, and at the latest after
        `limit_seconds`: a site holds up no others.
        """
        self._at_once = at_once
        self._limit_seconds = limit_seconds
        self._waiting: dict[str, Callable[[], object]] = {}
        self._building: dict[str, asyncio.TimerHandle] = {}
        self._adopted: dict[str, asyncio.TimerHandle] = {}

    @property
    def waiting(self) -> list[str]:
        """Sessions, the next one first."""
        return list(self._waiting)

    def adopt(self, session: str) -> None:
        """An earlier control plane may have let this session build: what its dev server reports
        first is believed, and until then it holds a place, as one that builds does.
        """
        seconds = min(REPORT_SECONDS, self._limit_seconds)
        self._adopted[session] = asyncio.get_running_loop().call_later(
            seconds, self._silent, session
        )

    def follow(self, session: str, turn: messages.Turn, go: Callable[[], object]) -> None:
        """Take in what a session's dev server reports; `go` lets it build."""
        match turn:
            case messages.Turn.WAITING:
                if session in self._building:  # it was told so before, and asks again
                    go()
                else:
                    self._waiting.setdefault(session, go)
            case messages.Turn.BUILDING:
                if session in self._adopted:
                    self._waiting.pop(session, None)
                    self._begin(session)
                # Others that were not let in are not believed: a site would hold up the others
                # again and again.
            case messages.Turn.NONE:
                self._end(session)
        self._heard(session)
        self._let_in()

    def leave(self, session: str) -> None:
        """The session's dev server has ended."""
        self._end(session)
        self._heard(session)
        self._let_in()

    def _heard(self, session: str) -> None:
        if (timer := self._adopted.pop(session, None)) is not None:
            timer.cancel()

    def _silent(self, session: str) -> None:
        self._heard(session)
        self._let_in()

    def _begin(self, session: str) -> None:
        timer = asyncio.get_running_loop().call_later(self._limit_seconds, self._overdue, session)
        self._building[session] = timer

    def _end(self, session: str) -> None:
        self._waiting.pop(session, None)
        if (timer := self._building.pop(session, None)) is not None:
            timer.cancel()

    def _overdue(self, session: str) -> None:
        log.warning(
            "the build of session %s has not ended within %.0f s: others get its turn",
            session,
            self._limit_seconds,
        )
        self.leave(session)

    def _let_in(self) -> None:
        while self._waiting and len(self._building) + len(self._adopted) < self._at_once:
            session = next(iter(self._waiting))
            go = self._waiting.pop(session)
            self._begin(session)
            go()
