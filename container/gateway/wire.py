"""How supervisor and control plane send each other messages (`contract/messages/supervisor.py`).

One JSON object per packet of a Unix SEQPACKET socket, with file descriptors beside it. Neither side
ever waits for the other: what the socket does not take now is kept, up to a bound, until it does. A
message that is too long, or one too many, is an error of that message and of nothing else.
"""

from __future__ import annotations

import array
import contextlib
import errno
import os
import socket
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from pydantic import TypeAdapter

from contract.messages.base import Message, MessageError, decode, encode
from contract.messages.supervisor import MAX_PACKET_BYTES

DESCRIPTOR_VARIABLE: Final = "ASTRO_LIVE_SUPERVISOR_FD"
MAX_DESCRIPTORS: Final = 4
MAX_WAITING: Final = 10_000
"""Messages that wait for the other side to read."""

START_VARIABLES: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
)
"""What Python needs to start, besides its own `PYTHON…` variables."""

Received = TypeVar("Received")


def start_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of `environment` that a control plane is started with."""
    return {
        name: value
        for name, value in environment.items()
        if name in START_VARIABLES or name.startswith("PYTHON")
    }


class Gone(ConnectionError):
    """The other side has closed the socket, or has ended."""


class Connection:
    """One end of the socket. `flush` is to be called whenever the socket is writable and `waiting`
    is not 0.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._outbox: deque[tuple[bytes, list[int]]] = deque()

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def waiting(self) -> int:
        """Messages that the socket has not taken yet."""
        return len(self._outbox)

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send one message. `MessageError` when it is too long or too many wait already; `Gone`
        when nobody reads any more.
        """
        data = encode(message)
        if len(data) > MAX_PACKET_BYTES:
            raise MessageError(
                f"a {type(message).__name__} message has {len(data)} bytes; {MAX_PACKET_BYTES} are"
                " allowed"
            )
        if len(self._outbox) >= MAX_WAITING:
            raise MessageError(
                f"a {type(message).__name__} message was not sent: {MAX_WAITING} others wait"
                " already"
            )
        # Copies: a descriptor may be closed, and its number be another file's, before its turn
        # comes.
        self._outbox.append((data, [os.dup(descriptor) for descriptor in descriptors]))
        self.flush()

    def flush(self) -> None:
        """Send what waits, as far as the socket takes it. `Gone` when nobody reads any more."""
        while self._outbox:
            data, descriptors = self._outbox[0]
            rights = (
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
                if descriptors
                else []
            )
            try:
                self._socket.sendmsg([data], rights)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (
                    errno.ENOBUFS,
                    errno.ETOOMANYREFS,
                ):  # the kernel is short of room for a moment
                    return
                if error.errno != errno.EMSGSIZE:
                    raise Gone(str(error)) from error
                self._outbox.popleft()
                _close(descriptors)
                raise MessageError(
                    f"a message of {len(data)} bytes is longer than this kernel's sockets take"
                ) from error
            self._outbox.popleft()
            _close(descriptors)

    def receive(self, adapter: TypeAdapter[Received]) -> tuple[Received, list[int]]:
        """The next message and its descriptors (not inheritable).

        `BlockingIOError` when there is none, `Gone` when the other side has closed, `MessageError`
        when this one is of no use.
        """
        size = array.array("i").itemsize
        try:
            data, ancillary, flags, _ = self._socket.recvmsg(
                MAX_PACKET_BYTES, socket.CMSG_SPACE(MAX_DESCRIPTORS * size), socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            raise
        except OSError as error:
            raise Gone(str(error)) from error
        received = array.array("i")
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received.frombytes(content[: len(content) - len(content) % size])
        descriptors = list(received)
        if not data:
            _close(descriptors)
            raise Gone("closed")
        try:
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise MessageError(
                    f"a message is longer than {MAX_PACKET_BYTES} bytes, or brings more than"
                    f" {MAX_DESCRIPTORS} descriptors"
                )
            return decode(adapter, data), descriptors
        except MessageError:
            _close(descriptors)
            raise

    def close(self) -> None:
        for _, descriptors in self._outbox:
            _close(descriptors)
        self._outbox.clear()
        self._socket.close()


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
