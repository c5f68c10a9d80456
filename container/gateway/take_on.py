"""What a task does when another one hands a session over to it (`hand_over.py`). Only other tasks
can ask for it.

A request names the session; whether the sender may ask is read from the table: the owner of the
session asks to prepare, and what is accepted belongs to this task already. So a forged request, or
an old one that is sent again, changes nothing: it is refused and logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from contract import messages

from .ahead import RENDER_SECONDS
from .bodies import json_body
from .errors import BadRequest, Conflict, SessionError, UnknownSession
from .files.paths import split_path
from .ownership.shared import SharedOwnership
from .registry import SessionRegistry
from .session_state import Change
from .sessions import Session
from .states import State
from .telemetry import Telemetry
from .turns import Turns
from .watch import snapshot

PREPARED_SECONDS: Final = 150.0
"""A session that was prepared and is not accepted by then is ended: its owner goes on, or is gone
and nobody asked for the session.
"""
REQUEST_SECONDS: Final = 10.0
TURN_SECONDS: Final = 8.0
"""Waiting for others that start here, before a session that is handed over does so beside them, if
its owner does not say how long it may.
"""
LONGEST_TURN_SECONDS: Final = 600.0
TURN_KEPT_SECONDS: Final = RENDER_SECONDS + 5.0
"""By a session that is ready, at most: its pages are rendered, and its owner gives it away."""
EVENTS: Final = ("add", "change", "unlink")
COMPARED_AFTER_SECONDS: Final = (0.0, 5.0, 65.0)
"""After a session was taken on, its files are compared with those of before: what was written past
the API on another task has caused no event here. An NFS client may show a folder of up to a minute
ago (`acdirmax`).
"""
MARGIN_NS: Final = 1_000_000_000
"""Edits from so long after the session was taken on are this task's: they have been reported
already.
"""

log = logging.getLogger(__name__)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotAllowed(Conflict):
    """What the table says does not go with the request: it is forged, or late."""


class TakeOn:
    """Handlers below `/peers/sessions/{id}/`."""

    def __init__(
        self,
        table: SharedOwnership,
        registry: SessionRegistry,
        learn: Callable[[str], Awaitable[None]],
        telemetry: Telemetry,
        at_once: int,
    ) -> None:
        """`learn` reads a session's owner again, where this task forwards its requests. `at_once`
        sessions start at a time.
        """
        self._table = table
        self._registry = registry
        self._learn = learn
        self._telemetry = telemetry
        self._expiry: dict[str, asyncio.Task[None]] = {}
        self._before: dict[str, dict[str, tuple[int, int]]] = {}
        """Files of a prepared session as they were before its dev server started."""
        self._comparing: set[asyncio.Task[None]] = set()
        self._turns = Turns(at_once)
        """A start takes a processor, and so does rendering the session's pages. All at once would
        be late all at once, and slow for the visitors who are here already.
        """
        self._kept_turns: dict[str, Callable[[], None]] = {}
        """What gives the turn of a session back that is ready and not this task's yet."""

    def routes(self) -> list[web.RouteDef]:
        steps = {
            "prepare": self._prepare,
            "render": self._render,
            "accept": self._accept,
            "changes": self._changes,
            "cancel": self._cancel,
            "moved": self._moved,
        }
        return [
            web.post(f"/peers/sessions/{{id}}/{name}", self._guarded(handler))
            for name, handler in steps.items()
        ]

    def _guarded(self, handler: Answer) -> Answer:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except (NotAllowed, BadRequest) as error:
                self._telemetry.peer_refused("request")
                log.warning("a request of another task was refused: %s: %s", request.path, error)
                raise

        return answer

    async def _prepare(self, request: web.Request) -> web.Response:
        body = await json_body(request, REQUEST_SECONDS, {"owner": str, "fence": int, "wait": bool})
        session_id, wait = request.match_info["id"], bool(body.get("wait"))
        await self._must_be_senders(session_id, body)
        if not wait:
            await self._start(session_id)
            return web.json_response({"ready": False})
        give_back = await self._turns.take(_patience(request))
        try:
            lease = await self._table.read(session_id)
            if lease is None or (lease.owner, lease.fence) != (body["owner"], body["fence"]):
                raise Conflict(f"session {session_id!r} has another owner meanwhile")
            session = await self._start(session_id)
            if not await session.made_ready():
                error = session.error
                if session.prepared:  # one that has become this task's meanwhile goes on
                    await self._give_up(session)
                raise Conflict(
                    "the session does not start here:"
                    f" {error.text if error else 'it was ended meanwhile'}"
                )
        except BaseException:
            if give_back:
                give_back()
            raise
        if give_back:
            self._keep_turn(session_id, give_back)
        return web.json_response({"ready": True})

    async def _start(self, session_id: str) -> Session:
        """Get a session of another task ready here, or go on with that."""
        if not await self._registry.known(session_id):
            raise UnknownSession(f"session {session_id!r} does not exist")
        self._registry.check_room(session_id)
        session = self._registry.existing(session_id)
        if session.state in (State.STOPPED, State.FAILED):
            await self._remember(session)
            session.prepare()
        elif not session.prepared:
            raise Conflict(
                f"session {session_id!r} is {session.state.value} here, and not this task's: it is"
                " ending"
            )
        self._expire(session)
        return session

    async def _render(self, request: web.Request) -> web.Response:
        """The pages that are open at the session's owner, before their visitors come here."""
        body = await json_body(
            request, REQUEST_SECONDS, {"owner": str, "fence": int, "pages": list}
        )
        session_id, rendered = request.match_info["id"], 0
        await self._must_be_senders(session_id, body)
        session = await self._registry.get(session_id)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RENDER_SECONDS):
                rendered = await session.render_ahead(body.get("pages", []))
        return web.json_response({"rendered": rendered})

    async def _accept(self, request: web.Request) -> web.Response:
        body = await json_body(
            request, REQUEST_SECONDS, {"fence": int, "changes": list, "again": bool}
        )
        session_id = request.match_info["id"]
        await self._must_own(session_id, body.get("fence"))
        session = await self._registry.get(session_id)
        changes = _changes(session, body)
        ready = session.prepared and session.state is State.STARTING
        await self._table.claim(session_id)
        self._forget(session_id)
        self._compare_later(session, {str(path) for _, path in changes})
        if session.prepared:
            session.own(changes)
        else:
            session.ensure_started()
            for event, path in changes:
                session.report_change(event, path)
        if body.get("again"):
            await session.restart()
        elif ready:
            await self._shown(session)
        self._end_turn(session_id)
        return web.json_response({"state": session.state.value})

    async def _shown(self, session: Session) -> None:
        """A session that was ready is routed to in a moment; one that installs is not
        waited for.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                while session.state is State.STARTING:
                    await session.changed()

    async def _remember(self, session: Session) -> None:
        self._before.pop(session.id, None)
        with contextlib.suppress(SessionError):
            self._before[session.id] = await self._registry.storage.call(
                "the project cannot be read", snapshot, session.root
            )

    def _compare_later(self, session: Session, reported: set[str]) -> None:
        before = self._before.pop(session.id, None)
        if before is not None:
            task = asyncio.create_task(
                self._compare(session, before, reported), name=f"edits of session {session.id}"
            )
            self._comparing.add(task)
            task.add_done_callback(self._comparing.discard)

    async def _compare(
        self, session: Session, before: dict[str, tuple[int, int]], reported: set[str]
    ) -> None:
        """Report the files that were written, added or removed since `before`, those of `reported`
        left out.
        """
        began, taken_on = time.monotonic(), time.time_ns()
        for seconds in COMPARED_AFTER_SECONDS:
            await asyncio.sleep(began + seconds - time.monotonic())
            if session.state is not State.READY or self._table.lease(session.id) is None:
                continue
            try:
                now = await self._registry.storage.call(
                    "the project cannot be read", snapshot, session.root
                )
            except SessionError:
                continue
            for event, path in differences(before, now, until_ns=taken_on + MARGIN_NS):
                if path not in reported:
                    session.report_change(event, Path(path))
            before, reported = now, set()

    async def _changes(self, request: web.Request) -> web.Response:
        body = await json_body(request, REQUEST_SECONDS, {"changes": list})
        await self._must_own(request.match_info["id"], None)
        session = await self._registry.get(request.match_info["id"])
        for event, path in _changes(session, body):
            session.report_change(event, path)
        return web.json_response({})

    async def _cancel(self, request: web.Request) -> web.Response:
        """The session stays with its owner. One that has become this task's meanwhile is left
        alone.
        """
        await json_body(request, REQUEST_SECONDS, {})
        session = await self._registry.get(request.match_info["id"])
        if session.prepared:
            await self._give_up(session)
        return web.json_response({})

    async def _moved(self, request: web.Request) -> web.Response:
        """The session has another owner. Who that is, the table says."""
        await json_body(request, REQUEST_SECONDS, {})
        await self._learn(request.match_info["id"])
        return web.json_response({})

    async def _must_be_senders(self, session_id: str, body: dict[str, Any]) -> None:
        """The sender has the session, as the table says, and this task has not."""
        lease = await self._table.read(session_id)
        if (
            lease is None
            or lease.owner is None
            or (lease.owner, lease.fence) != (body.get("owner"), body.get("fence"))
        ):
            raise NotAllowed(
                f"session {session_id!r} is not the sender's under fence {body.get('fence')!r}"
            )
        if lease.owner == self._table.owners.task.id:
            raise NotAllowed(f"session {session_id!r} is this task's already")

    async def _must_own(self, session_id: str, fence: Any) -> None:
        lease = await self._table.read(session_id)
        if (
            lease is None
            or lease.owner != self._table.owners.task.id
            or fence not in (None, lease.fence)
        ):
            raise NotAllowed(f"session {session_id!r} is not this task's under fence {fence!r}")

    def _keep_turn(self, session_id: str, give_back: Callable[[], None]) -> None:
        """Until the session is this task's, with pages rendered, or is not expected any more."""
        self._end_turn(session_id)
        self._kept_turns[session_id] = give_back
        asyncio.get_running_loop().call_later(TURN_KEPT_SECONDS, give_back)

    def _end_turn(self, session_id: str) -> None:
        if (give_back := self._kept_turns.pop(session_id, None)) is not None:
            give_back()

    def _expire(self, session: Session) -> None:
        async def later() -> None:
            await asyncio.sleep(PREPARED_SECONDS)
            if session.prepared:
                log.warning(
                    "session %s was prepared for a hand-over that did not come: it is ended here",
                    session.id,
                )
                await session.stop(release=False)

        self._forget(session.id)
        self._expiry[session.id] = asyncio.create_task(later(), name=f"expiry of {session.id}")

    def _forget(self, session_id: str) -> None:
        if (
            task := self._expiry.pop(session_id, None)
        ) is not None and task is not asyncio.current_task():
            task.cancel()

    async def _give_up(self, session: Session) -> None:
        self._forget(session.id)
        self._end_turn(session.id)
        with contextlib.suppress(SessionError):
            await session.stop(release=False)


