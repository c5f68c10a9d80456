"""Visitors who may only look, by the stack, by the credential that made their link or by the link:
each can take something away, and none gives back what another has taken (S30, S35).
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from container.gateway.credentials.model import READ_ONLY_LINKS, Record, Scope, make_id
from contract.api import API_ROOT

from .harness import API_TOKEN, Answer, Gateway, running_gateway, websocket
from .harness import viewer_credential as credential
from .table import dynamodb, table
from .tasks.conftest import running_fleet

__all__ = ["dynamodb", "table"]

SESSION = f"{API_ROOT}/sessions/shop"
NAVIGATION = {"sec-fetch-mode": "navigate"}
WRITES = ("POST", "PUT", "PATCH", "DELETE")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip
VITES_AMONG_OTHERS = [("GET", each) for each in ("vite-hmr, site", "site,vite-ping", "x-vite-hmr")]
"""Upgrades that a site's own WebSocket could take, whatever it has of Vite's."""
BOUND_SECONDS = 30.0


@pytest.fixture(scope="module", params=["path", "host"])
def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """By path and by host."""
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_ROUTING=request.param
    ) as running:
        asyncio.run(running.start("shop"))
        yield running


class Visitor:
    """A browser that has followed a link, through one of the tasks."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.base = gateway.contract.session_base("shop")
        host = gateway.contract.session_authority("shop")
        self.here = {"Host": host, "Origin": gateway.contract.session_origin("shop")}
        self.cookies: dict[str, str] = {}

    @property
    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**self.here, "Cookie": cookies}

    def take(self, answer: Answer) -> None:
        for line in answer.headers.getall("Set-Cookie", []):
            jar = SimpleCookie(line)
            self.cookies.update({name: entry.value for name, entry in jar.items()})

    async def send(self, path: str = "echo", *, method: str = "GET", **headers: str) -> Answer:
        sent = {**self.headers, **{name.replace("_", "-"): each for name, each in headers.items()}}
        return await self.gateway.get(self.base + path, method=method, headers=sent)

    async def sign_in(self, secret: str = API_TOKEN, **body: Any) -> dict[str, Any]:
        """By a link of the credential, the service's by default; what the API said of the link."""
        made = await self.gateway.api("POST", f"{SESSION}/tokens", token=secret, body=body)
        assert made.status == 201, made.text
        answer = await self.send(f"?astro_live_token={made.json['token']}")
        assert answer.status == 303, answer.text
        self.take(answer)
        deadline = time.monotonic() + BOUND_SECONDS
        while answer.status != 200:  # the task that runs the session has to hear of the credential
            assert time.monotonic() < deadline, answer.status
            answer = await self.send("", **NAVIGATION)
            self.take(answer)
        return dict(made.json)

    async def only_looks(self) -> None:
        """Fails unless the visitor can read, and do nothing else."""
        for method in WRITES:
            answer = await self.send(method=method)
            assert (answer.status, "cannot change anything" in answer.text) == (405, True), method
            assert "Set-Cookie" not in answer.headers
            forged = await self.send(method=method, x_astro_live_audience="session:shop:0")
            assert forged.status == 405, method
        for name in OVERRIDES:
            answer = await self.send(**{name: "POST"})
            assert answer.json["method"] == "GET"
            assert not [key for key, _ in answer.json["headers"] if "override" in key.lower()]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with websocket(self.gateway, self.base + "socket", self.headers):
                pass
        assert refused.value.status == 405
        for method, protocol in [("POST", "vite-hmr"), ("POST", "vite-ping"), *VITES_AMONG_OTHERS]:
            answer = await self.send("", method=method, **UPGRADE, sec_websocket_protocol=protocol)
            assert answer.status == 405, (method, protocol)

    async def may_post(self) -> None:
        for method in WRITES:
            answer = await self.send(method=method)
            assert (answer.status, answer.json["method"]) == (200, method)
        async with websocket(self.gateway, self.base + "socket", self.headers) as socket:
            await socket.send_str("there")
            assert (await socket.receive(timeout=BOUND_SECONDS)).data == "there"

    async def renew(self) -> None:
        """A page visit whose second cookie is over."""
        before = dict(self.cookies)
        for name in [name for name in self.cookies if name.endswith("fresh")]:
            del self.cookies[name]
        deadline = time.monotonic() + BOUND_SECONDS
        while self.cookies.keys() != before.keys():
            assert time.monotonic() < deadline
            self.take(await self.send("", **NAVIGATION))
        assert (await self.send("", **NAVIGATION)).status == 200


