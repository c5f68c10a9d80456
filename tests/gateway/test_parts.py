"""Small parts by themselves: waits, rates, files with room reserved, removal, and texts for every
stage.
"""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from container.gateway import devserver, reserved
from container.gateway.backoff import Backoff
from container.gateway.bodies import READ, parts_of
from container.gateway.channel import Pace
from container.gateway.cleaner import Cleaner
from container.gateway.devserver import DevServer, Progress
from container.gateway.duty import repeat
from container.gateway.errors import RunnerError
from container.gateway.memory import Allowance, memory_mib
from container.gateway.reserved import ReservedFile
from container.gateway.states import STAGES
from contract.messages import ErrorCode, Stage


class Clock:
    """Time that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_waits_grow_to_the_last_and_a_steady_run_begins_again() -> None:
    clock = Clock()
    backoff = Backoff((0.0, 1.0, 5.0), steady_seconds=60, clock=clock)
    waits = []
    for ran in (1, 1, 1, 1, 61, 1):
        backoff.started()
        clock.now += ran
        waits.append(backoff.failed())
    assert waits == [0.0, 1.0, 5.0, 5.0, 0.0, 1.0]
    assert backoff.failures == 2


def test_a_stream_is_held_to_its_rate_after_a_burst_of_a_second() -> None:
    clock = Clock()
    pace = Pace(1000, clock=clock)
    clock.now += 60
    assert pace.delay(1000) == 0.0
    assert pace.delay(500) == pytest.approx(0.5)
    clock.now += 0.5
    assert pace.delay(100) == pytest.approx(0.1)


def test_every_stage_has_a_text() -> None:
    """Visitors read no raw name of a stage."""
    assert set(STAGES) == set(Stage)
    assert {code for code in ErrorCode if code.fatal} < set(ErrorCode)


def test_a_reserved_file_keeps_the_old_text_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shorter, longer, much longer; a write that fails half-way changes nothing; it goes on from
    whatever an earlier process left.
    """
    file = ReservedFile(tmp_path / "routes.json")
    for text in ("one", "two is longer", "3", "x" * 200_000, "{}"):
        file.write(text)
        assert file.path.read_text().rstrip() == text
    real = os.pwrite

    def fails(descriptor: int, data: bytes, offset: int) -> int:
        if offset:
            raise OSError(errno.EIO, "no")
        return real(descriptor, bytes(data[:10]), offset)

    monkeypatch.setattr(os, "pwrite", fails)
    with pytest.raises(OSError, match="no"):
        file.write("torn")
    monkeypatch.undo()
    assert file.path.read_text().rstrip() == "{}"
    (tmp_path / reserved.SPARE_FOLDER / "routes.json.before").write_text("left behind")
    ReservedFile(tmp_path / "routes.json").write("again")
    assert file.path.read_text().rstrip() == "again"
    assert sorted(path.name for path in (tmp_path / reserved.SPARE_FOLDER).iterdir()) == [
        "routes.json"
    ]


REMOVE = """
import sys
import tempfile
from pathlib import Path
from container.gateway.cleaner import remove_tree
sys.exit(not remove_tree(Path(sys.argv[1])))
"""


def test_a_folder_that_its_site_made_unreadable_is_removed() -> None:
    """As a user who is not root, to whom nothing is unreadable."""
    launcher = ["setpriv", "--reuid=65534", "--clear-groups"] if os.getuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="locked-", dir="/tmp") as name:
        folder = Path(name)
        _lock_away(folder / "home")
        if launcher:
            for path in (folder, folder / "home", folder / "home" / "deep"):
                os.chown(path, 65534, 65534)
        command = [*launcher, sys.executable, "-c", REMOVE, str(folder / "home")]
        assert subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode == 0


def _lock_away(folder: Path) -> None:
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("x")
    (folder / "deep").chmod(0o000)
    folder.chmod(0o500)


async def test_a_folder_that_cannot_be_removed_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaner = Cleaner()
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(
        os, "rmdir", lambda *_arguments, **_options: (_ for _ in ()).throw(OSError(errno.EIO, "no"))
    )
    assert not await cleaner.remove(tmp_path / "home")
    assert cleaner.pending == {tmp_path / "home"}
    monkeypatch.undo()
    await cleaner.retry()
    assert (cleaner.pending, (tmp_path / "home").exists()) == (set(), False)
    assert await cleaner.remove(tmp_path / "never was")
    cleaner.close()


async def test_a_duty_outlives_a_round_that_fails() -> None:
    rounds, enough = [], asyncio.Event()

    async def work() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            enough.set()
        raise ValueError("a bug")

    task = asyncio.create_task(repeat(work, every_seconds=0.001))
    await asyncio.wait_for(enough.wait(), 10)
    task.cancel()


def test_memory_counts_the_whole_tree() -> None:
    """A child's memory is the session's, and a process that is gone counts nothing."""
    child = "import os; os.setpgrp(); b = bytearray(b'x' * (64 << 20)); print(flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        assert 64 <= memory_mib(process.pid) < 200
        assert memory_mib(process.pid, build=Allowance(process.pid, 1000)) >= 64, (
            "a dev server is not a separate build"
        )
        child_pid = (
            psutil.Process(process.pid).children()[0].pid
        )  # it leads its own process group, as a build does
        assert memory_mib(process.pid, build=Allowance(child_pid, 1000)) < 64
        assert 32 <= memory_mib(process.pid, build=Allowance(child_pid, 32)) < 150, (
            "what is above its allowance counts"
        )
    finally:
        process.communicate(b"\n", timeout=20)
    assert memory_mib(process.pid) == 0


async def test_a_start_that_reports_progress_for_ever_ends_all_the_same() -> None:
    """It would keep one of the task's places for good: only a session that serves or waits is
    stopped when nobody asks for it.
    """
    server = DevServer.__new__(DevServer)
    parts: Any = SimpleNamespace(wait=asyncio.get_running_loop().create_future, waiting=False)
    server.child = server.building = parts
    server._ready, server._verdict, server._progress = (
        asyncio.get_running_loop().create_future(),
        None,
        Progress(),
    )

    async def talk() -> None:
        while True:
            server._progress = Progress()
            await asyncio.sleep(0.05)

    talking = asyncio.create_task(talk())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(devserver, "LOOK_SECONDS", 0.1)
            async with asyncio.timeout(30):
                with pytest.raises(RunnerError, match="although it reported progress"):
                    await server._await_ready(20.0, 0.5)
                parts.waiting = True  # for its turn to build: that does not count
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(2):
                        await server._await_ready(20.0, 0.5)
    finally:
        talking.cancel()


async def test_a_body_that_has_been_read_is_there_for_who_takes_it_in_parts() -> None:
    """An archive that was on its way to a session's owner, which is gone, is unpacked here after
    all.
    """
    request: web.Request = make_mocked_request("POST", "/archive")
    request[READ] = b"tar"
    assert [data async for data in parts_of(request, 2)] == [b"tar"]
