"""Giving this task's sessions to other tasks, before it ends or when asked to.

For each session, as the task that has it:

    prepare    another task with room starts the dev server and holds it back; this one serves on
    render     the other task has the open pages rendered, so that they are quick when they come
    hand over  the owner in the table changes, with a higher fence
    accept     the other task shows the session, with the edits that were reported here meanwhile
    moved      the other tasks look at the table again, so that they forward to the new owner
    end        the dev server here tells its sockets to connect again (1012), and goes

An installation is not waited for: it begins again there. A build that is under way has half of the
time to end; then it begins again there, too. A session that no task has room for stays, and ends
with this task; the next visit starts it elsewhere. An edit that is
reported here afterwards is passed on (`take_on.py` is the other side).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

from .ahead import MOST_PAGES, RENDER_SECONDS
from .errors import SessionError
from .ownership.model import Lease, Task
from .ownership.service import Unowned
from .ownership.shared import SharedOwnership
from .passed_on import Recorder, batches
from .peers.forward import Forwarder, NoAnswer
from .registry import SessionRegistry
from .sessions import Session
from .states import State
from .telemetry import Telemetry
from .turns import Turns

AT_ONCE: Final = 4
"""Sessions that get ready on other tasks at the same time: starting takes a processor each."""
TURNS_SHARE: Final = 0.6
"""Of the time that there is, for taking turns. What has not had one by then goes with all others:
rather slow pages than sessions that end with this task.
"""
PATIENCE_SHARE: Final = 0.8
"""Of the time that is left for a session, for its turn to start on the other task: until then it is
served here.
"""
TRIES: Final = 3
"""Tasks that are asked for one session."""
ACCEPT_SECONDS: Final = 10.0
LATE_SECONDS: Final = 3.0
RENDER_SHARE: Final = 0.5
"""Of the time that is left for a session, for rendering its open pages on the other task."""
FEW: Final = 2
"""Sessions of a task up to which their pages are rendered ahead. Of ten that went to tasks on the
same two processors all renderings ran into their limits, and pages were without a live connection
for 65 s, and 27 s without: who gives many away has others that start meanwhile.
"""
MOVED_SECONDS: Final = 1.0
BUILD_SHARE: Final = 0.5
"""Of the time that there is, for a build that is under way to end."""
TOLD: Final = 50
"""Other tasks that hear of a move. The rest learn it by being answered that this task is not the
owner.
"""
GIVEN: Final = frozenset({State.STARTING, State.READY, State.BACKING_OFF})

log = logging.getLogger(__name__)


def path_of(session_id: str, step: str) -> str:
    """Address of a step at another task's API."""
    return f"/peers/sessions/{session_id}/{step}"


@dataclass(kw_only=True)
class Outcome:
    """What became of the sessions."""

    moved: list[str] = field(default_factory=list)
    stayed: dict[str, str] = field(default_factory=dict)
    """Session and why."""


