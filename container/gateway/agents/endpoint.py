"""`POST /sessions/{id}/mcp`: hands requests to the SDK's application (ASGI), its answers back."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from .. import openapi
from ..access import CALLER as CREDENTIAL_OF
from ..bodies import body_bytes
from ..errors import Crowded, TooLarge
from ..registry import SessionRegistry
from ..settings import Configuration
from ..tokens import TokenService
from .calls import Caller, Calls, own_url
from .rendered import RenderedPages
from .tools import tools_of

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

MOST_MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""Of a request, the SDK's default. Larger files are for the API itself."""
MOST_REQUESTS: Final = 64
"""Of all sessions at a time, each with its message in memory."""
MOST_OF_SESSION: Final = 16
"""One session's agents keep no other's out."""


class McpEndpoint:
    """Of all sessions."""

    def __init__(
        self,
        configuration: Configuration,
        registry: SessionRegistry,
        tokens: TokenService,
    ) -> None:
        settings, contract = configuration.settings, configuration.contract
        self._registry = registry
        self._calls = Calls(own_url(settings.bind_address, contract.api_port))
        visitors = own_url(settings.bind_address, contract.session_port)
        self._pages = RenderedPages(contract, registry, tokens, visitors)
        self._seconds = settings.request_timeout_seconds
        self._starting = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._requests: Counter[str] = Counter()

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session. Without sessions of MCP there is nothing to GET or
        DELETE: 405, as the protocol says.
        """
        return [web.post(session + "/mcp", self._post)]

    async def lifetime(self, _application: web.Application) -> AsyncIterator[None]:
        """For `cleanup_ctx`."""
        yield
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self._calls.close()

    async def _post(self, request: web.Request) -> web.Response:
        session = await self._registry.get(request.match_info["id"])
        if self._requests[session.id] >= MOST_OF_SESSION or self._requests.total() >= MOST_REQUESTS:
            raise Crowded(
                f"{MOST_OF_SESSION} requests of this session's agents, or {MOST_REQUESTS} of all,"
                " are under way. Try again in a moment"
            )
        self._requests[session.id] += 1
        try:
            body = await body_bytes(request, self._seconds, MOST_MESSAGE_BYTES)
            if len(body) > MOST_MESSAGE_BYTES:
                raise TooLarge(
                    f"the message is larger than {MOST_MESSAGE_BYTES} bytes. Larger files are"
                    " written through the API"
                )
            caller = Caller(
                session_id=session.id,
                authorization=request.headers.get("Authorization", ""),
                credential=request[CREDENTIAL_OF],
            )
            return await self._answered(request, body, caller)
        finally:
            self._requests[session.id] -= 1
            self._requests += Counter()  # without those of none

    async def _answered(self, request: web.Request, body: bytes, caller: Caller) -> web.Response:
        manager = await self._started()
        from .server import CALLER

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "raw_path": request.raw_path.partition("?")[0].encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.raw_headers],
            "client": None,
            "server": None,
            CALLER: caller,
        }
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])
        status, headers, parts = 500, [], []

        async def receive() -> dict[str, Any]:
            if message := next(messages, None):
                return message
            await asyncio.Event().wait()  # a client that goes away is not waited for
            raise AssertionError

        async def send(message: Any) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
            else:
                parts.append(message.get("body", b""))

        await manager.handle_request(scope, receive, send)
        kept = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in headers
            if name.lower() != b"content-length"
        }
        return web.Response(
            status=status,
            body=b"".join(parts),
            headers={**kept, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        )

    async def _started(self) -> StreamableHTTPSessionManager:
        """The SDK, imported in a thread: the event loop goes on meanwhile."""
        async with self._starting:
            if self._manager is None:
                description = openapi.document()
                server = await asyncio.to_thread(_import_server)
                tools = tools_of(description)
                made = server.McpServer(
                    tools, self._calls, self._pages, description["info"]["version"]
                )
                manager = made.manager(MOST_MESSAGE_BYTES)
                ready = asyncio.Event()
                self._keeper = asyncio.create_task(_keep(manager, ready))
                await ready.wait()
                self._manager = manager
            return self._manager


def _import_server() -> Any:
    from . import server

    return server


async def _keep(manager: StreamableHTTPSessionManager, ready: asyncio.Event) -> None:
    """Its tasks live in this one."""
    async with manager.run():
        ready.set()
        await asyncio.Event().wait()