async def test_a_link_lets_a_visitor_only_look(gateway: Gateway) -> None:
    """Also after its cookies were renewed; other visitors of the session notice nothing."""
    visitor, other = Visitor(gateway), Visitor(gateway)
    assert (await visitor.sign_in(may_post=False))["may_post"] is False
    assert (await other.sign_in())["may_post"] is True
    await visitor.only_looks()
    await other.may_post()
    await visitor.renew()
    await visitor.only_looks()
    await other.renew()
    await other.may_post()
    out = await visitor.send("__astro_live/sign-out", method="POST")
    assert out.status == 200


async def test_a_credential_lets_its_visitors_only_look(gateway: Gateway) -> None:
    """Whatever its links say; it is listed with the limit. One without the limit makes links with
    and without.
    """
    narrow = await credential(gateway, viewers_may_post=False, scopes=["read", "write"])
    wide = await credential(gateway)
    assert (narrow["viewers_may_post"], wide["viewers_may_post"]) == (False, True)
    known = (await gateway.api("GET", f"{API_ROOT}/credentials")).json["credentials"]
    shown = {each["id"]: (each["viewers_may_post"], each["scopes"]) for each in known}
    assert shown[narrow["id"]] == (False, ["read", "write"])
    for made, body, expected in (
        (narrow, {}, False), (narrow, {"may_post": True}, False), (wide, {"may_post": False}, False),
        (wide, {"may_post": True}, True), (wide, {}, True),
    ):  # fmt: skip
        visitor = Visitor(gateway)
        assert (await visitor.sign_in(made["secret"], **body))["may_post"] is expected, body
        await (visitor.may_post() if expected else visitor.only_looks())
    await gateway.api("DELETE", f"{API_ROOT}/credentials/{narrow['id']}")
    await gateway.api("DELETE", f"{API_ROOT}/credentials/{wide['id']}")


async def test_what_is_not_a_truth_value_is_refused(gateway: Gateway) -> None:
    values: list[Any] = ["false", 0, 1, None, [], {}]
    for value in values:
        link = await gateway.api("POST", f"{SESSION}/tokens", body={"may_post": value})
        assert (link.status, "may_post" in link.text) == (400, True), value
        body = {"name": "x", "scopes": ["view"], "sessions": ["shop"], "viewers_may_post": value}
        made = await gateway.api("POST", f"{API_ROOT}/credentials", body=body)
        assert (made.status, "viewers_may_post" in made.text) == (400, True), value


async def test_vites_own_socket_is_open_to_those_who_look(gateway: Gateway) -> None:
    """Edits arrive by it; what is not Vite's own is kept off by the runner (`incoming.mjs`)."""
    visitor = Visitor(gateway)
    await visitor.sign_in(may_post=False)
    path = visitor.base.rstrip("/") + gateway.contract.hmr_path
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        try:
            async with session.ws_connect(
                gateway.url + path, headers=visitor.headers, protocols=["vite-hmr"]
            ):
                status = 101
        except aiohttp.WSServerHandshakeError as error:
            status = error.status
    assert status not in (403, 404, 405), status  # the stand-in of a dev server has no such socket


