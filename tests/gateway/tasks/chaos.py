"""Three real tasks under random faults, visits, edits and sign-ins: `python -m
tests.gateway.tasks.chaos --seconds 120 --seed 7`.

Faults: a task is killed with all of its processes, is ended (it hands its sessions over), hangs,
loses its Envoy or its control plane, is cut off from the table, from the other tasks or from both;
the table is away, slow or throttled for everybody, or becomes what it was a while ago; a second
task with an id starts. What is ended is replaced, as ECS would, at times by a task of the next
release or by one whose clock is an hour off. It is checked that

- no dev server answers visitors longer than a lease after another one has answered them,
- every edit that a task accepted is on the disk, and the last one reaches the dev server that runs,
- no sign-in link works twice,
- each session is served again by one dev server through every task,
- no process is left.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import boto3

from container.gateway.ownership.model import LEASE_SECONDS
from tests.gateway.harness import Answer, Gateway, alive, descendants
from tests.gateway.table import Faults, client_options, new_table, restore, running_api

from .conftest import Fleet, running_fleet
from .wires import Wires, running_wires

TASKS = 3
SESSIONS = ("ant", "bee", "cat")
SLACK_SECONDS = 4.0
"""Ending a dev server, and what a busy machine adds."""
CALM_SECONDS = 90.0
"""After the last fault, until everything must be well again."""
KINDS: tuple[list[str], ...] = (
    [],
    [],
    ["--next"],
    ["--earlier"],
    ["--clock=3600"],
    ["--clock=-3600", "--next"],
)
"""Of the tasks that replace others; see `odd_task.py`."""


@dataclass
class Seen:
    """Which dev server answered for a session: seconds of the first answer and of the start of the
    last request, by process id.
    """

    first: dict[int, float] = field(default_factory=dict)
    last_asked: dict[int, float] = field(default_factory=dict)

    def note(self, pid: int, asked: float) -> None:
        self.first.setdefault(pid, time.monotonic())
        self.last_asked[pid] = max(asked, self.last_asked.get(pid, asked))

    def longest_overlap(self) -> float:
        """For how long a dev server went on answering after a later one had begun to."""
        order = sorted(self.first, key=lambda pid: self.first[pid])
        overlaps = [
            self.last_asked[a] - self.first[b]
            for index, a in enumerate(order)
            for b in order[index + 1 :]
        ]
        return max(overlaps, default=0.0)


@dataclass
class Outcome:
    """What a run saw."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    visits: int = 0
    failed_visits: int = 0
    edits: int = 0
    links: int = 0
    problems: list[str] = field(default_factory=list)
    longest_overlap: float = 0.0
    longest_without: float = 0.0
    """Seconds between two answers of one session's dev servers."""

    def __str__(self) -> str:
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items()))
        return (
            f"seed {self.seed}: {faults}; {self.visits} visits ({self.failed_visits} without the"
            f" site), {self.edits} edits, {self.links} links; longest time with two dev servers"
            f" {self.longest_overlap:.2f} s, without one {self.longest_without:.1f} s;"
            f" {len(self.problems)} problems"
        )


