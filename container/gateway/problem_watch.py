"""What is wrong with a session's site, as it comes and goes, for those who read its events.

A problem is not noticed unless somebody compiles or renders what was edited. The dev server does
that when it is asked (`Check`), so it is asked after each change while there are readers, and not
at all while there are none. What differs from the answer before becomes `problem` and `healed`
events.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
from typing import Any, Final

from contract.messages import Outcome

from .sessions import Session
from .verdict import problems_of_session

SETTLE_SECONDS: Final = 0.1
"""Changes that come together are looked at once."""
CHECK_SECONDS: Final = 5.0
LATE_CHECKS: Final = 3
"""That a check may come too late before its answer is taken all the same."""

log = logging.getLogger(__name__)


class ProblemWatch:
    """The problems of one session that readers know of."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, dict[str, Any]] = {}
        self._late = 0
        session.events.noticed.set()

    @property
    def known(self) -> list[tuple[str, dict[str, Any]]]:
        """Problems that are not over, with their ids."""
        return list(self._known.items())

    async def run(self) -> None:
        """Look after each change, until cancelled."""
        noticed = self._session.events.noticed
        while True:
            await noticed.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            noticed.clear()
            try:
                await self._look()
            except Exception:
                log.exception("session %s: its problems could not be looked for", self._session.id)

    async def _look(self) -> None:
        session = self._session
        found = {_id(each): each for each in problems_of_session(session)}
        checked = await session.check([], seconds=CHECK_SECONDS, shown=False)
        if checked is not None:
            found |= {
                _id(each): each
                for each in (problem.model_dump(mode="json") for problem in checked.problems)
            }
        late = checked is not None and checked.outcome is Outcome.PENDING
        self._late = self._late + 1 if late else 0
        if 0 < self._late < LATE_CHECKS:
            session.events.noticed.set()
        if checked is None or 0 < self._late < LATE_CHECKS:
            # What is not known to be over is not.
            still = {key: each for key, each in self._known.items() if each["source"] != "site"}
            found = still | found
        self._take(found)

    def _take(self, found: dict[str, dict[str, Any]]) -> None:
        before, self._known = self._known, found
        events = self._session.events
        for key, problem in before.items():
            if key not in found:
                events.publish(
                    "healed",
                    {
                        "id": key,
                        "source": problem["source"],
                        "file": problem["file"],
                        "page": problem["page"],
                    },
                )
        for key, problem in found.items():
            if key not in before:
                events.publish("problem", {"id": key, "problem": problem})


def _id(problem: dict[str, Any]) -> str:
    """The same for the same problem, as long as it is at its place."""
    names = ("source", "file", "page", "line", "column", "plugin", "message")
    text = json.dumps([problem[name] for name in names])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


class ProblemWatches:
    """One watch for each session that has readers."""

    def __init__(self) -> None:
        self._watches: dict[str, tuple[ProblemWatch, asyncio.Task[None]]] = {}

    def begin(self, session: Session) -> ProblemWatch:
        """Watch the session, for one more reader."""
        if session.id not in self._watches:
            watch = ProblemWatch(session)
            task = asyncio.create_task(watch.run(), name=f"problems of session {session.id}")
            self._watches[session.id] = watch, task
        return self._watches[session.id][0]

    async def end(self, session: Session) -> None:
        """The last reader has gone."""
        _, task = self._watches.pop(session.id)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
