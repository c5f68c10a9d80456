"""What a credential of the API has opened ends with it: links, cookies, sockets and answers under
way, on every task within a second; nobody else's does (S8, S30).
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from aiohttp import WSMsgType

from container.gateway.cookies import LISTED_SECONDS
from container.gateway.credentials.keyring import Keyring
from container.gateway.credentials.model import KEY_BYTES, Record, Scope, make_id
from container.gateway.credentials.store import Edition
from container.gateway.errors import StorageError
from container.gateway.settings import ASTRO_DIR
from container.gateway.sign_ins import ASKED_AT_ONCE, SignIns
from contract.api import API_ROOT

from .harness import Answer, Gateway, running_gateway, websocket
from .harness import viewer_credential as credential
from .table import dynamodb, table
from .tasks.conftest import running_fleet

__all__ = ["dynamodb", "table"]

SESSION = f"{API_ROOT}/sessions/shop"
PAGE = "/session/shop/"
NAVIGATION = {"sec-fetch-mode": "navigate"}
BOUND_SECONDS = 20.0
"""On a machine that is busy; it takes less than a second on one that is not."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        asyncio.run(running.start("shop"))
        yield running


async def link(gateway: Gateway, made: dict[str, Any]) -> str:
    answer = await gateway.api("POST", f"{SESSION}/tokens", token=made["secret"])
    assert answer.status == 201, answer.text
    return str(answer.json["token"])


def cookies(answer: Answer) -> dict[str, str]:
    jar = SimpleCookie()
    for line in answer.headers.getall("Set-Cookie"):
        jar.load(line)
    return {"Cookie": "; ".join(f"{name}={entry.value}" for name, entry in jar.items())}


async def signed_in(gateway: Gateway, made: dict[str, Any]) -> dict[str, str]:
    """The cookies of a browser that has followed a link, and was shown the page."""
    answer = await gateway.get(f"{PAGE}?astro_live_token={await link(gateway, made)}")
    assert answer.status == 303, answer.text
    deadline = time.monotonic() + BOUND_SECONDS
    found = cookies(answer)
    while answer.status != 200:
        assert time.monotonic() < deadline, answer.status
        answer = await gateway.get(PAGE, headers={**found, **NAVIGATION})
        if "Set-Cookie" in answer.headers:
            found = cookies(answer)
    assert "astro_live_fresh" in found["Cookie"]
    return found


async def until(gateway: Gateway, cookie: dict[str, str], status: int) -> float:
    """The seconds until a page of the session is answered with this status."""
    began = time.monotonic()
    while (found := (await gateway.get(PAGE, headers=cookie)).status) != status:
        assert time.monotonic() - began < BOUND_SECONDS, found
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def closed(socket: Any) -> None:
    message = await socket.receive(timeout=BOUND_SECONDS)
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR)


async def test_what_a_credential_opened_ends_with_it(gateway: Gateway) -> None:
    made, other = await credential(gateway), await credential(gateway, scopes=["read", "view"])
    unused = await link(gateway, made)
    cookie, others = await signed_in(gateway, made), await signed_in(gateway, other)
    of_service = gateway.cookie("shop")
    path = "/session/shop/socket"
    before = (await gateway.api("GET", SESSION)).json["pid"]
    async with (
        websocket(gateway, path, cookie) as socket,
        websocket(gateway, path, others) as second,
        websocket(gateway, path, of_service) as third,
    ):
        for each in (socket, second, third):
            await each.send_str("there")
            assert (await each.receive(timeout=BOUND_SECONDS)).data == "there"
        answer = await gateway.api("DELETE", f"{API_ROOT}/credentials/{made['id']}")
        assert answer.status == 204
        await closed(socket)
        assert await until(gateway, cookie, 404) < BOUND_SECONDS
        assert (await gateway.get(f"{PAGE}?astro_live_token={unused}")).status == 404
        for each in (second, third):
            await each.send_str("still")
            assert (await each.receive(timeout=BOUND_SECONDS)).data == "still"
    assert (await gateway.get(PAGE, headers=others)).status == 200
    assert (await gateway.api("GET", SESSION)).json["pid"] == before  # nothing was restarted


async def test_a_credential_that_expires_ends_what_it_opened(gateway: Gateway) -> None:
    made = await credential(gateway, expires_in_seconds=6)
    cookie = await signed_in(gateway, made)
    async with websocket(gateway, "/session/shop/socket", cookie) as socket:
        await closed(socket)
    assert time.time() >= made["expires_at"]
    await until(gateway, cookie, 404)


