"""What became of an edit, and what is wrong with a site now (`Checked` of its dev server), for the
API.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from contract import messages
from contract.messages import ProblemSource

from .bodies import query
from .errors import BadRequest, Crowded
from .registry import SessionRegistry
from .sessions import Session
from .states import State

LONGEST_WAIT_SECONDS: Final = 30.0
PROBLEMS_SECONDS: Final = 10.0
LEAST_SECONDS: Final = 0.05
MOST_CHECKS: Final = 8
"""Of one session at a time."""


def wait_of(request: web.Request) -> float | None:
    """Seconds that the client waits for a verdict; None when it does not. `BadRequest` says what is
    allowed, also of a call with any other parameter: a misspelt one would be ignored.
    """
    text = query(request, wait="")["wait"]
    if "wait" not in request.query:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not (len(text) <= 10 and LEAST_SECONDS <= seconds <= LONGEST_WAIT_SECONDS):
        raise BadRequest(
            f"wait is {text[:20]!r}; allowed are {LEAST_SECONDS} to {LONGEST_WAIT_SECONDS:.0f}"
            " seconds"
        )
    return seconds


class Verdicts:
    """Asks dev servers of sessions, each for a bounded number of clients."""

    def __init__(self, registry: SessionRegistry) -> None:
        self._registry = registry
        self._asking: dict[str, int] = {}

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        return [web.get(session + "/problems", self._problems)]

    async def _problems(self, request: web.Request) -> web.Response:
        query(request)
        session = await self._registry.get(request.match_info["id"])
        found = await self.verdict(session, [], PROBLEMS_SECONDS)
        answer = {
            "checked": found["outcome"] not in ("pending", "not-running"),
            "problems": found["problems"],
        }
        return web.json_response(answer, headers={"Cache-Control": "no-store"})

    async def verdict(self, session: Session, paths: list[Path], seconds: float) -> dict[str, Any]:
        """`{"outcome", "pages", "ms", "problems"}`. `Crowded` when too many wait for the session
        already.
        """
        if self._asking.get(session.id, 0) >= MOST_CHECKS:
            raise Crowded(
                f"{MOST_CHECKS} requests are already waiting for verdicts of this session. Try"
                " again in a moment"
            )
        self._asking[session.id] = self._asking.get(session.id, 0) + 1
        try:
            return await self._verdict(session, paths, seconds)
        finally:
            self._asking[session.id] -= 1
            if self._asking[session.id] == 0:
                del self._asking[session.id]

    async def after_change(
        self, session: Session, paths: list[Path], seconds: float
    ) -> dict[str, Any]:
        """The same for a change that was made: one that nobody can wait for is `pending`. An error
        would say that nothing was changed, and the change would be sent again.
        """
        try:
            return await self.verdict(session, paths, seconds)
        except Crowded:
            return _answer("pending", time.monotonic())

    async def _verdict(self, session: Session, paths: list[Path], seconds: float) -> dict[str, Any]:
        began = time.monotonic()
        found, left = None, seconds
        while found is None:
            try:
                async with asyncio.timeout(left):
                    state = await session.settled()
            except TimeoutError:
                state = session.state
            if state is State.STOPPED:
                return _answer("not-running", began)
            if state is not State.READY:
                return _answer(
                    "pending" if session.error is None else "error",
                    began,
                    problems_of_session(session),
                )
            left = max(LEAST_SECONDS, seconds - (time.monotonic() - began))
            found = await session.check(paths, seconds=left)
            left = seconds - (time.monotonic() - began)
            # The edit has another dev server started, which knows.
            if found is None and (left <= 0 or session.state is State.READY):
                return _answer("pending", began, problems_of_session(session))
        problems = [
            *problems_of_session(session),
            *(problem.model_dump(mode="json") for problem in found.problems),
        ]
        outcome = "error" if session.error is not None else found.outcome.value
        return _answer(outcome, began, problems, found.pages)


def _answer(
    outcome: str, began: float, problems: list[dict[str, Any]] | None = None, pages: int = 0
) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "pages": pages,
        "ms": round((time.monotonic() - began) * 1000, 1),
        "problems": problems or [],
    }


def problems_of_session(session: Session) -> list[dict[str, Any]]:
    """Why it does not run, or what is wrong although it does."""
    if (error := session.error) is None:
        return []
    problem = messages.Problem(
        source=ProblemSource.SITE, message=error.message[:2000], fix=error.fix[:1000]
    )
    return [problem.model_dump(mode="json")]
