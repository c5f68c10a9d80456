"""Two releases share the table during a rolling deployment: each reads what the other has written
(S26).

The earlier one is the code that wrote the first items of format 1, from the project's history, in a
separate process. Where there is no history (a shallow clone, an archive) the items that it wrote
are read from a record.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest

from container.gateway.ownership.dynamo import DynamoStore, make_client
from container.gateway.ownership.model import (
    FORMAT,
    LEASE_SECONDS,
    READABLE,
    Lease,
    StoreUnavailable,
    Task,
)
from container.gateway.ownership.owners import Mine, Owners, Place, Theirs

ROOT = Path(__file__).parents[3]
EARLIEST = "2348c4fd2ba8be67f21214e2ce4eecdc75986d29"
"""The commit with the first store, which writes format 1."""
PARTS = ("contract", "container/__init__.py", "container/gateway/__init__.py", "container/gateway/ownership")  # fmt: skip
RECORD = Path(__file__).with_name("items-of-format-1.json")
"""What `EARLIEST` left in the table: a task, a session that it runs, one that it gave up and whose
viewers were signed out, and a used link. Written by `python -m tests.gateway.ownership.recording`.
"""
PATIENCE_SECONDS = 60.0

T = TypeVar("T")


class Earlier:
    """The earlier release's task."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, work: str, on: str = "") -> Any:
        answer = await self._ask(json.dumps({"do": work, "on": on}))
        assert "error" not in answer, answer
        return answer["answer"]

    async def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        assert line, "the earlier release has ended; its reason is above"
        found: dict[str, Any] = json.loads(line)
        return found

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def earlier_code(folder: Path) -> Path:
    """The earlier release's code, from the history; skips where there is none."""
    done = subprocess.run(
        ["git", "archive", EARLIEST, *PARTS], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(
            "the earlier release is not in this clone's history; its record is read instead"
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@contextlib.asynccontextmanager
async def running_earlier(
    code: Path, table: str, dynamodb: dict[str, Any], task: Task
) -> AsyncIterator[Earlier]:
    """A task of the code in `code`, once it has written its first beat."""
    named = {"id": task.id, "run": task.run, "address": task.address}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("earlier_task.py")),
        *(json.dumps(argument) for argument in (table, dynamodb, named)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(code)},
    )
    earlier = Earlier(process)
    try:
        assert (await earlier.hear())["code"].startswith(str(code)), "that is this release"
        yield earlier
    finally:
        await earlier.kill()


@contextlib.asynccontextmanager
async def running_owners(store: DynamoStore, task: Task) -> AsyncIterator[Owners]:
    """This release's task."""

    async def lost(_lease: Lease, _reason: str) -> None:
        """It has no dev servers."""

    owners = Owners(store, task, room=lambda: 5, on_lost=lost)
    beats = asyncio.create_task(owners.run())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while owners.cut_off:  # noqa: ASYNC110 - a beat is a write, not an event
                await asyncio.sleep(0.02)
        yield owners
    finally:
        beats.cancel()
        await asyncio.gather(beats, return_exceptions=True)


class Mortal(DynamoStore):
    """Of a task that may be killed: nothing reaches the table from then on, a farewell neither."""

    killed = False

    async def call(self, function: Callable[..., T], **arguments: Any) -> T:
        if self.killed:
            raise StoreUnavailable("the task is gone")
        return await super().call(function, **arguments)


OLD = Task(id="old", run="run-old", address="10.0.0.1:4400")
NEW = Task(id="new", run="run-new", address="10.0.0.2:4400")


@pytest.fixture
def store(dynamodb: dict[str, Any], table: str) -> Mortal:
    return Mortal(table, make_client(**dynamodb))


async def test_the_earlier_release_and_this_one_share_a_table(
    tmp_path: Path, table: str, dynamodb: dict[str, Any], store: DynamoStore
) -> None:
    """Both run: each finds the other's sessions and address, takes what the other gives up or hands
    over, keeps its epochs and refuses its used links.
    """
    code = earlier_code(tmp_path)
    async with (
        running_earlier(code, table, dynamodb, OLD) as earlier,
        running_owners(store, NEW) as owners,
    ):
        assert await earlier.do("acquire", "theirs") == {"owner": "old", "fence": 1, "epoch": 0}
        place = await owners.acquire("theirs")
        assert isinstance(place, Theirs)
        assert place.task.address == OLD.address
        assert isinstance(await owners.acquire("ours"), Mine)
        assert await earlier.do("acquire", "ours") == {"owner": "new", "address": NEW.address}
        assert set(await earlier.do("tasks")) == {task.id for task in await store.all_tasks()}

        await owners.release("ours")
        assert await earlier.do("acquire", "ours") == {"owner": "old", "fence": 2, "epoch": 0}
        await earlier.do("retire", "ours")
        await earlier.do("release", "ours")
        taken = await owners.acquire("ours")
        assert isinstance(taken, Mine)
        assert (taken.lease.fence, taken.lease.epoch) == (3, 1)

        assert await earlier.do("hand_over", "theirs new") == {"fence": 2}
        assert isinstance(await owners.acquire("theirs"), Mine)
        await owners.hand_over("theirs", (await store.read_tasks(["old"]))["old"])
        assert (await earlier.do("acquire", "theirs"))["owner"] == "old"

        assert await earlier.do("redeem", "one") is True
        assert await store.redeem("one", 4_000_000_000) is False
        assert await store.redeem("two", 4_000_000_000) is True
        assert await earlier.do("redeem", "two") is False


