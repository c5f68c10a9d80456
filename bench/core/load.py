"""A load generator: keep-alive GET requests over a fixed number of connections, one request in
flight on each.

`python load.py '{"host": …, "port": …, "path": …, "headers": {…}, "connections": 32, "seconds":
4}'` prints one JSON line. It runs as a separate process so that it can be tied to a processor. To
loopback addresses only.
"""

from __future__ import annotations

import ipaddress
import json
import select
import socket
import sys
import time
from typing import Any

MAXIMUM_SECONDS = 120
MAXIMUM_CONNECTIONS = 1000
LAST_SECONDS = 2.0
"""For the answers that are under way when the time is up."""


class LoadError(RuntimeError):
    """The server answered other than expected."""


def expected_length(answer: bytes) -> int:
    """Length of the whole answer by its Content-Length, 0 while the header is not complete.

    Raises `LoadError` unless it is a 200 with a Content-Length.
    """
    head, separator, _ = answer.partition(b"\r\n\r\n")
    if not separator:
        return 0
    lines = head.lower().split(b"\r\n")
    if lines[0][9:12] != b"200":
        raise LoadError(f"the server answered {lines[0].decode('latin-1')!r}, not 200")
    lengths = [line.partition(b":")[2] for line in lines if line.startswith(b"content-length:")]
    if not lengths:
        raise LoadError("the answer has no Content-Length; this generator does not read chunks")
    return len(head) + 4 + int(lengths[0])


def run(
    *,
    host: str,
    port: int,
    path: str,
    headers: dict[str, str],
    connections: int,
    seconds: float,
    warm_up_seconds: float = 0.3,
) -> dict[str, Any]:
    """Count whole answers within `seconds` after the warm-up; `latencies_ms` is a sample of every
    50th request's time.

    No request is cut off at the end: what a proxy spends on that is no part of its requests.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise LoadError(f"host is {host!r}; allowed are loopback addresses")
    if not 0 < seconds <= MAXIMUM_SECONDS or not 0 < connections <= MAXIMUM_CONNECTIONS:
        raise LoadError(
            f"{connections} connections for {seconds} s; allowed are up to {MAXIMUM_CONNECTIONS}"
            f" and {MAXIMUM_SECONDS} s"
        )
    lines = [
        f"GET {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in {"Host": f"{host}:{port}", **headers}.items()),
        "",
        "",
    ]
    request = "\r\n".join(lines).encode()
    poll = select.epoll()
    sockets: dict[int, socket.socket] = {}
    received: dict[int, int] = {}
    wanted: dict[int, int] = {}
    sent_at: dict[int, float] = {}
    for _ in range(connections):
        connection = socket.create_connection((host, port), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sockets[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)
    first = next(iter(sockets.values()))
    first.sendall(request)
    answer = b""
    while not (length := expected_length(answer)) or len(answer) < length:
        data = first.recv(65536)
        if not data:
            raise LoadError("the server closed the connection instead of answering")
        answer += data
    for connection in sockets.values():
        connection.setblocking(False)
        received[connection.fileno()] = 0
        sent_at[connection.fileno()] = time.perf_counter()
        connection.send(request)
    begin = time.perf_counter() + warm_up_seconds
    end = begin + seconds
    count, all_requests, latencies = 0, 1, []
    now = time.perf_counter()
    while sockets and now < end + LAST_SECONDS:
        for descriptor, _ in poll.poll(1.0):
            connection = sockets[descriptor]
            data = connection.recv(65536)
            if not data:
                raise LoadError(
                    "the server closed a kept-alive connection in the middle of the run"
                )
            total = received[descriptor] + len(data)
            if not received[descriptor]:
                # Nearly all answers are as long as the first and come in one piece; only the others
                # are parsed.
                wanted[descriptor] = (
                    length if total == length and data[9:12] == b"200" else expected_length(data)
                )
            if total < wanted[descriptor] or not wanted[descriptor]:
                received[descriptor] = total
                continue
            if total > wanted[descriptor]:
                raise LoadError(f"an answer had {total} bytes, announced were {wanted[descriptor]}")
            received[descriptor] = 0
            now = time.perf_counter()
            all_requests += 1
            if begin <= now < end:
                count += 1
                if count % 50 == 0:
                    latencies.append((now - sent_at[descriptor]) * 1000)
            if now >= end:
                poll.unregister(descriptor)
                sockets.pop(descriptor).close()
                continue
            sent_at[descriptor] = now
            connection.send(request)
        now = time.perf_counter()
    for connection in sockets.values():
        connection.close()
    return {
        "requests": count,
        "all_requests": all_requests,
        "seconds": seconds,
        "answer_bytes": length,
        "latencies_ms": latencies,
    }


if __name__ == "__main__":
    print(json.dumps(run(**json.loads(sys.argv[1]))))
