"""Bytes that no browser sends, at both ports, judged by what becomes of the task: nothing ends,
nothing is logged without bound, and the neighbour keeps socket and page (S37).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .harness import API_TOKEN, Gateway, running_gateway
from .test_bounds import undisturbed

ANSWER_SECONDS = 8.0
H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
EXAMPLES = 40


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(
        tmp_path_factory.mktemp("gw"), ASTRO_LIVE_REQUEST_TIMEOUT_SECONDS="2"
    ) as running:
        asyncio.run(running.start("neighbour"))
        yield running


async def exchange(
    gateway: Gateway,
    port: int,
    data: bytes,
    *,
    seconds: float = ANSWER_SECONDS,
    half_close: bool = True,
) -> bytes:
    """Send bytes, end the sending side, and return what comes back until the connection ends or the
    time is up.
    """
    reader, writer = await asyncio.open_connection(gateway.address, port)
    answer = b""
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(data)
        async with asyncio.timeout(seconds):
            await writer.drain()
            if half_close:
                writer.write_eof()
            while more := await reader.read(65536):
                answer += more
    writer.transport.abort()
    return answer


def ports(gateway: Gateway) -> tuple[int, int]:
    return gateway.contract.session_port, gateway.contract.api_port


def statuses(answer: bytes) -> list[int]:
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def a_head(path: str = "/session/neighbour/", *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: edit.example.com", *lines, "", ""]).encode(
        "latin-1"
    )


HEADER = st.tuples(st.text(min_size=1, max_size=40), st.text(max_size=200)).map(
    lambda pair: f"{pair[0]}: {pair[1]}"
)
HEADS = st.one_of(
    st.binary(max_size=4000),
    st.builds(
        lambda lines: a_head(
            "/session/neighbour/",
            *[line.encode("utf-8", "replace").decode("latin-1") for line in lines],
        ),
        st.lists(HEADER, max_size=120),
    ),
    st.integers(1, 70_000).map(lambda size: a_head("/session/neighbour/" + "x" * size)),
    st.integers(1, 3_000).map(
        lambda count: a_head(
            "/session/neighbour/", "Cookie: " + "; ".join(f"c{n}=v" for n in range(count))
        )
    ),
    st.integers(1, 300).map(
        lambda count: a_head("/session/neighbour/", *(f"X-{n}: v" for n in range(count)))
    ),
    st.integers(0, 50).map(
        lambda count: (
            H2_PREFACE
            + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
            + b"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08" * count
        )
    ),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=HEADS)
def test_whatever_is_sent_as_a_request_is_refused_or_closed(gateway: Gateway, data: bytes) -> None:
    """At both ports: nothing of a session without a cookie, no server error, no connection that
    stays.
    """

    async def attack() -> None:
        async with undisturbed(gateway):
            for port in ports(gateway):
                answer = await exchange(gateway, port, data)
                assert all(status < 500 for status in statuses(answer)), answer[:300]
                assert b"fake</title>" not in answer

    asyncio.run(attack())


JSON = st.one_of(
    st.integers(1, 30_000).map(
        lambda depth: b'{"id": ' + b"[" * depth + b"]" * min(depth, 15_000) + b"}"
    ),
    st.integers(1, 200).map(lambda depth: b'{"id": ' * depth + b"1" + b"}" * depth),
    st.binary(max_size=300),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=10), inner),
    ).map(lambda value: json.dumps(value).encode()),
    st.integers(1, 4000).map(lambda digits: b'{"id": ' + b"9" * digits + b"}"),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=JSON, path=st.sampled_from(["", "/neighbour/rebuild", "/neighbour/builds/1/serve"]))
def test_whatever_is_sent_as_json_is_an_error_of_the_client(
    gateway: Gateway, body: bytes, path: str
) -> None:
    """With the right credential: 4xx, with a message."""
    line = (
        f"POST /api/v1/sessions{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer"
        f" {API_TOKEN}\r\nConnection: close\r\n"
    )
    head = f"{line}Content-Length: {len(body)}\r\n\r\n".encode()

    async def attack() -> None:
        async with undisturbed(gateway):
            answer = await exchange(
                gateway, gateway.contract.api_port, head + body, half_close=False
            )
            [status] = statuses(answer)
            assert 400 <= status < 500, answer[:300]
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["detail"]

    asyncio.run(attack())


FRAMES = st.lists(
    st.tuples(
        st.integers(0, 255),
        st.sampled_from([0, 1, 125, 126, 127, 253, 254, 255]),
        st.binary(max_size=200),
    ).map(lambda frame: bytes(frame[:2]) + frame[2]),
    max_size=200,
).map(b"".join)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(frames=FRAMES, pings=st.integers(0, 2000))
def test_whatever_is_sent_on_a_socket_hurts_that_socket_only(
    gateway: Gateway, frames: bytes, pings: int
) -> None:
    """Frames without a mask, of reserved kinds and wrong lengths, and pings without end, of a
    signed-in visitor.
    """
    cookie = gateway.cookie("neighbour")["Cookie"]
    upgrade = a_head(
        "/session/neighbour/socket",
        f"Origin: {gateway.public_url}",
        f"Cookie: {cookie}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )

    async def attack() -> None:
        async with undisturbed(gateway):
            data = upgrade + b"\x89\x80\x00\x00\x00\x00" * pings + frames
            answer = await exchange(gateway, gateway.contract.session_port, data, seconds=3)
            assert all(status < 500 for status in statuses(answer)), answer[:200]

    asyncio.run(attack())


async def test_slow_peers_hold_nothing_up(gateway: Gateway) -> None:
    """A head, a body and a reader that take their time: the first two are closed, the third costs
    its own connection only.
    """
    cookie = gateway.cookie("neighbour")["Cookie"]
    body = a_head(
        "/session/neighbour/echo",
        f"Cookie: {cookie}",
        f"Origin: {gateway.public_url}",
        "Content-Length: 1000",
    ).replace(b"GET", b"POST", 1)
    async with undisturbed(gateway):
        streams = []
        for start in (
            b"GET /session/neigh",
            body + b"half",
            a_head("/session/neighbour/", f"Cookie: {cookie}") * 50,
        ):
            reader, writer = await asyncio.open_connection(
                gateway.address, gateway.contract.session_port, limit=1024
            )
            writer.write(start)
            streams.append((reader, writer))
        for reader, _ in streams[:2]:
            async with asyncio.timeout(20):
                while await reader.read(1024):
                    pass
        for _, writer in streams:
            writer.transport.abort()


async def test_a_client_that_leaves_amid_its_body_is_nobodys_error(gateway: Gateway) -> None:
    """Whatever the call; the log is looked at below."""
    base = "/api/v1/sessions/neighbour"
    async with undisturbed(gateway):
        for method, path in (
            ("PUT", f"{base}/files/public/half.txt"),
            ("POST", f"{base}/batch"),
            ("POST", f"{base}/archive?path=public"),
            ("POST", "/api/v1/sessions"),
        ):
            lines = (
                f"{method} {path} HTTP/1.1",
                f"Host: {gateway.address}",
                f"Authorization: Bearer {API_TOKEN}",
                "Content-Type: application/json",
                "Content-Length: 1000",
            )
            _, writer = await asyncio.open_connection(gateway.address, gateway.contract.api_port)
            writer.write("\r\n".join((*lines, "", "half")).encode())
            await writer.drain()
            await asyncio.sleep(0.3)  # it is being read
            writer.transport.abort()
        await asyncio.sleep(0.3)


def test_the_log_of_all_this_is_bounded_and_says_nothing_is_broken(gateway: Gateway) -> None:
    """Last: no stack trace, no error of Envoy's own."""
    lines = gateway.log.read_text(errors="replace").splitlines()
    text = "\n".join(line for line in lines if '"session_output"' not in line)
    assert "Traceback" not in text
    assert "envoy bug" not in text
    assert len(text) < 3_000_000
