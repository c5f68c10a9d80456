"""A sign-in ends when its session does, when it is revoked, and when its browser signs out; nobody
else's does (S8).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import psutil
import pytest
from aiohttp import WSMsgType

from container.gateway.epochs import new_epoch

from .harness import Gateway, running_gateway, websocket


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A round of housekeeping every three seconds. Session `neighbour` runs."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_SESSION_IDLE_SECONDS="12",
        ASTRO_LIVE_MAX_SESSIONS="8",
    ) as running:
        asyncio.run(running.start("neighbour"))
        yield running


async def status(gateway: Gateway, session: str, cookie: dict[str, str], path: str = "") -> int:
    return (await gateway.get(f"/session/{session}/{path}", headers=cookie)).status


async def pid(gateway: Gateway, session: str) -> int:
    return int((await gateway.api("GET", f"/api/v1/sessions/{session}")).json["pid"])


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
async def test_a_cookie_does_not_outlive_its_session(gateway: Gateway, running: bool) -> None:
    """Deleted and created again under its name: neither an old cookie nor an old link opens it; the
    neighbour's still do.
    """
    name, neighbour = f"again-{running}".lower(), gateway.cookie("neighbour")
    await gateway.api("POST", "/api/v1/sessions", body={"id": name})
    link = (await gateway.api("POST", f"/api/v1/sessions/{name}/tokens")).json["token"]
    cookie = gateway.cookie(name)
    assert await status(gateway, name, cookie) == 200
    assert (await gateway.api("DELETE", f"/api/v1/sessions/{name}")).status == 204
    assert await status(gateway, name, cookie) == 404
    await gateway.api("POST", "/api/v1/sessions", body={"id": name})
    if not running:
        await gateway.api("POST", f"/api/v1/sessions/{name}/stop")
    assert await status(gateway, name, cookie) == 404
    assert await status(gateway, name, cookie, "__astro_live/status") == 404
    assert await status(gateway, name, {}, f"?astro_live_token={link}") == 404
    assert await gateway.state(name) == ("ready" if running else "stopped"), (
        "an old cookie must not start it either"
    )
    assert await status(gateway, "neighbour", neighbour) == 200
    await gateway.api("DELETE", f"/api/v1/sessions/{name}")


async def test_revoking_ends_cookies_links_and_open_sockets_at_once(gateway: Gateway) -> None:
    """Of this session only; a link that is made afterwards opens it again."""
    cookie, neighbour = await gateway.start("revoked"), gateway.cookie("neighbour")
    link = (await gateway.api("POST", "/api/v1/sessions/revoked/tokens")).json["token"]
    server = await pid(gateway, "neighbour")
    async with (
        websocket(gateway, "/session/revoked/socket", cookie) as socket,
        websocket(gateway, "/session/neighbour/socket", neighbour) as untouched,
    ):
        assert (await gateway.api("DELETE", "/api/v1/sessions/revoked/tokens")).status == 204
        assert await status(gateway, "revoked", cookie) == 404
        assert await status(gateway, "revoked", {}, f"?astro_live_token={link}") == 404
        assert (await socket.receive(timeout=5)).type in (
            WSMsgType.CLOSE,
            WSMsgType.CLOSED,
            WSMsgType.CLOSING,
        )
        await untouched.send_str("still here")
        assert (await untouched.receive(timeout=5)).data == "still here"
    assert (await pid(gateway, "neighbour"), await status(gateway, "neighbour", neighbour)) == (
        server,
        200,
    )
    fresh = (await gateway.api("POST", "/api/v1/sessions/revoked/tokens")).json["token"]
    assert await status(gateway, "revoked", {}, f"?astro_live_token={fresh}") == 303
    assert await status(gateway, "revoked", gateway.cookie("revoked")) == 200


async def test_a_revocation_by_another_task_is_followed(gateway: Gateway) -> None:
    """Every task reads the epoch from the shared disk: at each start, for each link, and of what
    runs every few seconds.
    """
    cookie = await gateway.start("elsewhere")
    new_epoch(gateway.sites, "elsewhere")
    for _ in range(150):
        if await status(gateway, "elsewhere", cookie) == 404:
            break
        await asyncio.sleep(0.1)
    assert await status(gateway, "elsewhere", cookie) == 404
    await gateway.until("elsewhere", "ready")
    assert await status(gateway, "elsewhere", gateway.cookie("elsewhere")) == 200


async def test_revoking_signs_out_of_a_stopped_session_too(gateway: Gateway) -> None:
    cookie = await gateway.start("sleeping")
    await gateway.api("POST", "/api/v1/sessions/sleeping/stop")
    assert (await gateway.api("DELETE", "/api/v1/sessions/sleeping/tokens")).status == 204
    assert await status(gateway, "sleeping", cookie) == 404
    assert await gateway.state("sleeping") == "stopped"
    assert (await gateway.api("DELETE", "/api/v1/sessions/nobody/tokens")).status == 404


async def test_signing_out_takes_the_cookies_away(gateway: Gateway) -> None:
    """By a POST of the session's own pages; a stranger's and another origin's change nothing."""
    cookie, path = gateway.cookie("neighbour"), "/session/neighbour/__astro_live/sign-out"
    assert (await gateway.get(path, method="POST")).status == 404
    assert (
        await gateway.get(path, method="POST", headers={**cookie, "Origin": "https://evil.test"})
    ).status == 403
    assert (await gateway.get(path, headers=cookie)).status == 404
    answer = await gateway.get(
        path, method="POST", headers={**cookie, "Origin": gateway.public_url}
    )
    assert answer.status == 200
    assert [line.split("; ")[:3] for line in answer.headers.getall("Set-Cookie")] == [
        [f"{name}=", "Path=/session/neighbour/", "Max-Age=0"]
        for name in ("astro_live_session", "astro_live_fresh")
    ]


async def test_a_new_control_plane_knows_the_epoch(gateway: Gateway) -> None:
    """Its routes admit the same cookies, without reading the disk."""
    cookie = await gateway.start("adopted")
    await gateway.api("DELETE", "/api/v1/sessions/adopted/tokens")
    revoked, cookie = cookie, gateway.cookie("adopted")
    children = psutil.Process(gateway.process.pid).children()
    control = next(
        child.pid for child in children if "container.gateway.control" in child.cmdline()
    )
    os.kill(control, signal.SIGKILL)
    for _ in range(3):
        assert await status(gateway, "adopted", cookie) == 200
        assert await status(gateway, "adopted", revoked) == 404
        await gateway.ready()