async def test_sign_ins_outlive_a_restart_of_dev_server_and_control_plane(
    gateway: Gateway,
) -> None:
    """And end after it as before."""
    made = await credential(gateway)
    cookie = await signed_in(gateway, made)
    assert (await gateway.api("POST", f"{SESSION}/restart")).status == 200
    await until(gateway, cookie, 200)
    async with websocket(gateway, "/session/shop/socket", cookie) as socket:
        control = next(
            each
            for each in psutil.Process(gateway.process.pid).children(recursive=True)
            if any(part.endswith("gateway.control") for part in each.cmdline())
        )
        control.send_signal(signal.SIGKILL)
        control.wait(20)
        await gateway.ready()
        await socket.send_str("over it")
        assert (await socket.receive(timeout=BOUND_SECONDS)).data == "over it"
        await gateway.api("DELETE", f"{API_ROOT}/credentials/{made['id']}")
        await closed(socket)
    await until(gateway, cookie, 404)


async def test_a_forged_audience_is_not_believed(gateway: Gateway) -> None:
    """What a client sends by the name of Envoy's header does not reach the dev server."""
    cookie = gateway.cookie("shop")
    forged = {**cookie, "x-astro-live-audience": "session:shop:0.aaaaaaaaaaaaaaaa"}
    seen = (await gateway.get(f"{PAGE}echo", headers=forged)).json["headers"]
    found = [value for name, value in seen if name.lower() == "x-astro-live-audience"]
    assert len(found) == 1
    assert "aaaaaaaaaaaaaaaa" not in found[0]


def test_every_task_ends_them(table: str, dynamodb: dict[str, Any], tmp_path: Path) -> None:
    """Signed in at one task, seen through another, revoked at a third place: the API of either."""
    with running_fleet(tmp_path, table, dynamodb, 2) as fleet:
        owner, edge = fleet.tasks

        async def check() -> None:
            await owner.start("shop")
            made = await credential(owner)
            cookie = await signed_in(edge, made)
            async with websocket(edge, "/session/shop/socket", cookie) as socket:
                await socket.send_str("there")
                assert (await socket.receive(timeout=BOUND_SECONDS)).data == "there"
                await edge.api("DELETE", f"{API_ROOT}/credentials/{made['id']}")
                await closed(socket)
            for task in (owner, edge):
                await until(task, cookie, 404)

        asyncio.run(check())


@pytest.mark.parametrize("revoked", ["while it moves", "after it has moved"])
def test_they_end_over_a_hand_over(
    table: str, dynamodb: dict[str, Any], tmp_path: Path, revoked: str
) -> None:
    """A deployment takes the session to another task: visitors stay signed in there, but for those
    whose credential has ended meanwhile, or ends then.
    """
    with running_fleet(tmp_path, table, dynamodb, 2) as fleet:
        owner, other = fleet.tasks

        async def check() -> None:
            await owner.start("shop")
            ends, stays = await credential(owner), await credential(owner)
            gone_soon, others = await signed_in(owner, ends), await signed_in(other, stays)
            unused = await link(owner, ends)
            owner.process.send_signal(signal.SIGTERM)
            path = f"{API_ROOT}/credentials/{ends['id']}"
            if revoked == "while it moves":
                assert (await other.api("DELETE", path)).status == 204
            await asyncio.to_thread(owner.process.wait, 60)
            await other.until("shop", "ready", seconds=60)
            await until(other, others, 200)
            if revoked != "while it moves":
                await until(other, gone_soon, 200)
                async with websocket(other, "/session/shop/socket", gone_soon) as socket:
                    assert (await other.api("DELETE", path)).status == 204
                    await closed(socket)
            await until(other, gone_soon, 404)
            for _ in range(20):  # no later task brings it back
                assert (await other.get(PAGE, headers={**gone_soon, **NAVIGATION})).status == 404
            assert (await other.get(f"{PAGE}?astro_live_token={unused}")).status == 404
            assert (await other.get(PAGE, headers=others)).status == 200

        asyncio.run(check())


@pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)
def test_they_end_in_production_mode(tmp_path: Path) -> None:
    """Of a site that is built: the next request is refused, also on a connection that was open; the
    build is served to everybody else without a break.
    """
    with running_gateway(tmp_path, ASTRO_LIVE_RUNNER_COMMAND="", NODE_ENV="production") as gateway:

        async def check() -> None:
            made = await gateway.api("POST", f"{API_ROOT}/sessions", body={"id": "shop"})
            assert (made.status, made.json["state"]) == (201, "ready"), made.text + gateway.tail()
            ends, stays = await credential(gateway), await credential(gateway)
            cookie, others = await signed_in(gateway, ends), await signed_in(gateway, stays)
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
                host = {"Host": gateway.public_url.partition("://")[2]}

                async def status() -> int:
                    async with browser.get(
                        gateway.url + PAGE, headers={**cookie, **host}
                    ) as answer:
                        await answer.read()
                        return answer.status

                assert await status() == 200
                path = f"{API_ROOT}/credentials/{ends['id']}"
                assert (await gateway.api("DELETE", path)).status == 204
                await until(gateway, cookie, 404)
                assert await status() == 404
            refused = await gateway.get(PAGE, headers={**cookie, **NAVIGATION})
            assert "was ended" in refused.text
            assert (await gateway.get(PAGE, headers=others)).status == 200
            assert (await gateway.api("GET", SESSION)).json["pid"] == made.json["pid"]

        asyncio.run(check())


