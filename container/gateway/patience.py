"""Connections of the API's port that ask nothing: aiohttp waits for the end of a request's head for
ever, and takes any number of them.

A `Guard` stands between a connection and aiohttp's protocol. It closes a connection whose request
is not complete in time, and, when there are too many, the one that has been without a request for
longest: a client that holds connections open keeps nobody else out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, cast

from aiohttp import web

HEAD_SECONDS: Final = 10.0
"""From the first byte of a request to the end of its head, as at Envoy's port
(`envoy/bootstrap.py`).
"""

MOST_CONNECTIONS: Final = 512
"""Connections without a request under way. A health check, and programs that keep some alive, need
a few.
"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard(asyncio.Protocol):
    """One connection."""

    def __init__(self, inner: asyncio.Protocol, guards: Guards) -> None:
        self._inner = inner
        self._guards = guards
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unread = False
        self.busy = 0
        """Requests under way."""
        self.open = True

    # What the connection does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._guards.opened(self)
        self._expect()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.busy:
            self._unread = True  # a body, or the next request already
        elif self._timer is None:
            self._expect()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        self.open = False
        self._guards.closed(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    # What the application says

    def begin(self) -> None:
        """A request's head is complete."""
        self.busy += 1
        self._unread = False
        self._guards.began(self)
        self._relax()

    def end(self) -> None:
        """It is answered."""
        self.busy -= 1
        if not self.busy:
            self._guards.rested(self)
            if self._unread:
                self._expect()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _expect(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._guards.head_seconds, self.close)

    def _relax(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Guards:
    """All connections of a port."""

    def __init__(
        self, *, head_seconds: float = HEAD_SECONDS, maximum: int = MOST_CONNECTIONS
    ) -> None:
        self.head_seconds = head_seconds
        self._maximum = maximum
        self._open: dict[Guard, None] = {}
        """Those without a request under way, in the order in which they last had one."""

    def protocol(self, make: Callable[[], asyncio.Protocol]) -> Callable[[], Guard]:
        """What the event loop makes for each connection; `make` makes aiohttp's protocol."""
        return lambda: Guard(make(), self)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The outermost of the application."""
        guard = self._of(request)
        if guard is None:
            return await handler(request)
        guard.begin()
        try:
            return await handler(request)
        finally:
            guard.end()

    def _of(self, request: web.Request) -> Guard | None:
        protocol = None if request.transport is None else request.transport.get_protocol()
        return protocol if isinstance(protocol, Guard) else None

    def opened(self, guard: Guard) -> None:
        self._open[guard] = None
        if len(self._open) > self._maximum:
            for other in self._open:
                other.close()
                break

    def began(self, guard: Guard) -> None:
        self._open.pop(guard, None)

    def rested(self, guard: Guard) -> None:
        if guard.open:
            self._open[guard] = None

    def closed(self, guard: Guard) -> None:
        self._open.pop(guard, None)
