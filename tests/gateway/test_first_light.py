"""The thin path: create a session, exchange the link, see the site, stay unauthenticated without a
cookie (S5, S8).
"""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import urlsplit

import aiohttp
import pytest

from .harness import Gateway, alive, descendants, gone, running_gateway, websocket


async def test_a_link_opens_the_site_once(gateway: Gateway) -> None:
    """The sign-in token becomes a cookie for the session's path; the link is of no use to a second
    person.
    """
    gateway.make_site("link")
    await gateway.api("POST", "/api/v1/sessions/link/start")
    made = (await gateway.api("POST", "/api/v1/sessions/link/tokens")).json
    assert made["url"].startswith(f"{gateway.public_url}/session/link/?astro_live_token=")
    target = urlsplit(made["url"]).path + "?" + urlsplit(made["url"]).query + "&keep=1"
    answer = await gateway.get(target)
    assert (answer.status, answer.headers["Location"]) == (303, "/session/link/?keep=1")
    cookie = next(
        value
        for value in answer.headers.getall("Set-Cookie")
        if value.startswith("astro_live_session=")
    )
    assert {"Path=/session/link/", "HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; "))
    page = await gateway.get("/session/link/", headers={"Cookie": cookie.partition(";")[0]})
    assert page.status == 200
    assert "site" in page.text
    assert (await gateway.get(target)).status == 404


async def test_the_dev_server_never_sees_the_gateways_cookie(gateway: Gateway) -> None:
    """Own cookies pass in order, the gateway's two do not; Host and X-Forwarded-* are the public
    ones whatever the client sent.
    """
    cookie = (await gateway.start("strip"))["Cookie"]
    sent = {
        "Cookie": f"a=1; {cookie}; b=2",
        "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Proto": "ftp",
        "Host": "evil.test",
    }
    headers = dict((await gateway.get("/session/strip/echo", headers=sent)).json["headers"])
    assert headers["Cookie"] == "a=1; b=2"
    assert (headers["Host"], headers["X-Forwarded-Host"], headers["X-Forwarded-Proto"]) == (
        "edit.example.test",
        "edit.example.test",
        "https",
    )
    assert "astro_live" not in json.dumps(headers)


@pytest.mark.parametrize(
    "own",
    ["", "theme=dark", "astro_live_theme=dark", "xastro_live_session=1", "a=b,astro_live_fresh=1"],
)
async def test_the_gateways_cookies_alone_are_dropped_and_any_other_passes(
    gateway: Gateway, own: str
) -> None:
    """Requests with nothing but the gateway's cookies go a shorter way; a cookie of the site's own
    is never lost on it.
    """
    name = f"drop{abs(hash(own)) % 10**8}"
    cookie = (await gateway.start(name))["Cookie"]
    token, fresh = cookie.split("; ")
    orders = [(token, fresh), (fresh, token), (token,)]
    for order in (
        orders
        if not own
        else [
            *((*order, own) for order in orders),
            *((own, *order) for order in orders),
            (token, own, fresh),
        ]
    ):
        sent = {"Cookie": "; ".join(order)}
        for method in ("GET", "HEAD", "POST", "DELETE"):
            answer = await gateway.get(f"/session/{name}/echo", method=method, headers=sent)
            assert answer.status == 200
            if method != "HEAD":
                assert [
                    value for header, value in answer.json["headers"] if header.lower() == "cookie"
                ] == ([own] if own else [])
        for path, protocol in (("socket", {}), ("_hmr", {"Sec-WebSocket-Protocol": "vite-hmr"})):
            async with websocket(
                gateway, f"/session/{name}/{path}", {**sent, **protocol}
            ) as socket:
                await socket.send_str("headers?")
                seen = json.loads((await socket.receive(timeout=5)).data)
                assert [value for header, value in seen if header.lower() == "cookie"] == (
                    [own] if own else []
                )


