# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
"""What one visitor, one client address and one kind of log line may take; real Envoy, real Astro
(S37).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from container.gateway.envoy.access_log import BURST_SECONDS, LINES_PER_SECOND
from container.gateway.line_limit import LINES, LineLimit
from container.gateway.settings import ASTRO_DIR
from contract.settings.session import ADDRESS_BURST_SECONDS

from .harness import Answer, Gateway, running_gateway, websocket

SHARE, PER_SECOND = 10, 5

needs_astro = pytest.mark.skipif(
    not (ASTRO_DIR / "node_modules").is_dir(),
    reason="container/astro/node_modules is missing: run `make setup`",
)

SLOW_PAGE = "---\nawait new Promise((done) => setTimeout(done, 6000));\n---\nslow\n"
ECHO = """export const GET = ({ request }) => new Response(JSON.stringify([...request.headers]));
"""


def make_site(sites: Path, name: str) -> None:
    pages = sites / name / "src/pages"
    pages.mkdir(parents=True)
    (sites / name / "package.json").write_text("{}")
    (pages / "index.astro").write_text("<h1>quick</h1>\n")
    (pages / "slow.astro").write_text(SLOW_PAGE)
    (pages / "headers.json.js").write_text(ECHO)


@pytest.fixture(scope="module")
def astro(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_RUNNER_COMMAND="",
        ASTRO_LIVE_VISITOR_CONNECTIONS=str(SHARE),
    ) as gateway:
        make_site(gateway.sites, "demo")
        assert (
            asyncio.run(gateway.api("POST", "/api/v1/sessions/demo/start")).json["state"] == "ready"
        ), gateway.tail()
        yield gateway


@contextlib.asynccontextmanager
async def sockets(gateway: Gateway, cookie: dict[str, str], count: int) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(ping(gateway, cookie))
        yield


@contextlib.asynccontextmanager
async def ping(gateway: Gateway, cookie: dict[str, str]) -> AsyncIterator[None]:
    """Vite's socket for the question whether it is there; it stays open."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.ws_connect(
            f"{gateway.url}/session/demo/_hmr",
            headers={"Origin": gateway.public_url, **cookie},
            protocols=["vite-ping"],
        ),
    ):
        yield


async def until_answered(gateway: Gateway, cookie: dict[str, str]) -> None:
    for _ in range(300):
        if (await gateway.get("/session/demo/", headers=cookie)).status == 200:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the visitor is still refused")


@needs_astro
async def test_one_visitor_does_not_shut_others_out(astro: Gateway) -> None:
    """The last socket of a visitor's share opens, the next gets a 503, and so does a page; another
    visitor notices nothing. A script that renews the cookie, or a header of the client's own, makes
    nobody another visitor.
    """
    greedy, other = astro.cookie("demo", visitor="greedy"), astro.cookie("demo", visitor="other")
    async with sockets(astro, greedy, SHARE):
        for again in (
            greedy,
            {**astro.cookie("demo", visitor="greedy"), "X-Astro-Live-Visitor": "somebody-else"},
        ):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with sockets(astro, again, 1):
                    pass
            assert refused.value.status == 503
            answer = await astro.get("/session/demo/", headers=again)
            assert (answer.status, "ASTRO_LIVE_VISITOR_CONNECTIONS" in answer.text) == (503, True)
        assert (await astro.get("/session/demo/", headers=other)).status == 200
        async with sockets(astro, other, SHARE):
            pass
    await until_answered(astro, greedy)


@needs_astro
async def test_requests_that_are_slow_to_answer_count_too(astro: Gateway) -> None:
    """Until they are answered, or the client is gone."""
    greedy, other = astro.cookie("demo", visitor="slow"), astro.cookie("demo", visitor="other")

    async def ask() -> Answer:
        """Again where one of the looks below has taken its place."""
        while (answer := await astro.get("/session/demo/slow/", headers=greedy)).status == 503:
            await asyncio.sleep(0.02)
        return answer

    asking = [asyncio.create_task(ask()) for _ in range(SHARE)]
    async with asyncio.timeout(30):
        while (await astro.get("/session/demo/", headers=greedy)).status != 503:
            assert not any(task.done() for task in asking), (
                "they are answered, and none was refused"
            )
            await asyncio.sleep(0.05)
    assert (await astro.get("/session/demo/", headers=other)).status == 200
    for task in asking[:2]:
        task.cancel()
    await until_answered(astro, greedy)
    answers = await asyncio.gather(*asking[2:])
    assert {answer.status for answer in answers} == {200}


