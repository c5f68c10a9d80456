# ruff: noqa: ASYNC110 - another process is waited for, which can only be asked
"""Every file operation of a session's life × every error: what users see meanwhile, and how long
until all is well again.

The operations are not listed by hand: a life is recorded (`faults/sitecustomize.py`), and then
lived again under each fault. `make faults` tries every operation with every error and writes the
table to `docs/faults.md`; `test_fault_injection.py` tries each operation with one.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from container.gateway.site_limits import NOTICED_BYTES
from contract.messages.jobs import BuildSummary
from tests.astro.test_builds_faults import every_fault as faults_of_builds

from .harness import ROOT, Answer, Gateway, alive, running_gateway

STUB: Final = [sys.executable, "-I", str(ROOT / "bench" / "core" / "stub_server.py")]
ERRORS: Final = {
    "full": errno.ENOSPC,
    "I/O error": errno.EIO,
    "no permission": errno.EACCES,
    "read-only": errno.EROFS,
}
ANSWER_SECONDS: Final = 30.0
RECOVERY_SECONDS: Final = 40.0
ROUND_SECONDS: Final = 60.0
"""For a round of each duty, which comes every two seconds."""
TABLE: Final = ROOT / "docs" / "faults.md"


@dataclass(frozen=True)
class Operation:
    """A kind of file operation on a kind of path."""

    name: str
    path: str


LOOKED: Final = Operation("stat", "scratch/gateway/admin.sock")
MEASURED: Final = Operation("open to read", "scratch/sessions/case")
ROOM: Final = Operation("statvfs", "scratch")
"""What the rounds of `own_folder.py` and `site_limits.py` do; the last one ends with it."""


@dataclass(kw_only=True)
class Outcome:
    """What came of a life under one fault."""

    operation: Operation
    error: str
    seen: dict[str, str] = field(default_factory=dict)
    """Step → what the API answered, and the session's state after it."""
    recovery_seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    """What must not be; empty when all is well."""


@dataclass(kw_only=True)
class Laboratory:
    """A gateway whose control plane's file operations can be made to fail."""

    gateway: Gateway
    folder: Path
    neighbour: int
    by_duties: frozenset[Operation] = frozenset()
    """Operations that a round of the control plane's duties does: when, the machine decides."""

    def record(self, on: bool) -> None:
        (self.folder / "record").touch() if on else (self.folder / "record").unlink()

    @property
    def recording(self) -> bool:
        return (self.folder / "record").exists()

    @property
    def met(self) -> bool:
        """Whether the fault that was injected last has been raised."""
        return (self.folder / "met").exists()

    def seen(self) -> list[Operation]:
        """Everything so far, in the order in which it was done."""
        # Of a line that is being written nothing is read.
        lines, _, _ = (self.folder / "seen.jsonl").read_text().rpartition("\n")
        return [Operation(*json.loads(line)) for line in lines.splitlines()]

    def operations(self) -> list[Operation]:
        """Those of the life. The neighbour's files are counted meanwhile, now and then."""
        found = {operation for operation in self.seen() if "neighbour" not in operation.path}
        return sorted(found, key=lambda operation: (operation.name, operation.path))

    async def round_of_duties(self) -> None:
        """Wait until the duties have looked at all that is there, and note what they do."""
        before = len(self.seen())

        def looked() -> bool:
            done = self.seen()[before:]
            measured = done.index(MEASURED) if MEASURED in done else len(done)
            return LOOKED in done and ROOM in done[measured:]

        await self._until(looked)
        self.by_duties = frozenset(self.seen()[before:])

    async def until_met(self) -> bool:
        """Wait for the fault that is injected, in a round of the duties; whether it was met."""
        with contextlib.suppress(TimeoutError):
            await self._until(lambda: self.met)
        return self.met

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Meanwhile the disk gets fuller: dev servers' folders are measured when it does."""
        async with asyncio.timeout(ROUND_SECONDS):
            with tempfile.TemporaryFile(dir=self.gateway.scratch) as ballast:
                size = 0
                while not reached():
                    size += 2 * NOTICED_BYTES // 10
                    os.posix_fallocate(ballast.fileno(), 0, size)
                    await asyncio.sleep(0.2)

    def inject(self, operation: Operation, number: int) -> None:
        (self.folder / "met").unlink(missing_ok=True)
        new = self.folder / "fault.new"
        new.write_text(
            json.dumps(
                {"operation": operation.name, "pattern": re.escape(operation.path), "errno": number}
            )
        )
        new.rename(self.folder / "fault.json")

    def clear(self) -> None:
        (self.folder / "fault.json").unlink()

    async def pid(self, name: str) -> int | None:
        answer = await self.gateway.api("GET", f"/api/v1/sessions/{name}")
        pid: int | None = answer.json.get("pid") if answer.status == 200 else None
        return pid


