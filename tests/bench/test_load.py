"""The load generator and the stub dev server, over real sockets."""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import socket
import threading
from collections.abc import Iterator

import pytest

from bench.core import load
from bench.core.stub_server import BODY, Server, echo, handshake


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A stub that serves in a thread until the block ends."""
    server = Server(("127.0.0.1", 0))
    near, far = socket.socketpair()
    with near, far:
        server.watch(far.fileno(), server.stop)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            near.sendall(b".")
            thread.join(timeout=10)
            server.close()
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def stub() -> Iterator[int]:
    """Port of a stub for all tests of this file."""
    with serving() as server:
        yield server.port


def test_the_stub_answers_over_a_kept_alive_connection(stub: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", stub, timeout=5)
    for _ in range(3):
        connection.request("GET", "/any/path", headers={"X-Long": "x" * 5000})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, BODY)
    connection.close()


def test_the_stub_upgrades_and_echoes(stub: int) -> None:
    """The handshake is RFC 6455's own example; a masked frame comes back unmasked."""
    request = (
        b"GET /chat HTTP/1.1\r\nupgrade: websocket\r\nsec-websocket-key:"
        b" dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: vite-hmr\r\n\r\n"
    )
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in handshake(request)
    assert b"Sec-WebSocket-Protocol: vite-hmr\r\n" in handshake(request)
    with socket.create_connection(("127.0.0.1", stub), timeout=5) as connection:
        connection.sendall(request)
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
        connection.sendall(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
        assert connection.recv(4096) == b"\x81\x05Hello"


def test_a_closed_connection_is_forgotten_while_a_child_still_holds_it() -> None:
    """The copy stands for that of a process between fork and exec: epoll went on to report a
    descriptor that was gone.
    """
    with serving() as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            (descriptor,) = server._sockets
            copy = os.dup(descriptor)
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        finally:
            os.close(copy)


def test_half_a_frame_waits_for_the_rest() -> None:
    whole = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
    assert echo(whole[:8]) == (b"", whole[:8])
    assert echo(whole + whole[:3]) == (b"\x81\x05Hello", whole[:3])
    assert len(base64.b64encode(whole)) > 0


def test_load_counts_answers(stub: int) -> None:
    found = load.run(
        host="127.0.0.1",
        port=stub,
        path="/",
        headers={},
        connections=4,
        seconds=0.3,
        warm_up_seconds=0.05,
    )
    assert found["requests"] > 50
    assert found["all_requests"] >= found["requests"]
    assert found["seconds"] == pytest.approx(0.3, abs=0.2)


def test_load_goes_to_loopback_only() -> None:
    """And within bounds of time and number."""
    with pytest.raises(load.LoadError, match="loopback"):
        load.run(host="192.0.2.1", port=80, path="/", headers={}, connections=1, seconds=1)
    for connections, seconds in ((0, 1), (5000, 1), (1, 0), (1, 5000)):
        with pytest.raises(load.LoadError, match="allowed are up to"):
            load.run(
                host="127.0.0.1",
                port=80,
                path="/",
                headers={},
                connections=connections,
                seconds=seconds,
            )


@pytest.mark.parametrize(
    ("answer", "length"),
    [(b"HTTP/1.1 200 OK\r\nContent-", 0), (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", 43)],
)
def test_the_length_of_an_answer_comes_from_its_header(answer: bytes, length: int) -> None:
    assert load.expected_length(answer) == length


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_refusals_and_chunks_end_the_run(answer: bytes) -> None:
    """A rate of error pages is no rate."""
    with pytest.raises(load.LoadError):
        load.expected_length(answer)
