"""Each session on its own host: cookies, origins and names (S28)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

import pytest

from .harness import Answer, Gateway, running_gateway, websocket

DEMO, OTHER, ASLEEP = (f"{name}.edit.example.test" for name in ("demo", "other", "asleep"))
NAVIGATION: Final = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Sessions `demo` and `other` run, `asleep` does not."""
    with running_gateway(tmp_path_factory.mktemp("hosts"), ASTRO_LIVE_ROUTING="host") as running:
        asyncio.run(running.start("demo"))
        asyncio.run(running.start("other"))
        running.make_site("asleep")
        yield running


async def ask(
    gateway: Gateway,
    host: str,
    path: str = "/",
    *,
    method: str = "GET",
    cookie: str = "",
    **headers: str,
) -> Answer:
    """As a browser at `host`, signed in to the session `cookie`."""
    signed = gateway.cookie(cookie) if cookie else {}
    return await gateway.get(
        path,
        method=method,
        headers={"Host": host, **signed, **{k.replace("_", "-"): v for k, v in headers.items()}},
    )


async def test_a_session_is_at_the_root_of_its_host(gateway: Gateway) -> None:
    """The site gets the path as it is, the host as the browser sees it, and no cookie of the
    gateway.
    """
    echo = (await ask(gateway, DEMO, "/echo?a=1", cookie="demo")).json
    headers = {name.lower(): value for name, value in echo["headers"]}
    assert echo["path"] == "/echo?a=1"
    assert headers["host"] == headers["x-forwarded-host"] == DEMO
    assert headers["x-forwarded-proto"] == "https"
    assert "cookie" not in headers
    start = (await ask(gateway, DEMO, "/start", cookie="demo")).json
    assert start["base"] == "/"
    assert start["publicUrl"] == f"https://{DEMO}"
    assert start["allowedHosts"] == [DEMO]
    assert (await gateway.api("GET", "/api/v1/sessions/demo")).json["url"] == f"https://{DEMO}/"


async def test_paths_of_the_sites_own_are_the_sites(gateway: Gateway) -> None:
    """`/session/…` and `/api/…` mean nothing on a session's host."""
    for path in ("/session/other/echo", "/api/v1/sessions"):
        assert (await ask(gateway, DEMO, path, cookie="demo")).status == 200


async def test_a_link_signs_in_on_its_own_host_only(gateway: Gateway) -> None:
    """The cookie is bound to the host by its name: Secure, every path, no domain."""
    link = (await gateway.api("POST", "/api/v1/sessions/demo/tokens")).json["url"]
    assert link.startswith(f"https://{DEMO}/?astro_live_token=")
    path = link.removeprefix(f"https://{DEMO}")
    assert (await ask(gateway, OTHER, path)).status == 404
    answer = await ask(gateway, DEMO, path)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    lines = answer.headers.getall("Set-Cookie")
    assert [line.partition("=")[0] for line in lines] == [
        "__Host-astro_live_session",
        "__Host-astro_live_fresh",
    ]
    for line in lines:
        assert "; Path=/; " in line
        assert "; Secure" in line
        assert "Domain" not in line
    new = "; ".join(line.partition(";")[0] for line in lines)
    assert (
        await gateway.get("/", headers={"Host": DEMO, "Cookie": new, **NAVIGATION})
    ).status == 200
    assert (await ask(gateway, DEMO, path)).status == 404, "a link is used once"


@pytest.mark.parametrize("host", [OTHER, ASLEEP, "edit.example.test", "nobody.edit.example.test"])
async def test_one_sessions_cookie_opens_no_other_host(gateway: Gateway, host: str) -> None:
    """Nor does it tell which sessions exist."""
    assert (await ask(gateway, host, cookie="demo")).status == 404
    assert (await ask(gateway, host)).status == 404


@pytest.mark.parametrize(
    "host",
    [
        "demo.evil.test",
        "demo.edit.example.test.evil.test",
        "x.demo.edit.example.test",
        "edit.example.test",
        "demo.edit.example.test:444",
    ],
)
async def test_a_host_that_is_no_sessions_gets_nothing(gateway: Gateway, host: str) -> None:
    """Whatever the cookie."""
    assert (await ask(gateway, host, cookie="demo")).status == 404
    assert (await ask(gateway, host, cookie="demo", **NAVIGATION)).status == 404


@pytest.mark.parametrize(
    "origin",
    [
        f"https://{OTHER}",
        "https://edit.example.test",
        f"http://{DEMO}",
        "null",
        "https://evil.test",
    ],
)
async def test_every_other_origin_is_foreign(gateway: Gateway, origin: str) -> None:
    """Upgrades and writes, also for a session that does not run."""
    write = await ask(gateway, DEMO, "/echo", method="POST", cookie="demo", Origin=origin)
    assert write.status == 403
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec_WebSocket_Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
        "Sec_WebSocket_Version": "13",
    }
    assert (
        await ask(gateway, DEMO, "/socket", cookie="demo", Origin=origin, **upgrade)
    ).status == 403
    assert (
        await ask(gateway, ASLEEP, "/", method="POST", cookie="asleep", Origin=origin)
    ).status == 403
    assert await gateway.state("asleep") == "stopped"


async def test_the_own_origin_may_write_and_open_sockets(gateway: Gateway) -> None:
    """On its own host."""
    assert (
        await ask(gateway, DEMO, "/echo", method="POST", cookie="demo", Origin=f"https://{DEMO}")
    ).status == 200
    headers = {**gateway.cookie("demo"), "Host": DEMO, "Origin": f"https://{DEMO}"}
    async with websocket(gateway, "/socket", headers) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"


@pytest.mark.parametrize("path", ["/__open-in-editor?file=x", "/__inspect/", "/__OPEN-IN-EDITOR"])
async def test_the_dev_servers_own_doors_are_closed(gateway: Gateway, path: str) -> None:
    """At the root as below a prefix."""
    assert (await ask(gateway, DEMO, path, cookie="demo")).status == 404


async def test_a_page_visit_renews_the_cookie_and_stays_on_the_host(gateway: Gateway) -> None:
    """No path makes the redirect name another host."""
    for path in ("/a?x=1", "//evil.test/a", "/\\evil.test"):
        headers = {"Host": DEMO, **gateway.cookie("demo", fresh=False), **NAVIGATION}
        answer = await gateway.get(path, headers=headers)
        assert answer.status in (303, 400)
        location = answer.headers.get("Location", "/")
        assert location.startswith("/")
        assert location[1:2] not in ("/", "\\")


async def test_a_visit_starts_a_session_by_its_host(gateway: Gateway) -> None:
    """With the waiting page's own question at the host's root."""
    gateway.make_site("lazy")
    page = await ask(gateway, "lazy.edit.example.test", cookie="lazy", **NAVIGATION)
    assert page.status in (200, 303, 503)
    if page.status == 503:
        assert 'data-base="/__astro_live/"' in page.text
    await gateway.until("lazy", "ready")
    assert (await ask(gateway, "lazy.edit.example.test", "/", cookie="lazy")).status == 200
