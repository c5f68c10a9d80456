"""Requests that mean one thing to one program and another to the next: refused before anything
reads them (S8).
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Final

import pytest

from .harness import Gateway


@pytest.fixture(scope="module")
def target(gateway: Gateway) -> Gateway:
    """Session `demo` runs."""
    asyncio.run(gateway.start("demo"))
    return gateway


async def raw(gateway: Gateway, data: bytes, *, port: int = 4321, seconds: float = 5) -> list[int]:
    """Send bytes as they are; the statuses of all answers on the connection."""
    reader, writer = await asyncio.open_connection(gateway.address, port)
    try:
        writer.write(data)
        await writer.drain()
        received = b""
        try:
            async with asyncio.timeout(seconds):
                while chunk := await reader.read(65536):
                    received += chunk
                    if received.startswith(b"HTTP/1.1 200") and b"\r\n0\r\n\r\n" in received:
                        break
        except (TimeoutError, ConnectionResetError):
            pass
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", received)]
    finally:
        writer.close()


def request(
    *lines: str,
    body: bytes = b"",
    method: str = "GET",
    path: str = "/session/demo/echo",
    version: str = "1.1",
    host: bool = True,
) -> bytes:
    first = [f"{method} {path} HTTP/{version}"] + (["Host: edit.example.test"] if host else [])
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1") + body


SMUGGLED: Final = b"0\r\n\r\nGET /session/victim/ HTTP/1.1\r\nHost: x\r\n\r\n"

REFUSED: Final[dict[str, bytes]] = {
    "length and chunked": request("Content-Length: 5", "Transfer-Encoding: chunked", method="POST", body=SMUGGLED),
    "chunked and length": request("Transfer-Encoding: chunked", f"Content-Length: {len(SMUGGLED)}", method="POST", body=SMUGGLED),
    "two lengths": request("Content-Length: 5", "Content-Length: 6", method="POST", body=b"hello!"),
    "list of lengths": request("Content-Length: 5, 6", method="POST", body=b"hello!"),
    "negative length": request("Content-Length: -1", method="POST"),
    "length with plus": request("Content-Length: +5", method="POST", body=b"hello"),
    "length in hexadecimal": request("Content-Length: 0x5", method="POST", body=b"hello"),
    "huge length": request("Content-Length: 99999999999999999999999", method="POST", body=b"x"),
    "unknown coding": request("Transfer-Encoding: xchunked", method="POST", body=SMUGGLED),
    "coding twice": request("Transfer-Encoding: chunked", "Transfer-Encoding: identity", method="POST", body=SMUGGLED),
    "space before colon": request("Content-Length : 5", method="POST", body=b"hello"),
    "space in a name": request("Bad Name: x"),
    "no host": request(host=False),
    "two hosts": request("Host: other.test"),
    "null in a value": request("X-A: a\0b"),
    "underscore": request("X_Forwarded_Proto: https"),
    "http 1.0": request(version="1.0"),
    "http 0.9": b"GET /session/demo/\r\n",
    "http 3.0": request(version="3.0"),
    "h2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bad chunk": request("Transfer-Encoding: chunked", method="POST", body=b"zz\r\nhello\r\n0\r\n\r\n"),
    "one huge header": request("X-A: " + "a" * 40_000),
    "many headers": request(*(f"X-{number}: x" for number in range(150))),
    "huge path": request(path="/session/demo/" + "a" * 40_000),
    "huge cookie": request("Cookie: a=" + "b" * 40_000),
    "no path": request(path=""),
    "connect": request(method="CONNECT", path="127.0.0.1:8080"),
    "not http": bytes(range(256)) * 8,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_ambiguous_and_oversized_requests_are_refused(target: Gateway, name: str) -> None:
    """One answer in the 400s (or a closed connection), and never a second answer for what was
    smuggled.
    """
    cookie = target.cookie("demo")["Cookie"].encode()
    data = (
        REFUSED[name].replace(b"\r\n", b"\r\nCookie: " + cookie + b"\r\n", 1)
        if name != "huge cookie"
        else REFUSED[name]
    )
    statuses = await raw(target, data, seconds=3)
    assert len(statuses) <= 1
    assert all(400 <= status < 500 or status == 501 for status in statuses), statuses


@pytest.mark.parametrize(
    "name", [name for name in REFUSED if name not in ("http 1.0", "underscore")]
)
async def test_the_api_port_refuses_them_too(target: Gateway, name: str) -> None:
    """Its parser stands alone: behind the load balancer's rule for the API."""
    data = REFUSED[name].replace(b"/session/demo/echo", b"/api/v1/sessions")
    statuses = await raw(target, data, port=8080, seconds=3)
    assert len(statuses) <= 1
    assert all(400 <= status < 500 or status == 501 for status in statuses), statuses


