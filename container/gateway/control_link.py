"""The supervisor's line to the control plane: the process, and the socket that their messages pass
over.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from contract.messages import supervisor as messages
from contract.messages.base import Message, MessageError

from . import wire

Handler = Callable[[messages.Command, list[int]], None]


def write_log(text: str) -> None:
    """A warning of the supervisor, as a line of the task's log."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    entry = {"time": f"{stamp}Z", "part": "supervisor", "level": "warning", "message": text}
    with contextlib.suppress(OSError):  # nobody reads the log any more
        print(json.dumps(entry), flush=True)


class ControlLink:
    """One control plane after another: `launch` starts one, `handle` gets what it sends, with
    descriptors, which it has to close.
    """

    def __init__(self, selector: selectors.BaseSelector, handle: Handler) -> None:
        self._selector = selector
        self._handle = handle
        self._connection: wire.Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the control plane, also when it has ended; 0 before the first."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def launch(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a control plane. Of `environment` it gets only what Python needs to start: the rest
        comes by socket.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # Not tied to the supervisor's life by a signal: it ends the groups itself when the
            # supervisor has gone (`processes.py`).
            self._process = subprocess.Popen(
                command,
                # Until it has made itself unreadable, its environment is open to code of a running
                # session.
                env={
                    **wire.start_environment(environment),
                    wire.DESCRIPTOR_VARIABLE: str(theirs.fileno()),
                },
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._connection = wire.Connection(ours)
        self._selector.register(ours, selectors.EVENT_READ, self._ready)

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def ended(self, status: int) -> None:
        """Take in that the process was reaped."""
        if self._process is not None and self._process.returncode is None:
            self._process.returncode = status

    def hear_out(self) -> None:
        """Handle what a dead control plane had still sent. A session that it has just made ready
        would be taken for a half-started one.
        """
        while self._connection is not None:
            try:
                self._receive(self._connection)
            except BlockingIOError:
                return

    def send_variable(self, name: str, value: str) -> None:
        try:
            self.send(messages.Variable(name=name, value=value))
        except (ValueError, MessageError):  # too long, or not Unicode; the value may be a secret
            write_log(
                f"the environment variable {name.encode(errors='replace').decode()[:100]} cannot be"
                " passed on: too long or not UTF-8"
            )

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send a message, if anyone is there. `MessageError` when this one cannot be sent."""
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
            write_log(f"a message of the control plane was refused: {error}")
            return
        try:
            self._handle(command, descriptors)
        except MessageError as error:
            write_log(f"a message to the control plane was not sent: {error}")
