"""Requests for sessions of other tasks: the visitor's get a route to the owner, the API's are
forwarded.

Asked by a peer, a task answers for its own sessions only, and says so otherwise (`NOT_OWNER`); the
edge then asks the table again. So a request is forwarded once at most.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from aiohttp import web

from .bodies import READ, sent_in_time
from .errors import Draining, SessionError, TooManySessions
from .ownership.model import Task
from .ownership.service import OwnedElsewhere
from .peers.forward import NotOwner
from .peers.headers import FROM_PEER, NOT_OWNER, TO_TASK
from .registry import SessionRegistry
from .service import Service, SharedService

SILENT_OWNER_SECONDS: Final = 10.0
"""How long a request waits for another owner when the one that the table names does not answer: a
lease and what a claim takes.
"""
LOOK_SECONDS: Final = 0.25
MOVES: Final = 3
"""A session that moves so often while one request looks for it is a fault."""
MAX_KEPT_BYTES: Final = 1024 * 1024
"""Of a body that is kept so that it can be sent again, should the session move at that moment. The
sender of a longer one tries again.
"""
BODY_SECONDS: Final = 60.0


class Elsewhere:
    """What this task answers when it is not the session's owner. Where it is the only task,
    nothing.
    """

    def __init__(self, service: Service, registry: SessionRegistry) -> None:
        self._service = service if isinstance(service, SharedService) else None
        self._registry = registry

    def from_peer(self, request: web.Request) -> bool:
        """Whether another task has forwarded the request. At a port that anybody may reach, the
        header proves nothing.
        """
        return self._service is not None and FROM_PEER in request.headers and over_socket(request)

    # Visitors

    async def answer(self, request: web.Request, session_id: str) -> web.Response | None:
        """None when this task is the session's owner, or may become it. Raises `Unowned`."""
        if self._service is None:
            return None
        task = await self._registry.ownership.owner(session_id)
        if task is not None and self.from_peer(request):
            return not_owner()
        if task is not None and task.id == request.headers.get(TO_TASK):
            task = await self._after(session_id, task)
        return None if task is None else await _to(self._service, request, session_id, task)

    async def instead(
        self, request: web.Request, session_id: str, error: SessionError
    ) -> web.Response | None:
        """What a visitor gets instead of `error`; None when it is this task's to tell."""
        if self._service is None or not isinstance(
            error, OwnedElsewhere | TooManySessions | Draining
        ):
            return None
        if self.from_peer(request):
            return not_owner()
        task = (
            error.task
            if isinstance(error, OwnedElsewhere)
            else await self._service.with_room(but=request.headers.get(TO_TASK, ""))
        )
        return None if task is None else await _to(self._service, request, session_id, task)

    async def _after(self, session_id: str, silent: Task) -> Task | None:
        """The owner once it is another one than `silent`, which the request could not reach; None:
        nobody.
        """
        deadline = time.monotonic() + SILENT_OWNER_SECONDS
        task: Task | None = silent
        while task is not None and task.id == silent.id and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            task = await self._registry.ownership.owner(session_id)
        return task

    # The API

    async def answer_api(self, request: web.Request, session_id: str) -> web.StreamResponse | None:
        """The owner's answer; None when this task is the owner, or nobody."""
        if self._service is None:
            return None
        task = await self._registry.ownership.owner(session_id)
        if task is not None and self.from_peer(request):
            raise OwnedElsewhere(session_id, task)
        for _ in range(MOVES):
            if task is None:
                return None
            body = await _kept_body(request)
            try:
                return await self._service.forwarder.forward(request, task, body)
            except NotOwner:
                if body is None and request.can_read_body:
                    raise
            task = await self._registry.ownership.owner(session_id)
        raise NotOwner(
            f"session {session_id!r} changes hands faster than it can be found. Send the request"
            " again"
        )

    async def instead_api(
        self, request: web.Request, error: SessionError
    ) -> web.StreamResponse | None:
        """Another task's answer instead of `error`; None when it is this task's to tell."""
        if (
            self._service is None
            or self.from_peer(request)
            or not isinstance(error, OwnedElsewhere | TooManySessions | Draining)
        ):
            return None
        task = (
            error.task
            if isinstance(error, OwnedElsewhere)
            else await self._service.with_room(but=request.headers.get(TO_TASK, ""))
        )
        return (
            None
            if task is None
            else await self._service.forwarder.forward(request, task, request.get(READ))
        )


async def _to(
    service: SharedService, request: web.Request, session_id: str, task: Task
) -> web.Response:
    """Route the session to `task`, and have the client ask again."""
    try:
        await service.route_to(session_id, task)
    except SessionError as error:
        return web.Response(status=error.status, headers={"Retry-After": "1"})
    if "upgrade" in request.headers:  # HMR clients try again by themselves, and follow no redirect
        return web.Response(status=503, headers={"Retry-After": "0"})
    # One slash only: two would name another host.
    location = "/" + request.raw_path.lstrip("/\\")
    return web.Response(status=307, headers={"Location": location, "Cache-Control": "no-store"})


async def _kept_body(request: web.Request) -> bytes | None:
    """The body of a request that another task may be asked to answer again; None when there is
    none, or it is too long to be kept.
    """
    if READ not in request:
        if (
            not request.can_read_body
            or request.content_length is None
            or request.content_length > MAX_KEPT_BYTES
        ):
            return None
        request[READ] = await sent_in_time(request.read(), BODY_SECONDS)
    return request[READ]


def over_socket(request: web.Request) -> bool:
    """Whether the request came through this task's Envoy, which alone has the Unix sockets'
    addresses.
    """
    return request.transport is not None and not isinstance(
        request.transport.get_extra_info("sockname"), tuple
    )


def not_owner() -> web.Response:
    """For the edge, never for a browser."""
    return web.Response(status=421, headers={NOT_OWNER: "1", "Cache-Control": "no-store"})
