"""WebSockets through the gateway behave as without it: the same frames, pings, close codes and
verdicts on broken input (S1).

An independent client (the `websockets` library's protocol, and raw frames made here) talks to an
independent server (the same library's echo server), once directly and once through Envoy; each case
must end alike.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio
from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve
from websockets.exceptions import ConnectionClosedError

from container.gateway.envoy.model import Upstream
from tests.addresses import own_address

from .harness import PUBLIC_URL
from .plain_envoy import envoy_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MAX_SIZE: Final = 1 << 20
QUIET_SECONDS: Final = 0.5
END_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Route:
    """Where a client connects, and what it must send to get in."""

    host: str
    port: int
    path: str
    headers: tuple[tuple[str, str], ...]
    server: Server


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, reserved: int = 0, mask: bool = True
) -> bytes:
    """One client frame, well-formed or not."""
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    flag = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([flag | len(payload)])
    elif len(payload) < 1 << 16:
        head += bytes([flag | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([flag | 127]) + struct.pack("!Q", len(payload))
    if not mask:
        return head + payload
    key = b"\x01\x02\x03\x04"
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(8, struct.pack("!H", code) + reason)


CASES: Final[dict[str, list[bytes]]] = {
    "text": [frame(1, b"hello")],
    "empty text": [frame(1)],
    "binary": [frame(2, bytes(range(256)))],
    "125 bytes": [frame(2, b"x" * 125)],
    "126 bytes": [frame(2, b"x" * 126)],
    "65535 bytes": [frame(2, b"x" * 65535)],
    "65536 bytes": [frame(2, b"x" * 65536)],
    "half a mebibyte": [frame(2, os.urandom(1 << 19))],
    "above the limit": [frame(2, b"x" * (MAX_SIZE + 1))],
    "two fragments": [frame(1, b"hel", fin=False), frame(0, b"lo")],
    "many fragments": [
        frame(2, b"a", fin=False),
        *(frame(0, b"b", fin=False) for _ in range(50)),
        frame(0, b"c"),
    ],
    "empty fragments": [frame(1, b"", fin=False), frame(0, b"", fin=False), frame(0)],
    "ping between fragments": [frame(1, b"a", fin=False), frame(9, b"p"), frame(0, b"b")],
    "ping": [frame(9, b"are you there")],
    "ping of 125": [frame(9, b"x" * 125)],
    "ping of 126": [frame(9, b"x" * 126)],
    "ten pings": [frame(9, bytes([number])) for number in range(10)],
    "unasked pong": [frame(10, b"x"), frame(1, b"y")],
    "fragmented ping": [frame(9, b"x", fin=False), frame(0, b"y")],
    "continuation of nothing": [frame(0, b"x")],
    "text within fragments": [frame(1, b"a", fin=False), frame(1, b"b")],
    "reserved bit 1": [frame(1, b"x", reserved=4)],
    "reserved bits": [frame(1, b"x", reserved=7)],
    "opcode 3": [frame(3, b"x")],
    "opcode 11": [frame(11)],
    "opcode 15": [frame(15, b"x")],
    "unmasked": [frame(1, b"x", mask=False)],
    "utf-8": [frame(1, "κόσμε 🚀".encode())],
    "broken utf-8": [frame(1, b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited")],
    "utf-8 cut in two": [frame(1, "é".encode()[:1], fin=False), frame(0, "é".encode()[1:])],
    "utf-8 cut off": [frame(1, "é".encode()[:1])],
    "close": [close(1000)],
    "close with reason": [close(1001, b"going away")],
    "close without code": [frame(8)],
    "close of one byte": [frame(8, b"\x03")],
    "close 1012": [close(1012)],
    "close 3000": [close(3000, b"own")],
    "close 4999": [close(4999)],
    "close 999": [close(999)],
    "close 1004": [close(1004)],
    "close 1005": [close(1005)],
    "close 1006": [close(1006)],
    "close 5000": [close(5000)],
    "close with broken reason": [close(1000, b"\xff\xff")],
    "close of 126": [frame(8, b"\x03\xe8" + b"x" * 124)],
    "message after close": [close(1000), frame(1, b"late")],
    "close within fragments": [frame(1, b"a", fin=False), close(1000)],
    "a hundred messages": [frame(1, str(number).encode()) for number in range(100)],
    "frames in crumbs": [bytes([byte]) for byte in frame(1, b"crumbs")],
}


async def echo(connection: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosedError):
        async for message in connection:
            await connection.send(message)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Server]:
    """The echo server, on loopback."""
    async with serve(
        echo,
        "127.0.0.1",
        0,
        max_size=MAX_SIZE,
        ping_interval=None,
        compression=None,
        close_timeout=2,
    ) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def routes(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Route]]:
    """The same server directly, and as a session behind the gateway's Envoy with its cookie and
    Origin rules.
    """
    port = server.sockets[0].getsockname()[1]
    address = own_address()
    folder = tmp_path_factory.mktemp("envoy")
    upstream = Upstream(session_id="echo", generation="00000001", socket="echo.sock")
    async with (
        unix_serve(
            echo,
            str(folder / "echo.sock"),
            max_size=MAX_SIZE,
            ping_interval=None,
            compression=None,
            close_timeout=2,
        ) as behind,
        envoy_for(upstream, address, folder) as cookie,
    ):
        yield {
            "direct": Route("127.0.0.1", port, "/", (), server),
            "gateway": Route(
                address,
                4321,
                "/session/echo/socket",
                (("Cookie", cookie), ("Origin", PUBLIC_URL)),
                behind,
            ),
        }


async def open_socket(
    route: Route, *more: tuple[str, str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(route.host, route.port)
    key = base64.b64encode(bytes(16))
    headers = [
        ("Host", "edit.example.test"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", key.decode()),
        *route.headers,
        *more,
    ]
    lines = [f"GET {route.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    writer.write("\r\n".join(lines).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101"), answer
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    assert b"sec-websocket-accept: " + accept.lower() in answer.lower()
    return reader, writer


async def verdict(route: Route, pieces: list[bytes]) -> list[tuple[int, bytes]]:
    """All frames that come back until the connection ends or is found open, as (first byte,
    payload).

    Silence proves nothing on a busy machine: a connection that has gone quiet is asked with a ping,
    and is open when that is answered.
    """
    reader, writer = await open_socket(route)
    received: list[tuple[int, bytes]] = []
    last_pong = (0x80 | 10, b"still there?")
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        reading = asyncio.ensure_future(read_frame(reader))
        while True:
            done, _ = await asyncio.wait([reading], timeout=QUIET_SECONDS)
            if not done:
                writer.write(frame(9, last_pong[1]))
            received.append(await asyncio.wait_for(reading, END_SECONDS))
            if received[-1] == last_pong:
                received[-1] = (0, b"open")
                break
            reading = asyncio.ensure_future(read_frame(reader))
    except (asyncio.IncompleteReadError, ConnectionError):
        received.append((0, b"ended"))
    finally:
        writer.close()
    return received


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        length = struct.unpack("!H", await reader.readexactly(2))[0]
    elif length == 127:
        length = struct.unpack("!Q", await reader.readexactly(8))[0]
    return first, await reader.readexactly(length)


@pytest.mark.parametrize("name", CASES)
async def test_the_verdict_is_the_same_with_and_without_the_gateway(
    routes: dict[str, Route], name: str
) -> None:
    """Frame by frame: echoes, pongs, close codes, and whether the connection stays."""
    direct, through = await asyncio.gather(
        verdict(routes["direct"], CASES[name]), verdict(routes["gateway"], CASES[name])
    )
    assert direct == through
    assert direct != [(0, b"ended")] or name == "unmasked"


async def test_subprotocols_are_negotiated_through(routes: dict[str, Route]) -> None:
    """What the server does not choose is not invented on the way."""
    for route in routes.values():
        _reader, writer = await open_socket(route, ("Sec-WebSocket-Protocol", "chat, superchat"))
        writer.close()
        await writer.wait_closed()


async def test_a_dropped_client_reaches_the_server(routes: dict[str, Route]) -> None:
    """A connection cut without a close frame does not linger upstream."""

    async def connections(count: int) -> None:
        async with asyncio.timeout(10):
            while len(routes["gateway"].server.connections) != count:  # noqa: ASYNC110 - the server only shows its set
                await asyncio.sleep(0.01)

    await connections(0)
    _reader, writer = await open_socket(routes["gateway"])
    await connections(1)
    writer.transport.abort()
    await connections(0)
