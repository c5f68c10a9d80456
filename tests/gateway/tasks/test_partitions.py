"""An owner that is cut off, from the table, from its peers or from both; a table of yesterday; two
tasks with one id; clocks that are off, and a task of the next release (S26).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest

from container.gateway.ownership.model import LEASE_SECONDS
from tests.gateway.harness import Gateway, alive, descendants, gone, private_folder
from tests.gateway.table import Faults, client_options, new_table, restore, running_api

from .conftest import Fleet, live_socket, running_fleet
from .test_failures import ENDS, SLACK_SECONDS, pid_of
from .test_hand_over import ended
from .wires import Wires, running_wires

OVER_A_LEASE = LEASE_SECONDS + 1.5
WAIT_SECONDS = 60.0
"""Bound of waiting for a take-over: a lease, a start, and what a busy machine adds."""


@dataclass(frozen=True)
class Wired:
    """Three tasks, and what lies between them and before the table."""

    fleet: Fleet
    wires: Wires
    faults: Faults


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    faults = Faults()
    with running_wires() as wires, running_api(faults=faults) as port:
        options = client_options(port)
        folder = tmp_path_factory.mktemp("wired")
        with running_fleet(folder, new_table(options), options, 3, wires) as fleet:
            yield Wired(fleet, wires, faults)


@contextlib.contextmanager
def cut_off(of: set[str], name: str) -> Iterator[None]:
    of.add(name)
    try:
        yield
    finally:
        of.discard(name)


async def served_by(task: Gateway, session: str, cookie: dict[str, str]) -> int | None:
    """The process that serves the session through `task` now, if one answers in time."""
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
        async with asyncio.timeout(5):
            answer = await task.get(f"/session/{session}/echo", headers=cookie)
        if answer.status == 200 and "pid" in answer.text:
            return int(answer.json["pid"])
    return None


async def other_than(before: int, task: Gateway, session: str, cookie: dict[str, str]) -> int:
    """The process that serves the session through `task`, once it is another one."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (now := await served_by(task, session, cookie)) in (None, before):
        assert time.monotonic() < deadline, f"still {now}\n{task.tail()}"
        await asyncio.sleep(0.1)
    assert now is not None
    return now


def lapsed(task: Gateway, session: str) -> bool:
    """Whether the task gave the session up: on a machine that is far too busy it may write no beat
    for a whole lease.
    """
    return f"session {session} is given up" in task.log.read_text()


def forwards_to(task: Gateway, session: str) -> set[str]:
    """Ids of the tasks to which the task's Envoy forwards the session's requests."""
    routes = (private_folder(task) / "rds.json").read_text()
    found = re.findall(rf'"peer-[a-z]+\.{session}".*?"cluster": "peer\.([^.]+)\.', routes)
    return set(found)


