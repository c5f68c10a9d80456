"""Any task serves any session, through its owner (S26)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from yarl import URL

from container.gateway.envoy.peer_clusters import STREAMS
from tests.gateway.harness import (
    PUBLIC_URL,
    Gateway,
    alive,
    descendants,
    private_folder,
    websocket,
)
from tests.gateway.table import new_table

from .conftest import Fleet, running_fleet
from .test_hand_over import ended

BROKEN_OFF: Final = 600
"""Requests: of each of two connections, more than the half of 500."""
AT_ONCE: Final = 40
"""Of these. They fit one connection beside those that stay."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Three tasks for all of these tests: none of them ends one."""
    folder = tmp_path_factory.mktemp("fleet")
    with running_fleet(folder, new_table(dynamodb), dynamodb, 3) as running:
        yield running


async def follow(gateway: Gateway, path: str, headers: dict[str, str]) -> str:
    """A GET that follows a redirect to the same address, as browsers do; the answer's text."""
    for _ in range(4):
        answer = await gateway.get(path, headers=headers)
        if answer.status != 307:
            break
    assert answer.status == 200, f"{answer.status} {answer.text}{gateway.tail()}"
    return answer.text


async def test_a_session_runs_once_and_every_task_shows_it(fleet: Fleet) -> None:
    """Started on the first task; pages, writes, sockets and API calls through the two others reach
    the same dev server.
    """
    first, second, third = fleet.tasks
    cookie = await first.start("one")
    pids = {
        json.loads(await follow(task, "/session/one/echo", cookie))["pid"] for task in fleet.tasks
    }
    assert len(pids) == 1
    for task in (second, third):
        async with websocket(task, "/session/one/socket", cookie) as socket:
            await socket.send_str("hello")
            assert (await socket.receive(timeout=5)).data == "hello"
        posted = await task.get(
            "/session/one/echo", method="POST", headers=cookie, data=b"x" * 300_000
        )
        assert (posted.status, posted.json["pid"], len(posted.json["body"])) == (
            200,
            next(iter(pids)),
            300_000,
        )
        long = {**cookie, **{f"X-{number}": "x" * 8000 for number in range(4)}}
        assert (await task.get("/session/one/echo", headers=long)).status == 200, (
            "what the tasks add counts beside what visitors may send"
        )
        written = await task.api(
            "PUT", f"/api/v1/sessions/one/files/src/{task.address}.txt", data=b"from afar"
        )
        assert written.status == 201, written.text
        assert (await task.api("GET", "/api/v1/sessions/one")).json["state"] == "ready"
    changes = json.loads(await follow(third, "/session/one/changes", cookie))
    assert len(changes) == 2, "both writes were reported to the dev server that runs"
    assert (
        sum(len(alive(descendants(task.process.pid))) for task in (second, third))
        < len(alive(descendants(first.process.pid))) * 2
    )


