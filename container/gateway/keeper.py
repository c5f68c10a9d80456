"""The keeper: the container's first process, which only starts, watches and ends the others.

    keeper ──┬── control plane      started again when it dies; Envoy and the dev servers stay, and with them every open WebSocket
             ├── Envoy              \\
             └── dev servers         } started on the control plane's order
It knows nothing of sessions or HTTP and uses the standard library alone, so there is little in it that could fail. Its duties:

  secrets    read from the environment before any child exists, then handed to the control plane over a socket, never through an environment
  children   each in a process group of its own; the parent's ends of their channels and outputs are held here too, so that a new
             control plane takes them over where the old one left off
  orphans    what a dev server leaves behind becomes the keeper's child (subreaper) and is killed. As PID 1 it thus is the container's
             init: no other init process may stand in front of it, since that one's environment, secrets included, would be readable
             to code of a session
  the end    SIGTERM goes to the control plane, which drains; when its time is up, every group is killed

The protocol is in `wire.py`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from . import hardening, wire

RESTART_SECONDS: Final = (0.0, 0.5, 2.0, 5.0, 15.0)
"""Waits before the first, second, … restart of the control plane; the last one repeats."""

STEADY_SECONDS: Final = 60.0
KILL_MARGIN_SECONDS: Final = 1.0
"""Every group is killed this long before the container's own stop timeout would end the keeper."""

CONTROL_MODULE: Final = "container.gateway.control"


@dataclass(kw_only=True)
class Kept:
    """A child on behalf of the control plane."""

    process: subprocess.Popen[bytes]
    note: dict[str, Any]
    descriptors: list[int]
    """Our ends: of the channel (if it has one) and of the output (if captured), in this order."""


