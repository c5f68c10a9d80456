"""A request with an `Idempotency-Key` is carried out once in the whole service (S26, S30): on any
task, across a hand-over, and when a task dies in the middle.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
from astro_live_client import AsyncClient, BatchRequest, Retries, WriteModel

from container.gateway.openapi_parts import KEY_NAME
from tests.gateway.harness import API_TOKEN, Answer, Gateway, descendants, private_folder
from tests.gateway.mcp_client import connected
from tests.gateway.table import Faults, client_options, new_table, running_api

from .conftest import Fleet, running_fleet

CREDENTIALS = "/api/v1/credentials"
SESSION = "/api/v1/sessions/one"


@pytest.fixture
def pair(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    with running_fleet(tmp_path, table, dynamodb, 2) as fleet:
        yield fleet


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Gateway, Faults]]:
    """One task on a table that can be made to refuse."""
    faults = Faults()
    with running_api(faults=faults) as port:
        options = client_options(port)
        with running_fleet(tmp_path, new_table(options), options, 1) as fleet:
            yield fleet.tasks[0], faults


def new_key() -> dict[str, str]:
    return {KEY_NAME: str(uuid.uuid4())}


async def until_done(
    task: Gateway, method: str, path: str, body: Any, key: dict[str, str], seconds: float = 90
) -> Answer:
    """Sent as the clients do: again while the table is slow, the session moves or the first attempt
    has not ended.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = await task.api(method, path, body=body, headers=key)
        passing = answer.status == 503 or (answer.status == 409 and "Retry-After" in answer.headers)
        if not passing:
            return answer
        assert time.monotonic() < deadline, f"{answer.text}\n{task.tail()}"
        await asyncio.sleep(0.1)


async def named(task: Gateway, name: str) -> int:
    answer = await until_done(task, "GET", CREDENTIALS, None, {})
    return [each["name"] for each in answer.json["credentials"]].count(name)


async def test_eight_clients_of_three_tasks_at_once_have_one_effect(fleet: Fleet) -> None:
    """Of a call that any task carries out, and of one that the session's owner does."""
    await fleet.tasks[0].start("one")
    calls: list[tuple[str, Any]] = [
        (CREDENTIALS, {"name": "eight", "scopes": ["read"], "sessions": ["one"]}),
        (f"{SESSION}/batch", {"operations": [{"op": "write", "path": "n.txt", "content": "1"}]}),
        (f"{SESSION}/tokens", {}),
        ("/api/v1/sessions", {"id": "made"}),
    ]
    for path, body in calls:
        key = new_key()
        answers = await asyncio.gather(
            *(until_done(fleet.tasks[n % 3], "POST", path, body, key) for n in range(8))
        )
        assert {each.status for each in answers} <= {200, 201}, answers[0].text
        assert len({each.body for each in answers}) == 1, path
        assert sum("Idempotent-Replayed" not in each.headers for each in answers) <= 1
    assert await named(fleet.tasks[1], "eight") == 1


async def test_an_answer_is_given_again_after_the_session_has_moved(pair: Fleet) -> None:
    """By the next owner, from the table; the task that gave it first has ended."""
    first, second = pair.tasks
    await first.start("one")
    (first.sites / "one" / "a.txt").write_text("a")
    key, body = new_key(), {"path": "a.txt", "to": "b.txt"}
    made = await until_done(first, "POST", f"{SESSION}/move", body, key)
    assert made.status == 200, made.text
    await asyncio.to_thread(first.stop, signal.SIGTERM, 60)
    (second.sites / "one" / "a.txt").write_text("again")
    again = await until_done(second, "POST", f"{SESSION}/move", body, key)
    assert (again.status, again.body) == (200, made.body)
    assert (second.sites / "one" / "a.txt").read_text() == "again"


async def test_a_task_that_dies_in_the_middle_is_told_and_nothing_is_done_twice(
    pair: Fleet,
) -> None:
    """While it may be alive: in progress; then: not known. A session is created in any case."""
    first, second = pair.tasks
    first.make_site("one", {"delay": 120})
    restart, create = new_key(), new_key()
    running = [
        asyncio.create_task(first.api("POST", f"{SESSION}/restart", headers=restart)),
        asyncio.create_task(
            first.api("POST", "/api/v1/sessions", body={"id": "one"}, headers=create)
        ),
    ]
    await first.until("one", "starting", seconds=60)
    while not await _begun(pair, 2):  # noqa: ASYNC110 - the table can only be asked
        await asyncio.sleep(0.05)
    folder = private_folder(first)
    for pid in {first.process.pid, *descendants(first.process.pid)}:
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)  # the machine's disk goes with it
    for each in running:
        with pytest.raises(aiohttp.ClientError):
            await each
    (second.sites / "one" / "fake.json").write_text("{}")
    lost = await until_done(second, "POST", f"{SESSION}/restart", None, restart)
    assert (lost.status, lost.json["code"]) == (409, "outcome-unknown")
    made = await until_done(second, "POST", "/api/v1/sessions", {"id": "one"}, create)
    assert (made.status, made.json["state"]) == (200, "ready"), made.text


async def _begun(fleet: Fleet, count: int) -> bool:
    """Whether so many requests with a key are under way."""
    client = boto3.client("dynamodb", **fleet.dynamodb)
    items = (await asyncio.to_thread(client.scan, TableName=fleet.table))["Items"]
    return [each["pk"]["S"].startswith("once#") for each in items].count(True) >= count


async def test_without_the_table_a_request_with_a_key_is_not_carried_out(
    alone: tuple[Gateway, Faults],
) -> None:
    """Nobody could say whether it was before. When the table is back, it is, once. The owner takes
    the same request without a key meanwhile.
    """
    task, faults = alone
    await task.start("one")
    key, path = new_key(), f"{SESSION}/batch"
    body = {"operations": [{"op": "write", "path": "n.txt", "content": "1"}]}
    faults.throttled = 1.0
    refused = await task.api("POST", path, body=body, headers=key)
    assert (refused.status, refused.json["code"]) == (503, "keys-unavailable")
    assert not (task.sites / "one" / "n.txt").exists()
    other = {"operations": [{"op": "write", "path": "other.txt", "content": "1"}]}
    assert (await task.api("POST", path, body=other)).status == 200
    faults.throttled = 0.0
    made = await until_done(task, "POST", path, body, key)
    assert made.status == 200, made.text
    assert (task.sites / "one" / "n.txt").read_text() == "1"
    (task.sites / "one" / "n.txt").write_text("2")
    assert (await until_done(task, "POST", path, body, key)).body == made.body
    assert (task.sites / "one" / "n.txt").read_text() == "2"


async def test_what_runs_goes_on_without_the_table(alone: tuple[Gateway, Faults]) -> None:
    """The clients and the MCP server leave out a key that they made where no attempt could keep it:
    none of them can have done anything.
    """
    task, faults = alone
    await task.start("one")
    faults.throttled = 1.0
    write = WriteModel(op="write", path="one.txt", content="1")
    quick = Retries(attempts=2, first_pause_seconds=0.05)
    async with AsyncClient(f"{task.api_url}/api/v1", API_TOKEN, retries=quick) as client:
        await client.change_files("one", body=BatchRequest(operations=[write]))
    assert (task.sites / "one" / "one.txt").read_text() == "1"
    edit = {"path": "one.txt", "edits": [{"old": "1", "new": "2"}]}
    async with connected(task, session="one") as tools:
        result = await tools.call_tool("edit_file", edit)
    assert not result.is_error, result
    assert (task.sites / "one" / "one.txt").read_text() == "2"