async def test_the_access_log_holds_pages_sockets_and_refusals_but_not_modules(
    gateway: Gateway,
) -> None:
    """A page's modules would be nearly all of it."""
    cookie = await gateway.start("logged")
    for mode, path in (("navigate", "page"), ("cors", "module.js"), ("no-cors", "missing-session")):
        headers = {**cookie, "Sec-Fetch-Mode": mode}
        await gateway.get(
            f"/session/{'nobody' if path == 'missing-session' else 'logged'}/{path}",
            headers=headers,
        )
    async with websocket(gateway, "/session/logged/socket", cookie):
        pass
    for _ in range(100):
        lines = [
            json.loads(line)
            for line in gateway.log.read_text().splitlines()
            if line.startswith("{")
        ]
        paths = {line["path"]: line["status"] for line in lines if "path" in line}
        if "/session/logged/socket" in paths:
            break
        await asyncio.sleep(0.1)
    assert {
        path: status
        for path, status in paths.items()
        if path.startswith(("/session/logged", "/session/nobody"))
    } == {
        "/session/logged/page": 200,
        "/session/logged/socket": 101,
        "/session/nobody/missing-session": 404,
    }


async def test_a_navigation_reaches_the_site_and_a_stale_cookie_is_renewed_on_the_way(
    gateway: Gateway,
) -> None:
    """What a browser sends for a page: with a fresh cookie the site answers, without the mark of
    freshness a new cookie comes first.
    """
    cookie = await gateway.start("visit")
    browser = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html"}
    assert (await gateway.get("/session/visit/", headers={**cookie, **browser})).status == 200
    renewal = await gateway.get(
        "/session/visit/?page=2", headers={**gateway.cookie("visit", fresh=False), **browser}
    )
    assert (renewal.status, renewal.headers["Location"]) == (303, "/session/visit/?page=2")
    assert any(
        value.startswith("astro_live_fresh=1") for value in renewal.headers.getall("Set-Cookie")
    )


async def test_a_first_visit_starts_the_session_and_waits(gateway: Gateway) -> None:
    """Lazy start: the waiting page comes at once, and its question is answered when the site is
    ready.
    """
    gateway.make_site("lazy", {"delay": 0.3})
    cookie = gateway.cookie("lazy")
    page = await gateway.get("/session/lazy/", headers=cookie)
    assert page.status == 503
    assert "Opening the session" in page.text
    seen = ""
    for _ in range(10):
        now = (
            await gateway.get(f"/session/lazy/__astro_live/status?seen={seen}", headers=cookie)
        ).json
        seen = re.sub(r"[^A-Za-z0-9]", lambda match: f"%{ord(match[0]):02X}", now["seen"])
        if now["state"] == "ready":
            break
    assert (await gateway.get("/session/lazy/", headers=cookie)).status == 200


async def test_upgrades_need_cookie_and_origin(gateway: Gateway) -> None:
    """A signed-in page opens its socket; another origin, no origin and no cookie do not."""
    cookie = await gateway.start("ws")
    async with websocket(gateway, "/session/ws/socket", cookie) as socket:
        await socket.send_str("hello")
        assert (await socket.receive(timeout=5)).data == "hello"
    for headers in ({**cookie, "Origin": "https://evil.test"}, {**cookie, "Origin": "null"}, {}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with websocket(gateway, "/session/ws/socket", headers):
                pass
        assert 400 <= refused.value.status < 500


def test_sigterm_ends_everything(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sessions, the warm pool, Envoy and what a dev server started itself are gone, and the exit
    status is 0.
    """
    import asyncio

    async def scenario(gateway: Gateway) -> set[int]:
        cookie = await gateway.start("one")
        stubborn = (await gateway.get("/session/one/spawn", headers=cookie)).json["pid"]
        family = descendants(gateway.process.pid)
        assert stubborn in family
        assert len(alive(family)) >= 3
        return family

    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_WARM_RUNNERS="1",
        ASTRO_LIVE_STOP_TIMEOUT_SECONDS="5",
    ) as gateway:
        family = asyncio.run(scenario(gateway))
        assert gateway.stop() == 0
        assert asyncio.run(gone(family, 3)) == set()
