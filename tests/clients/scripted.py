"""A server that answers as a test says, one connection after another."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

LOST: Final = b""
"""The connection is closed instead of an answer."""
WAIT_SECONDS: Final = 30.0


def reply(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, "Content-Type: application/json", *headers, "", ""]).encode() + body


@dataclass
class Scripted:
    """What it was asked, in order: head and body of each request."""

    url: str
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        return [head.split(" ", 1)[0] for head, _ in self.requests]


@contextlib.contextmanager
def scripted(*answers: bytes | Callable[[str], bytes]) -> Iterator[Scripted]:
    """Answers one request per connection, in this order; the last one for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Scripted(f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1")
        thread = threading.Thread(target=_serve, args=(listener, answers, server), daemon=True)
        thread.start()
        yield server
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(WAIT_SECONDS)


def _serve(
    listener: socket.socket, answers: tuple[bytes | Callable[[str], bytes], ...], server: Scripted
) -> None:
    left = list(answers)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            connection.settimeout(WAIT_SECONDS)
            head, body = _request(connection)
            server.requests.append((head, body))
            answer = left.pop(0) if len(left) > 1 else left[0]
            connection.sendall(answer(head) if callable(answer) else answer)


def _request(connection: socket.socket) -> tuple[str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return data.decode("latin-1"), b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    size = next(
        (int(line.split(":")[1]) for line in text.lower().split("\r\n") if line.startswith("content-length:")),
        0,
    )  # fmt: skip
    while len(body) < size and (more := connection.recv(65536)):
        body += more
    return text, body
