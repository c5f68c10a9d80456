"""Checkpoints outlive their task: what one has kept, the next lists, restores and undoes (S26,
S34); and conditional writes through several tasks are not lost (S31).
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.git_server import git_reason
from tests.gateway.harness import Answer, Gateway, private_folder
from tests.gateway.races import race

from .conftest import Fleet, running_fleet
from .test_failures import pid_of, signal_all, whole
from .test_hand_over import changes_of, ended

pytestmark = pytest.mark.skipif(bool(git_reason()), reason=git_reason())

SESSION = "/api/v1/sessions/kept"
SECONDS = 60.0
WRITES = 200


@pytest.fixture
def pair(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Two tasks."""
    with running_fleet(tmp_path, table, dynamodb, 2) as running:
        yield running


async def ask(task: Gateway, method: str, path: str, body: Any = None) -> Answer:
    """Repeated while the session has no owner."""
    deadline = time.monotonic() + SECONDS
    while (answer := await task.api(method, SESSION + path, body=body)).status in (502, 503):
        assert time.monotonic() < deadline, f"{answer.text}\n{task.tail()}"
        await asyncio.sleep(0.1)
    assert answer.status in (200, 201), answer.text
    return answer


async def write(task: Gateway, text: str) -> None:
    """One batch: three files that say `text`."""
    operations = [
        {"op": "write", "path": f"src/{name}.txt", "content": text} for name in ("a", "b", "c")
    ]
    await ask(task, "POST", "/batch", {"operations": operations})


def texts(task: Gateway) -> list[str]:
    return [(task.sites / "kept/src" / f"{name}.txt").read_text() for name in ("a", "b", "c")]


@pytest.mark.parametrize("killed", [False, True], ids=["handed over", "killed"])
async def test_checkpoints_of_a_task_are_the_next_one_s(pair: Fleet, killed: bool) -> None:
    """Made on the owner, and through the other task; after the owner's end the list is the same,
    numbers go on, and all of it can be restored in whole, by path and by undo. The dev server that
    runs then hears about each file.
    """
    first, second = pair.tasks
    cookie = await first.start("kept")
    await write(first, "one")
    mine = (await ask(first, "POST", "/checkpoints", {"name": "mine"})).json["number"]
    await write(second, "two")
    through = (await ask(second, "POST", "/checkpoints", {"name": "through"})).json["number"]
    await write(first, "three")
    before = (await ask(first, "GET", "/checkpoints")).json
    owner = await pid_of(second, "kept", cookie)
    if killed:
        folder = private_folder(first)
        signal_all(whole(first), signal.SIGKILL)
        shutil.rmtree(folder)  # the machine's disk goes with it
    else:
        first.process.send_signal(signal.SIGTERM)
        await ended(first)
    assert await pid_of(second, "kept", cookie, seconds=SECONDS) != owner
    assert (await ask(second, "GET", "/checkpoints")).json == before
    await ask(second, "POST", "/undo")
    assert texts(second) == ["two"] * 3
    body = {"paths": ["src/a.txt"]}
    await ask(second, "POST", f"/checkpoints/{mine}/restore", body)
    assert texts(second) == ["one", "two", "two"]
    await ask(second, "POST", f"/checkpoints/{mine}/restore")
    assert texts(second) == ["one"] * 3
    await ask(second, "POST", f"/checkpoints/{through}/restore")
    assert texts(second) == ["two"] * 3
    heard = await changes_of(second, "kept", cookie)
    assert sorted(heard[-3:]) == ["a.txt", "b.txt", "c.txt"]
    new = (await ask(second, "POST", "/checkpoints", {"name": "after"})).json
    assert new["number"] > max(each["number"] for each in before["checkpoints"])


@pytest.mark.parametrize("runs", [True, False], ids=["with an owner", "that does not run"])
async def test_no_conditional_write_through_two_tasks_is_lost(pair: Fleet, runs: bool) -> None:
    """Eight writers, four on each task. A session that does not run has no owner: both write."""
    if runs:
        await pair.tasks[0].start("raced")
    else:
        pair.tasks[0].make_site("raced")
    found = await race(pair.tasks, "raced", WRITES)
    assert found.lost == 0, found
    assert found.sent >= WRITES
    assert found.refused > 0, "they did race"
