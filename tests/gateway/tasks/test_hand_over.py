"""A task that ends gives its sessions to the others: ready there before sockets are closed here, no
edit lost (S26).
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import boto3
import pytest

from tests.gateway.harness import API_TOKEN, Gateway, descendants

from .conftest import Fleet, live_socket, running_fleet
from .test_failures import pid_of

ENDED_SECONDS = 60.0
"""Bound of waiting for a task's end; a hand-over takes a start and some tenths of a second."""


async def ended(task: Gateway, seconds: float = ENDED_SECONDS) -> None:
    """Wait for the task's own end."""
    deadline = time.monotonic() + seconds
    while task.process.poll() is None:
        assert time.monotonic() < deadline, task.tail()
        await asyncio.sleep(0.05)
    assert task.process.returncode == 0, task.tail()


async def owner_of(tasks: list[Gateway], session: str, cookie: dict[str, str]) -> Gateway:
    """The task whose process serves the session."""
    pid = await pid_of(tasks[0], session, cookie)
    return next(task for task in tasks if pid in descendants(task.process.pid))


async def changes_of(task: Gateway, session: str, cookie: dict[str, str]) -> list[str]:
    """Files that the session's dev server heard about."""
    for _ in range(100):
        answer = await task.get(f"/session/{session}/changes", headers=cookie)
        if answer.status == 200 and answer.headers["Content-Type"].startswith("application/json"):
            return [Path(change["path"]).name for change in answer.json]
        await asyncio.sleep(0.1)
    raise AssertionError(f"{answer.status} {answer.text}")


async def test_a_page_follows_its_session_to_the_next_task(fleet: Fleet) -> None:
    """SIGTERM to the owner. Its socket stays until another task has the session ready; then it
    reconnects at once. Edits that are made all the while, through every task, reach the dev server
    that runs in the end. Cookie and unused link stay valid.
    """
    first, second, third = fleet.tasks
    cookie = await first.start("page", {"delay": 1.5})
    before = await pid_of(second, "page", cookie)
    link = (await second.api("POST", "/api/v1/sessions/page/tokens")).json["url"]
    await pid_of(third, "page", cookie)
    past = first.sites / "page" / "past.txt"
    past.write_text("before")
    written: list[str] = []
    done = asyncio.Event()

    async def edit() -> None:
        while not done.is_set():
            name = f"edit{len(written)}.txt"
            task = (second, third)[len(written) % 2]
            answer = await task.api("PUT", f"/api/v1/sessions/page/files/src/{name}", data=b"x")
            assert answer.status == 201, answer.text
            written.append(name)
            await asyncio.sleep(0.05)

    async with live_socket(third, "/session/page/socket", cookie) as socket:
        editing = asyncio.create_task(edit())
        began = time.monotonic()
        first.process.send_signal(signal.SIGTERM)
        await socket.send_str("before")
        assert (await socket.receive(timeout=5)).data == "before"
        await asyncio.sleep(0.5)
        past.write_text("after, past the API")
        end = await socket.receive(timeout=ENDED_SECONDS)
        closed = time.monotonic()
        assert end.type in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.CLOSING,
        ), end
        assert closed - began > 1.4, (
            "the next dev server takes 1.5 s to start, and the socket was closed before"
        )
    async with live_socket(third, "/session/page/socket", cookie) as socket:
        await socket.send_str("after")
        assert (await socket.receive(timeout=5)).data == "after"
    assert time.monotonic() - closed < 3.0, "connected again at once, but for a slow machine"
    await ended(first)
    done.set()
    await editing
    after = await pid_of(third, "page", cookie)
    assert after != before
    assert await pid_of(second, "page", cookie) == after
    for _ in range(100):
        if "past.txt" in (told := await changes_of(third, "page", cookie)):
            break
        await asyncio.sleep(0.1)
    assert told.count("past.txt") == 1, (
        "no event of it came from here, so its dev server was told by comparison"
    )
    told.remove("past.txt")
    pages = {path.name for path in (third.sites / "page" / "src").iterdir()}
    assert pages == set(written)
    started = [name for name in written if name not in told]
    assert started == written[: len(started)], "an edit was lost between two that were reported"
    assert len(told) > 3, (told, written)
    target = urlsplit(link).path + "?" + urlsplit(link).query
    assert (await third.get(target)).status == 303