@needs_astro
async def test_a_site_does_not_see_who_visits(astro: Gateway) -> None:
    cookie = astro.cookie("demo", visitor="somebody")
    for headers in (cookie, {**cookie, "X-Astro-Live-Visitor": "forged"}):
        seen = (await astro.get("/session/demo/headers.json", headers=headers)).json
        assert [name for name, _ in seen if "astro-live" in name] == []


async def test_a_visitor_keeps_the_name(gateway_at_limits: Gateway) -> None:
    """Over the renewal of the cookie, and with another link; another browser with another link is
    another visitor.
    """
    gateway = gateway_at_limits
    await gateway.start("named")

    async def visitor(answer: Answer) -> str:
        value = next(value for value in answer.headers.getall("Set-Cookie") if "session=" in value)
        return gateway.tokens.verify(
            "session", value.partition("=")[2].partition(";")[0], "named"
        ).visitor

    async def link() -> str:
        return str((await gateway.api("POST", "/api/v1/sessions/named/tokens")).json["token"])

    first = await gateway.get(f"/session/named/?astro_live_token={await link()}")
    name = await visitor(first)
    assert name
    cookie = gateway.cookie("named", visitor=name, fresh=False)
    assert (
        await visitor(
            await gateway.get("/session/named/", headers={**cookie, "Sec-Fetch-Mode": "navigate"})
        )
        == name
    )
    assert (
        await visitor(
            await gateway.get(f"/session/named/?astro_live_token={await link()}", headers=cookie)
        )
        == name
    )
    assert await visitor(
        await gateway.get(f"/session/named/?astro_live_token={await link()}")
    ) not in ("", name)


@pytest.fixture(scope="module")
def gateway_at_limits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"),
        ASTRO_LIVE_VISITOR_CONNECTIONS=str(SHARE),
        ASTRO_LIVE_ADDRESS_REQUESTS_PER_SECOND=str(PER_SECOND),
    ) as running:
        yield running


async def test_one_visitor_does_not_fill_the_waiting_room(gateway_at_limits: Gateway) -> None:
    """Of a session that starts: another visitor waits there all the same."""
    gateway = gateway_at_limits
    gateway.make_site("slow", {"start": "hang"})
    greedy, other = (
        {**gateway.cookie("slow", visitor=name), "Sec-Fetch-Mode": "cors"}
        for name in ("greedy", "other")
    )

    async def module(headers: dict[str, str]) -> Answer:
        return await gateway.get(
            "/session/slow/module.js", headers={**headers, "X-Forwarded-For": "198.51.100.1"}
        )

    waiting = [asyncio.create_task(module(greedy)) for _ in range(SHARE)]
    # One that is not refused waits, too: it came before one of the others.
    while not (done := (await asyncio.wait(waiting, timeout=2))[0]):
        assert len(waiting) < 2 * SHARE, "none is refused"
        waiting.append(asyncio.create_task(module(greedy)))
    refused = done.pop().result()
    assert (refused.status, "ASTRO_LIVE_VISITOR_CONNECTIONS" in refused.text) == (503, True)
    neighbour = asyncio.create_task(module(other))
    await asyncio.sleep(0.5)
    assert not neighbour.done()
    for task in [*waiting, neighbour]:
        task.cancel()
    await asyncio.gather(*waiting, neighbour, return_exceptions=True)


