"""The supervisor: the container's first process, which only starts, watches and ends the others.

    supervisor ──┬── control plane      started again when it dies or falls silent; Envoy and the
                 │                      dev servers stay, with every WebSocket
                 ├── Envoy              \\
                 └── dev servers         } started when the control plane asks
It knows nothing of sessions or HTTP, so there is little in it that could fail. Its duties:

  secrets    read from the environment before any child exists, then handed to the control plane
             over a socket, never through an environment
  children   each in its own process group; the parent's ends of their channels and outputs are held
             here too, so that a new control plane takes them over where the old one left off
  memory     values and a listener that the control plane wants to survive it: where its folder is,
             which sign-in links were used
  orphans    what a dev server leaves behind becomes the supervisor's child (subreaper) and is
             killed. As PID 1 it thus is the container's init: no other init process may stand in
             front of it, since that one's environment, secrets included, would be readable to code
             of a session
  the end    SIGTERM goes to the control plane, which drains; when its time is up, every group is
             killed

Its parts: `children.py` starts and ends processes, `control_link.py` talks to the control plane,
`remembered.py` keeps values. The messages are those of `contract/messages/supervisor.py`; `wire.py`
carries them.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from contract.messages import supervisor as messages
from contract.messages.base import MessageError

from .backoff import Backoff
from .children import Supervised, kill_all, kill_orphans, signal_group, start_child
from .control_link import ControlLink, write_log
from .remembered import Memory

RESTART_SECONDS: Final = (0.0, 0.5, 2.0, 5.0, 15.0)
"""Waits before the first, second, … restart of the control plane."""

STEADY_SECONDS: Final = 60.0
SILENCE_SECONDS: Final = 30.0
"""A control plane that serves and has sent nothing for so long hangs (or was stopped by a signal):
it is killed and started again.
"""

KILL_MARGIN_SECONDS: Final = 1.0
"""Every group is killed this long before the container's own stop timeout would end the
supervisor.
"""

KILL_SECONDS: Final = 2.0
"""Most that the last killing takes, when the supervisor ends."""

CONTROL_COMMAND: Final = (sys.executable, "-m", "container.gateway.control")


@dataclass
class Supervisor:
    """State of the first process. `run` returns the exit status of the container."""

    environment: dict[str, str]
    """The container's, with its secrets. It leaves this process over the control plane's socket
    alone.
    """
    stop_seconds: float
    control_command: Sequence[str] = CONTROL_COMMAND
    silence_seconds: float = SILENCE_SECONDS
    _children: dict[int, Supervised] = field(default_factory=dict)
    _memory: Memory = field(default_factory=Memory)
    _held: dict[str, int] = field(default_factory=dict)
    """Descriptors kept for later control planes, by key."""
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _heard_at: float | None = None
    """When the control plane last sent anything, once it serves; None before."""
    _backoff: Backoff = field(
        default_factory=lambda: Backoff(RESTART_SECONDS, steady_seconds=STEADY_SECONDS)
    )
    _served: bool = False
    """Whether any control plane of this container has served: one that never could would not after
    a restart either.
    """
    _restart_at: float | None = None
    _kill_at: float | None = None
    _status: int | None = None

    def __post_init__(self) -> None:
        self._control = ControlLink(self._selector, self._receive)

    def run(self) -> int:
        wake_read, wake_write = socket.socketpair()
        for end in (wake_read, wake_write):
            end.setblocking(False)
        signal.set_wakeup_fd(wake_write.fileno())
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        self._selector.register(
            wake_read, selectors.EVENT_READ, lambda _events: self._signals(wake_read)
        )
        self._start_control()
        while self._status is None:
            for key, events in self._selector.select(self._patience()):
                handler: Callable[[int], None] = key.data
                handler(events)
            self._keep_time()
        self._kill_everything()
        if folder := self._memory.value(messages.FOLDER):
            shutil.rmtree(folder, ignore_errors=True)
        return self._status

    def _moments(self) -> list[float]:
        silence = None if self._heard_at is None else self._heard_at + self.silence_seconds
        return [
            moment for moment in (self._restart_at, self._kill_at, silence) if moment is not None
        ]

    def _patience(self) -> float | None:
        moments = self._moments()
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _keep_time(self) -> None:
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            write_log("the stop timeout is near: ending what is left")
            self._status = 0
        elif self._restart_at is not None and now >= self._restart_at:
            self._restart_at = None
            self._start_control()
        elif self._silent(now):
            self._heard_at = None
            write_log(
                f"the control plane has sent nothing for {self.silence_seconds:.0f} s: it is killed"
                " and started again"
            )
            self._control.signal(signal.SIGKILL)

    def _silent(self, now: float) -> bool:
        """Whether the control plane hangs. What it has sent meanwhile is read first: perhaps this
        process was stopped, and not that one.
        """
        if self._heard_at is None or now < self._heard_at + self.silence_seconds:
            return False
        self._control.hear_out()
        return self._heard_at is not None and now >= self._heard_at + self.silence_seconds

    # The control plane

    def _start_control(self) -> None:
        self._control.hear_out()
        self._control.launch(self.control_command, self.environment)
        self._backoff.started()
        self._heard_at = None
        for name, value in self.environment.items():
            self._control.send_variable(name, value)
        for batch in self._memory.batches():
            self._control.send(batch)
        for key, descriptor in self._held.items():
            self._control.send(messages.Held(key=key), [descriptor])
        for pid, child in self._children.items():
            self._control.send(messages.Child(pid=pid, metadata=child.metadata), child.descriptors)
        self._control.send(messages.Begin())

    def _receive(self, command: messages.Command, descriptors: list[int]) -> None:
        if isinstance(command, messages.Hold) and descriptors:
            descriptors.append(self._held.pop(command.key, -1))
            self._held[command.key] = descriptors.pop(0)
        for descriptor in descriptors:
            if descriptor >= 0:
                os.close(descriptor)
        if self._heard_at is not None:
            self._heard_at = time.monotonic()
        self._handle(command)

    def _handle(self, command: messages.Command) -> None:
        match command:
            case messages.Spawn():
                try:
                    child = start_child(command)
                except (OSError, subprocess.SubprocessError) as error:
                    number = error.errno or 0 if isinstance(error, OSError) else 0
                    self._control.send(
                        messages.Refused(id=command.id, errno=number, reason=str(error)[:1000])
                    )
                    return
                self._children[child.process.pid] = child
                self._control.send(
                    messages.Spawned(id=command.id, pid=child.process.pid), child.descriptors
                )
            case messages.Signal(pid=pid, number=number):
                if pid in self._children:
                    signal_group(pid, signal.Signals(number))
            case messages.Metadata(pid=pid, metadata=metadata):
                if pid in self._children:
                    self._children[pid].metadata = metadata
            case messages.Remember(entry=entry):
                if not self._memory.keep(entry):
                    write_log(f"a value was not kept: {messages.MAX_REMEMBERED} are kept already")
            case messages.Forget(key=key):
                self._memory.forget(key)
            case messages.Alive():
                self._served = True
                self._heard_at = time.monotonic()

    # Ends

    def _signals(self, wake: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = wake.recv(4096)
            if signal.SIGTERM in numbers or signal.SIGINT in numbers:
                self._begin_end()
        self._reap()

    def _begin_end(self) -> None:
        if self._kill_at is not None:  # a second signal: at once, then
            self._status = 0
            return
        self._kill_at = time.monotonic() + max(0.5, self.stop_seconds - KILL_MARGIN_SECONDS)
        if not self._control.running or not self._served:
            self._status = 0
        else:
            self._control.signal(signal.SIGTERM)

    def _reap(self) -> None:
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            # Before the leader's number is given back to the system: what it started is ended with
            # it.
            if ended.si_pid in self._children:
                signal_group(ended.si_pid, signal.SIGKILL)
            _, status = os.waitpid(ended.si_pid, 0)
            self._ended(ended.si_pid, os.waitstatus_to_exitcode(status))

    def _ended(self, pid: int, status: int) -> None:
        child = self._children.pop(pid, None)
        if child is not None:
            child.process.returncode = status
            for descriptor in child.descriptors:
                os.close(descriptor)
            kill_orphans({*self._children, self._control.pid})
            try:
                self._control.send(messages.Exit(pid=pid, status=status))
            except MessageError as error:
                write_log(f"the end of process {pid} was not reported: {error}")
        elif pid == self._control.pid:
            self._control.ended(status)
            self._control_ended(status)

    def _control_ended(self, status: int) -> None:
        self._heard_at = None
        if self._kill_at is not None or not self._served:
            # A control plane that never served cannot be helped by starting it again: a wrong
            # setting, a busy port.
            self._status = 0 if self._kill_at is not None else status or 1
            return
        pause = self._backoff.failed()
        write_log(f"the control plane ended with status {status}; it is started again in {pause} s")
        self._restart_at = time.monotonic() + pause

    def _kill_everything(self) -> None:
        self._control.signal(signal.SIGKILL)
        for pid in self._children:
            signal_group(pid, signal.SIGKILL)
        kill_all(KILL_SECONDS)
        self._control.ended(-signal.SIGKILL)
        for child in self._children.values():
            if child.process.returncode is None:
                child.process.returncode = -signal.SIGKILL
