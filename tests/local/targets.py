"""Targets behind the load balancer under test: they answer with what they received."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web


@dataclass
class Target:
    """One target on `address:4321`, its health on 8080."""

    address: str
    healthy: bool = True
    requests: list[web.Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Echo a WebSocket; answer anything else with the request as JSON."""
        self.requests.append(request)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            socket = web.WebSocketResponse(protocols=("vite-hmr",))
            await socket.prepare(request)
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.send_str(f"{self.address} {message.data}")
            return socket
        if request.path.endswith("/slow"):
            await asyncio.sleep(30)
        body = {
            "target": self.address,
            "path": request.raw_path,
            "headers": {k.lower(): v for k, v in request.headers.items()},
        }
        headers = {"Server": "target", "Strict-Transport-Security": "max-age=1"}
        return web.json_response(body, headers=headers)

    async def health(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if self.healthy else 503)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[Target]:
        sessions, api = web.Application(), web.Application()
        sessions.router.add_route("*", "/{path:.*}", self.answer)
        api.router.add_get("/health/ready", self.health)
        runners = [
            web.AppRunner(application, shutdown_timeout=0.1) for application in (sessions, api)
        ]
        for runner, port in zip(runners, (4321, 8080), strict=True):
            await runner.setup()
            await web.TCPSite(runner, self.address, port).start()
        try:
            yield self
        finally:
            for runner in runners:
                await runner.cleanup()
