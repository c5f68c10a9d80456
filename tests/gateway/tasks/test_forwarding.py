"""Any task serves any session, through its owner (S26)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.gateway.harness import Gateway, alive, descendants, websocket
from tests.gateway.table import new_table

from .conftest import Fleet, running_fleet


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
