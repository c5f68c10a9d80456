"""A dev server that costs next to nothing: GET gets 4 KiB, WebSocket frames are echoed. So a
benchmark measures what stands in front.

`python stub_server.py` with the runner's channel at descriptor 3 (the gateway starts it as
ASTRO_LIVE_RUNNER_COMMAND), or `python stub_server.py --alone` for the peers: it prints the port
that it got. Sockets and epoll by hand: a framework would be slower than the proxies.
"""

from __future__ import annotations

import base64
import hashlib
import json
import select
import socket
import sys
from collections.abc import Callable

BODY = b"x" * 4096
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BACKLOG = 4096


def handshake(request: bytes) -> bytes:
    """The 101 answer to an upgrade request (RFC 6455, section 4.2.2); the first offered subprotocol
    is taken.
    """
    headers = dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:] if b": " in line)
    lower = {name.lower(): value for name, value in headers.items()}
    accept = base64.b64encode(hashlib.sha1(lower[b"sec-websocket-key"] + GUID).digest())  # noqa: S324 - the RFC's own hash
    protocol = lower.get(b"sec-websocket-protocol", b"").split(b",")[0].strip()
    chosen = b"Sec-WebSocket-Protocol: " + protocol + b"\r\n" if protocol else b""
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection:"
        b" Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n" + chosen + b"\r\n"
    )


def echo(frames: bytes) -> tuple[bytes, bytes]:
    """Unmasked copies of the whole masked frames in `frames` (payloads below 126 bytes), and the
    rest.
    """
    out = bytearray()
    while len(frames) >= 6:
        size = frames[1] & 0x7F
        if len(frames) < 6 + size:
            break
        mask = frames[2:6]
        out += bytes((frames[0], size)) + bytes(
            byte ^ mask[index % 4] for index, byte in enumerate(frames[6 : 6 + size])
        )
        frames = frames[6 + size :]
    return bytes(out), frames


class Server:
    """One thread, one epoll."""

    def __init__(self, address: tuple[str, int] | str) -> None:
        """`address` is a host and a port, or the path of a Unix socket."""
        self._listener = socket.socket(
            socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        )
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(address)
        self._listener.listen(BACKLOG)
        self._listener.setblocking(False)
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)
        self._sockets: dict[int, socket.socket] = {}
        self._sockets_open: dict[int, bytes] = {}
        self._pending: dict[int, bytes] = {}
        self._extra: dict[int, Callable[[], None]] = {}
        self._serving = True

    @property
    def port(self) -> int:
        """Of a listener at an address, not at a path."""
        return int(self._listener.getsockname()[1])

    def watch(self, descriptor: int, action: Callable[[], None]) -> None:
        """Call `action` whenever `descriptor` is readable."""
        self._epoll.register(descriptor, select.EPOLLIN)
        self._extra[descriptor] = action

    def serve(self) -> None:
        listening = self._listener.fileno()
        while self._serving:
            for descriptor, _ in self._epoll.poll():
                if descriptor == listening:
                    self._accept()
                elif descriptor in self._extra:
                    self._extra[descriptor]()
                else:
                    self._read(descriptor)

    def stop(self) -> None:
        """Let `serve` return after the events at hand. To be called by an action of `watch`:
        another thread's call wakes nobody.
        """
        self._serving = False

    def close(self) -> None:
        """Give all descriptors back; `serve` must have ended."""
        for connection in (self._listener, *self._sockets.values()):
            connection.close()
        self._epoll.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return
            connection.setblocking(False)
            if connection.family is socket.AF_INET:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[connection.fileno()] = connection
            self._epoll.register(connection, select.EPOLLIN)

    def _read(self, descriptor: int) -> None:
        connection = self._sockets[descriptor]
        try:
            data = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(descriptor)
            return
        if descriptor in self._sockets_open:
            answer, self._sockets_open[descriptor] = echo(self._sockets_open[descriptor] + data)
            if answer:
                self._send(descriptor, answer)
            return
        if descriptor in self._pending:
            data = self._pending.pop(descriptor) + data
        if not data.endswith(b"\r\n\r\n"):
            self._pending[descriptor] = data
        elif b"pgrade: websocket" in data:
            self._sockets_open[descriptor] = b""
            self._send(descriptor, handshake(data))
        else:
            self._send(descriptor, ANSWER)

    def _send(self, descriptor: int, data: bytes) -> None:
        try:
            self._sockets[descriptor].send(data)
        except (
            BrokenPipeError,
            ConnectionResetError,
        ):  # a Unix socket knows at once that its client has gone
            self._drop(descriptor)

    def _drop(self, descriptor: int) -> None:
        # Closing is not enough: a child between fork and exec holds a copy, and epoll reports the
        # descriptor as long as one is open.
        self._epoll.unregister(descriptor)
        self._sockets_open.pop(descriptor, None)
        self._pending.pop(descriptor, None)
        self._sockets.pop(descriptor).close()


def under_gateway() -> None:
    """Speak the runner's channel: warm, wait for start, ready, and end when the channel closes."""
    channel = socket.socket(fileno=3)
    channel.sendall(b'{"type":"warm"}\n')
    rest = b""
    while not rest.endswith(b"\n"):
        data = channel.recv(65536)
        if not data:
            return
        rest += data
    server = Server(json.loads(rest)["socketPath"])
    ready = {
        "type": "ready",
        "astro": "stub",
        "vite": "stub",
        "watch": {"mode": "native", "reason": "stub"},
    }
    channel.sendall(json.dumps(ready).encode() + b"\n")

    def told() -> None:
        if not (message := channel.recv(65536)) or b'"stop"' in message:
            sys.exit(0)
        if b'"describe"' in message:
            channel.sendall(json.dumps(ready).encode() + b"\n")

    server.watch(3, told)
    server.serve()


if __name__ == "__main__":
    if "--alone" in sys.argv:
        server = Server(("127.0.0.1", 0))
        print(f"port {server.port}", flush=True)
        server.serve()
    else:
        under_gateway()
