"""The smoke test notices what it is for: a gateway that lets unauthenticated clients in, is away, or serves something else (S8, S24)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from scripts.release.errors import ReleaseError
from scripts.release.smoke import Target, smoke


async def serve(page: int, socket: int) -> tuple[web.AppRunner, str]:
    """A server on loopback that answers the session's page and its WebSocket with these status codes (101 admits)."""

    async def show_page(_: web.Request) -> web.Response:
        return web.Response(status=page)

    async def show_socket(request: web.Request) -> web.StreamResponse:
        if socket != 101:
            return web.Response(status=socket)
        admitted = web.WebSocketResponse(protocols=("vite-hmr",))
        await admitted.prepare(request)
        return admitted

    app = web.Application()
    app.router.add_get("/session/smoke-test/", show_page)
    app.router.add_get("/session/smoke-test/_hmr", show_socket)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def server(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    runner, url = await serve(*request.param)
    yield url
    await runner.cleanup()


@pytest.mark.parametrize("server", [(401, 403)], indirect=True)
async def test_refusals_pass(server: str) -> None:
    """A gateway that refuses unauthenticated clients passes both checks."""
    passed = await smoke(Target(session_url_pattern=f"{server}/session/{{id}}/"))
    assert [line.rsplit(": ", 1)[1] for line in passed] == ["refused with 401", "refused with 403"]


@pytest.mark.parametrize("server", [(200, 403)], indirect=True)
async def test_a_page_for_strangers_fails(server: str) -> None:
    """A page without a cookie is a failure."""
    with pytest.raises(ReleaseError, match="without a cookie answered 200"):
        await smoke(Target(session_url_pattern=f"{server}/session/{{id}}/"))


@pytest.mark.parametrize("server", [(401, 101)], indirect=True)
async def test_a_socket_for_strangers_fails(server: str) -> None:
    """A WebSocket without a cookie is a failure."""
    with pytest.raises(ReleaseError, match="was let in"):
        await smoke(Target(session_url_pattern=f"{server}/session/{{id}}/"))


@pytest.mark.parametrize("server", [(502, 502)], indirect=True)
async def test_a_dead_gateway_fails(server: str) -> None:
    """The load balancer's own 502 does not pass for a refusal."""
    with pytest.raises(ReleaseError, match="answered 502"):
        await smoke(Target(session_url_pattern=f"{server}/session/{{id}}/"))


async def test_nobody_listening_is_one_line() -> None:
    """A refused connection names the address."""
    runner, url = await serve(401, 401)
    await runner.cleanup()
    with pytest.raises(ReleaseError, match=f"cannot reach {url}"):
        await smoke(Target(session_url_pattern=f"{url}/session/{{id}}/"))