@pytest.mark.parametrize("killed", ["old", "new"])
async def test_either_release_takes_over_what_the_other_ran(
    killed: str, tmp_path: Path, table: str, dynamodb: dict[str, Any], store: Mortal
) -> None:
    """The owner is gone without a word: within a lease, by its beats, the other release has its
    session, and no sooner.
    """
    code = earlier_code(tmp_path)
    async with contextlib.AsyncExitStack() as first, contextlib.AsyncExitStack() as second:
        earlier = await (first if killed == "old" else second).enter_async_context(
            running_earlier(code, table, dynamodb, OLD)
        )
        owners = await (first if killed == "new" else second).enter_async_context(
            running_owners(store, NEW)
        )

        async def owner_for(name: str) -> tuple[str, int]:
            if name == "old":
                found = await earlier.do("acquire", "left")
                return found["owner"], found.get("fence", 0)
            place: Place = await owners.acquire("left")
            assert isinstance(place, Mine | Theirs)
            return (NEW.id, place.lease.fence) if isinstance(place, Mine) else (place.task.id, 0)

        heir = "new" if killed == "old" else "old"
        assert await owner_for(killed) == (killed, 1)
        assert await owner_for(heir) == (killed, 0)
        store.killed = killed == "new"
        await first.aclose()
        gone = time.monotonic()
        while (found := await owner_for(heir)) != (heir, 2):
            assert found == (killed, 0)
            assert time.monotonic() - gone < PATIENCE_SECONDS
            await asyncio.sleep(0.1)
        assert time.monotonic() - gone > LEASE_SECONDS / 3, "its last beat was a beat ago at most"


@pytest.fixture
def record(dynamodb: dict[str, Any], table: str) -> Callable[[str, str], dict[str, Any]]:
    """The recorded items in a table, and what reads one of it."""
    client = boto3.client("dynamodb", **dynamodb)
    for item in json.loads(RECORD.read_text()):
        client.put_item(TableName=table, Item=item)

    def read(partition: str, sort: str) -> dict[str, Any]:
        key = {"pk": {"S": partition}, "sk": {"S": sort}}
        found: dict[str, Any] = client.get_item(TableName=table, Key=key)["Item"]
        return found

    return read


async def test_this_release_goes_on_with_recorded_items(
    store: DynamoStore, record: Callable[[str, str], dict[str, Any]]
) -> None:
    """Those of the first release, byte for byte. What is written over them is readable for it."""
    (task,) = await store.all_tasks()
    assert (task.id, task.address, task.free) == ("old", OLD.address, 5)
    runs, left = await store.read("runs"), await store.read("left")
    assert runs == Lease(session_id="runs", owner="old", fence=1)
    assert left == Lease(session_id="left", owner=None, fence=1, epoch=1)
    assert await store.redeem("used", 4_000_000_000) is False
    after = Lease(session_id="runs", owner="new", fence=2)
    await store.swap(runs, after, only_if=task)
    assert await store.read("runs") == after
    await store.swap(left, Lease(session_id="left", owner="new", fence=2, epoch=1))
    for session in ("runs", "left"):
        written = record(f"session#{session}", "lease")
        assert set(written) == {"pk", "sk", "owner", "fence", "epoch", "format", "readable"}
        assert int(written["readable"]["N"]) <= 1, "the first release reads format 1"


def test_a_format_is_raised_with_a_record_of_the_one_before() -> None:
    """A change of the format that the release before cannot read would stop a rolling deployment:
    this fails then, and says what to do.
    """
    records = sorted(path.name for path in RECORD.parent.glob("items-of-format-*.json"))
    assert READABLE == 1, "tasks of format 1 may run beside this release"
    assert records == [f"items-of-format-{number}.json" for number in range(1, FORMAT + 1)], (
        "record the items of each format: python -m tests.gateway.ownership.recording"
    )