async def one_serves(tasks: list[Gateway], session: str, cookie: dict[str, str]) -> int:
    """The process that serves the session through each task, once it is one."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (
        len(pids := {await served_by(task, session, cookie) for task in tasks}) > 1 or None in pids
    ):
        assert time.monotonic() < deadline, f"{pids}\n{tasks[0].tail()}"
        await asyncio.sleep(0.2)
    return next(pid for pid in pids if pid is not None)


async def begun(task: Gateway, session: str) -> dict[str, str]:
    """Have the session started on `task`, as soon as the table answers it; the cookie header."""
    task.make_site(session)
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := await task.api("POST", f"/api/v1/sessions/{session}/start")).status != 200:
        assert answer.status == 503, answer.text
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.2)
    return task.cookie(session)


@pytest.mark.parametrize("peers_too", [False, True], ids=["table", "table and peers"])
async def test_an_owner_that_loses_the_table_gives_its_session_up(
    wired: Wired, peers_too: bool
) -> None:
    """Others reach the table: its dev server has ended before one of them starts its own, and the
    session goes on there. Once the table answers again the task serves it through its new owner.
    """
    first, second, _ = wired.fleet.tasks
    name = "cut-both" if peers_too else "cut-table"
    cookie = await begun(first, name)
    before = await pid_of(second, name, cookie)
    with contextlib.ExitStack() as faults:
        faults.enter_context(cut_off(wired.faults.cut_off, "task0"))
        if peers_too:
            faults.enter_context(cut_off(wired.wires.cut_off, "task0"))
        after = await other_than(before, second, name, cookie)
        assert alive({before}) == set(), "two dev servers"
    assert await one_serves(wired.fleet.tasks, name, cookie) == after


async def test_an_owner_that_loses_its_peers_keeps_its_session(wired: Wired) -> None:
    """Its beat is written, so nobody takes over: its own visitors notice nothing, those of the
    other tasks get the session again as soon as it is reached. Requests through them end.
    """
    first, second, third = wired.fleet.tasks
    cookie = await begun(first, "cut-peers")
    before = await one_serves(wired.fleet.tasks, "cut-peers", cookie)
    with cut_off(wired.wires.cut_off, "task0"):
        deadline = time.monotonic() + OVER_A_LEASE
        while time.monotonic() < deadline and not lapsed(first, "cut-peers"):
            assert await served_by(first, "cut-peers", cookie) in (before, None)
            through = await served_by(second, "cut-peers", cookie)
            assert through is None or lapsed(first, "cut-peers")
        async with asyncio.timeout(WAIT_SECONDS):
            refused = await third.api(
                "PUT", "/api/v1/sessions/cut-peers/files/src/a.txt", data=b"lost"
            )
        assert refused.status == 503 or lapsed(first, "cut-peers"), refused.text
    after = await one_serves(wired.fleet.tasks, "cut-peers", cookie)
    assert after == before or lapsed(first, "cut-peers")
    written = await third.api("PUT", "/api/v1/sessions/cut-peers/files/src/b.txt", data=b"kept")
    assert written.status == 201, written.text


@pytest.mark.parametrize("under_way", [False, True], ids=["idle", "data under way"])
async def test_pages_leave_an_owner_that_vanishes(wired: Wired, under_way: bool) -> None:
    """As with a lost zone: no packet arrives, so nobody closes the connection. The page's socket at
    the task that forwards ends, and the next one reaches the session's next owner. The other tasks
    forward to the lost one no more, before anybody asks them.
    """
    first, second, third = wired.fleet.tasks
    name = "vanished-busy" if under_way else "vanished-idle"
    cookie = await begun(first, name)
    before = await pid_of(second, name, cookie)
    assert await pid_of(third, name, cookie) == before
    path = f"/session/{name}/socket"
    async with live_socket(second, path, cookie) as page:
        await page.send_str("here")
        assert (await page.receive(timeout=WAIT_SECONDS)).data == "here"
        with cut_off(wired.faults.cut_off, "task0"), wired.wires.lost("task0"):
            if under_way:
                await page.send_str("nobody acknowledges this")
            end = await page.receive(timeout=WAIT_SECONDS)  # the kernel's own bound is 15 minutes
            assert end.type in ENDS, end
            async with live_socket(second, path, cookie, seconds=WAIT_SECONDS) as again:
                await again.send_str("back")
                assert (await again.receive(timeout=WAIT_SECONDS)).data == "back"
            deadline = time.monotonic() + WAIT_SECONDS
            while "task0" in forwards_to(third, name):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
            assert await pid_of(second, name, cookie) != before
    await one_serves(wired.fleet.tasks, name, cookie)


async def test_a_slow_and_throttling_table_leaves_one_owner(wired: Wired) -> None:
    """For all tasks, for longer than a lease. That no session changes hands is shown in virtual
    time, where no busy machine adds to it (`ownership/test_owners.py`).
    """
    first = wired.fleet.tasks[0]
    cookie = await begun(first, "slow")
    before = await one_serves(wired.fleet.tasks, "slow", cookie)
    wired.faults.delay, wired.faults.throttled = 0.4, 0.3
    try:
        deadline = time.monotonic() + OVER_A_LEASE
        while time.monotonic() < deadline:
            await served_by(first, "slow", cookie)
    finally:
        wired.faults.delay = wired.faults.throttled = 0.0
    after = await one_serves(wired.fleet.tasks, "slow", cookie)
    assert alive({before}) <= {after}, "two dev servers"


async def test_a_table_of_yesterday_is_corrected_by_those_who_run(wired: Wired) -> None:
    """Its lease names the session's earlier owner, with an earlier fence, and knows no task's beat
    of today: what runs is written again, within a lease, and no second dev server stays.
    """
    first, second, third = wired.fleet.tasks
    items = boto3.resource("dynamodb", **wired.fleet.dynamodb).Table(wired.fleet.table)
    cookie = await begun(first, "restored")
    yesterday = items.scan()["Items"]
    assert (await first.api("POST", "/api/v1/sessions/restored/stop")).status == 200
    assert (await second.api("POST", "/api/v1/sessions/restored/start")).json["state"] == "ready"
    running = await one_serves(wired.fleet.tasks, "restored", cookie)
    restore(items, yesterday)
    began, seen = time.monotonic(), {running: time.monotonic()}
    while time.monotonic() < began + OVER_A_LEASE:
        for task in (first, third):
            if (pid := await served_by(task, "restored", cookie)) is not None:
                seen[pid] = time.monotonic()
    after = await one_serves(wired.fleet.tasks, "restored", cookie)
    assert after == running or lapsed(second, "restored")
    late = {pid: at - began for pid, at in seen.items() if pid != after}
    assert all(seconds <= LEASE_SECONDS + SLACK_SECONDS for seconds in late.values()), late
    assert await gone(set(late), seconds=10) == set(), "no second dev server stays"


async def test_a_second_task_with_an_id_ends_and_changes_nothing(wired: Wired) -> None:
    """It says why, and the first goes on."""
    first, second, _ = wired.fleet.tasks
    cookie = await begun(first, "one-id")
    before = await pid_of(second, "one-id", cookie)
    twin = await asyncio.to_thread(wired.fleet.start, wait=False, twin_of="task0")
    wired.fleet.tasks.remove(twin)
    deadline = time.monotonic() + WAIT_SECONDS
    while twin.process.poll() is None:
        assert time.monotonic() < deadline, twin.tail()
        await asyncio.sleep(0.1)
    assert "'task0' is written by another run already" in twin.log.read_text()
    after = await one_serves(wired.fleet.tasks, "one-id", cookie)
    assert after == before or lapsed(first, "one-id")


async def test_clocks_that_are_off_and_two_releases_share_a_service(
    tmp_path: Path, table: str, dynamodb: dict[str, Any]
) -> None:
    """One task is an hour ahead and of the next release, which writes another format; one is an
    hour behind. Nobody is taken for dead, and a session goes from each release to the other, with
    the attributes that only one of them knows.
    """
    kinds: tuple[list[str], ...] = ([], ["--clock=3600", "--next"], ["--clock=-3600"])
    with running_fleet(tmp_path, table, dynamodb, 0) as fleet:
        for odd in kinds:
            await asyncio.to_thread(fleet.start, odd=odd)
        first, ahead, behind = fleet.tasks
        items = boto3.resource("dynamodb", **dynamodb).Table(table)
        key = {"pk": "session#odd", "sk": "lease"}
        cookie = await behind.start("odd")
        before = await one_serves(fleet.tasks, "odd", cookie)
        await asyncio.sleep(OVER_A_LEASE)
        after = await one_serves(fleet.tasks, "odd", cookie)
        assert after == before or lapsed(behind, "odd")
        behind.process.send_signal(signal.SIGTERM)
        await ended(behind)
        rest = [first, ahead]
        await one_serves(rest, "odd", cookie)
        assert (await first.api("POST", "/api/v1/sessions/odd/stop")).status == 200
        assert (await ahead.api("POST", "/api/v1/sessions/odd/start")).json["state"] == "ready"
        assert await one_serves(rest, "odd", cookie) in descendants(ahead.process.pid)
        assert items.get_item(Key=key)["Item"]["checkpoint"] == "c7"
        ahead.process.send_signal(signal.SIGTERM)
        await ended(ahead)
        assert await one_serves([first], "odd", cookie) in descendants(first.process.pid)
        lease = items.get_item(Key=key)["Item"]
        assert lease["checkpoint"] == "c7", "what this release does not know is kept"
        logs = [task.log.read_text() for task in fleet.tasks]
        assert "session_taken_over" not in "".join(logs) or "is given up" in "".join(logs)