async def test_a_plain_request_on_the_same_bytes_passes(target: Gateway) -> None:
    """The control: the helper's own requests are well-formed."""
    cookie = target.cookie("demo")["Cookie"]
    assert await raw(target, request(f"Cookie: {cookie}", "Connection: close")) == [200]
    assert await raw(
        target,
        request(
            f"Cookie: {cookie}",
            "Connection: close",
            "Content-Length: 5",
            method="POST",
            body=b"hello",
        ),
    ) == [200]


async def test_doubled_cookies_do_not_open_another_session(target: Gateway) -> None:
    """Cookie headers in pieces, and a name given twice: the verified one is the one for this
    session, or nothing opens.
    """
    good, other = (target.cookie(name)["Cookie"].partition(";")[0] for name in ("demo", "other"))
    for lines, allowed in (
        ((f"Cookie: {other}; {good}",), {200, 404}),
        ((f"Cookie: {other}", f"Cookie: {good}"), {200, 404}),
        ((f"Cookie: {other}; {other}",), {404}),
    ):
        statuses = await raw(target, request(*lines, "Connection: close"))
        assert set(statuses) <= allowed
    split = await raw(target, request("Cookie: a=1", f"Cookie: {good}", "Connection: close"))
    assert split == [200], "a load balancer may hand on a cookie header in pieces"


async def test_hop_by_hop_tricks_do_not_strip_what_the_gateway_adds(target: Gateway) -> None:
    """`Connection: x-forwarded-proto` must not make the dev server believe in another scheme."""
    headers = {
        **target.cookie("demo"),
        "Connection": "close, x-forwarded-proto, x-forwarded-host, cookie",
        "X-Forwarded-Proto": "http",
    }
    answer = await target.get("/session/demo/echo", headers=headers)
    assert answer.status in (200, 400, 404)
    if answer.status == 200:
        seen = {name.lower(): value for name, value in answer.json["headers"]}
        assert seen["x-forwarded-proto"] == "https"


@pytest.mark.parametrize(
    ("line", "seen"),
    [("X-A: 1\r\n 2", ["1 2"]), ("X-A: 1\nX-A: 2", ["1", "2"]), ("X-A:\t1  ", ["1"])],
)
async def test_odd_lines_reach_the_dev_server_in_plain_form(
    target: Gateway, line: str, seen: list[str]
) -> None:
    """Folded lines, bare line feeds and stray space are written out again: what Envoy judged is
    what the dev server reads.
    """
    cookie = target.cookie("demo")["Cookie"]
    reader, writer = await asyncio.open_connection(target.address, 4321)
    writer.write(request(f"Cookie: {cookie}", line, "Connection: close"))
    await writer.drain()
    body = (await reader.read()).partition(b"\r\n\r\n")[2]
    writer.close()
    headers = json.loads(body)["headers"]
    assert [value for name, value in headers if name.lower() == "x-a"] in (seen, [",".join(seen)])


async def test_a_slow_sender_is_cut_off(target: Gateway) -> None:
    """Half a request line and then nothing: the connection ends by itself."""
    reader, writer = await asyncio.open_connection(target.address, 4321)
    writer.write(b"GET /session/demo/ HTTP/1.1\r\nHost: x\r\n")
    await writer.drain()
    async with asyncio.timeout(20):
        assert b"408" in (await reader.read(65536)).split(b"\r\n")[0]
    writer.close()
