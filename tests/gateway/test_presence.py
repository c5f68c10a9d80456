"""Who looks at a session, whether that keeps it, and what those who only look may do (S35)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from .event_stream import reading
from .harness import Gateway, running_gateway, websocket
from .test_events import say

VIEWER = {"id": "p1", "visitor": "v1", "name": "Zoë", "page": "about/", "since": 1.5}


def viewers(*, visible: bool, **members: Any) -> dict[str, Any]:
    """What a dev server says of one open page."""
    return {"type": "viewers", "viewers": [{**VIEWER, "visible": visible, **members}]}


@pytest.fixture
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Ends what nobody uses after 10 s."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_SESSION_IDLE_SECONDS="10"
    ) as running:
        yield running


@pytest.fixture
def indifferent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The same, and who looks makes no difference."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_SESSION_IDLE_SECONDS="10",
        ASTRO_LIVE_WATCHING_KEEPS_ALIVE="false",
    ) as running:
        yield running


@pytest.fixture
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Its visitors may only look."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_VIEWERS_MAY_POST="false"
    ) as running:
        yield running


async def test_open_pages_are_listed_and_told_as_they_come_and_go(gateway: Gateway) -> None:
    """With what each says of itself; none is left of a session that has ended."""
    await gateway.start("seen")
    async with reading(gateway, "seen") as stream:
        await say(gateway, "seen", viewers(visible=True))
        came = await stream.first("viewer", change="came")
        assert (came["viewer"], came["viewers"], came["visible"]) == (
            {**VIEWER, "visible": True},
            1,
            1,
        )
        listed = (await gateway.api("GET", "/api/v1/sessions/seen/viewers")).json
        assert listed == {"viewers": [{**VIEWER, "visible": True}], "more": 0}
        await say(gateway, "seen", viewers(visible=False))
        assert (await stream.first("viewer", change="changed"))["visible"] == 0
        await gateway.api("POST", "/api/v1/sessions/seen/stop")
        assert (await stream.first("viewer", change="left"))["viewers"] == 0
    assert (await gateway.api("GET", "/api/v1/sessions/seen/viewers")).json["viewers"] == []
    assert (await gateway.api("GET", "/api/v1/sessions/none/viewers")).status == 404


async def test_a_visible_page_keeps_its_session_and_a_hidden_one_does_not(
    impatient: Gateway,
) -> None:
    """Nor does one that nobody has a connection for, whatever the dev server says."""
    gateway = impatient
    async with contextlib.AsyncExitStack() as stack:
        # One after the other: on a slow machine the first would be over before the last starts.
        for name, visible in (("watched", True), ("hidden", False)):
            cookie = await gateway.start(name)
            await stack.enter_async_context(websocket(gateway, f"/session/{name}/socket", cookie))
            await say(gateway, name, viewers(visible=visible))
        await gateway.start("forged")
        await say(gateway, "forged", viewers(visible=True))
        await gateway.until("hidden", "stopped", seconds=60)
        await gateway.until("forged", "stopped", seconds=60)
        for _ in range(600):
            shown = (await gateway.api("GET", "/api/v1/sessions/watched")).json
            assert shown["state"] == "ready", "it is shown"
            if shown["idle_seconds"] > 15:
                break
            await asyncio.sleep(0.1)
        assert shown["idle_seconds"] > 15
    await gateway.until("watched", "stopped", seconds=60)


async def test_with_the_setting_off_nobody_keeps_a_session_by_looking(indifferent: Gateway) -> None:
    """As it was before there was one."""
    gateway = indifferent
    cookie = await gateway.start("watched")
    async with websocket(gateway, "/session/watched/socket", cookie):
        await say(gateway, "watched", viewers(visible=True))
        await gateway.until("watched", "stopped", seconds=60)


async def test_the_name_of_a_link_reaches_the_dev_server(gateway: Gateway) -> None:
    """In any script; what a client sends under the header's name does not."""
    await gateway.start("named")
    path = "/api/v1/sessions/named/tokens"
    made = (await gateway.api("POST", path, body={"name": "Zoë 人"})).json
    target = urlsplit(made["url"])
    answer = await gateway.get(f"{target.path}?{target.query}")
    cookies = "; ".join(value.partition(";")[0] for value in answer.headers.getall("Set-Cookie"))
    for cookie, expected in (
        ({"Cookie": cookies}, base64.urlsafe_b64encode("Zoë 人".encode()).rstrip(b"=").decode()),
        (gateway.cookie("named"), None),
    ):
        sent = {**cookie, "X-Astro-Live-Viewer": "Zm9yZ2Vk", "X-Astro-Live-Visitor": "forged"}
        headers = dict((await gateway.get("/session/named/echo", headers=sent)).json["headers"])
        assert headers.get("x-astro-live-viewer") == expected, headers
        assert "forged" not in json.dumps(headers)
    for name in ("x" * 61, "a\nb", "\u0000", 7, None):
        refused = await gateway.api("POST", path, body={"name": name})
        assert refused.status == 400, name


async def test_who_may_only_look_cannot_change_anything(read_only: Gateway) -> None:
    """With the setting, every method but the reading ones is answered 405; unauthenticated clients
    are answered as if there were no session; signing out works.
    """
    gateway = read_only
    cookie = await gateway.start("look")
    sent = {**cookie, "Origin": gateway.public_url}
    assert (await gateway.get("/session/look/echo", headers=sent)).status == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await gateway.get("/session/look/echo", method=method, headers=sent)
        assert (answer.status, "page visits only" in answer.text) == (405, True), method
        assert (await gateway.get("/session/look/echo", method=method)).status == 404
    assert (await gateway.get("/session/look/echo", headers=sent)).json["method"] == "GET"
    out = await gateway.get("/session/look/__astro_live/sign-out", method="POST", headers=sent)
    assert out.status == 200