def start_child(order: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], list[int]]:
    """Start what a `spawn` order names; returns the process and our ends of its channel and output."""
    kept: list[int] = []
    given: list[int] = []
    channel = -1
    output: int | None = None
    try:
        if order["channel"]:
            ours, theirs = socket.socketpair()
            channel = theirs.detach()
            kept.append(ours.detach())
            given.append(channel)
        if order["capture"]:
            reading, output = os.pipe()
            kept.append(reading)
            given.append(output)

        def prepare() -> None:
            hardening.die_with_parent()
            hardening.forbid_new_privileges()
            if channel >= 0:
                os.dup2(channel, 3, inheritable=True)
            if channel >= 0:  # a dev server
                hardening.be_first_to_go()
            if order["descriptors"]:
                hardening.limit_descriptors(order["descriptors"])

        process = subprocess.Popen(
            order["argv"],
            env=dict(environment),
            cwd=order["cwd"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(3,) if channel >= 0 else (),
            preexec_fn=prepare,
        )
    except BaseException:
        for descriptor in kept:
            os.close(descriptor)
        raise
    finally:
        for descriptor in given:
            os.close(descriptor)
    return process, kept


@dataclass
class Keeper:
    """State of the first process. `run` returns the exit status of the container."""

    environment: dict[str, str]
    """The container's, with its secrets. It leaves this process over the control plane's socket alone."""
    stop_seconds: float
    _children: dict[int, Kept] = field(default_factory=dict)
    _memory: dict[str, Any] = field(default_factory=dict)
    _ended: list[dict[str, Any]] = field(default_factory=list)
    _control: subprocess.Popen[bytes] | None = None
    _socket: socket.socket | None = None
    _served: bool = False
    _started_at: float = 0.0
    _failures: int = 0
    _restart_at: float | None = None
    _kill_at: float | None = None
    _status: int | None = None

    def run(self) -> int:
        selector = selectors.DefaultSelector()
        wake_read, wake_write = socket.socketpair()
        for end in (wake_read, wake_write):
            end.setblocking(False)
        signal.set_wakeup_fd(wake_write.fileno())
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        selector.register(wake_read, selectors.EVENT_READ, lambda: self._signals(wake_read))
        self._start_control(selector)
        while self._status is None:
            for key, _ in selector.select(self._patience()):
                handler: Callable[[], None] = key.data
                handler()
            self._keep_time(selector)
        self._kill_everything()
        return self._status

    def _patience(self) -> float | None:
        moments = [moment for moment in (self._restart_at, self._kill_at) if moment is not None]
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _keep_time(self, selector: selectors.BaseSelector) -> None:
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self._say("the stop timeout is near: ending what is left")
            self._status = 0
        elif self._restart_at is not None and now >= self._restart_at:
            self._restart_at = None
            self._start_control(selector)

    # The control plane

    def _hear_out(self, selector: selectors.BaseSelector) -> None:
        """Obey what a dead control plane had still said. A session that it has just made ready would be taken for a half-started one."""
        while self._socket is not None:
            self._socket.setblocking(False)
            try:
                self._receive(selector, self._socket)
            except BlockingIOError:
                return

    def _start_control(self, selector: selectors.BaseSelector) -> None:
        self._hear_out(selector)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # Not tied to the keeper's life by a signal: it ends the groups itself when the keeper has gone (`processes.py`).
            self._control = subprocess.Popen(
                [sys.executable, "-m", CONTROL_MODULE],
                # Until it has made itself unreadable, its environment is open to code of a running session: the rest comes by socket.
                env={**wire.bare(self.environment), wire.DESCRIPTOR_VARIABLE: str(theirs.fileno())},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._socket = ours
        self._started_at = time.monotonic()
        selector.register(ours, selectors.EVENT_READ, lambda: self._receive(selector, ours))
        wire.send(ours, {"event": "hello", "environment": self.environment, "memory": self._memory})
        for pid, child in self._children.items():
            wire.send(ours, {"event": "child", "pid": pid, "note": child.note}, child.descriptors)
        for event in self._ended:
            wire.send(ours, event)
        self._ended.clear()
        wire.send(ours, {"event": "begin"})

    def _receive(self, selector: selectors.BaseSelector, sender: socket.socket) -> None:
        order = None
        with contextlib.suppress(ConnectionError):
            order, _ = wire.receive(sender)
        if order is None:
            selector.unregister(sender)
            sender.close()
            if self._socket is sender:
                self._socket = None
            return
        answer, descriptors = self._obey(order)
        if answer is not None:
            with contextlib.suppress(OSError):
                wire.send(sender, answer, descriptors)

    def _obey(self, order: dict[str, Any]) -> tuple[dict[str, Any] | None, list[int]]:
        match order["do"]:
            case "spawn":
                try:
                    process, descriptors = start_child(order, order["environment"])
                except (OSError, subprocess.SubprocessError) as error:
                    return {"event": "spawned", "id": order["id"], "error": str(error)}, []
                self._children[process.pid] = Kept(process=process, note=order["note"], descriptors=descriptors)
                return {"event": "spawned", "id": order["id"], "pid": process.pid}, descriptors
            case "signal":
                if order["pid"] in self._children:
                    _signal_group(order["pid"], signal.Signals(order["number"]))
            case "note":
                if order["pid"] in self._children:
                    self._children[order["pid"]].note = order["note"]
            case "remember":
                self._memory[order["key"]] = order["value"]
                if order["value"] is None:
                    del self._memory[order["key"]]
            case "serving":
                self._served = True
        return None, []

    # Ends

    def _signals(self, wake: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = wake.recv(4096)
            if signal.SIGTERM in numbers or signal.SIGINT in numbers:
                self._begin_end()
        self._reap()

    def _begin_end(self) -> None:
        if self._kill_at is not None:  # asked twice: at once, then
            self._status = 0
            return
        self._kill_at = time.monotonic() + max(0.5, self.stop_seconds - KILL_MARGIN_SECONDS)
        if self._control is None or self._control.returncode is not None or not self._served:
            self._status = 0
        else:
            self._control.send_signal(signal.SIGTERM)

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            # Before the leader's number is given back to the system: what it started is ended with it.
            if ended.si_pid in self._children:
                _signal_group(ended.si_pid, signal.SIGKILL)
            _, status = os.waitpid(ended.si_pid, 0)
            self._note_end(ended.si_pid, os.waitstatus_to_exitcode(status))

    def _note_end(self, pid: int, status: int) -> None:
        child = self._children.pop(pid, None)
        if child is not None:
            child.process.returncode = status
            for descriptor in child.descriptors:
                os.close(descriptor)
            self._kill_orphans()
            event = {"event": "exit", "pid": pid, "status": status, "note": child.note}
            try:
                if self._socket is None:
                    raise ConnectionError
                wire.send(self._socket, event)
            except OSError:
                self._ended.append(event)
        elif self._control is not None and pid == self._control.pid:
            self._control.returncode = status
            self._control_ended(status)

    def _control_ended(self, status: int) -> None:
        if self._kill_at is not None or not self._served:
            # A control plane that never served cannot be helped by starting it again: a wrong setting, a busy port.
            self._status = 0 if self._kill_at is not None else status or 1
            return
        self._failures = 0 if time.monotonic() - self._started_at > STEADY_SECONDS else self._failures + 1
        pause = RESTART_SECONDS[min(self._failures, len(RESTART_SECONDS)) - 1] if self._failures else 0.0
        self._say(f"the control plane ended with status {status}; it is started again in {pause} s")
        self._restart_at = time.monotonic() + pause

    def _kill_orphans(self) -> None:
        """Kill our children that nobody ordered: they lost their own parent, and with it their purpose."""
        known = {*self._children, self._control.pid if self._control else 0}
        for pid in child_pids():
            if pid not in known and not _is_operators(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _kill_everything(self) -> None:
        if self._control is not None and self._control.returncode is None:
            self._control.kill()
        for pid in self._children:
            _signal_group(pid, signal.SIGKILL)
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline and child_pids():
            for pid in child_pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(0.005)
        for child in [*(kept.process for kept in self._children.values()), *([self._control] if self._control else [])]:
            if child.returncode is None:
                child.returncode = -signal.SIGKILL

    @staticmethod
    def _say(text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        print(f'{{"time": "{stamp}Z", "part": "keeper", "level": "warning", "message": "{text}"}}', flush=True)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _is_operators(pid: int) -> bool:
    """Whether this is the agent of ECS Exec, which an operator's shell depends on; ECS mounts it read-only."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/exe").readlink().is_relative_to("/managed-agents")
    return False


def child_pids() -> list[int]:
    """Our direct children, zombies included."""
    try:
        return [int(word) for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []  # a kernel without CONFIG_PROC_CHILDREN: PID 1's end ends all in a container anyway
