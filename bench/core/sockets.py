"""A client of many WebSockets in its own process, driven by lines on stdin: one JSON answer line
for each.

    open N         open N more sockets (upgrade with cookie, Origin and subprotocol); {"open": …, "seconds": …}
    lost           how many the other side has closed so far; {"open": …, "lost": …}
    check          send a frame on each and wait for its echo; {"echoed": …, "lost": …}
    chat N S R     N of the sockets send a frame R times a second for S seconds; {"round_trips_ms": […]}
    close N        close N sockets; {"open": …}

`python sockets.py '{"host": …, "port": …, "path": …, "headers": {…}}'`. To loopback addresses only.
"""  # noqa: W505 - a table

from __future__ import annotations

import ipaddress
import json
import os
import resource
import select
import socket
import sys
import time
from typing import Any

WINDOW = 200
"""Handshakes under way at once."""
ANSWER_SECONDS = 30
MASK = b"\x37\xfa\x21\x3d"
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade:"
    " websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key:"
    " dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: vite-hmr\r\n{headers}\r\n"
)


def frame(payload: bytes) -> bytes:
    """A masked text frame with a payload below 126 bytes (RFC 6455, section 5.2)."""
    return (
        bytes((0x81, 0x80 | len(payload)))
        + MASK
        + bytes(byte ^ MASK[index % 4] for index, byte in enumerate(payload))
    )


class Client:
    """One thread, one epoll."""

    def __init__(self, *, host: str, port: int, path: str, headers: dict[str, str]) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"host is {host!r}; allowed are loopback addresses")
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._request = REQUEST.format(path=path, host=host, port=port, headers=lines).encode()
        self._address = (host, port)
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self.lost = 0

    def open(self, count: int) -> dict[str, Any]:
        began, waiting, made = time.perf_counter(), set[int](), 0
        while made < count or waiting:
            while made < count and len(waiting) < WINDOW:
                connection = socket.create_connection(self._address, timeout=10)
                connection.sendall(self._request)
                connection.setblocking(False)
                self._sockets[connection.fileno()] = connection
                self._epoll.register(connection, select.EPOLLIN)
                waiting.add(connection.fileno())
                made += 1
            events = self._epoll.poll(ANSWER_SECONDS)
            if not events:
                raise RuntimeError(f"{len(waiting)} handshakes unanswered after {ANSWER_SECONDS} s")
            for descriptor, _ in events:
                data = self._receive(descriptor)
                if descriptor in waiting:
                    waiting.discard(descriptor)
                    if not data.startswith(b"HTTP/1.1 101 "):
                        raise RuntimeError(f"handshake answered with {data[:60]!r}")
        return {"open": len(self._sockets), "seconds": time.perf_counter() - began}

    def count(self) -> dict[str, Any]:
        while events := self._epoll.poll(0):
            for descriptor, _ in events:
                self._receive(descriptor)
        return {"open": len(self._sockets), "lost": self.lost}

    def check(self) -> dict[str, Any]:
        self.count()
        echoed, waiting = 0, set(self._sockets)
        for descriptor in list(waiting):
            try:
                self._sockets[descriptor].send(frame(b'{"type":"ping"}'))
            except OSError:
                self._drop(descriptor)
                waiting.discard(descriptor)
        while waiting and (events := self._epoll.poll(ANSWER_SECONDS)):
            for descriptor, _ in events:
                data = self._receive(descriptor)
                echoed += bool(data) and descriptor in waiting
                waiting.discard(descriptor)
        return {"echoed": echoed, "lost": self.lost}

    def chat(self, count: int, seconds: float, rate: float) -> dict[str, Any]:
        chosen = list(self._sockets)[:count]
        message = frame(b'{"type":"ping","data":"0123456789"}')
        # Spread over the interval, so that they do not all speak at once.
        begin = time.perf_counter()
        due = [
            (begin + index / count / rate, descriptor) for index, descriptor in enumerate(chosen)
        ]
        sent: dict[int, float] = {}
        trips: list[float] = []
        end, next_due = begin + seconds, 0
        while (now := time.perf_counter()) < end:
            while due[next_due][0] <= now:
                at, descriptor = due[next_due]
                if descriptor not in sent:
                    sent[descriptor] = now
                    self._sockets[descriptor].send(message)
                due[next_due] = (at + 1 / rate, descriptor)
                next_due = (next_due + 1) % len(due)
            for descriptor, _ in self._epoll.poll(
                max(0.0, min(due[next_due][0] - time.perf_counter(), 0.05))
            ):
                if self._receive(descriptor) and descriptor in sent:
                    trips.append((time.perf_counter() - sent.pop(descriptor)) * 1000)
        return {"round_trips_ms": trips, "unanswered": len(sent)}

    def close(self, count: int) -> dict[str, Any]:
        for descriptor in list(self._sockets)[:count]:
            self._sockets.pop(descriptor).close()
        return {"open": len(self._sockets)}

    def _receive(self, descriptor: int) -> bytes:
        connection = self._sockets.get(descriptor)
        if connection is None:
            return b""
        try:
            data = connection.recv(65536)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self.lost += 1
            self._drop(descriptor)
        return data

    def _drop(self, descriptor: int) -> None:
        self._sockets.pop(descriptor).close()


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    client = Client(**json.loads(sys.argv[1]))
    for line in sys.stdin:
        name, *numbers = line.split()
        actions = {
            "open": lambda n: client.open(int(n)),
            "lost": client.count,
            "check": client.check,
            "chat": lambda n, s, r: client.chat(int(n), float(s), float(r)),
            "close": lambda n: client.close(int(n)),
        }
        print(json.dumps(actions[name](*numbers)), flush=True)  # type: ignore[operator]
    os._exit(0)


if __name__ == "__main__":
    main()