class HandOver:
    """This task's side. `learn` has this task's Envoy forward a session to its new owner."""

    def __init__(
        self,
        table: SharedOwnership,
        registry: SessionRegistry,
        forwarder: Forwarder,
        learn: Callable[[str, Task], Awaitable[None]],
        telemetry: Telemetry,
    ) -> None:
        self._table = table
        self._registry = registry
        self._forwarder = forwarder
        self._learn = learn
        self._telemetry = telemetry
        self._promised: Counter[str] = Counter()
        """Sessions that were given to each task since it last wrote how much room it has."""
        self._sending: set[asyncio.Task[None]] = set()

    async def all(self, seconds: float) -> Outcome:
        """Hand every live session over within `seconds`, those with open pages first."""
        outcome, turns = Outcome(), Turns(AT_ONCE)
        began = time.monotonic()
        deadline, patience = began + seconds, began + seconds * TURNS_SHARE
        sessions = sorted(
            (each for each in self._registry if each.state in GIVEN and not each.prepared),
            key=_importance,
        )
        ahead = len(sessions) <= FEW

        async def one(session: Session) -> None:
            async with turns.taken(patience - time.monotonic()):
                try:
                    await self.one(session, deadline - time.monotonic(), ahead=ahead)
                    outcome.moved.append(session.id)
                except SessionError as error:
                    outcome.stayed[session.id] = str(error)

        await asyncio.gather(*map(one, sessions))
        return outcome

    async def one(
        self, session: Session, seconds: float, to: str = "", *, ahead: bool = True
    ) -> Task:
        """Hand one session over, to the task of this id if one is given; its new owner. `ahead`:
        its open pages are rendered there first. A `SessionError` says why it stays.
        """
        began, refused, reason = time.monotonic(), set[str](), ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * BUILD_SHARE):
                while session.builds:
                    await session.changed()
        for _ in range(TRIES):
            left = seconds - (time.monotonic() - began)
            if left <= 0:
                raise Unowned(reason or "there was no time left")
            task = await self._next(refused, to)
            if task is None:
                raise Unowned(reason or "no other task has room")
            self._promised[task.id] += 1
            try:
                edits = await self._give(session, task, left, ahead=ahead)
            except SessionError as error:
                self._promised[task.id] -= 1
                refused.add(task.id)
                reason = str(error)
                if self._table.lease(session.id) is None:
                    raise  # it is no longer ours to give
                log.warning(
                    "session %s could not be handed over to task %s: %s", session.id, task.id, error
                )
                continue
            seconds_taken = time.monotonic() - began
            log.info(
                "session %s was handed over to task %s in %.1f s",
                session.id,
                task.id,
                seconds_taken,
            )
            self._telemetry.session_handed_over(session.id, task.id, seconds_taken, edits)
            return task
        raise Unowned(reason)

    async def _next(self, refused: set[str], to: str) -> Task | None:
        for task in sorted(
            await self._table.candidates(), key=lambda task: self._promised[task.id] - task.free
        ):
            # What was promised counts again once the task has written it itself: rather too little
            # than too much.
            if (
                task.id not in refused
                and task.free > self._promised[task.id]
                and to in ("", task.id)
            ):
                return task
        return None

    async def _give(self, session: Session, task: Task, seconds: float, *, ahead: bool) -> int:
        lease = self._table.lease(session.id)
        if lease is None:
            raise Unowned(f"session {session.id!r} is not this task's")
        recorder, deadline = Recorder(session), time.monotonic() + seconds
        try:
            body = {"owner": self._table.owners.task.id, "fence": lease.fence}
            if session.state is not State.READY:
                await self._prepare(session, task, body, seconds, wait=False)
            elif await self._prepare(session, task, body, seconds, wait=True) and ahead:
                await self._render(session, task, body, deadline - time.monotonic())
        except BaseException:
            session.tell_changes(None)
            await self._cancel(session, task)
            raise
        edits = 0

        async def give() -> None:
            nonlocal edits
            try:
                new = await self._table.hand_over(session.id, task)
            except SessionError:
                session.tell_changes(None)
                await self._cancel(session, task)
                raise
            first, *more = batches(recorder.take()) or [[]]
            edits = len(first) + sum(map(len, more))
            await self._accept(session, task, new, first, again=recorder.restarted)
            for batch in more:
                await self._pass_on(session, task, batch)
            recorder.pass_on(lambda more: self._later(self._pass_on(session, task, more)))
            with contextlib.suppress(SessionError):
                await self._learn(session.id, task)
            await self.tell_others(session.id, task)

        await session.hand_over(give)
        return edits

    async def _prepare(
        self, session: Session, task: Task, body: dict[str, Any], seconds: float, *, wait: bool
    ) -> bool:
        """Have the other task start the session; whether it is ready. One that is not when the time
        is up is the other's all the same: it starts there.
        """
        # Not a member of the body: a task of an earlier version refuses what it does not know.
        step = f"prepare?patience={max(0.0, seconds * PATIENCE_SHARE):.1f}" if wait else "prepare"
        try:
            await self._ask(task, session, step, {**body, "wait": wait}, seconds)
        except NoAnswer as error:
            log.warning("session %s is handed over before it is ready: %s", session.id, error)
            await self._ask(task, session, "prepare", {**body, "wait": False}, LATE_SECONDS)
            return False
        return wait

    async def _render(
        self, session: Session, task: Task, body: dict[str, Any], seconds: float
    ) -> None:
        """Have the other task render the pages that are open here. A task of an earlier version has
        no such step, and a page that is not rendered in time is the visitor's to wait for.
        """
        # A connection may have said nothing of its page yet: the first one is the likeliest.
        pages = session.presence.pages[:MOST_PAGES] or ([""] if session.sockets else [])
        seconds = min(RENDER_SECONDS, seconds * RENDER_SHARE)
        if not pages or seconds <= 0:
            return
        try:
            await self._ask(task, session, "render", {**body, "pages": pages}, seconds)
        except SessionError as error:
            log.info("session %s: pages are not rendered ahead: %s", session.id, error)

    async def _cancel(self, session: Session, task: Task) -> None:
        with contextlib.suppress(SessionError):
            await self._ask(task, session, "cancel", {}, MOVED_SECONDS)

    async def _accept(
        self,
        session: Session,
        task: Task,
        lease: Lease,
        changes: list[dict[str, str]],
        *,
        again: bool,
    ) -> None:
        """The other task owns the session already: whatever it answers, this one ends its own dev
        server.
        """
        try:
            body = {"fence": lease.fence, "changes": changes, "again": again}
            await self._ask(task, session, "accept", body, ACCEPT_SECONDS)
        except SessionError as error:
            log.warning(
                "session %s is task %s's, which shows it at the next visit: %s",
                session.id,
                task.id,
                error,
            )

    async def _pass_on(self, session: Session, task: Task, changes: list[dict[str, str]]) -> None:
        try:
            await self._ask(task, session, "changes", {"changes": changes}, ACCEPT_SECONDS)
        except SessionError as error:
            log.warning(
                "session %s: %s edits were not reported to task %s: %s",
                session.id,
                len(changes),
                task.id,
                error,
            )

    async def tell_others(self, session_id: str, owner: Task) -> None:
        """Have the other tasks forward the session's requests to its new owner from now on."""
        with contextlib.suppress(SessionError):
            others = [task for task in await self._table.others() if task.id != owner.id]

            async def tell(task: Task) -> None:
                with contextlib.suppress(SessionError):
                    await self._forwarder.ask(
                        task, "POST", path_of(session_id, "moved"), seconds=MOVED_SECONDS, body={}
                    )

            await asyncio.gather(*map(tell, others[:TOLD]))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def settle(self) -> None:
        """Wait until every edit has been passed on."""
        while self._sending:
            await asyncio.gather(*self._sending, return_exceptions=True)

    async def _ask(
        self, task: Task, session: Session, step: str, body: dict[str, Any], seconds: float
    ) -> Any:
        return await self._forwarder.ask(
            task, "POST", path_of(session.id, step), seconds=seconds, body=body
        )


def _importance(session: Session) -> tuple[bool, float]:
    """Sessions with open pages first, then those that were used last."""
    return (session.sockets == 0, session.idle_seconds)