async def test_an_address_asks_so_much_and_no_more(gateway_at_limits: Gateway) -> None:
    """Before sign-in. A client elsewhere is answered, a signed-in visitor at the same address has
    the pages, and so does the refused address a moment later.
    """
    gateway = gateway_at_limits
    cookie = await gateway.start("pages")
    here, elsewhere = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.8"}
    burst = PER_SECOND * ADDRESS_BURST_SECONDS

    async def ask(headers: dict[str, str]) -> int:
        return (await gateway.get("/session/nobody/", headers=headers)).status

    async def many(headers: dict[str, str], number: int) -> Counter[int]:
        """At once: one after the other, a slow machine would stay below the rate."""
        return Counter(await asyncio.gather(*(ask(headers) for _ in range(number))))

    seen = await many(here, burst + 40)
    assert seen[404] >= burst
    assert seen[429] > 0
    assert await ask(elsewhere) == 404
    # The last address is the load balancer's.
    assert (await many({"X-Forwarded-For": "192.0.2.8, 192.0.2.7"}, burst - 10))[429] > 0
    assert (await gateway.get("/session/pages/", headers={**here, **cookie})).status == 200
    async with websocket(gateway, "/session/pages/socket", {**here, **cookie}):
        pass
    await asyncio.sleep(1.5)
    assert await ask(here) == 404


async def test_addresses_of_one_ipv6_network_count_together(gateway_at_limits: Gateway) -> None:
    async def ask(number: int) -> int:
        address = {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"}
        return (await gateway_at_limits.get("/session/nobody/", headers=address)).status

    numbers = range(1, PER_SECOND * ADDRESS_BURST_SECONDS + 40)
    assert 429 in await asyncio.gather(*(ask(number) for number in numbers))
    assert (
        await gateway_at_limits.get(
            "/session/nobody/", headers={"X-Forwarded-For": "2001:db8:1:3::1"}
        )
    ).status == 404


@pytest.mark.parametrize("path", ["/session/nobody/", "/session/demo/flood/"])
def test_requests_without_end_are_so_many_lines(tmp_path: Path, path: str) -> None:
    """And a number: those that are refused, and those of a signed-in visitor. What is asked
    afterwards is logged again.
    """
    number = LINES_PER_SECOND * BURST_SECONDS * 2
    with running_gateway(
        tmp_path, ASTRO_LIVE_SESSION_IDLE_SECONDS="8"
    ) as gateway:  # housekeeping looks every two seconds then
        asyncio.run(flood(gateway, path, number))
        lines = [
            json.loads(line)
            for line in gateway.log.read_text().splitlines()
            if line.startswith("{")
        ]
    written = sum(path in str(line.get("path")) for line in lines)
    suppressed = sum(line["lines"] for line in lines if line.get("event") == "lines_suppressed")
    assert LINES_PER_SECOND * BURST_SECONDS <= written < number
    assert written + suppressed == number
    assert [line for line in lines if line.get("part") == "envoy"] == []
    assert [line["path"] for line in lines if "after-the-flood" in str(line.get("path"))] == [
        "/session/demo/after-the-flood"
    ]


async def flood(gateway: Gateway, path: str, number: int) -> None:
    """So many requests, one some seconds later, and time for Envoy's log, which is written every
    ten seconds.
    """
    cookie = await gateway.start("demo")
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), headers={**cookie, "Host": "edit.example.test"}
    ) as client:

        async def ask(which: int) -> None:
            async with client.get(f"{gateway.url}{path}{which}") as answer:
                assert answer.status == (200 if "demo" in path else 404)

        for start in range(0, number, 100):
            await asyncio.gather(*(ask(which) for which in range(start, start + 100)))
    await asyncio.sleep(4)
    await gateway.api("POST", "/api/v1/sessions/demo/start")  # it may be idle by now
    assert (await gateway.get("/session/demo/after-the-flood", headers=cookie)).status == 200
    for _ in range(150):
        text = gateway.log.read_text()
        if "lines_suppressed" in text and "after-the-flood" in text:
            return
        await asyncio.sleep(0.1)


def test_lines_of_the_control_plane_are_limited_by_kind() -> None:
    """A kind that repeats is left out and counted; another kind is written meanwhile."""
    now = [0.0]
    limit = LineLimit(lambda: now[0])

    def line(number: int) -> logging.LogRecord:
        return logging.LogRecord(
            "gateway", logging.WARNING, "x.py", number, "a %s", ("line",), None
        )

    assert [limit.filter(line(1)) for _ in range(LINES + 10)].count(True) == LINES
    assert limit.filter(line(2))
    now[0] += 5
    record = line(1)
    assert limit.filter(record)
    assert record.getMessage() == "a line (10 lines of this kind were left out before)"