async def look(
    owner: Gateway, other: Gateway, name: str, cookie: dict[str, str], pages: list[str]
) -> None:
    """Visitors have these pages open, and another task knows of it."""
    viewers = [
        {"id": f"page{n}", "visitor": "", "name": "", "visible": n == 0, "page": page, "since": 1}
        for n, page in enumerate(pages)
    ]
    said = json.dumps({"type": "viewers", "viewers": viewers, "more": 0}) + "\n"
    say = f"/session/{name}/say"
    told = await owner.get(say, method="POST", headers=cookie, data=said.encode())
    assert told.status == 200, told.text
    known = f"/api/v1/sessions/{name}/viewers"
    async with asyncio.timeout(60):
        while len((await other.api("GET", known)).json["viewers"]) < len(pages):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def visited(task: Gateway, name: str, cookie: dict[str, str]) -> list[str]:
    """What a session's dev server was asked for, once the session is where it is going."""
    async with asyncio.timeout(60):
        while True:
            answer = await task.get(f"/session/{name}/visited", headers=cookie)
            if answer.status == 200:
                return list(answer.json)
            await asyncio.sleep(0.1)


async def test_open_pages_are_rendered_before_their_sockets_close(fleet: Fleet) -> None:
    """The next dev server is asked for what visitors have open, and only when it has answered do
    they come. What a page says of its address does not lead beyond the session.
    """
    first, second, third = fleet.tasks
    cookie = await first.start("open")
    pages = ["sleep?seconds=2", "../other/", "__open-in-editor?file=x"]
    await look(first, second, "open", cookie, pages)
    async with live_socket(third, "/session/open/socket", cookie) as socket:
        began = time.monotonic()
        first.process.send_signal(signal.SIGTERM)
        await socket.receive(timeout=ENDED_SECONDS)
        assert time.monotonic() - began > 1.9, "closed before the page was rendered"
    await ended(first)
    assert await visited(third, "open", cookie) == ["/session/open/sleep?seconds=2"]


async def test_who_gives_many_away_has_no_pages_rendered(fleet: Fleet) -> None:
    """Their dev servers start at the same time; rendering would hold each of them up."""
    first, _, third = fleet.tasks
    cookies = {name: await first.start(name) for name in ("one", "two", "three")}
    for name, cookie in cookies.items():
        await look(first, third, name, cookie, ["page"])
    first.process.send_signal(signal.SIGTERM)
    await ended(first)
    for name, cookie in cookies.items():
        assert await visited(third, name, cookie) == []


async def test_sessions_start_on_the_next_task_in_turn(alone: Fleet) -> None:
    """The next task has one processor. All starts at once would be late all at once; the pages are
    served where they are until then.
    """
    first = alone.tasks[0]
    names = ["turn0", "turn1", "turn2", "turn3"]
    cookies = {name: await first.start(name, {"delay": 3}) for name in names}
    second = await asyncio.to_thread(alone.start, ASTRO_LIVE_PROCESSORS="1")
    first.process.send_signal(signal.SIGTERM)
    await ended(first)
    for name, cookie in cookies.items():
        assert (await second.get(f"/session/{name}/", headers=cookie)).status == 200
    changes = [
        (entry["session"], entry["state"])
        for entry in map(json.loads, second.log.read_text().splitlines())
        if entry.get("event") == "session_changed" and entry["session"] in names
    ]
    assert sorted(changes[::2]) == [(name, "starting") for name in names]
    assert [state for _, state in changes] == ["starting", "ready"] * len(names)