async def test_an_agent_works_through_any_task(fleet: Fleet) -> None:
    """Tools that are called on a task that is not the owner reach the dev server that runs."""
    cookie = await fleet.tasks[0].start("agent")
    for task in fleet.tasks:
        called = {
            "name": "write_file",
            "arguments": {"path": f"{task.address}.txt", "content": "x"},
        }
        answer = await task.api(
            "POST",
            "/api/v1/sessions/agent/mcp",
            body={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": called},
            headers={"Accept": "application/json", "Content-Type": "application/json"},
        )
        assert answer.status == 200, answer.text
        assert answer.json["result"]["structuredContent"]["verdict"]["outcome"] == "rendered"
    changes = json.loads(await follow(fleet.tasks[2], "/session/agent/changes", cookie))
    assert len(changes) == len(fleet.tasks)


async def test_a_link_signs_in_once_in_the_whole_service(fleet: Fleet) -> None:
    """Opened on all tasks at the same time, one of them accepts it."""
    first = fleet.tasks[0]
    await first.start("link")
    made = (await fleet.tasks[1].api("POST", "/api/v1/sessions/link/tokens")).json
    target = urlsplit(made["url"]).path + "?" + urlsplit(made["url"]).query
    answers = await asyncio.gather(*(task.get(target) for task in fleet.tasks for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [303, *[404] * 8]


async def connections_to_peers(task: Gateway) -> dict[str, int]:
    """How many connections the task's Envoy has made to others for plain reads, by protocol."""
    connector = aiohttp.UnixConnector(path=str(private_folder(task) / "admin.sock"))
    pattern = "by-http2%5C.upstream_cx_http"
    async with (
        aiohttp.ClientSession(connector=connector) as client,
        client.get(URL(f"http://envoy/stats?format=json&filter={pattern}", encoded=True)) as answer,
    ):
        stats = (await answer.json(content_type=None))["stats"]
    found: dict[str, int] = {}
    for each in stats:
        protocol = each["name"].rpartition("upstream_cx_")[2]
        found[protocol] = found.get(protocol, 0) + each["value"]
    return found


async def test_plain_reads_of_many_visitors_share_connections(fleet: Fleet) -> None:
    """A page's modules go by HTTP/2. Visitors who take nothing in, more than fit one connection, do
    not make the others wait, and one who breaks off costs no connection.
    """
    first, second, _ = fleet.tasks
    cookie = await first.start("shared")
    await follow(second, "/session/shared/echo", cookie)
    before = await connections_to_peers(second)
    answers = await asyncio.gather(
        *(second.get(f"/session/shared/m{number}.js", headers=cookie) for number in range(60))
    )
    assert {answer.status for answer in answers} == {200}
    after = await connections_to_peers(second)
    assert after["http2_total"] >= 1
    assert after["http2_total"] <= before["http2_total"] + 1, "sixty at once fit one connection"
    host = urlsplit(PUBLIC_URL).netloc
    head = (
        f"GET /session/shared/large?kib=1024 HTTP/1.1\r\nHost: {host}\r\n"
        f"Cookie: {cookie['Cookie']}\r\nSec-Fetch-Mode: cors\r\n\r\n"
    )
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(2 * STREAMS):
            slow = stack.enter_context(socket.create_connection((second.address, 4321), 10))
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(head.encode())
        for _ in range(5):
            async with asyncio.timeout(60):
                assert (await second.get("/session/shared/echo", headers=cookie)).status == 200
    slow_ones = await connections_to_peers(second)
    assert slow_ones["http2_total"] <= after["http2_total"] + 4
    async with asyncio.timeout(60):
        assert (await second.get("/session/shared/echo", headers=cookie)).status == 200
    assert (await connections_to_peers(second))["http2_total"] == slow_ones["http2_total"]
    assert slow_ones["http1_total"] == 0


async def test_visitors_who_break_off_cut_nobody_off(fleet: Fleet) -> None:
    """More requests than Envoy takes for an attack of one client (250 of 500), each cancelled
    before its answer: the connection that they share with others stays.
    """
    first, second = fleet.tasks[:2]
    cookie = await first.start("hasty")
    await follow(second, "/session/hasty/echo", cookie)

    def ask(name: str) -> socket.socket:
        visitor = socket.create_connection((second.address, 4321), 10)
        visitor.sendall(
            f"GET /session/hasty/silent?{name} HTTP/1.1\r\nHost: {urlsplit(PUBLIC_URL).netloc}\r\n"
            f"Cookie: {cookie['Cookie']}\r\nSec-Fetch-Mode: cors\r\n\r\n".encode()
        )
        return visitor

    async def reached(names: list[str]) -> list[str]:
        wanted = {f"/session/hasty/silent?{name}" for name in names}
        async with asyncio.timeout(60):
            while True:
                text = await follow(first, "/session/hasty/visited", cookie)
                if wanted <= set(visited := json.loads(text)):
                    return [str(each) for each in visited]
                await asyncio.sleep(0.05)

    async with contextlib.AsyncExitStack() as stack:
        names = [f"patient{number}" for number in range(8)]
        patient = [stack.enter_context(ask(name)) for name in names]
        await reached(names)
        before = await connections_to_peers(second)
        for batch in range(0, BROKEN_OFF, AT_ONCE):
            names = [f"hasty{number}" for number in range(batch, batch + AT_ONCE)]
            with contextlib.ExitStack() as hasty:
                for name in names:
                    hasty.enter_context(ask(name))
                await reached(names)
        assert (await second.get("/session/hasty/echo", headers=cookie)).status == 200
        readable, _, _ = select.select(patient, [], [], 0)
        assert [each.recv(200) for each in readable] == []
        assert await connections_to_peers(second) == before


async def test_a_task_of_an_earlier_release_is_spoken_to_as_it_can(
    tmp_path: Path, dynamodb: dict[str, Any]
) -> None:
    """While a deployment lasts: it knows HTTP/1.1 alone, has no step of rendering ahead, and both
    give their sessions to each other.
    """
    with running_fleet(tmp_path, new_table(dynamodb), dynamodb, 0) as mixed:
        first = await asyncio.to_thread(mixed.start)
        earlier = await asyncio.to_thread(mixed.start, odd=["--earlier"])
        theirs = await earlier.start("theirs")
        assert json.loads(await follow(first, "/session/theirs/echo", theirs))["method"] == "GET"
        found = await connections_to_peers(first)
        assert found["http1_total"] >= 1
        assert found["http2_total"] == 0
        ours = await first.start("ours")
        assert json.loads(await follow(earlier, "/session/ours/echo", ours))["method"] == "GET"
        async with websocket(first, "/session/ours/socket", ours):
            first.process.send_signal(signal.SIGTERM)
            await ended(first)
        await follow(earlier, "/session/ours/echo", ours)
        assert '"session_handed_over"' in first.log.read_text()


async def test_a_stranger_gets_the_same_answer_everywhere(fleet: Fleet) -> None:
    """A session of another task looks like one that does not exist."""
    cookie = await fleet.tasks[0].start("mine")
    await follow(fleet.tasks[1], "/session/mine/echo", cookie)
    for headers in ({}, fleet.tasks[0].cookie("other"), {"Cookie": "astro_live_session=x"}):
        for task in fleet.tasks:
            for path in (
                "/session/mine/echo",
                "/session/mine/",
                "/session/mine",
                "/session/mine/__astro_live/status",
            ):
                assert (await task.get(path, headers=headers)).status == 404, (
                    task.address,
                    path,
                    headers,
                )