def _patience(request: web.Request) -> float:
    """How long the session's owner lets it wait for its turn, in seconds."""
    try:
        return min(float(request.query["patience"]), LONGEST_TURN_SECONDS)
    except (KeyError, ValueError):
        return TURN_SECONDS


def differences(
    before: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]], *, until_ns: int
) -> list[tuple[messages.FileEvent, str]]:
    """File events from one snapshot to another, without what was written after `until_ns`."""
    found: list[tuple[messages.FileEvent, str]] = [
        ("unlink", path) for path in before.keys() - now.keys()
    ]
    for path, (modified, size) in now.items():
        if before.get(path) != (modified, size) and modified <= until_ns:
            found.append(("change" if path in before else "add", path))
    return sorted(found, key=lambda each: each[1])


def _changes(session: Session, body: dict[str, Any]) -> list[Change]:
    """The file events of a request, each of a file of the project."""
    found: list[Change] = []
    for entry in body.get("changes") or []:
        event, path = (
            (entry.get("event"), entry.get("path")) if isinstance(entry, dict) else (None, None)
        )
        if event not in EVENTS or not isinstance(path, str):
            raise BadRequest('a change is not {"event": "add", "change" or "unlink", "path": "…"}')
        kind: messages.FileEvent = event
        found.append((kind, session.root.joinpath(*split_path(path))))
    return found
