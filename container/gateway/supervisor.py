"""The supervisor: the container's first process, which only starts, watches and ends the others.

    supervisor ──┬── control plane      started again when it dies or falls silent; Envoy and the dev servers stay, with every WebSocket
                 ├── Envoy              \\
                 └── dev servers         } started when the control plane asks
It knows nothing of sessions or HTTP, so there is little in it that could fail. Its duties:

  secrets    read from the environment before any child exists, then handed to the control plane over a socket, never through an environment
  children   each in a process group of its own; the parent's ends of their channels and outputs are held here too, so that a new
             control plane takes them over where the old one left off
  memory     values and a listener that the control plane wants to survive it: where its folder is, which sign-in links were used
  orphans    what a dev server leaves behind becomes the supervisor's child (subreaper) and is killed. As PID 1 it thus is the container's
             init: no other init process may stand in front of it, since that one's environment, secrets included, would be readable
             to code of a session
  the end    SIGTERM goes to the control plane, which drains; when its time is up, every group is killed

The messages are those of `contract/messages/supervisor.py`; `wire.py` carries them.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contract.messages import supervisor as messages
from contract.messages.base import Message, MessageError

from . import hardening, wire
from .backoff import Backoff

RESTART_SECONDS: Final = (0.0, 0.5, 2.0, 5.0, 15.0)
"""Waits before the first, second, … restart of the control plane."""

STEADY_SECONDS: Final = 60.0
SILENCE_SECONDS: Final = 30.0
"""A control plane that serves and has sent nothing for so long hangs (or was stopped by a signal): it is killed and started again."""

KILL_MARGIN_SECONDS: Final = 1.0
"""Every group is killed this long before the container's own stop timeout would end the supervisor."""

CONTROL_COMMAND: Final = (sys.executable, "-m", "container.gateway.control")


@dataclass(kw_only=True)
class Supervised:
    """A child on behalf of the control plane."""

    process: subprocess.Popen[bytes]
    metadata: messages.ChildMetadata
    descriptors: list[int]
    """Our ends: of the channel (if it has one) and of the output (if captured), in this order."""


def start_child(spawn: messages.Spawn) -> Supervised:
    """Start what a `Spawn` message names."""
    ours: list[int] = []
    theirs: list[int] = []
    channel = -1
    output: int | None = None
    try:
        if spawn.metadata.channel:
            our_end, their_end = socket.socketpair()
            channel = their_end.detach()
            ours.append(our_end.detach())
            theirs.append(channel)
        if spawn.metadata.capture:
            reading, output = os.pipe()
            ours.append(reading)
            theirs.append(output)

        def prepare() -> None:
            hardening.die_with_parent()
            hardening.forbid_new_privileges()
            if channel >= 0:
                os.dup2(channel, 3, inheritable=True)
            if channel >= 0:  # a dev server
                hardening.be_first_to_go()
            if spawn.descriptors:
                hardening.limit_descriptors(spawn.descriptors)

        process = subprocess.Popen(
            spawn.argv,
            env=spawn.environment,
            cwd=spawn.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(3,) if channel >= 0 else (),
            preexec_fn=prepare,
        )
    except BaseException:
        for descriptor in ours:
            os.close(descriptor)
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    return Supervised(process=process, metadata=spawn.metadata, descriptors=ours)


class Memory:
    """Values kept for later control planes. Expired ones are dropped whenever the number has doubled since the last time."""

    def __init__(self) -> None:
        self._entries: dict[str, messages.Entry] = {}
        self._tidy_at = 1000

    def keep(self, entry: messages.Entry) -> bool:
        """False when there is no room."""
        if len(self._entries) >= self._tidy_at:
            self._tidy()
        if len(self._entries) >= messages.MAX_REMEMBERED and entry.key not in self._entries:
            return False
        self._entries[entry.key] = entry
        return True

    def forget(self, key: str) -> None:
        self._entries.pop(key, None)

    def batches(self) -> list[messages.Remembered]:
        """All of it, in messages that fit a packet."""
        self._tidy()
        entries = list(self._entries.values())
        return [messages.Remembered(entries=entries[at : at + messages.BATCH]) for at in range(0, len(entries), messages.BATCH)]

    def _tidy(self) -> None:
        now = time.time()
        self._entries = {key: entry for key, entry in self._entries.items() if entry.until is None or entry.until >= now}
        self._tidy_at = min(max(1000, 2 * len(self._entries)), messages.MAX_REMEMBERED)


