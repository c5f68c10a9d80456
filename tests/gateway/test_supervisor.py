"""The supervisor by itself, with a stand-in for the control plane: messages, memory, and a control
plane that hangs (S10, S37).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from .harness import ROOT

PROGRAM: Final = """
import json, sys
from container.gateway import hardening
from container.gateway.__main__ import _reserve_descriptor_three
from container.gateway.supervisor import Supervisor
hardening.adopt_orphans()
_reserve_descriptor_three()
command = [sys.executable, "-m", *sys.argv[3:]]
environment = json.loads(open(sys.argv[1] + "/environment.json").read())
sys.exit(Supervisor(environment, stop_seconds=3, control_command=command, silence_seconds=float(sys.argv[2])).run())
"""


@dataclass(kw_only=True)
class Supervised:
    """A supervisor whose control plane does what the test says."""

    process: subprocess.Popen[str]
    folder: Path

    def ask(self, **command: Any) -> Any:
        deadline = time.monotonic() + 20
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(20)
                    peer.connect(str(self.folder / "control.sock"))
                    with peer.makefile("rw") as stream:
                        stream.write(json.dumps(command) + "\n")
                        stream.flush()
                        return json.loads(stream.readline())
            except (OSError, ValueError):
                assert time.monotonic() < deadline
                assert self.process.poll() is None
                time.sleep(0.02)

    def send(self, kind: str, **fields: Any) -> Any:
        return self.ask(do="send", message={"type": kind, **fields})

    def hear(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The messages of this type, once there are so many."""
        deadline = time.monotonic() + 20
        while (
            len(found := [message for message in self.ask(do="heard") if message["type"] == kind])
            < count
        ):
            assert time.monotonic() < deadline, self.ask(do="heard")[-5:]
            time.sleep(0.02)
        return found

    def spawn(self, number: int, *argv: str, **metadata: Any) -> None:
        self.send(
            "spawn",
            id=number,
            argv=list(argv),
            environment={"PATH": os.environ["PATH"]},
            cwd="/",
            metadata={"kind": "runner", **metadata},
        )

    def control(self) -> int:
        """Process id of the control plane."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.Error):
                    if any(part.endswith("_control") for part in child.cmdline()):
                        return int(child.pid)
            time.sleep(0.02)
        raise AssertionError("no control plane")


@contextlib.contextmanager
def supervised(
    environment: dict[str, str] | None = None,
    *,
    silence: float = 60,
    control: Sequence[str] = ("tests.gateway.stand_in_control",),
) -> Iterator[Supervised]:
    with tempfile.TemporaryDirectory(prefix="sup-") as name:
        variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **(environment or {})}
        (Path(name) / "environment.json").write_text(json.dumps(variables))
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, name, str(silence), control[0], name, *control[1:]],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        running = Supervised(process=process, folder=Path(name))
        try:
            yield running
        finally:
            process.kill() if process.poll() is not None else process.terminate()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture
def supervisor() -> Iterator[Supervised]:
    with supervised() as running:
        yield running


def test_a_child_is_spawned_reported_and_ended(supervisor: Supervised) -> None:
    """With its descriptors; its end is reported with its status; a program that is not there is an
    error of that message.
    """
    supervisor.hear("begin")
    supervisor.spawn(1, "sh", "-c", "exit 5", channel=True, capture=True)
    (spawned,) = supervisor.hear("spawned")
    assert (spawned["id"], spawned["descriptors"]) == (1, 2)
    assert supervisor.hear("exit") == [
        {"type": "exit", "pid": spawned["pid"], "status": 5, "descriptors": 0}
    ]
    supervisor.spawn(2, "/nowhere/program")
    (refused,) = supervisor.hear("refused")
    assert (refused["id"], refused["errno"]) == (2, 2)
    supervisor.spawn(3, "sleep", "60")
    pid = supervisor.hear("spawned", 2)[1]["pid"]
    supervisor.send("signal", pid=pid, number=9)
    assert supervisor.hear("exit", 2)[1]["status"] == -9


def test_a_message_that_is_not_declared_is_lost_and_nothing_else(supervisor: Supervised) -> None:
    """Neither a packet of rubbish nor one that is too long is taken for the control plane's end."""
    supervisor.hear("begin")
    before = supervisor.control()
    for size in (10, 170 * 1024):
        supervisor.ask(do="raw", bytes=size)
    supervisor.spawn(1, "true")
    assert supervisor.hear("exit")
    assert supervisor.control() == before


