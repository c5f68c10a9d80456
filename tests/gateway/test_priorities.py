"""What a session runs leaves the processors to the gateway where they are short (S26, S37).

The kernel is asked, not the program: where sessions of processes are scheduled as groups
("autogroup", sched(7)), the niceness of a process says nothing outside of its group.
"""

from __future__ import annotations

import ast
import asyncio
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psutil
import pytest

from container.gateway import children
from container.gateway.files import searching
from container.gateway.git import program
from contract.messages import supervisor as messages

from .harness import ROOT

GROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")
SLOW = "#!/bin/sh\nsleep 0.5\nexec cat /proc/self/autogroup\n"
EXCEPT = {"container/gateway/control_link.py": "the control plane, for which the others wait"}


def grouped() -> bool:
    return GROUPS.exists() and GROUPS.read_text().strip() == "1"


def niceness(pid: int) -> tuple[int, int]:
    """Of the process, and of its group. The file of a process whose session is older than the
    groups, as under some supervisors, is empty (proc_sched_autogroup_show_task in the kernel's
    kernel/sched/autogroup.c): nothing divides its niceness.
    """
    found = re.search(r" nice (-?\d+)", Path(f"/proc/{pid}/autogroup").read_text())
    return psutil.Process(pid).nice(), int(found[1]) if found else 0


OWN: Final = niceness(os.getpid()) if grouped() else (0, 0)
"""Of these tests: somebody may run them with `nice`, which a child keeps."""
needs_groups = pytest.mark.skipif(not grouped(), reason=f"{GROUPS} is not 1: no such groups here")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def dev_server() -> Iterator[children.Supervised]:
    spawn = messages.Spawn(
        id=1,
        argv=[sys.executable, "-c", "import time; time.sleep(60)"],
        environment={},
        cwd=str(ROOT),
        metadata=messages.ChildMetadata(kind="runner", channel=True),
    )
    child = children.start_child(spawn)
    yield child
    child.process.kill()
    child.process.wait()
    for descriptor in child.descriptors:
        os.close(descriptor)


@needs_groups
def test_a_dev_server_waits_for_the_gateway(dev_server: children.Supervised) -> None:
    """Its process and its group; those of the gateway stay as they are."""
    pid = dev_server.process.pid
    until(lambda: niceness(pid) == (max(5, OWN[0]), 5))
    assert niceness(os.getpid()) == OWN


@needs_groups
def test_git_waits_for_the_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text(SLOW)
    slow.chmod(0o755)
    monkeypatch.setattr(program, "git_program", lambda: str(slow))
    repository = program.Repository(git_dir=tmp_path, common=tmp_path)
    assert f"nice {program.NICENESS}\n".encode() in program.run(repository, "version")


@needs_groups
async def test_a_search_waits_for_the_gateway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it runs."""
    slow = tmp_path / "rg"
    slow.write_text(f"#!/bin/sh\necho $$ >{tmp_path}/pid\nsleep 5\n")
    slow.chmod(0o755)
    monkeypatch.setattr(searching, "ripgrep_executable", lambda: slow)
    search = asyncio.create_task(searching.Search().find(tmp_path, searching.Query(text="x")))
    pid = tmp_path / "pid"
    await asyncio.to_thread(until, lambda: pid.exists() and bool(pid.read_text().strip()))
    nice = (max(searching.NICENESS, OWN[0]), searching.NICENESS)
    await asyncio.to_thread(until, lambda: niceness(int(pid.read_text())) == nice)
    search.cancel()
    await asyncio.gather(search, return_exceptions=True)


def test_every_process_that_leads_a_session_waits_for_the_gateway() -> None:
    """The module that starts one has it yield, too: nobody forgets the group."""
    missing = []
    for path in sorted((ROOT / "container/gateway").rglob("*.py")):
        text = path.read_text()
        starts = any(
            isinstance(node, ast.keyword) and node.arg == "start_new_session"
            for node in ast.walk(ast.parse(text))
        )
        name = str(path.relative_to(ROOT))
        if starts and name not in EXCEPT and "yield_processors(" not in text:
            missing += [] if "bound(process.pid)" in text else [name]
    for path in sorted((ROOT / "container/astro/lib").rglob("*.mjs")):
        text = path.read_text()
        if "detached: true" in text and "/autogroup" not in text:
            missing.append(str(path.relative_to(ROOT)))
    assert missing == []
