"""Owners die, stop, hang or are not the owner any more: another task serves the session, and never
two beyond the lease (S26).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import WSMsgType

from container.gateway.ownership.model import LEASE_SECONDS
from tests.gateway.harness import Gateway, alive, descendants, gone, private_folder, websocket
from tests.gateway.table import client_options, running_api

from .conftest import Fleet, live_socket, running_fleet

ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
SLACK_SECONDS = 8.0
"""A start, and what a busy machine adds."""


async def pid_of(
    task: Gateway, session: str, cookie: dict[str, str], *, seconds: float = 20
) -> int:
    """The process that serves the session through `task`, as soon as one does."""
    deadline = time.monotonic() + seconds
    while True:
        answer = await task.get(f"/session/{session}/echo", headers=cookie)
        if answer.status == 200 and answer.headers["Content-Type"].startswith("application/json"):
            return int(json.loads(answer.text)["pid"])
        assert answer.status in (200, 303, 307, 503), f"{answer.status} {answer.text}"
        assert time.monotonic() < deadline, f"{answer.status} {answer.text}\n{task.tail()}"
        await asyncio.sleep(0.1)


def whole(task: Gateway) -> set[int]:
    """All processes of a task."""
    return {task.process.pid, *descendants(task.process.pid)}


def signal_all(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


async def test_a_killed_owner_is_taken_over_within_a_lease_and_a_start(fleet: Fleet) -> None:
    """All of the task's processes end at once, as with a lost machine."""
    first, second, third = fleet.tasks
    cookie = await first.start("killed")
    before = await pid_of(second, "killed", cookie)
    folder = private_folder(first)
    signal_all(whole(first), signal.SIGKILL)
    shutil.rmtree(folder)  # the machine's disk goes with it
    began = time.monotonic()
    after = await pid_of(second, "killed", cookie)
    assert time.monotonic() - began < LEASE_SECONDS + SLACK_SECONDS
    assert after != before
    assert await pid_of(third, "killed", cookie) == after


async def test_an_open_page_brings_the_session_of_a_killed_owner_back(fleet: Fleet) -> None:
    """All that it asks for is its socket, again and again. A session that was stopped is not
    started by that.
    """
    first, second, third = fleet.tasks
    cookie = await first.start("watched")
    folder = private_folder(first)
    async with live_socket(second, "/session/watched/socket", cookie) as page:
        signal_all(whole(first), signal.SIGKILL)
        shutil.rmtree(folder)
        assert (await page.receive(timeout=60)).type in ENDS
    async with live_socket(second, "/session/watched/socket", cookie, seconds=60) as page:
        assert (await third.api("POST", "/api/v1/sessions/watched/stop")).status == 200
        assert (await page.receive(timeout=60)).type in ENDS
    for _ in range(5):
        for task in (second, third):
            with pytest.raises(aiohttp.WSServerHandshakeError, match="503"):
                async with websocket(task, "/session/watched/socket", cookie):
                    pass
    assert await third.state("watched") == "stopped"


async def test_a_task_that_is_not_the_owner_says_so_and_the_edge_asks_again(fleet: Fleet) -> None:
    """The edge has a route to a task that has given the session up; another one owns it now."""
    first, second, third = fleet.tasks
    cookie = await first.start("moved")
    before = await pid_of(third, "moved", cookie)
    assert (await first.api("POST", "/api/v1/sessions/moved/stop")).status == 200
    assert (await second.api("POST", "/api/v1/sessions/moved/start")).json["state"] == "ready"
    after = await pid_of(third, "moved", cookie)
    assert after != before
    assert after in descendants(second.process.pid)
    assert await pid_of(first, "moved", cookie) == after


async def test_an_owner_that_hung_beyond_its_lease_ends_its_dev_server(fleet: Fleet) -> None:
    """Stopped by a signal for longer than a lease and continued: split brain ends by itself, at the
    task that was silent.
    """
    first, second, third = fleet.tasks
    cookie = await first.start("split")
    before = await pid_of(second, "split", cookie)
    stopped = whole(first)
    signal_all(stopped, signal.SIGSTOP)
    try:
        after = await pid_of(third, "split", cookie, seconds=30)
        assert after != before
    finally:
        signal_all(alive(stopped), signal.SIGCONT)
    assert await gone({before}, seconds=5) == set()
    for task in fleet.tasks:
        assert await pid_of(task, "split", cookie) == after


async def test_a_restarted_control_plane_goes_on_with_its_sessions(fleet: Fleet) -> None:
    """The task is still the same one; nothing starts again, on it or elsewhere."""
    first, second, _ = fleet.tasks
    cookie = await first.start("same")
    before = await pid_of(second, "same", cookie)
    control = next(
        pid
        for pid in descendants(first.process.pid)
        if b"container.gateway.control" in _command(pid)
    )
    os.kill(control, signal.SIGKILL)
    await gone({control})
    await first.ready()
    for task in fleet.tasks:
        assert await pid_of(task, "same", cookie) == before
    assert (await second.api("POST", "/api/v1/sessions/same/restart")).json["state"] == "ready"
    assert await pid_of(second, "same", cookie) in descendants(first.process.pid)


@pytest.fixture
def outage(tmp_path: Path, table: str) -> Iterator[tuple[Fleet, contextlib.ExitStack, int]]:
    """Two tasks, a DynamoDB API that ends when its stack is closed, and its port."""
    with contextlib.ExitStack() as api:
        port = api.enter_context(running_api())
        with running_fleet(tmp_path, table, client_options(port), 2) as fleet:
            yield fleet, api, port


async def test_without_the_table_what_runs_goes_on_and_nothing_new_starts(
    outage: tuple[Fleet, contextlib.ExitStack, int],
) -> None:
    """The table is out of reach for all: nobody can take anything over, so owners keep their
    sessions. Once it is back each session has one owner; that need not be the same one, since
    leases have lapsed meanwhile.
    """
    fleet, api, port = outage
    first, second = fleet.tasks
    cookie = await first.start("kept")
    before = await pid_of(second, "kept", cookie)
    first.make_site("new")
    api.close()
    await asyncio.sleep(2 * LEASE_SECONDS)
    assert [await pid_of(task, "kept", cookie) for task in fleet.tasks] == [before, before]
    refused = await first.api("POST", "/api/v1/sessions/new/start")
    assert (refused.status, refused.json["code"]) == (503, "ownership-unavailable")
    api.enter_context(running_api(port))
    for _ in range(100):
        if (await first.api("POST", "/api/v1/sessions/new/start")).status == 200:
            break
        await asyncio.sleep(0.1)
    assert await first.state("new") == "ready"
    assert len({await pid_of(task, "kept", cookie) for task in fleet.tasks}) == 1


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
