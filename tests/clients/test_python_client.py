"""The Python client against a real gateway, and against a server that fails on purpose (S33)."""

from __future__ import annotations

import contextlib
import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from astro_live_client import (
    ApiError,
    AsyncClient,
    CheckpointRequest,
    Client,
    EditModel,
    EditRequest,
    MoveRequest,
    NotModified,
    NotShown,
    Received,
    Retries,
    StateEvent,
    shown,
)
from astro_live_client._events import KINDS

from container.gateway.event_models import KINDS as events_of_the_api
from scripts.gen_clients import CLIENTS
from tests.gateway.harness import API_TOKEN, Gateway, running_gateway

from .scripted import LOST, Scripted, reply, scripted

QUICK = Retries(attempts=3, first_pause_seconds=0.01)
BUSY = reply(503, b"{}", "Retry-After: 0")
PAGE = "src/pages/[slug].astro"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw")) as running:
        yield running


@pytest.fixture
def client(gateway: Gateway) -> Iterator[Client]:
    with Client(f"{gateway.api_url}/api/v1", API_TOKEN) as client:
        yield client


def test_the_examples_of_the_readme_run(gateway: Gateway, tmp_path: Path) -> None:
    """All of them, in the order of the page."""
    page = (CLIENTS / "python" / "README.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 6
    environment = {
        **os.environ,
        "ASTRO_LIVE_API_URL": f"{gateway.api_url}/api/v1",
        "ASTRO_LIVE_API_TOKEN": API_TOKEN,
        "PYTHONPATH": str(CLIENTS / "python" / "src"),
        "no_proxy": "*",
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ready" in done.stdout
    assert "shown after" in done.stdout
    assert not (gateway.sites / "shop").exists(), "the last example deletes the session"


async def test_files_of_any_name_by_both_clients(gateway: Gateway, client: Client) -> None:
    """What one writes, the other reads; versions hold, and contents stay bytes."""
    await gateway.start("names")
    for path in (PAGE, "src/a b/ü?#%41.txt", "public/x+y&z.bin"):
        content = f"of {path}".encode() + bytes(range(256))
        assert client.write_file("names", path, body=content).bytes_ == len(content)
        async with AsyncClient(f"{gateway.api_url}/api/v1", API_TOKEN) as other:
            found = await other.read_file("names", path)
            assert found.data == content
            with pytest.raises(NotModified):
                await other.read_file("names", path, if_none_match=found.etag)
            part = await other.read_file("names", path, range_="bytes=0-1")
            assert part.data == b"of"
        assert (gateway.sites / "names" / path).read_bytes() == content
    moved = client.move_file("names", body=MoveRequest(path=PAGE, to="src/pages/one.astro"))
    assert {change.path for change in moved.changes} == {PAGE, "src/pages/one.astro"}


async def test_a_refusal_is_an_error_with_its_code(gateway: Gateway, client: Client) -> None:
    """And with what the answer says besides."""
    await gateway.start("refused")
    client.write_file("refused", "a.txt", body="one")
    with pytest.raises(ApiError) as missing:
        client.read_file("refused", "b.txt")
    assert missing.value.status == 404
    with pytest.raises(ApiError) as conflict:
        client.write_file("refused", "a.txt", body="two", if_match='"' + "0" * 64 + '"')
    assert conflict.value.status == 412
    assert conflict.value.problem["current"]
    with pytest.raises(ApiError) as absent:
        client.edit_file(
            "refused", "a.txt", body=EditRequest(edits=[EditModel(old="nine", new="x")])
        )
    assert absent.value.problem["found"] == 0
    with (
        Client(f"{gateway.api_url}/api/v1", "wrong") as outsider,
        pytest.raises(ApiError) as unknown,
    ):
        outsider.list_sessions()
    assert unknown.value.status == 401


@pytest.mark.parametrize("path", ["../x", "a/../../x", "a//b", "/a", ""])
def test_a_path_does_not_lead_to_another_call(client: Client, path: str) -> None:
    """A URL library would resolve it: the request would be another one."""
    with pytest.raises(ValueError, match="cannot be part of an address"):
        client.read_file("demo", path)
    with pytest.raises(ValueError, match="cannot be part of an address"):
        client.delete_session("..")


async def test_an_archive_goes_out_and_in_piece_by_piece(
    gateway: Gateway, client: Client, tmp_path: Path
) -> None:
    """By both clients."""
    await gateway.start("packed")
    client.write_file("packed", "src/large.bin", body=os.urandom(3_000_000))
    whole = tmp_path / "packed.tar.gz"
    with whole.open("wb") as file:
        size = client.save_archive("packed", file, path="src")
    assert whole.stat().st_size == size > 3_000_000
    async with AsyncClient(f"{gateway.api_url}/api/v1", API_TOKEN) as other:
        target = io.BytesIO()
        assert await other.save_archive("packed", target, path="src", format_="tar") > 3_000_000
        with whole.open("rb") as file:
            assert (await other.upload_archive("packed", body=file, path="a")).files == 1
    with whole.open("rb") as file:
        assert client.upload_archive("packed", body=file, path="b").files == 1
    original = (gateway.sites / "packed" / "src" / "large.bin").read_bytes()
    assert all(
        (gateway.sites / "packed" / folder / "large.bin").read_bytes() == original
        for folder in "ab"
    )
    with pytest.raises(ApiError):
        client.save_archive("unknown", io.BytesIO())


async def test_lines_of_the_log_come_as_they_are_printed(gateway: Gateway, client: Client) -> None:
    """The stream stays open until it is left."""
    await gateway.start("talks")
    lines = client.follow_logs("talks")
    assert any("fake dev server" in line for line in lines)
    with pytest.raises(ApiError):
        next(client.follow_logs("unknown"))


async def test_waiting_for_a_state(gateway: Gateway, client: Client) -> None:
    """`ready` when it is, and an error after the time."""
    gateway.make_site("slow", {"delay": 1})
    client.start_session("slow")
    async with AsyncClient(f"{gateway.api_url}/api/v1", API_TOKEN) as other:
        assert (await other.wait_until("slow", "ready", seconds=60)).id == "slow"
    with pytest.raises(TimeoutError, match="slow is ready, not stopped"):
        client.wait_until("slow", "stopped", seconds=0)


async def test_events_of_a_session_until_it_is_deleted(gateway: Gateway, client: Client) -> None:
    """By both clients, from the state as it is on; also after the last one that was seen."""
    gateway.make_site("told")
    stream = client.stream_events("told")
    first = next(stream)
    assert isinstance(first.event, StateEvent)
    assert first.event.state == "stopped"
    client.start_session("told")
    assert any(is_ready(each) for each in stream)
    async with AsyncClient(f"{gateway.api_url}/api/v1", API_TOKEN) as other:
        later = other.stream_events("told", last_event_id=first.id)
        received = await anext(later)
        assert isinstance(received.event, StateEvent)
        assert received.event.state == "starting", "the one after the first"
        await other.delete_session("told")
        assert [each async for each in later][-1].event.kind == "state"
        with pytest.raises(ApiError):
            await anext(other.stream_events("told"))
    assert list(stream)[-1].event.kind == "state"


def is_ready(received: Received) -> bool:
    return isinstance(received.event, StateEvent) and received.event.state == "ready"


def test_every_kind_of_event_has_its_type() -> None:
    """Those of the description."""
    assert set(KINDS) == set(events_of_the_api)


STATE = b'{"at": 1, "kind": "state", "state": "ready", "stage": "", "error": null}'


def events(*framed: bytes) -> bytes:
    body = b"retry: 10\n" + b"".join(framed)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    return head + body


async def test_a_stream_of_events_goes_on_where_it_was_lost() -> None:
    """After the last event that was seen; kinds that are not known are left out; an end that is not
    the session's begins another stream. Streams without events are not begun for ever.
    """
    one = b"id: a-1\nevent: state\ndata: " + STATE + b"\n\n"
    new = b'id: a-2\nevent: news\ndata: {"kind": "news"}\n\n'
    end = b'id: a-3\nevent: end\ndata: {"at": 1, "kind": "end", "reason": "%s"}\n\n'
    answers = (events(one, new), LOST, events(end % b"moved"), events(one, end % b"deleted"))
    with scripted(*answers) as server, Client(server.url, "x", retries=QUICK) as client:
        assert [each.id for each in client.stream_events("a")] == ["a-1", "a-1"]
    asked = [
        line.split(": ")[1]
        for head, _ in server.requests
        for line in head.split("\r\n")
        if line.lower().startswith("last-event-id")
    ]
    assert asked == ["a-2", "a-2", "a-3"], "the first has seen nothing"
    with scripted(*answers) as server:
        async with AsyncClient(server.url, "x", retries=QUICK) as client:
            assert [each.id async for each in client.stream_events("a")] == ["a-1", "a-1"]
    with (
        scripted(events()) as server,
        Client(server.url, "x", retries=QUICK) as client,
        pytest.raises(httpx.TransportError),
    ):
        list(client.stream_events("a"))
    assert len(server.requests) == QUICK.attempts


async def test_a_stream_outlives_a_balancer_and_is_refused_at_once() -> None:
    """While tasks are replaced another stream is begun, a bounded number of times; what the API
    refuses is the caller's.
    """
    end = b'id: a-1\nevent: end\ndata: {"at": 1, "kind": "end", "reason": "deleted"}\n\n'
    passing = (reply(502), reply(504))
    with (
        scripted(*passing, events(end)) as server,
        Client(server.url, "x", retries=QUICK) as client,
    ):
        assert list(client.stream_events("a")) == []
    with scripted(*passing, events(end)) as server:
        async with AsyncClient(server.url, "x", retries=QUICK) as client:
            assert [each async for each in client.stream_events("a")] == []
    for status, times in ((502, QUICK.attempts), (404, 1)):
        with scripted(reply(status)) as server, Client(server.url, "x", retries=QUICK) as client:
            with pytest.raises(ApiError) as refused:
                list(client.stream_events("a"))
            assert (refused.value.status, len(server.requests)) == (status, times)


def test_no_secret_is_shown_with_an_object_that_has_one() -> None:
    """In logs and tracebacks of a client's program; `to_dict` has it."""
    from astro_live_client._generated.models import (
        CreatedCredentialView,
        CredentialModel,
        MintTokenResponse201,
    )

    asked = CredentialModel(host="git.example.com", password="pass-word")
    made = CreatedCredentialView(
        id="a",
        name="b",
        scopes=[],
        sessions=[],
        created_at=1,
        expires_at=None,
        secret="pass-word",
    )
    for each in (asked, made):
        assert "pass-word" not in repr(each)
        assert "pass-word" in str(each.to_dict())
    link = MintTokenResponse201(token="pass-word", url="https://x/?token=pass-word", expires_at=1)
    assert "pass-word" not in repr(link)


def test_a_verdict_that_is_an_error_is_raised() -> None:
    """With its place; a write without `wait` has none."""
    written = b'{"path": "a", "bytes": 1, "modified_at": 1, "sha256": "x"%s}'
    problem = (
        b'{"source": "module", "message": "nothing is not defined", "file": "a.astro", "line": 3,'
        b' "column": 1, "frame": "", "plugin": "", "fix": "", "page": ""}'
    )
    verdict = b', "verdict": {"outcome": "error", "pages": 1, "ms": 5, "problems": [' + problem
    verdict += b"]}"
    with scripted(reply(200, written % verdict), reply(200, written % b"")) as server:
        client = Client(server.url, "x")
        with pytest.raises(NotShown, match=r"error: a\.astro:3: nothing is not defined"):
            shown(client.write_file("a", "a.astro", body="x", wait=1))
        with pytest.raises(ValueError, match="no verdict"):
            shown(client.write_file("a", "a.astro", body="x"))
        client.close()


def send(client: Client, method: str, **more: object) -> httpx.Response:
    return client.send({"method": method, "url": "/sessions", **more})


@pytest.mark.parametrize("trouble", [BUSY, LOST, reply(429, b"{}", "Retry-After: 0")])
def test_idempotent_requests_are_repeated(trouble: bytes) -> None:
    """And the content is sent again with them."""
    with (
        scripted(trouble, trouble, reply(200)) as server,
        Client(server.url, "x", retries=QUICK) as client,
    ):
        assert send(client, "PUT", content=b"content").status_code == 200
    assert server.methods == ["PUT"] * 3
    assert {body for _, body in server.requests} == {b"content"}


@pytest.mark.parametrize("trouble", [BUSY, LOST])
def test_other_requests_are_sent_once(trouble: bytes) -> None:
    """Unless they have a key by which the API knows them again. A condition makes a write that was
    lost not repeatable: its first attempt would refuse the second.
    """
    kinds = [
        ("POST", {}, b"x", 1),
        ("PATCH", {}, b"x", 1),
        ("POST", {"Idempotency-Key": "k"}, b"x", 3),
        ("PUT", {"If-Match": '"v"'}, b"x", 3 if trouble is BUSY else 1),
        ("PUT", {}, iter([b"x"]), 1),
        ("GET", {"If-None-Match": '"v"'}, None, 3),
    ]
    for method, headers, content, times in kinds:
        with (
            scripted(trouble) as server,
            Client(server.url, "x", retries=QUICK) as client,
            pytest.raises((ApiError, httpx.TransportError)),
        ):
            send(client, method, headers=headers, content=content)
        assert server.methods == [method] * times, headers


NOT_KEPT = reply(
    503, b'{"code": "keys-unavailable"}', "Retry-After: 0", "Content-Type: application/problem+json"
)


@pytest.mark.parametrize(
    ("answers", "key", "keyed"),
    [
        ([NOT_KEPT, NOT_KEPT, NOT_KEPT, reply(200)], "call-1", [True, True, True, False]),
        ([NOT_KEPT, LOST, NOT_KEPT, reply(200)], "call-1", [True, True, True]),
        ([BUSY, NOT_KEPT, NOT_KEPT, reply(200)], "call-1", [True, True, True]),
        ([NOT_KEPT, NOT_KEPT, NOT_KEPT, reply(200)], "mine", [True, True, True]),
    ],
    ids=["refused", "lost-between", "busy-first", "key-of-the-caller"],
)
def test_a_key_that_could_not_be_kept_is_left_out(
    answers: list[bytes], key: str, keyed: list[bool]
) -> None:
    """Where no attempt can have done anything, and nobody else knows the key."""
    with (
        scripted(*answers) as server,
        Client(server.url, "x", retries=QUICK) as client,
        contextlib.suppress(ApiError),
    ):
        send(client, "POST", headers={"Idempotency-Key": key}, content=b"x")
    assert ["idempotency-key:" in head.lower() for head, _ in server.requests] == keyed


UNENDED = reply(409, b'{"code": "key-in-progress"}', "Retry-After: 0")
MADE = reply(
    200,
    b'{"number": 1, "name": "", "kind": "named", "parent": null, "created_at": 1, "created": true}',
)


def keys_of(server: Scripted) -> list[str]:
    found = [
        line.split(": ")[1]
        for head, _ in server.requests
        for line in head.split("\r\n")
        if line.lower().startswith("idempotency-key")
    ]
    assert len(found) == len(server.requests)
    return found


async def test_a_call_that_cannot_be_made_twice_has_one_key_for_all_attempts() -> None:
    """Lost, busy, behind a balancer, not ended yet: it is sent again, and another call has another
    key. Attempts that only ask whether the first has ended are not counted.
    """
    balancer = reply(502, b"<h1>Bad Gateway</h1>", "Content-Type: text/html")
    answers = (LOST, *[UNENDED] * 5, balancer, MADE)
    with scripted(*answers) as server, Client(server.url, "x", retries=QUICK) as client:
        assert client.make_checkpoint("a").number == 1
        client.make_checkpoint("a")
        client.make_checkpoint("a", idempotency_key="mine")
    keys = keys_of(server)
    assert len(keys) == 10
    assert len(set(keys[:8])) == 1
    assert len(set(keys)) == 3
    assert keys[-1] == "mine"
    with scripted(*answers) as server:
        async with AsyncClient(server.url, "x", retries=QUICK) as client:
            assert (await client.make_checkpoint("a")).number == 1
    assert len(set(keys_of(server))) == 1


def test_the_wait_for_the_first_attempt_is_bounded() -> None:
    """And what the gateway itself says of another server is the caller's at once."""
    hasty = Retries(attempts=3, first_pause_seconds=0.01, longest_run_seconds=0.02)
    remote = reply(502).replace(b"application/json", b"application/problem+json")
    for answer, least, most in ((UNENDED, 2, 8), (remote, 1, 1)):
        with (
            scripted(answer) as server,
            Client(server.url, "x", retries=hasty) as client,
            pytest.raises(ApiError),
        ):
            client.make_checkpoint("a")
        assert least <= len(server.requests) <= most


async def test_a_real_call_is_made_once_though_its_answer_is_lost(
    gateway: Gateway, client: Client
) -> None:
    """A transport that loses the first answer: the second attempt is answered as the first."""
    await gateway.start("lossy")

    class Losing(httpx.HTTPTransport):
        lost = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.method == "POST" and not self.lost:
                self.lost += 1
                response.close()
                raise httpx.ReadError("the connection was lost")
            return response

    transport = Losing()
    url = f"{gateway.api_url}/api/v1"
    with Client(url, API_TOKEN, retries=QUICK, transport=transport) as unlucky:
        made = unlucky.make_checkpoint("lossy", body=CheckpointRequest(name="turn"))
    assert transport.lost == 1
    assert made.name == "turn"
    kept = [each.name for each in client.list_checkpoints("lossy").checkpoints]
    assert kept.count("turn") == 1


async def test_the_asyncio_client_repeats_the_same() -> None:
    """It has its own transport."""
    with scripted(LOST, BUSY, reply(200, b'{"sessions": []}')) as server:
        async with AsyncClient(server.url, "x", retries=QUICK) as client:
            assert (await client.list_sessions()).sessions == []
    assert server.methods == ["GET"] * 3


def test_a_pause_beyond_the_longest_is_the_callers() -> None:
    """A `Retry-After` of an hour blocks nobody, and neither does none at all."""
    for header in ("Retry-After: 3600", "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT", "X: 0"):
        with (
            scripted(reply(503, b"{}", header)) as server,
            Client(server.url, "x", retries=QUICK) as client,
            pytest.raises(ApiError),
        ):
            send(client, "GET")
        assert server.methods == ["GET"]


def test_a_request_that_reached_nobody_is_repeated() -> None:
    """Whatever its kind: nothing can have been done."""
    attempts = []

    def refuse(request: httpx.Request) -> httpx.Response:
        attempts.append(request.method)
        raise httpx.ConnectError("refused")

    with (
        Client(
            "http://x/api/v1", "x", retries=QUICK, transport=httpx.MockTransport(refuse)
        ) as client,
        pytest.raises(httpx.ConnectError),
    ):
        send(client, "POST", content=b"x")
    assert attempts == ["POST"] * 3


async def test_an_address_that_nothing_answers_at_is_named() -> None:
    """By both clients, with what the system says, and without what is secret."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and it does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1"
        place = url.removesuffix("/api/v1")
        with Client(url, "secret-token", retries=QUICK) as client:
            with pytest.raises(
                httpx.ConnectError, match=f"cannot connect to {place}: .+ url"
            ) as told:
                client.list_sessions()
            assert told.value.request.url.host == "127.0.0.1"
            assert "secret" not in str(told.value)
            with pytest.raises(httpx.ConnectError, match=place):
                list(client.follow_logs("shop"))
        async with AsyncClient(url, "secret-token", retries=QUICK) as other:
            with pytest.raises(httpx.ConnectError, match=f"cannot connect to {place}"):
                await other.list_sessions()


def test_a_lost_connection_is_named_with_the_call() -> None:
    with (
        scripted(LOST) as server,
        Client(server.url, "x", retries=Retries(attempts=1)) as client,
        pytest.raises(httpx.TransportError, match=re.escape(f"GET {server.url}/sessions: ")),
    ):
        client.list_sessions()