async def test_a_visitor_is_listed_again_within_minutes(gateway: Gateway) -> None:
    """By the control plane, where a page visit without the second cookie goes: a list that is lost
    keeps nobody out for half the life of the first.
    """
    cookie = await signed_in(gateway, await credential(gateway))
    token = cookie["Cookie"].partition(";")[0]
    answer = await gateway.get(PAGE, headers={"Cookie": token, **NAVIGATION})
    assert answer.status == 303
    lines = {line.partition("=")[0]: line for line in answer.headers.getall("Set-Cookie")}
    assert f"Max-Age={LISTED_SECONDS};" in lines["astro_live_fresh"]
    assert "Max-Age=43200;" in lines["astro_live_session"]
    assert (await gateway.get(PAGE, headers={**cookies(answer), **NAVIGATION})).status == 200


class Store:
    """Of credentials, which counts what it is asked."""

    def __init__(self) -> None:
        self.key, self.version, self.silent = bytes(KEY_BYTES), 1, False
        self.records: dict[str, Record] = {}
        self.asked: list[str] = []

    def add(self, **values: Any) -> str:
        identifier = make_id(self.key)
        made = {
            "name": "viewer", "scopes": (Scope.VIEW,), "sessions": ("shop",), "created_at": 0,
            "expires_at": None, "hash": "0" * 64, **values,
        }  # fmt: skip
        self.records[identifier] = Record(id=identifier, **made)
        return identifier

    async def edition(self) -> Edition:
        self.asked.append("edition")
        if self.silent:
            raise StorageError("the store does not answer")
        return Edition(self.version, self.key)

    async def find(self, identifier: str) -> Record | None:
        self.asked.append(identifier)
        return self.records.get(identifier)


class Listed:
    """A session with a list of sign-ins."""

    def __init__(self, name: str, sign_ins: list[str]) -> None:
        self.id, self.sign_ins = name, tuple(sign_ins)
        self.ended: list[tuple[list[str], list[str]]] = []

    async def recall_sign_ins(self) -> None:
        """It has all of them."""

    async def end_sign_ins(self, ended: list[str], visited: list[str]) -> None:
        self.ended.append((sorted(ended), sorted(visited)))
        self.sign_ins = tuple(each for each in self.sign_ins if each not in ended)


def looking(store: Store, *sessions: Listed) -> SignIns:
    seconds = itertools.count()  # so what is known is never fresh
    fakes: list[Any] = [store, list(sessions)]
    return SignIns(fakes[1], Keyring(fakes[0], [], clock=lambda: float(next(seconds))))


async def test_names_that_a_site_has_written_into_a_list_cost_nothing() -> None:
    """Thousands of them, in another session's list: they are taken off at once, the store is asked
    for none, and what has ended elsewhere ends in the same look.
    """
    store = Store()
    stands, gone = store.add(), make_id(store.key)
    invented = [make_id(b"another key") for _ in range(2000)]
    full, shop = Listed("full", invented), Listed("shop", [stands, gone])
    looks = looking(store, full, shop)
    await looks.look()
    assert full.ended == [(sorted(invented), [])]
    assert shop.ended == [([gone], [gone])]
    assert {stands, gone, "edition"} == set(store.asked)
    await looks.look()
    assert (len(full.ended), shop.sign_ins) == (1, (stands,))


async def test_a_store_that_does_not_answer_is_not_asked_for_each() -> None:
    """Those that have expired end all the same, and no others."""
    store = Store()
    stay = [store.add() for _ in range(50)]
    over = [store.add(expires_at=int(time.time()) + 3600) for _ in range(50)]
    shop = Listed("shop", [*stay, *over])
    looks = looking(store, shop)
    await looks.look()
    assert shop.ended == []
    store.silent, store.asked = True, []
    looks._expiries = {name: 1 if name in over else None for name in looks._expiries}
    await looks.look()
    assert 0 < len(store.asked) <= ASKED_AT_ONCE
    assert set(shop.sign_ins) == set(stay)