@contextlib.contextmanager
def laboratory(mode: str = "development") -> Iterator[Laboratory]:
    with tempfile.TemporaryDirectory(prefix="lab-") as name:
        folder = Path(name) / "faults"
        folder.mkdir()
        with running_gateway(
            Path(name),
            PYTHONPATH=str(ROOT / "tests" / "gateway" / "faults"),
            PYTHONFAULTS=str(folder),
            ASTRO_LIVE_RUNNER_COMMAND=json.dumps(STUB),
            NODE_ENV=mode,
        ) as gateway:
            asyncio.run(gateway.start("neighbour"))
            pid = asyncio.run(gateway.api("GET", "/api/v1/sessions/neighbour")).json["pid"]
            yield Laboratory(gateway=gateway, folder=folder, neighbour=pid)


def told(answer: Answer) -> str:
    if answer.status == 204:
        return "204"
    body: dict[str, Any] = answer.json
    reason = body.get("code") or (body.get("error") or {}).get("code", "")
    return " ".join(filter(None, [str(answer.status), str(body.get("state", "")), reason]))


class Life:
    """One session's life, step by step, and what each step led to."""

    def __init__(self, lab: Laboratory, number: int, outcome: Outcome) -> None:
        self._lab = lab
        self._gateway = lab.gateway
        self._outcome = outcome
        self._name, self._second = f"case-{number}", f"case-{number + 100_000}"
        self._pids: set[int] = set()

    async def ask(self, step: str, method: str, path: str, **content: Any) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._gateway.api(method, f"/api/v1/sessions{path}", **content)
        except TimeoutError:
            self._outcome.problems.append(f"{step}: no answer in {ANSWER_SECONDS:.0f} s")
            raise
        self._outcome.seen[step] = told(answer)
        if answer.status == 500:
            self._outcome.problems.append(f"{step}: {answer.text}")
        return answer

    async def begin(self) -> None:
        answer = await self._gateway.api("POST", "/api/v1/sessions", body={"id": self._name})
        assert answer.json["state"] == "ready", answer.text + self._gateway.tail()
        self._pids.add(answer.json["pid"])

    async def live(self) -> None:
        """Everything that can be done with a session, and what happens to it unasked."""
        one = f"/{self._name}"
        await self.ask("list", "GET", "")
        await self.ask("write", "PUT", f"{one}/files/src/new.txt", data=b"x")
        if (pid := await self._lab.pid(self._name)) is not None:
            os.kill(pid, signal.SIGKILL)
        await self.ask("restart", "POST", f"{one}/restart")
        if (pid := await self._lab.pid(self._name)) is not None:
            self._pids.add(pid)
        stopped = await self.ask("stop", "POST", f"{one}/stop")
        if stopped.status == 200 and (
            stopped.json["state"] != "stopped" or (left := alive(self._pids))
        ):
            self._outcome.problems.append(
                f"stop: {stopped.json['state']}, processes {left} are left"
            )
        await self.ask("start", "POST", f"{one}/start")
        created = await self.ask("create", "POST", "", body={"id": self._second})
        if created.status >= 400 and (self._gateway.sites / self._second).exists():
            self._outcome.problems.append("create: refused, and its folder is left")
        await self.looked_after()
        await self.ask("delete", "DELETE", one)
        page = await self._gateway.get(
            "/session/neighbour/", headers=self._gateway.cookie("neighbour")
        )
        if page.status != 200 or await self._lab.pid("neighbour") != self._lab.neighbour:
            self._outcome.problems.append(f"the neighbour noticed: {page.status}")

    async def looked_after(self) -> None:
        """A round of the control plane's duties: all of it is recorded, and a fault of one is met.
        A life is shorter than the pause between two rounds, or longer.
        """
        if self._lab.recording:
            await self._lab.round_of_duties()
        elif (
            self._outcome.operation in self._lab.by_duties
            and not self._lab.met
            and not await self._lab.until_met()
        ):
            self._outcome.problems.append(f"the fault was not met in {ROUND_SECONDS:.0f} s")

    async def recover(self) -> None:
        """After the fault: the session can be made, started, visited and deleted, and then nothing
        of it is left.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(RECOVERY_SECONDS):
                while True:
                    answer = await self._gateway.api(
                        "POST", "/api/v1/sessions", body={"id": self._name}
                    )
                    if answer.status in (200, 201) and answer.json["state"] == "ready":
                        break
                    await asyncio.sleep(0.1)
                page = await self._gateway.get(
                    f"/session/{self._name}/", headers=self._gateway.cookie(self._name)
                )
                if page.status != 200:
                    self._outcome.problems.append(f"after the fault a page answers {page.status}")
                for name in (self._name, self._second):
                    while (
                        await self._gateway.api("DELETE", f"/api/v1/sessions/{name}")
                    ).status not in (204, 404):
                        await asyncio.sleep(0.1)
                while left := await asyncio.to_thread(self._left):
                    await asyncio.sleep(0.1)
                while (health := await self._gateway.api("GET", "/health/ready", token=None)).json[
                    "status"
                ] != "ready":
                    await asyncio.sleep(0.1)
        except TimeoutError:
            left = self._left()
            self._outcome.problems.append(
                f"no recovery in {RECOVERY_SECONDS:.0f} s: {left},"
                f" {health_text(locals().get('health'))}"
            )
        self._outcome.recovery_seconds = round(time.monotonic() - began, 1)
        if dead := alive(self._pids):
            self._outcome.problems.append(f"processes {dead} are left")

    def _left(self) -> list[str]:
        """Files of the case, of half-made things, and of dev servers other than the neighbour's."""
        sites, scratch = self._gateway.sites, self._gateway.scratch
        found = [
            str(path)
            for path in sites.iterdir()
            if path.name not in ("neighbour", ".sessions", ".builds")
        ]
        found += [str(path) for path in (sites / ".builds").glob("*")]
        found += [str(path) for path in (sites / ".sessions").glob("*") if path.stem != "neighbour"]
        found += [
            str(path) for path in (scratch / "sessions").glob("*") if path.name != "neighbour"
        ]
        homes = [str(path) for path in (scratch / "runners").glob("*")]
        return found + homes[1:]


