"""The smoke test notices what it is for: a gateway that lets unauthenticated clients in, is away,
or serves something else (S8, S24).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from scripts.release.errors import ReleaseError
from scripts.release.smoke import Target, smoke, unreachable, unresolved


async def serve(page: int, socket: int) -> tuple[web.AppRunner, str]:
    """A server on loopback that answers the session's page and its WebSocket with these status
    codes (101 admits).
    """

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


class BuiltSites:
    """A service in production mode: its API says what a session serves, and its pages are built.
    Pages wait `waits` times first.
    """

    def __init__(self, *, page: str, waits: int = 0, status: int = 200) -> None:
        self._page, self._waits, self._status = page, waits, status
        self.deleted: list[str] = []

    async def create(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"id": (await request.json())["id"], "state": "ready", "build": {"serving": 1}},
            status=201,
        )

    async def token(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        return web.json_response(
            {"url": f"http://{request.host}/session/{name}/?astro_live_token=x"}, status=201
        )

    async def delete(self, request: web.Request) -> web.Response:
        self.deleted.append(request.match_info["id"])
        return web.Response(status=204)

    async def show(self, request: web.Request) -> web.Response:
        if request.match_info["id"] == "smoke-test":
            return web.Response(status=404)
        self._waits -= 1
        return web.Response(
            status=503 if self._waits >= 0 else self._status,
            text=self._page,
            content_type="text/html",
        )

    async def no_socket(self, _: web.Request) -> web.Response:
        return web.Response(status=404)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Target]:
        app = web.Application()
        app.router.add_post("/api/v1/sessions", self.create)
        app.router.add_post("/api/v1/sessions/{id}/tokens", self.token)
        app.router.add_delete("/api/v1/sessions/{id}", self.delete)
        app.router.add_get("/session/{id}/_hmr", self.no_socket)
        app.router.add_get("/session/{id}/", self.show)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield Target(
                session_url_pattern=f"{url}/session/{{id}}/",
                api_url=f"{url}/api/v1",
                api_token="secret",
            )
        finally:
            await runner.cleanup()


async def test_a_built_site_passes_without_a_live_page() -> None:
    """In production mode there is no HMR to wait for: the page is what counts, once the build is
    over. Its session is deleted.
    """
    service = BuiltSites(page="<h1>built</h1>", waits=1)
    async with service.served() as target:
        passed = await smoke(target)
    assert passed[-1] == "page of a new session: 14 bytes, built (NODE_ENV=production)"
    assert len(service.deleted) == 1


async def test_a_built_site_that_fails_is_a_failure() -> None:
    """And its session is deleted all the same."""
    service = BuiltSites(page="", status=500)
    async with service.served() as target:
        with pytest.raises(ReleaseError, match="answered 500"):
            await smoke(target)
    assert len(service.deleted) == 1


async def test_a_name_that_does_not_resolve_is_not_smoke_tested() -> None:
    """The first deployment without a hosted zone: the record comes after it. A refused connection
    is the smoke test's matter.
    """
    assert unresolved("https://edit.example.invalid") == "edit.example.invalid"
    assert "edit.example.invalid has no address" in unreachable("https://edit.example.invalid")
    runner, url = await serve(401, 401)
    assert (unresolved(url), unreachable(url)) == ("", "")
    await runner.cleanup()
    assert unreachable(url) == ""