def test_a_message_too_long_for_a_packet_is_an_error_of_its_sender(supervisor: Supervised) -> None:
    supervisor.hear("begin")
    wrong = supervisor.send(
        "spawn", id=1, argv=["x" * 8000] * 60, environment={}, cwd="/", metadata={"kind": "runner"}
    )  # fmt: skip
    assert "163840 are allowed" in wrong
    supervisor.spawn(2, "true")
    assert supervisor.hear("spawned")[0]["id"] == 2


def test_what_is_remembered_outlives_the_control_plane(supervisor: Supervised) -> None:
    """Values, children and their metadata; what is forgotten does not come back. What has expired
    stays a minute: `test_sign_in.py`.
    """
    supervisor.hear("begin")
    supervisor.send("remember", entry={"key": "folder", "value": "/x"})
    supervisor.send("remember", entry={"key": "gone", "value": "1"})
    supervisor.send("remember", entry={"key": "link", "until": int(time.time()) + 500})
    supervisor.send("forget", key="gone")
    supervisor.spawn(1, "sleep", "60", channel=True)
    pid = supervisor.hear("spawned")[0]["pid"]
    supervisor.send(
        "metadata", pid=pid, metadata={"kind": "runner", "channel": True, "session": "demo"}
    )
    supervisor.send("alive")
    control = supervisor.control()
    supervisor.ask(do="heard")
    os.kill(control, signal.SIGKILL)
    while supervisor.control() == control:
        time.sleep(0.02)
    (remembered,) = supervisor.hear("remembered")
    assert {entry["key"] for entry in remembered["entries"]} == {"folder", "link"}
    (child,) = supervisor.hear("child")
    assert (child["pid"], child["metadata"]["session"], child["descriptors"]) == (pid, "demo", 1)


def test_an_environment_larger_than_a_packet_arrives(tmp_path: Path) -> None:
    """One message per variable; one that cannot be passed on is named in the log, without its
    value, and the rest arrives.
    """
    large = {f"LARGE_{number}": "v" * 100_000 for number in range(10)}
    with supervised({**large, "HUGE": "\x01" * 120_000, "SMALL": "1"}) as running:
        running.hear("begin")
        arrived = {
            message["name"]: message["value"]
            for message in running.ask(do="heard")
            if message["type"] == "variable"
        }
        assert arrived["SMALL"] == "1"
        assert {name: arrived[name] for name in large} == large
        assert "HUGE" not in arrived
        running.process.terminate()
        output, _ = running.process.communicate(timeout=20)
    assert "variable HUGE cannot be passed on" in output
    assert "\\u0001" not in output


def test_a_control_plane_that_falls_silent_is_replaced() -> None:
    """Stopped by a signal or hanging: once it has served, silence is taken for its end. Its
    children stay.
    """
    with supervised(silence=1.0) as running:
        running.hear("begin")
        running.spawn(1, "sleep", "60", channel=True)
        pid = running.hear("spawned")[0]["pid"]
        running.send("alive")
        control = running.control()
        os.kill(control, signal.SIGSTOP)
        deadline = time.monotonic() + 20
        while running.control() == control:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert running.hear("child")[0]["pid"] == pid


def test_a_supervisor_that_was_stopped_does_not_blame_the_control_plane() -> None:
    """It has heard nothing for as long as it stood still; what was sent meanwhile counts, and the
    same control plane goes on.
    """
    with supervised(silence=5.0) as running:
        running.hear("begin")
        running.send("alive")
        control = running.control()
        os.kill(running.process.pid, signal.SIGSTOP)
        time.sleep(5.5)
        running.send("alive")
        os.kill(running.process.pid, signal.SIGCONT)
        time.sleep(0.5)
        assert running.control() == control
        running.hear("begin")


SIGN_INS: Final = 100_000


def test_a_hundred_thousand_sign_ins_within_one_life_and_after_a_restart() -> None:
    """None ends anything, each link works once, and the next control plane knows them all; then
    goes on as before.
    """
    with supervised(control=("tests.gateway.redeeming_control", str(SIGN_INS))) as running:

        def report(pid: int) -> dict[str, float]:
            deadline = time.monotonic() + 120
            path = running.folder / f"{pid}.json"
            while not path.exists():
                assert time.monotonic() < deadline
                assert running.control() == pid, "the control plane died"
                time.sleep(0.1)
            found: dict[str, float] = json.loads(path.read_text())
            print(found)
            return found

        first = running.control()
        before = report(first)
        assert (before["known"], before["used"], before["refused the second time"]) == (
            0,
            SIGN_INS,
            500,
        )
        os.kill(first, signal.SIGKILL)
        while (second := running.control()) == first:
            time.sleep(0.02)
        after = report(second)
        assert after["known"] == SIGN_INS
        assert after["redeemed again"] == 0
        assert after["used"] == SIGN_INS + 2000
        assert after["supervisor MiB"] < 400