class ProductionLife(Life):
    """The same in production mode, with builds that are kept: listed, one of them chosen, and gone
    with their session.
    """

    async def begin(self) -> None:
        await super().begin()
        folder = self._gateway.sites / ".builds" / self._name
        for number in (1, 2):
            (folder / str(number)).mkdir(parents=True)
            build = BuildSummary(
                number=number,
                created_at=1,
                seconds=1,
                memory_mib=1,
                bytes=1,
                files=1,
                astro="7.3.5",
            )
            (folder / str(number) / "build.json").write_text(build.model_dump_json())

    async def live(self) -> None:
        one = f"/{self._name}"
        await self.ask("builds", "GET", f"{one}/builds")
        await self.ask("stop", "POST", f"{one}/stop")
        await self.ask("serve", "POST", f"{one}/builds/1/serve")
        await self.ask("start", "POST", f"{one}/start")
        if (pid := await self._lab.pid(self._name)) is not None:
            self._pids.add(pid)
        await self.ask("restart", "POST", f"{one}/restart")
        if (pid := await self._lab.pid(self._name)) is not None:
            self._pids.add(pid)
        await self.ask("delete", "DELETE", one)
        page = await self._gateway.get(
            "/session/neighbour/", headers=self._gateway.cookie("neighbour")
        )
        if page.status != 200 or await self._lab.pid("neighbour") != self._lab.neighbour:
            self._outcome.problems.append(f"the neighbour noticed: {page.status}")


def health_text(answer: Answer | None) -> str:
    return answer.text if answer is not None else "health not asked"


async def record(lab: Laboratory, kind: type[Life] = Life) -> list[Operation]:
    """The operations of a whole life without any fault."""
    outcome = Outcome(operation=Operation("", ""), error="")
    life = kind(lab, 0, outcome)
    lab.record(True)
    await life.begin()
    await life.live()
    await life.recover()
    lab.record(False)
    assert not outcome.problems, outcome.problems
    refused = {step: text for step, text in outcome.seen.items() if not text.startswith("2")}
    assert not refused, refused  # what comes after a refusal would not be recorded
    return lab.operations()


async def try_fault(
    lab: Laboratory, number: int, operation: Operation, error: str, kind: type[Life] = Life
) -> Outcome:
    """A life under one fault that lasts until it is lived, and the recovery after it."""
    outcome = Outcome(operation=operation, error=error)
    life = kind(lab, number, outcome)
    await life.begin()
    lab.inject(operation, ERRORS[error])
    try:
        await life.live()
    except TimeoutError:
        pass
    finally:
        lab.clear()
    await life.recover()
    return outcome


STEPS: Final = ("list", "write", "restart", "stop", "start", "create", "delete")
PRODUCTION_STEPS: Final = ("builds", "stop", "serve", "start", "restart", "delete")


def of_builds(operations: list[Operation]) -> list[Operation]:
    """Those that development mode does not have."""
    return [operation for operation in operations if "/.builds" in operation.path]