class Chaos:
    """One run on a fleet."""

    def __init__(
        self,
        fleet: Fleet,
        wires: Wires,
        api: contextlib.ExitStack,
        port: int,
        faults: Faults,
        outcome: Outcome,
    ) -> None:
        self._fleet, self._wires = fleet, wires
        self._api, self._port, self._faults = api, port, faults
        self._snapshot: list[dict[str, Any]] = []
        self.outcome = outcome
        self._random = random.Random(outcome.seed)
        self.living = list(fleet.tasks)
        self._cookies: dict[str, dict[str, str]] = {}
        self._seen = {name: Seen() for name in SESSIONS}
        self._answered: dict[str, float] = {}
        self._accepted: dict[str, list[str]] = {name: [] for name in SESSIONS}

    async def run(self, seconds: float) -> None:
        """Faults for so long, then calm; problems are in the outcome."""
        for index, name in enumerate(SESSIONS):
            self._cookies[name] = await self.living[index % len(self.living)].start(name)
            (self.living[0].sites / name / "src").mkdir()
        work = [
            asyncio.create_task(each)
            for each in (*map(self._visit, SESSIONS), *map(self._edit, SESSIONS), self._sign_in())
        ]
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            await self._fault()
            await asyncio.sleep(self._random.uniform(0.5, 3))
        for task in work[len(SESSIONS) :]:
            task.cancel()
        await self._calm()
        for task in work:
            task.cancel()
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, Exception):
                self.outcome.problems.append(f"the test itself failed: {result!r}")
        self.outcome.longest_overlap = max(seen.longest_overlap() for seen in self._seen.values())
        if self.outcome.longest_overlap > LEASE_SECONDS + SLACK_SECONDS:
            self.outcome.problems.append(
                f"two dev servers answered for {self.outcome.longest_overlap:.1f} s"
            )

    # What people do

    def _any(self) -> Gateway:
        return self._random.choice(self.living)

    async def _echo(self, task: Gateway, name: str) -> int | None:
        """The process that serves the session through `task`, if one does."""
        asked = time.monotonic()
        try:
            async with asyncio.timeout(8):
                answer = await task.get(f"/session/{name}/echo", headers=self._cookies[name])
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
        if answer.status != 200 or not answer.headers["Content-Type"].startswith(
            "application/json"
        ):
            return None
        pid = int(answer.json["pid"])
        self._seen[name].note(pid, asked)
        return pid

    async def _visit(self, name: str) -> None:
        while True:
            self.outcome.visits += 1
            if await self._echo(self._any(), name) is None:
                self.outcome.failed_visits += 1
            else:
                now = time.monotonic()
                self.outcome.longest_without = max(
                    self.outcome.longest_without, now - self._answered.get(name, now)
                )
                self._answered[name] = now
            await asyncio.sleep(0.1)

    async def _put(self, name: str, file: str) -> bool:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with asyncio.timeout(8):
                answer = await self._any().api(
                    "PUT", f"/api/v1/sessions/{name}/files/src/{file}", data=file.encode()
                )
            return answer.status in (200, 201)
        return False

    async def _edit(self, name: str) -> None:
        number = 0
        while True:
            number += 1
            if await self._put(name, f"edit{number}.txt"):
                self._accepted[name].append(f"edit{number}.txt")
                self.outcome.edits += 1
            await asyncio.sleep(0.15)

    async def _sign_in(self) -> None:
        """One link, opened at the same time through all tasks."""
        while True:
            name = self._random.choice(SESSIONS)
            with contextlib.suppress(
                aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError
            ):
                async with asyncio.timeout(10):
                    url = urlsplit(
                        (await self._any().api("POST", f"/api/v1/sessions/{name}/tokens")).json[
                            "url"
                        ]
                    )
                    opened = [
                        task.get(f"{url.path}?{url.query}")
                        for task in self.living
                        for _ in range(2)
                    ]
                    answers = await asyncio.gather(*opened, return_exceptions=True)
                accepted = sum(
                    isinstance(answer, Answer) and answer.status == 303 for answer in answers
                )
                self.outcome.links += 1
                if accepted > 1:
                    self.outcome.problems.append(f"a sign-in link worked {accepted} times")
            await asyncio.sleep(0.5)

    # What goes wrong

    async def _fault(self) -> None:
        kinds: dict[str, Callable[[Gateway], Awaitable[None]]] = {
            "cut off from the table": lambda task: self._cut_off(task, table=True),
            "cut off from the tasks": lambda task: self._cut_off(task, peers=True),
            "cut off from both": lambda task: self._cut_off(task, table=True, peers=True),
            "earlier table": self._earlier_table,
            "second task of an id": self._twin,
            "kill": self._kill,
            "end": self._end,
            "hang": self._hang,
            "vanish": self._vanish,
            "envoy killed": self._kill_envoy,
            "control plane killed": self._kill_control,
            "table away": self._table_away,
            "table slow": self._table_slow,
            "table throttled": self._table_throttled,
        }
        kind = self._random.choice(sorted(kinds))
        self.outcome.faults[kind] += 1
        await kinds[kind](self._any())

    async def _replace(self, task: Gateway) -> None:
        odd = self._random.choice(KINDS)
        self.outcome.faults.update(
            {each.partition("=")[0].replace("--", "odd "): 1 for each in odd}
        )
        fresh = await asyncio.to_thread(self._fleet.start, odd=odd)
        self.living.append(fresh)
        await asyncio.to_thread(task.process.wait, 90)

    async def _kill(self, task: Gateway) -> None:
        self.living.remove(task)
        pids = {task.process.pid, *descendants(task.process.pid)}
        folders = {folder for pid in pids for folder in _private_folder(pid)}
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for folder in folders:  # the machine's disk goes with it
            shutil.rmtree(folder, ignore_errors=True)
        await self._replace(task)

    async def _end(self, task: Gateway) -> None:
        self.living.remove(task)
        task.process.send_signal(signal.SIGTERM)
        await self._replace(task)

    async def _hang(self, task: Gateway) -> None:
        pids = {task.process.pid, *descendants(task.process.pid)}
        self.living.remove(task)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(self._random.uniform(1, LEASE_SECONDS + 3))
        finally:
            for pid in alive(pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            self.living.append(task)

    async def _cut_off(self, task: Gateway, *, table: bool = False, peers: bool = False) -> None:
        name = self._fleet.name_of(task)
        if table:
            self._faults.cut_off.add(name)
        if peers:
            self._wires.cut_off.add(name)
        await asyncio.sleep(self._random.uniform(1, LEASE_SECONDS + 3))
        self._faults.cut_off.discard(name)
        self._wires.cut_off.discard(name)

    async def _vanish(self, task: Gateway) -> None:
        """As with its zone: what is sent to it is never acknowledged, and it reaches nothing."""
        name = self._fleet.name_of(task)
        self._faults.cut_off.add(name)
        with self._wires.lost(name):
            await asyncio.sleep(self._random.uniform(1, LEASE_SECONDS + 3))
        self._faults.cut_off.discard(name)

    async def _earlier_table(self, _task: Gateway) -> None:
        """Links stay used: those of yesterday have expired, and nobody opens one again here."""
        items = boto3.resource("dynamodb", **self._fleet.dynamodb).Table(self._fleet.table)
        if self._snapshot:
            await asyncio.to_thread(restore, items, self._snapshot, but="link#")
        self._snapshot = (await asyncio.to_thread(items.scan))["Items"]

    async def _twin(self, task: Gateway) -> None:
        """It must end by itself."""
        twin = await asyncio.to_thread(
            self._fleet.start, wait=False, twin_of=self._fleet.name_of(task)
        )
        try:
            await asyncio.to_thread(twin.process.wait, 60)
        except subprocess.TimeoutExpired:
            self.outcome.problems.append("a second task with an id goes on")
            twin.process.kill()

    async def _kill_part(self, task: Gateway, *parts: bytes) -> None:
        for pid in descendants(task.process.pid):
            with contextlib.suppress(OSError):
                if any(part in _command(pid) for part in parts):
                    os.kill(pid, signal.SIGKILL)

    async def _kill_envoy(self, task: Gateway) -> None:
        await self._kill_part(task, b"envoy")

    async def _kill_control(self, task: Gateway) -> None:
        await self._kill_part(task, b"container.gateway.control", b"odd_task")

    async def _table_away(self, _task: Gateway) -> None:
        await asyncio.to_thread(self._api.close)
        await asyncio.sleep(self._random.uniform(1, LEASE_SECONDS + 2))
        self._api.enter_context(running_api(self._port, self._faults))

    async def _table_slow(self, _task: Gateway) -> None:
        self._faults.delay = self._random.uniform(0.1, 1.0)
        await asyncio.sleep(self._random.uniform(1, 6))
        self._faults.delay = 0.0

    async def _table_throttled(self, _task: Gateway) -> None:
        self._faults.throttled = self._random.uniform(0.2, 0.9)
        await asyncio.sleep(self._random.uniform(1, 6))
        self._faults.throttled = 0.0

    # What must hold

    async def _calm(self) -> None:
        for name in SESSIONS:
            if not await self._until(lambda name=name: self._is_served_once(name)):  # type: ignore[misc]
                self.outcome.problems.append(
                    f"session {name} is not served by one dev server through every task"
                )
                continue
            if not await self._until(lambda name=name: self._put(name, "last.txt")):  # type: ignore[misc]
                self.outcome.problems.append(f"session {name} takes no edit")
            elif not await self._until(lambda name=name: self._was_told(name, "last.txt")):  # type: ignore[misc]
                self.outcome.problems.append(
                    f"session {name}: the last edit did not reach its dev server"
                )
            folder = self.living[0].sites / name / "src"
            lost = [
                file
                for file in self._accepted[name]
                if not (folder / file).is_file() or (folder / file).read_text() != file
            ]
            if lost:
                self.outcome.problems.append(
                    f"session {name}: edits are lost: {', '.join(lost[:5])}"
                )

    async def _until(self, condition: Callable[[], Awaitable[bool]]) -> bool:
        deadline = time.monotonic() + CALM_SECONDS
        while not await condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.3)
        return True

    async def _is_served_once(self, name: str) -> bool:
        pids = {await self._echo(task, name) for task in self.living}
        return len(pids) == 1 and None not in pids

    async def _was_told(self, name: str, file: str) -> bool:
        with contextlib.suppress(aiohttp.ClientError, ValueError, OSError):
            answer = await self._any().get(f"/session/{name}/changes", headers=self._cookies[name])
            return answer.status == 200 and any(
                Path(change["path"]).name == file for change in answer.json
            )
        return False


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _private_folder(pid: int) -> list[Path]:
    """The folder of sockets in which a process of a task works; none where it works elsewhere."""
    with contextlib.suppress(OSError):
        folder = Path(f"/proc/{pid}/cwd").readlink()
        return [folder] if folder.name.startswith("gateway-") else []
    return []


def left_behind(folder: Path) -> list[int]:
    """Processes that name the run's folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if (
                    str(folder).encode()
                    in (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
                ):
                    found.append(int(entry.name))
    return found


def run(folder: Path, seconds: float, seed: int) -> Outcome:
    """Three tasks in `folder`, faults for `seconds`."""
    outcome, faults = Outcome(seed), Faults()
    with contextlib.ExitStack() as api, contextlib.ExitStack() as table:
        port = table.enter_context(running_api(faults=faults))
        options = client_options(port)
        wires = api.enter_context(running_wires())
        with running_fleet(folder, new_table(options), options, TASKS, wires) as fleet:
            asyncio.run(Chaos(fleet, wires, table, port, faults, outcome).run(seconds))
    deadline = time.monotonic() + 20
    while (left := left_behind(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    if left:
        outcome.problems.append(f"{len(left)} processes are left")
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.gateway.tasks.chaos", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        outcome = run(Path(folder), options.seconds, options.seed)
    print(outcome)
    for problem in outcome.problems:
        print(f"  {problem}")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
