"""`GET …/events`: what happens to a session, as server-sent events
(https://html.spec.whatwg.org/multipage/server-sent-events.html).

A reader begins with the `state` as it is and the problems that are known, or goes on after the
event that `Last-Event-ID` names. It never holds anything up and keeps no session alive. One that
does not read is cut off; one that is slow is told by a `lost` event what it has missed. The stream
ends with an `end` event when the session leaves the task; the client then connects again, and any
task forwards it to the next owner.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from .bodies import query
from .errors import Crowded, SessionError
from .event_models import KINDS
from .events import Entry, Reader, encoded, lost
from .ownership.service import Unowned
from .problem_watch import ProblemWatch, ProblemWatches
from .registry import SessionRegistry
from .sessions import Session
from .standing import STANDING

MOST_READERS: Final = 20
"""Of one session."""
MOST_READERS_OF_TASK: Final = 300
TICK_SECONDS: Final = 5.0
"""Between two comments in a stream without events: well below the idle timeouts of proxies."""
OWNER_SECONDS: Final = 10.0
"""How often the owner of a session that does not run here is asked for."""
WRITE_SECONDS: Final = 30.0
"""A reader that takes nothing off its connection for so long is cut off."""
RETRY_MS: Final = 1000

CONTENT_TYPE: Final = "text/event-stream"
HEARTBEAT: Final = b":\n"
"""A comment, without the empty line that ends an event: some clients report an event for it."""


class EventsApi:
    """Handlers below `/sessions/{id}`."""

    def __init__(self, registry: SessionRegistry) -> None:
        self._registry = registry
        self._watches = ProblemWatches()
        self._readers = 0

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        return [
            web.get(session + "/events", self._events),
            web.get(session + "/viewers", self._viewers),
        ]

    async def _viewers(self, request: web.Request) -> web.Response:
        query(request)
        session = await self._registry.get(request.match_info["id"])
        return web.json_response(
            session.presence.view().model_dump(mode="json"), headers={"Cache-Control": "no-store"}
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        query(request)
        session = await self._registry.get(request.match_info["id"])
        async with self._reading(session) as watch:
            response = web.StreamResponse(
                headers={
                    "Content-Type": CONTENT_TYPE,
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",
                }
            )
            await response.prepare(request)
            with contextlib.suppress(ConnectionError, TimeoutError):
                await self._stream(request, response, session, watch)
            return response

    @contextlib.asynccontextmanager
    async def _reading(self, session: Session) -> AsyncIterator[ProblemWatch]:
        """Count a reader, and have the session's problems looked for while there is one."""
        events = session.events
        if events.readers >= MOST_READERS:
            raise Crowded(
                f"{MOST_READERS} clients read the events of this session already. End one of them"
            )
        if self._readers >= MOST_READERS_OF_TASK:
            raise Crowded(
                f"{MOST_READERS_OF_TASK} clients read events of this task's sessions already. End"
                " one of them"
            )
        events.readers += 1
        self._readers += 1
        try:
            yield self._watches.begin(session)
        finally:
            events.readers -= 1
            self._readers -= 1
            if events.readers == 0:
                await self._watches.end(session)

    async def _stream(
        self,
        request: web.Request,
        response: web.StreamResponse,
        session: Session,
        watch: ProblemWatch,
    ) -> None:
        reader, goes_on = session.events.reader(request.headers.get("Last-Event-ID"))
        await self._send(request, response, _opening(session, watch, reader, goes_on))
        asked = time.monotonic()
        while request.transport is not None and not request.transport.is_closing():
            found = await reader.next(TICK_SECONDS)
            if not await request[
                STANDING
            ].holds():  # revoked, or expired: the next request is told so
                await response.write_eof()
                return
            await self._send(
                request, response, b"".join(_framed(*each) for each in found) or HEARTBEAT
            )
            if any(entry.kind == "end" for _, entry in found):
                await response.write_eof()
                return
            if time.monotonic() - asked > OWNER_SECONDS:
                asked = time.monotonic()
                if await self._is_elsewhere(session):
                    session.events.end("moved")

    async def _send(self, request: web.Request, response: web.StreamResponse, data: bytes) -> None:
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await response.write(data)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise

    async def _is_elsewhere(self, session: Session) -> bool:
        """Whether another task has started a session that did not run here."""
        if self._registry.runs(session.id):
            return False
        with contextlib.suppress(Unowned, SessionError):
            return await self._registry.ownership.owner(session.id) is not None
        return False


def _opening(session: Session, watch: ProblemWatch, reader: Reader, goes_on: bool | None) -> bytes:
    """What a reader gets first."""
    if goes_on:
        return HEARTBEAT
    entries = [] if goes_on is None else [lost("unknown")]
    now = time.time()
    entries.append(_entry("state", {"at": now, **session.state_event()}))
    for key, problem in watch.known:
        entries.append(_entry("problem", {"at": now, "id": key, "problem": problem}))
    # With an event: some clients take the field for one, when it is by itself.
    return f"retry: {RETRY_MS}\n".encode() + b"".join(
        _framed(reader.id, entry) for entry in entries
    )


def _entry(kind: str, data: dict[str, object]) -> Entry:
    assert kind in KINDS
    return Entry(0, kind, encoded({**data, "kind": kind}))


def _framed(event_id: str, entry: Entry) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        event_id.encode(),
        entry.kind.encode(),
        entry.data,
    )
