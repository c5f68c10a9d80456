"""The channel to a dev server: newline-delimited JSON both ways over a socket
(`contract/messages/runner.py`).

Code of the site runs at the other end and can write there too, so nothing that comes in can do more
than be refused: lines have a length, fields have bounds, and a flood is read no faster than
`BYTES_PER_SECOND`. Nothing that goes out waits for a reader.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import Final

from contract.messages import FromRunner, Message, MessageError, RunnerMessage, decode, encode
from contract.messages.runner import MAX_LINE_BYTES

CHUNK_BYTES: Final = 65536
BYTES_PER_SECOND: Final = 512 * 1024
"""A dev server sends some 100 bytes per edit. Above this its messages wait in the socket, and the
sender with them.
"""

MESSAGE_BYTES: Final = 256
"""What a message counts for besides its own bytes: to handle one takes as long as to read so many,
however short it is.
"""

MAX_UNSENT_BYTES: Final = 1024 * 1024
"""What may wait for a dev server that does not read. Messages beyond this are lost."""

logger = logging.getLogger(__name__)


class Pace:
    """Keeps a stream below a number of bytes per second, with a burst of one second."""

    def __init__(
        self, bytes_per_second: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = bytes_per_second
        self._clock = clock
        self._due = clock()
        """When everything so far would have arrived at the allowed rate."""

    def delay(self, count: int) -> float:
        """Seconds to wait after `count` more bytes."""
        now = self._clock()
        self._due = max(self._due, now - 1.0) + count / self._rate
        return max(0.0, self._due - now)


class Allowance:
    """How many of something are taken per second, with a burst of one second. What is above is for
    the caller to leave.
    """

    def __init__(self, per_second: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._clock = clock
        self._left = float(per_second)
        self._at = clock()

    def take(self) -> bool:
        """Whether one more is allowed now."""
        now = self._clock()
        self._left = min(float(self._rate), self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Channel:
    """One dev server's channel. `on_message` gets each message; `on_refused` the reason for each
    that is not one.
    """

    def __init__(
        self,
        sock: socket.socket,
        on_message: Callable[[RunnerMessage], None],
        on_refused: Callable[[str], None],
    ) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._on_message = on_message
        self._on_refused = on_refused
        self._unsent = bytearray()
        self._open = True

    def send(self, message: Message) -> bool:
        """Send one message; False when it is lost, because nobody reads (any more) or it cannot be
        encoded.
        """
        if not self._open:
            return False
        try:
            data = encode(message) + b"\n"
        except MessageError as error:
            self._on_refused(str(error))
            return False
        if len(self._unsent) + len(data) > MAX_UNSENT_BYTES:
            self._on_refused(
                f"a {type(message).__name__} message was not sent: the dev server does not read its"
                " channel"
            )
            return False
        waiting = bool(self._unsent)
        self._unsent += data
        if not waiting:
            self._flush()
        return self._open

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent[:CHUNK_BYTES])]
        except BlockingIOError:
            loop.add_writer(self._socket.fileno(), self._flush)
            return
        except OSError:
            self._unsent.clear()
            self._open = False
        loop.remove_writer(self._socket.fileno())

    async def read(self) -> None:
        """Take messages in until the other end is closed."""
        loop, pace, rest, skipping = asyncio.get_running_loop(), Pace(BYTES_PER_SECOND), b"", False
        while True:
            try:
                data = await loop.sock_recv(self._socket, CHUNK_BYTES)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if not skipping:
                    self._take(line)
                skipping = False
            if len(rest) > MAX_LINE_BYTES:
                if not skipping:
                    self._on_refused(f"a message is longer than {MAX_LINE_BYTES} bytes")
                rest, skipping = b"", True
            # Also when there is no delay: `sock_recv` returns at once while there is data, and
            # nothing else would ever run.
            await asyncio.sleep(pace.delay(len(data) + MESSAGE_BYTES * len(lines)))

    def _take(self, line: bytes) -> None:
        try:
            self._on_message(decode(FromRunner, line))
        except MessageError as error:
            self._on_refused(str(error))
        except Exception:
            logger.exception("a dev server's message could not be handled")

    def hang_up(self) -> None:
        """End the conversation, which ends the dev server. `read` returns then; afterwards comes
        `close`.
        """
        self._open = False
        self._unsent.clear()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back. Only after `read` has ended: the event loop must not wait for a
        closed one. Safe to call again.
        """
        self.hang_up()
        if self._socket.fileno() >= 0:
            asyncio.get_running_loop().remove_writer(self._socket.fileno())
            self._socket.close()
