"""Credentials hold on every task of a service, and end on every one (S26, S30)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from container.gateway.caller_limit import MOST_REQUESTS
from container.gateway.credentials.keyring import FRESH_SECONDS
from tests.gateway.harness import Gateway
from tests.gateway.table import Faults, client_options, new_table, running_api

from .conftest import Fleet, running_fleet

OLD, NEW = "old-credential-0123456789", "new-credential-0123456789"
CREDENTIALS = "/api/v1/credentials"


@pytest.fixture
def rotated(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Two tasks in the middle of the last step of a rotation: the first takes both values and sends
    the old one, the second takes the new one.
    """
    with running_fleet(tmp_path, table, dynamodb, 0) as fleet:
        fleet.start(ASTRO_LIVE_API_TOKEN=f"{OLD} {NEW}")
        fleet.start(ASTRO_LIVE_API_TOKEN=NEW)
        yield fleet


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[tuple[Gateway, Faults]]:
    """One task on a table that can be made to refuse."""
    faults = Faults()
    with running_api(faults=faults) as port:
        options = client_options(port)
        with running_fleet(tmp_path, new_table(options), options, 1) as fleet:
            yield fleet.tasks[0], faults


async def made(task: Gateway, scopes: list[str]) -> dict[str, Any]:
    """A credential for the session `one`; asked for again while a loaded machine's table is too
    slow.
    """
    deadline = time.monotonic() + 60
    while True:
        body = {"name": "x", "scopes": scopes, "sessions": ["one"]}
        answer = await task.api("POST", CREDENTIALS, body=body)
        if answer.status != 503 or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.2)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def until(task: Gateway, token: str, wanted: int) -> None:
    """Wait until the task answers so."""
    deadline = time.monotonic() + 60
    while (found := await status(task, token)) != wanted:
        assert time.monotonic() < deadline, f"{found}\n{task.tail()}"
        await asyncio.sleep(0.05)


async def status(task: Gateway, token: str, session: str = "one") -> int:
    return (await task.api("GET", f"/api/v1/sessions/{session}", token=token)).status


async def test_a_credential_holds_and_ends_on_every_task(fleet: Fleet) -> None:
    """Made on one, used and forwarded by all; revoked on another, refused by that one at once and
    by the others after moments, the session's owner among them.
    """
    first, second, third = fleet.tasks
    await first.start("one")
    credential = await made(second, ["read", "write"])
    token = credential["secret"]
    for task in fleet.tasks:
        await until(task, token, 200)
        written = await task.api(
            "PUT", "/api/v1/sessions/one/files/src/a.txt", data=b"x", token=token
        )
        assert written.status in (200, 201), written.text
        assert (await task.api("GET", "/api/v1/sessions", token=token)).status == 403
    ended = 503
    while ended == 503:  # bounded by the test's own time
        ended = (await third.api("DELETE", f"{CREDENTIALS}/{credential['id']}")).status
    assert ended in (204, 404)  # 404 after an answer that came too late: it had ended then
    await asyncio.sleep(FRESH_SECONDS)  # how old a record may be; then each task asks the table
    for task in fleet.tasks:
        assert await status(task, token) in (401, 503), "never let in again"
        await until(task, token, 401)


async def test_readers_that_have_left_are_not_counted_on_any_task(fleet: Fleet) -> None:
    """Of a log that says nothing: neither the owner nor the task that forwards hears of its end by
    writing.
    """
    first, second, _ = fleet.tasks
    await first.start("one")
    token = (await made(second, ["read"]))["secret"]
    await until(first, token, 200)
    await until(second, token, 200)
    address = f"{second.api_url}/api/v1/sessions/one/logs?follow=1"
    async with (
        httpx.AsyncClient(
            timeout=60,
            headers={"Authorization": f"Bearer {token}"},
            limits=httpx.Limits(max_connections=None),
        ) as client,
        contextlib.AsyncExitStack() as stack,
    ):
        for _ in range(MOST_REQUESTS):
            opened = await stack.enter_async_context(client.stream("GET", address))
            assert opened.status_code == 200
        assert await status(second, token) == 503
    await until(second, token, 200)
    await until(first, token, 200)


async def test_no_call_fails_while_the_service_credential_is_rotated(rotated: Fleet) -> None:
    """Each task asks the other with a value that it knows, and forwards clients' calls with
    theirs.
    """
    first, second = rotated.tasks
    second.make_site("there")
    started = await second.api("POST", "/api/v1/sessions/there/start", token=NEW)
    assert started.json["state"] == "ready", started.text
    assert await status(first, NEW, "there") == 200
    listed = (await first.api("GET", "/api/v1/sessions", token=OLD)).json["sessions"]
    assert [(each["id"], each["state"]) for each in listed] == [("there", "ready")]
    assert (await second.api("GET", "/api/v1/sessions", token=OLD)).status == 401
    assert "answered 401" not in first.log.read_text()


async def test_without_the_table_only_the_service_credential_is_valid(
    alone: tuple[Gateway, Faults],
) -> None:
    """503 with a code, and everybody is back when the table is."""
    first, faults = alone
    first.make_site("one")
    token = (await made(first, ["read"]))["secret"]
    await until(first, token, 200)
    faults.throttled = 1.0
    await asyncio.sleep(FRESH_SECONDS)
    refused = await first.api("GET", "/api/v1/sessions/one", token=token)
    assert (refused.status, refused.json["code"]) == (503, "ownership-unavailable")
    assert (await first.api("GET", "/api/v1/openapi.json")).status == 200
    faults.throttled = 0.0
    await until(first, token, 200)