@dataclass
class Supervisor:
    """State of the first process. `run` returns the exit status of the container."""

    environment: dict[str, str]
    """The container's, with its secrets. It leaves this process over the control plane's socket alone."""
    stop_seconds: float
    control_command: Sequence[str] = CONTROL_COMMAND
    silence_seconds: float = SILENCE_SECONDS
    _children: dict[int, Supervised] = field(default_factory=dict)
    _memory: Memory = field(default_factory=Memory)
    _held: dict[str, int] = field(default_factory=dict)
    """Descriptors kept for later control planes, by key."""
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _control: subprocess.Popen[bytes] | None = None
    _connection: wire.Connection | None = None
    _heard_at: float | None = None
    """When the control plane last sent anything, once it serves; None before."""
    _backoff: Backoff = field(default_factory=lambda: Backoff(RESTART_SECONDS, steady_seconds=STEADY_SECONDS))
    _served: bool = False
    """Whether any control plane of this container has served: one that never could would not after a restart either."""
    _restart_at: float | None = None
    _kill_at: float | None = None
    _status: int | None = None

    def run(self) -> int:
        wake_read, wake_write = socket.socketpair()
        for end in (wake_read, wake_write):
            end.setblocking(False)
        signal.set_wakeup_fd(wake_write.fileno())
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: None)
        self._selector.register(wake_read, selectors.EVENT_READ, lambda _events: self._signals(wake_read))
        self._start_control()
        while self._status is None:
            for key, events in self._selector.select(self._patience()):
                handler: Callable[[int], None] = key.data
                handler(events)
            self._keep_time()
        self._kill_everything()
        return self._status

    def _moments(self) -> list[float]:
        silence = None if self._heard_at is None else self._heard_at + self.silence_seconds
        return [moment for moment in (self._restart_at, self._kill_at, silence) if moment is not None]

    def _patience(self) -> float | None:
        moments = self._moments()
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _keep_time(self) -> None:
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self._log("the stop timeout is near: ending what is left")
            self._status = 0
        elif self._restart_at is not None and now >= self._restart_at:
            self._restart_at = None
            self._start_control()
        elif self._heard_at is not None and now >= self._heard_at + self.silence_seconds and self._control is not None:
            self._heard_at = None
            self._log(f"the control plane has sent nothing for {self.silence_seconds:.0f} s: it is killed and started again")
            self._control.kill()

    # The control plane

    def _start_control(self) -> None:
        self._hear_out()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # Not tied to the supervisor's life by a signal: it ends the groups itself when the supervisor has gone (`processes.py`).
            self._control = subprocess.Popen(
                self.control_command,
                # Until it has made itself unreadable, its environment is open to code of a running session: the rest comes by socket.
                env={**wire.start_environment(self.environment), wire.DESCRIPTOR_VARIABLE: str(theirs.fileno())},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._backoff.started()
        self._heard_at = None
        self._connection = wire.Connection(ours)
        self._selector.register(ours, selectors.EVENT_READ, self._ready)
        for name, value in self.environment.items():
            self._send_variable(name, value)
        for batch in self._memory.batches():
            self._send(batch)
        for key, descriptor in self._held.items():
            self._send(messages.Held(key=key), [descriptor])
        for pid, child in self._children.items():
            self._send(messages.Child(pid=pid, metadata=child.metadata), child.descriptors)
        self._send(messages.Begin())

    def _hear_out(self) -> None:
        """Handle what a dead control plane had still sent. A session that it has just made ready would be taken for a half-started one."""
        while self._connection is not None:
            try:
                self._receive(self._connection)
            except BlockingIOError:
                return

    def _send_variable(self, name: str, value: str) -> None:
        try:
            self._send(messages.Variable(name=name, value=value))
        except (ValueError, MessageError):  # too long, or not Unicode; the value may be a secret
            self._log(f"the environment variable {name.encode(errors='replace').decode()[:100]} cannot be passed on: too long or not UTF-8")

    def _send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        if self._connection is None:
            return
        with contextlib.suppress(wire.Gone):  # its end is noticed by the signal
            self._connection.send(message, descriptors)
            self._interest()

    def _interest(self) -> None:
        if self._connection is not None:
            writing = selectors.EVENT_WRITE if self._connection.waiting else 0
            self._selector.modify(self._connection, selectors.EVENT_READ | writing, self._ready)

    def _ready(self, events: int) -> None:
        connection = self._connection
        if connection is None:
            return
        if events & selectors.EVENT_WRITE:
            with contextlib.suppress(wire.Gone, MessageError):
                connection.flush()
            self._interest()
        if events & selectors.EVENT_READ:
            with contextlib.suppress(BlockingIOError):
                self._receive(connection)

    def _receive(self, connection: wire.Connection) -> None:
        try:
            command, descriptors = connection.receive(messages.ToSupervisor)
        except wire.Gone:
            self._selector.unregister(connection)
            connection.close()
            self._connection = None
            return
        except MessageError as error:
            self._log(f"a message of the control plane was refused: {error}")
            return
        if isinstance(command, messages.Hold) and descriptors:
            descriptors.append(self._held.pop(command.key, -1))
            self._held[command.key] = descriptors.pop(0)
        for descriptor in descriptors:
            if descriptor >= 0:
                os.close(descriptor)
        if self._heard_at is not None:
            self._heard_at = time.monotonic()
        try:
            self._handle(command)
        except MessageError as error:
            self._log(f"a message to the control plane was not sent: {error}")

    def _handle(self, command: messages.Command) -> None:
        match command:
            case messages.Spawn():
                try:
                    child = start_child(command)
                except (OSError, subprocess.SubprocessError) as error:
                    number = error.errno or 0 if isinstance(error, OSError) else 0
                    self._send(messages.Refused(id=command.id, errno=number, reason=str(error)[:1000]))
                    return
                self._children[child.process.pid] = child
                self._send(messages.Spawned(id=command.id, pid=child.process.pid), child.descriptors)
            case messages.Signal(pid=pid, number=number):
                if pid in self._children:
                    _signal_group(pid, signal.Signals(number))
            case messages.Metadata(pid=pid, metadata=metadata):
                if pid in self._children:
                    self._children[pid].metadata = metadata
            case messages.Remember(entry=entry):
                if not self._memory.keep(entry):
                    self._log(f"a value was not kept: {messages.MAX_REMEMBERED} are kept already")
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
            self._ended(ended.si_pid, os.waitstatus_to_exitcode(status))

    def _ended(self, pid: int, status: int) -> None:
        child = self._children.pop(pid, None)
        if child is not None:
            child.process.returncode = status
            for descriptor in child.descriptors:
                os.close(descriptor)
            self._kill_orphans()
            try:
                self._send(messages.Exit(pid=pid, status=status))
            except MessageError as error:
                self._log(f"the end of process {pid} was not reported: {error}")
        elif self._control is not None and pid == self._control.pid:
            self._control.returncode = status
            self._control_ended(status)

    def _control_ended(self, status: int) -> None:
        self._heard_at = None
        if self._kill_at is not None or not self._served:
            # A control plane that never served cannot be helped by starting it again: a wrong setting, a busy port.
            self._status = 0 if self._kill_at is not None else status or 1
            return
        pause = self._backoff.failed()
        self._log(f"the control plane ended with status {status}; it is started again in {pause} s")
        self._restart_at = time.monotonic() + pause

    def _kill_orphans(self) -> None:
        """Kill our children that nobody asked for: they lost their own parent, and with it their purpose."""
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
        for process in [*(child.process for child in self._children.values()), *([self._control] if self._control else [])]:
            if process.returncode is None:
                process.returncode = -signal.SIGKILL

    @staticmethod
    def _log(text: str) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        entry = {"time": f"{stamp}Z", "part": "supervisor", "level": "warning", "message": text}
        with contextlib.suppress(OSError):  # whoever read the log has gone
            print(json.dumps(entry), flush=True)


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