def markdown(outcomes: list[Outcome], steps: tuple[str, ...] = STEPS) -> str:
    """The table, one row per operation and distinct set of answers."""
    rows: dict[tuple[str, ...], list[Outcome]] = {}
    for outcome in outcomes:
        answers = tuple(outcome.seen.get(step, "") for step in steps)
        rows.setdefault((outcome.operation.name, outcome.operation.path, *answers), []).append(
            outcome
        )
    lines = [
        f"| operation | path | error | {' | '.join(steps)} | recovered after |",
        f"|---|---|---|{'---|' * len(steps)}---|",
    ]
    for (name, path, *answered), group in rows.items():
        errors = (
            "any" if len(group) == len(ERRORS) else ", ".join(outcome.error for outcome in group)
        )
        slowest = max(outcome.recovery_seconds for outcome in group)
        lines.append(f"| {name} | `{path}` | {errors} | {' | '.join(answered)} | {slowest} s |")
    return "\n".join(lines)


INTRODUCTION: Final = """# What a failing disk does to a session

Made by `make faults`. A session's life was recorded: created, written to, its dev server killed,
restarted, stopped, started, deleted, and looked after by one round of the control plane's own
duties. Each file operation of the control plane in it was then made to fail with each error for a
whole life, and the table says what the API answered at each step: status, state, error code.
Whatever failed, no answer took longer than {answer:.0f} s, none was a 500, a stop left no process,
a refused create no folder, and a neighbour's pages and process were the same. Then the fault was
cleared: the last column says how long it took until the session could be created, started, visited
and deleted again and nothing of it was left.

{count} faults: {operations} operations × {errors} errors.

"""


IN_PRODUCTION: Final = """
## In production mode

The operations that only this mode has, on the folder of the builds that are kept: {count} faults.
The life is another one: builds are listed, the session is stopped, an earlier build is chosen, it
is started, restarted and deleted.

"""

OF_BUILDS: Final = """
## Builds on disk

What the dev server itself does with builds (`container/astro/lib/production/builds.mjs`): {count}
faults in a life in which a build is begun, finished, kept and published, older ones are removed,
another task fetches it, and sources are refused and forgiven. Each fault lasts for one such life.
Whatever failed, an earlier build was there and whole all the while, what was listed was whole, and
two lives later nothing half-made was left.

"""


async def every_fault(lab: Laboratory, kind: type[Life] = Life) -> list[Outcome]:
    operations = await record(lab, kind)
    outcomes: list[Outcome] = []
    for operation in operations if kind is Life else of_builds(operations):
        for error in ERRORS:
            outcomes.append(await try_fault(lab, len(outcomes) + 1, operation, error, kind))
            print(
                f"{operation.name} {operation.path} {error}: {outcomes[-1].seen}"
                f" {outcomes[-1].recovery_seconds} s",
                flush=True,
            )
            for problem in outcomes[-1].problems:
                print(f"    {problem}", flush=True)
    return outcomes


def main() -> int:
    with laboratory() as lab:
        outcomes = asyncio.run(every_fault(lab))
    with laboratory("production") as lab:
        in_production = asyncio.run(every_fault(lab, ProductionLife))
    builds = faults_of_builds()
    bad = [outcome for outcome in [*outcomes, *in_production] if outcome.problems] + builds[
        "problems"
    ]
    if bad:
        print(f"{len(bad)} faults did harm: {builds['problems']}")
        return 1
    operations = len({outcome.operation for outcome in outcomes})
    text = INTRODUCTION.format(
        answer=ANSWER_SECONDS, count=len(outcomes), operations=operations, errors=len(ERRORS)
    )
    text += markdown(outcomes) + "\n"
    text += (
        IN_PRODUCTION.format(count=len(in_production))
        + markdown(in_production, PRODUCTION_STEPS)
        + "\n"
    )
    text += OF_BUILDS.format(count=len(builds["rows"])) + table_of_builds(builds["rows"]) + "\n"
    TABLE.write_text(text)
    return 0


def table_of_builds(rows: list[tuple[str, str, dict[str, str]]]) -> str:
    """One row per operation and distinct set of outcomes; of the steps, those that were
    not done.
    """
    grouped: dict[tuple[str, str], list[str]] = {}
    for operation, error, outcome in rows:
        undone = ", ".join(step for step, text in outcome.items() if text != "done") or "none"
        grouped.setdefault((operation, undone), []).append(error)
    lines = ["| operation | path | error | steps that failed |", "|---|---|---|---|"]
    for (operation, undone), errors in grouped.items():
        name, _, path = operation.partition(" ")
        lines.append(
            f"| {name} | `{path}` | {'any' if len(errors) == len(ERRORS) else ', '.join(errors)} |"
            f" {undone} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
