"""Children end with their parent, in order or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.children import ROOT, Child, stop_all

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);p ="
        " subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print(p.pid,"
        " flush=True); time.sleep(600)"
    ),
]


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def start(command: list[str], directory: Path) -> Child:
    return Child.start(
        "child", command, environment=dict(os.environ), log=directory / "child.log", cwd=directory
    )


def test_a_child_is_asked_to_end(tmp_path: Path) -> None:
    """SIGTERM is enough for a well-behaved one."""
    child = start(SLEEP, tmp_path)
    assert child.exit_code is None
    stop_all([child], 10)
    assert child.exit_code == -signal.SIGTERM


def test_one_that_ignores_it_is_killed_with_its_own_children(tmp_path: Path) -> None:
    """After the time is up, the whole process group goes."""
    child = start(STUBBORN, tmp_path)
    wait_for(lambda: child.tail())
    grandchild = int(child.tail())
    stop_all([child], 0.5)
    assert child.exit_code == -signal.SIGKILL
    wait_for(lambda: not alive(grandchild))


def test_a_child_that_fails_tells_why(tmp_path: Path) -> None:
    """Its last lines are what the person sees."""
    child = start([sys.executable, "-c", "import sys; sys.exit('no such site')"], tmp_path)
    wait_for(lambda: child.exit_code is not None)
    assert (child.exit_code, child.tail()) == (1, "no such site")


def test_its_environment_is_what_was_given(tmp_path: Path) -> None:
    """Nothing of this process's environment enters."""
    command = [sys.executable, "-c", "import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"]
    child = Child.start(
        "child", command, environment={"ONLY": "this"}, log=tmp_path / "log", cwd=tmp_path
    )
    wait_for(lambda: child.exit_code is not None)
    assert child.tail() == "['ONLY']"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_parent_leaves_no_child(tmp_path: Path) -> None:
    """Even SIGKILL, which nothing can prepare for."""
    code = (
        "import os, pathlib, time; from local.children import Child;here ="
        f" pathlib.Path({str(tmp_path)!r});c = Child.start('c', {SLEEP!r},"
        " environment=dict(os.environ), log=here / 'log', cwd=here);print(c.pid, flush=True);"
        " time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(
            lambda: "time.sleep(600)" in Path(f"/proc/{child}/cmdline").read_text() and alive(child)
        )
        time.sleep(0.3)  # until the child has asked the kernel
        parent.kill()
    wait_for(lambda: not alive(child))