async def test_the_cookies_of_another_script_change_nothing(gateway: Gateway) -> None:
    """A cookie that a script has set for a longer path comes first: neither does it shut out a
    visitor of a credential, nor let one do more.
    """
    looks, posts = Visitor(gateway), Visitor(gateway)
    await looks.sign_in((await credential(gateway, viewers_may_post=False))["secret"])
    await posts.sign_in((await credential(gateway))["secret"])
    claims = {"aud": "session:shop:0", "iss": "astro-live", "exp": 2**40}
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    for visitor, status in ((looks, 405), (posts, 200)):
        (name,) = [name for name in visitor.cookies if name.endswith("session")]
        mine = visitor.headers["Cookie"]
        for junk in ("junk", f"a.{forged}.b"):
            sent = {**visitor.headers, "Cookie": f"{name}={junk}; {mine}"}
            read = await gateway.get(visitor.base + "echo", headers=sent)
            assert read.status == 200, junk
            write = await gateway.get(visitor.base + "echo", method="POST", headers=sent)
            assert write.status == status, junk


def test_a_stack_that_forbids_is_not_widened(tmp_path: Path) -> None:
    """By a link, a credential, or a cookie that was signed before the setting."""
    with running_gateway(tmp_path, ASTRO_LIVE_VIEWERS_MAY_POST="false") as gateway:

        async def check() -> None:
            await gateway.start("shop")
            made = await credential(gateway, viewers_may_post=True)
            for secret in (API_TOKEN, made["secret"]):
                visitor = Visitor(gateway)
                assert (await visitor.sign_in(secret, may_post=True))["may_post"] is False
                await visitor.only_looks()
            earlier = Visitor(gateway)
            name, _, value = gateway.cookie("shop", fresh=False)["Cookie"].partition("=")
            earlier.cookies[name] = value
            await earlier.only_looks()
            answer = await earlier.send("", **NAVIGATION)
            lines = answer.headers.getall("Set-Cookie")
            (line,) = [each for each in lines if "session=" in each]
            token = line.partition("=")[2].partition(";")[0]
            assert gateway.tokens.verify("session", token, "shop").may_post is False

        asyncio.run(check())


def test_it_holds_on_a_task_that_is_not_the_owner(
    table: str, dynamodb: dict[str, Any], tmp_path: Path
) -> None:
    """A link that one task has made, opened at another, of a session that a third party's
    credential names: writes are refused at the edge and at the owner, also after a hand-over.
    """
    with running_fleet(tmp_path, table, dynamodb, 2) as fleet:
        owner, edge = fleet.tasks

        async def check() -> None:
            await owner.start("shop")
            made = await credential(edge, viewers_may_post=False)
            visitors = [Visitor(edge), Visitor(edge), Visitor(edge)]
            await visitors[0].sign_in(made["secret"])
            await visitors[1].sign_in(may_post=False)
            await visitors[2].sign_in()
            for visitor in visitors[:2]:
                await visitor.only_looks()
                visitor.gateway = owner
                await visitor.only_looks()
                visitor.gateway = edge
            await visitors[2].may_post()
            owner.process.terminate()  # as a deployment does
            await asyncio.to_thread(owner.process.wait, 60)
            await edge.until("shop", "ready", seconds=60)
            for visitor in visitors:
                deadline = time.monotonic() + BOUND_SECONDS
                while (await visitor.send()).status != 200:
                    assert time.monotonic() < deadline
                    visitor.take(await visitor.send("", **NAVIGATION))
                    await asyncio.sleep(0.1)
            for visitor in visitors[:2]:
                await visitor.only_looks()
            await visitors[2].may_post()

        asyncio.run(check())


def test_an_earlier_image_does_not_ignore_the_limit() -> None:
    """It does not know the limit, so what is kept of such a credential has to be none to it: the
    scopes that it knows are compared. Without the limit, what is kept is as it was.
    """
    common: dict[str, Any] = {
        "id": make_id(b"key"), "name": "x", "scopes": (Scope.VIEW,), "sessions": ("shop",),
        "created_at": 0, "expires_at": None, "hash": "0" * 64,
    }  # fmt: skip
    limited, free = (Record(**common, viewers_may_post=each) for each in (False, True))
    assert not set(limited.item()["scopes"]) <= set(Scope)
    assert set(free.item()["scopes"]) <= set(Scope)
    assert (Record.parse(limited.item()), Record.parse(free.item())) == (limited, free)
    assert Record.parse({**limited.item(), "scopes": [READ_ONLY_LINKS]}) is None