async def test_a_session_that_is_late_goes_on_with_its_one_start(alone: Fleet) -> None:
    """The time for hand-overs is over before the next dev server is ready: it is the next task's,
    and the request that still waited for it ends nothing.
    """
    first = await asyncio.to_thread(alone.start, ASTRO_LIVE_STOP_TIMEOUT_SECONDS="10")
    second = alone.tasks[0]
    cookie = await first.start("late", {"delay": 9})
    assert await pid_of(second, "late", cookie) in descendants(first.process.pid)
    first.process.send_signal(signal.SIGTERM)
    await ended(first)
    assert "handed over before it is ready" in first.log.read_text()
    await second.until("late", "ready", seconds=60)
    after = await pid_of(second, "late", cookie)
    await asyncio.sleep(1.0)
    assert await pid_of(second, "late", cookie) == after
    assert (await second.api("GET", "/api/v1/sessions/late")).json["state"] == "ready"


async def test_a_session_that_installs_starts_on_the_next_task(fleet: Fleet) -> None:
    """Nothing is served yet, so nobody waits: the session is the other task's at once, and starts
    there without a visit.
    """
    first, second, _ = fleet.tasks
    first.make_site("early", {"start": "progress", "delay": 6})
    starting = asyncio.create_task(first.api("POST", "/api/v1/sessions/early/start"))
    for _ in range(200):
        if await second.state("early") == "starting":
            break
        await asyncio.sleep(0.05)
    first.process.send_signal(signal.SIGTERM)
    await ended(first)
    assert await second.state("early") in ("starting", "ready"), "no visit was needed"
    await second.until("early", "ready", seconds=30)
    await asyncio.gather(starting, return_exceptions=True)


@pytest.fixture
def small(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Two tasks with room for one session each."""
    with running_fleet(tmp_path, table, dynamodb, 2, ASTRO_LIVE_MAX_SESSIONS="1") as fleet:
        yield fleet


@pytest.fixture
def alone(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """One task."""
    with running_fleet(tmp_path, table, dynamodb, 1) as fleet:
        yield fleet


async def test_without_room_elsewhere_a_session_ends_with_its_task(small: Fleet) -> None:
    """The other task is full: the session starts again at a later visit, when there is room."""
    first, second = small.tasks
    mine = await first.start("mine")
    await second.start("full")
    first.process.send_signal(signal.SIGTERM)
    await ended(first)
    refused = await second.get("/session/mine/echo", headers=mine)
    assert refused.status == 429, refused.text
    assert (await second.api("POST", "/api/v1/sessions/full/stop")).status == 200
    assert await pid_of(second, "mine", mine) in descendants(second.process.pid)


async def test_all_sessions_of_a_task_are_shared_out_by_room(alone: Fleet) -> None:
    """Five sessions, and two tasks with room for three each: each has an owner afterwards, and none
    more than it can hold.
    """
    first = alone.tasks[0]
    cookies = {name: await first.start(name) for name in ("a", "b", "c", "d", "e")}
    others = [await asyncio.to_thread(alone.start, ASTRO_LIVE_MAX_SESSIONS="3") for _ in range(2)]
    first.process.send_signal(signal.SIGTERM)
    await ended(first)
    owners = [await owner_of(others, name, cookie) for name, cookie in cookies.items()]
    assert sorted(owners.count(task) for task in others) == [2, 3]


async def test_only_other_tasks_can_ask_for_a_hand_over(alone: Fleet) -> None:
    """The port of the API has no such address, with whatever header."""
    first = alone.tasks[0]
    await first.start("asked")
    headers = {"Authorization": f"Bearer {API_TOKEN}", "x-astro-live-peer": "1"}
    async with aiohttp.ClientSession() as client:
        for step in ("prepare", "render", "accept", "changes", "cancel", "moved"):
            async with client.post(
                f"{first.api_url}/peers/sessions/asked/{step}", headers=headers, json={}
            ) as answer:
                assert answer.status == 404, step


async def test_a_task_whose_id_another_one_has_ends(alone: Fleet) -> None:
    """It has nothing to hand over, since its sessions are the other one's; the supervisor does not
    start it again.
    """
    first = alone.tasks[0]
    await first.start("mine")
    items = boto3.resource("dynamodb", **alone.dynamodb).Table(alone.table)
    (found,) = items.query(
        KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": "task"}
    )["Items"]
    items.put_item(Item={**found, "run": "another"})
    await ended(first)
