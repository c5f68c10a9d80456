"""Requests with an `Idempotency-Key` are carried out once (S5, S30), on a real gateway."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from container.gateway import problems
from container.gateway.access import CALLER, CREDENTIAL, operations
from container.gateway.bodies import READ
from container.gateway.changing import Apply, Changing
from container.gateway.cleaner import Cleaner
from container.gateway.credentials.model import ENVIRONMENT
from container.gateway.errors import SessionError, StorageError
from container.gateway.files.changes import Write
from container.gateway.once import guard, limit, model
from container.gateway.once.model import Slip
from container.gateway.once.store import MemoryStore
from container.gateway.openapi import document
from container.gateway.openapi_parts import KEY_NAME, KEY_REFERENCE, REPEATABLE
from container.gateway.storage import Storage

from .harness import Answer, Gateway, running_gateway
from .test_scopes import credential
from .test_supervision import processes, ready_again

SESSION = "/api/v1/sessions/own"
CREDENTIALS = "/api/v1/credentials"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gw"), ASTRO_LIVE_MAX_SESSIONS="50") as gateway:
        asyncio.run(gateway.start("own"))
        yield gateway


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway with room for two sessions that run."""
    with running_gateway(tmp_path, ASTRO_LIVE_MAX_SESSIONS="2") as gateway:
        yield gateway


def new_key() -> dict[str, str]:
    return {KEY_NAME: str(uuid.uuid4())}


def problem(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


async def names(gateway: Gateway) -> list[str]:
    listed = (await gateway.api("GET", CREDENTIALS)).json["credentials"]
    return [str(each["name"]) for each in listed]


# The description


def changing() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for described in document()["paths"].values()
        for method, operation in described.items()
        if method in ("post", "patch")
    }


def test_each_post_takes_a_key_or_says_why_not() -> None:
    """By the description, which the handlers and the clients follow."""
    for name, operation in changing().items():
        takes = KEY_REFERENCE in operation.get("parameters", [])
        assert takes != bool(operation.get(REPEATABLE)), name
        assert takes == (name in guard.keyed()), name
        if takes:
            assert {"409", "422", "429", "503"} <= set(operation["responses"]), name
    described = {operation for operation, _ in operations().values()}
    assert guard.keyed() <= described
    assert guard.keyed() >= (guard.LARGE | guard.STREAMED | guard.SAFE_AGAIN)
    others = changing().keys() - guard.keyed()
    assert others == {"startSession", "stopSession", "serveBuild"}, "decide, and say so here"


@pytest.mark.parametrize(
    "value", ["", "a b", "x" * 129, '"half', 'two", "keys', "é", "a\\b", '""', "{}"]
)
async def test_a_key_that_cannot_be_is_refused(served: Gateway, value: str) -> None:
    """With what is allowed, and nothing is done."""
    before = await names(served)
    body = {"name": "bad", "scopes": ["service"], "sessions": []}
    answer = await served.api("POST", CREDENTIALS, body=body, headers={KEY_NAME: value})
    assert problem(answer) == (400, "bad-request")
    assert "1 to 128" in answer.json["detail"]
    assert await names(served) == before


async def test_the_longest_key_and_one_in_quotes(served: Gateway) -> None:
    """Quotes are the draft's syntax, not part of the key."""
    key = "aZ9._:~+/=@-".ljust(128, "0")
    made = await served.api("POST", f"{SESSION}/tokens", headers={KEY_NAME: key})
    again = await served.api("POST", f"{SESSION}/tokens", headers={KEY_NAME: f'"{key}"'})
    assert (made.status, again.status) == (201, 201)
    assert again.body == made.body
    assert "Idempotent-Replayed" not in made.headers
    assert again.headers["Idempotent-Replayed"] == "true"


# Each operation once


async def test_a_credential_is_made_once_and_shown_again(served: Gateway) -> None:
    """Its secret is in the second answer, too, and works; it is on no disk and in no log."""
    body, key = {"name": "one", "scopes": ["read"], "sessions": ["own"]}, new_key()
    first = await served.api("POST", CREDENTIALS, body=body, headers=key)
    second = await served.api("POST", CREDENTIALS, body=body, headers=key)
    assert (first.status, second.status, first.body) == (201, 201, second.body)
    for name in ("Content-Type", "Cache-Control"):
        assert second.headers[name] == first.headers[name]
    assert (await names(served)).count("one") == 1
    secret = first.json["secret"]
    assert (await served.api("GET", SESSION, token=secret)).status == 200
    kept = [served.log, *(path for path in served.scratch.rglob("*") if path.is_file())]
    assert not [path for path in kept if secret.encode() in path.read_bytes()]


async def test_what_is_done_once(served: Gateway) -> None:
    """Move, edit, batch, archive, checkpoint, undo: the second answer is the first, and files that
    were changed in between stay.
    """
    site = served.sites / "own"
    (site / "a.txt").write_text("a")
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("PATCH", "/files/a.txt", {"edits": [{"old": "a", "new": "aa"}]}),
        ("POST", "/move", {"path": "a.txt", "to": "b.txt"}),
        ("POST", "/batch", {"operations": [{"op": "write", "path": "a.txt", "content": "new"}]}),
        ("POST", "/checkpoints", {"name": "turn"}),
        ("POST", "/undo", None),
        ("POST", "/restart", None),
    ]
    for method, path, body in calls:
        key = new_key()
        first = await served.api(method, SESSION + path, body=body, headers=key)
        assert first.status in (200, 201), (path, first.text)
        (site / "between.txt").write_text(path)
        state = sorted((each.name, each.read_bytes()) for each in site.iterdir() if each.is_file())
        second = await served.api(method, SESSION + path, body=body, headers=key)
        assert (second.status, second.body) == (first.status, first.body), path
        assert second.headers["Idempotent-Replayed"] == "true"
        after = sorted((each.name, each.read_bytes()) for each in site.iterdir() if each.is_file())
        assert after == state, path


async def test_an_archive_is_taken_in_once(served: Gateway) -> None:
    """What was changed after it is not replaced by the same archive sent again; another one of the
    same length is the same request, as far as the gateway knows.
    """
    (served.sites / "own" / "src").mkdir(exist_ok=True)
    (served.sites / "own" / "src" / "packed.txt").write_text("packed")
    archive = (await served.api("GET", f"{SESSION}/archive?path=src")).body
    key = new_key()
    first = await served.api("POST", f"{SESSION}/archive?path=copy", data=archive, headers=key)
    assert first.status == 200, first.text
    (served.sites / "own" / "copy" / "packed.txt").write_text("edited")
    second = await served.api("POST", f"{SESSION}/archive?path=copy", data=archive, headers=key)
    assert second.body == first.body
    assert (served.sites / "own" / "copy" / "packed.txt").read_text() == "edited"
    other = await served.api("POST", f"{SESSION}/archive?path=copy", data=b"x", headers=key)
    assert problem(other) == (422, "key-reused")
    elsewhere = await served.api("POST", f"{SESSION}/archive", data=archive, headers=key)
    assert problem(elsewhere) == (422, "key-reused")


async def test_eight_clients_at_once_have_one_effect(served: Gateway) -> None:
    """Those that come while the first is under way are told so, and all have its answer in the
    end.
    """
    body, key = {"name": "eight", "scopes": ["service"], "sessions": []}, new_key()

    async def until_done() -> bytes:
        for _ in range(200):
            answer = await served.api("POST", CREDENTIALS, body=body, headers=key)
            if answer.status == 201:
                return answer.body
            assert problem(answer) == (409, "key-in-progress")
            assert answer.headers["Retry-After"] == "1"
            await asyncio.sleep(0.02)
        raise AssertionError("it never ends")

    answers = await asyncio.gather(*(until_done() for _ in range(8)))
    assert len(set(answers)) == 1
    assert (await names(served)).count("eight") == 1


async def test_while_the_first_is_under_way_the_others_wait(served: Gateway) -> None:
    """A session that starts for a second: the request with its key is refused meanwhile, and
    answered as the first when that has ended; another key is not kept waiting.
    """
    served.make_site("slow", {"delay": 1})
    await served.api("POST", "/api/v1/sessions/slow/stop")
    key = new_key()
    body = {"id": "slow"}
    running = asyncio.create_task(served.api("POST", "/api/v1/sessions", body=body, headers=key))
    await served.until("slow", "starting", "ready")
    seen = await served.api("POST", "/api/v1/sessions", body=body, headers=key)
    first = await running
    assert first.status == 200
    assert seen.status == 409 or seen.body == first.body
    after = await served.api("POST", "/api/v1/sessions", body=body, headers=key)
    assert (after.status, after.body) == (first.status, first.body)


# Another request


async def test_another_request_with_the_key_is_refused(served: Gateway) -> None:
    """Another body, query or precondition; the same members in another order are another body."""
    key = new_key()
    body = {"operations": [{"op": "write", "path": "k.txt", "content": "1"}]}
    assert (await served.api("POST", f"{SESSION}/batch", body=body, headers=key)).status == 200
    other = {"operations": [{"op": "write", "path": "k.txt", "content": "2"}]}
    for path, sent in (("/batch", other), ("/batch?wait=1", body)):
        answer = await served.api("POST", SESSION + path, body=sent, headers=key)
        assert problem(answer) == (422, "key-reused")
    assert (served.sites / "own" / "k.txt").read_text() == "1"
    moved = {"path": "k.txt", "to": "l.txt"}
    first = await served.api("POST", f"{SESSION}/move", body=moved, headers=key)
    assert first.status == 200, "another path has its own keys"
    with_match = {**key, "If-Match": "*"}
    assert problem(await served.api("POST", f"{SESSION}/move", body=moved, headers=with_match)) == (
        422,
        "key-reused",
    )


async def test_two_credentials_never_meet(served: Gateway) -> None:
    """The same key, path and body, and two effects, each with its own answer."""
    tokens = [(await credential(served, "write"))["secret"] for _ in range(2)]
    key, body = new_key(), {"name": "kept"}
    answers = [
        await served.api("POST", f"{SESSION}/tokens", body=body, headers=key, token=token)
        for token in (*tokens, *tokens)
    ]
    assert [each.status for each in answers] == [201] * 4
    assert answers[0].body != answers[1].body
    assert [answers[2].body, answers[3].body] == [answers[0].body, answers[1].body]


async def test_a_revoked_credential_gets_nothing_that_was_kept(served: Gateway) -> None:
    made = await credential(served, "write")
    key = new_key()
    path = f"{SESSION}/tokens"
    assert (await served.api("POST", path, headers=key, token=made["secret"])).status == 201
    await served.api("DELETE", f"{CREDENTIALS}/{made['id']}")
    assert (await served.api("POST", path, headers=key, token=made["secret"])).status == 401


# Errors


async def test_a_refusal_is_an_answer_too(served: Gateway) -> None:
    """What was refused is refused again in the same words, though it would be taken now; with a new
    key it is."""
    key, body = new_key(), {"path": "late.txt", "to": "later.txt"}
    first = await served.api("POST", f"{SESSION}/move", body=body, headers=key)
    assert first.status == 404
    (served.sites / "own" / "late.txt").write_text("late")
    second = await served.api("POST", f"{SESSION}/move", body=body, headers=key)
    assert (second.status, second.body) == (404, first.body)
    assert second.headers["Content-Type"] == "application/problem+json"
    assert (await served.api("POST", f"{SESSION}/move", body=body, headers=new_key())).status == 200


async def test_what_passes_by_itself_is_not_kept(own: Gateway) -> None:
    """429: as many sessions run as may. The same request is taken once there is room."""
    path = "/api/v1/sessions"
    for name in ("first", "second"):
        await own.start(name)
    key, body = new_key(), {"id": "third"}
    for _ in range(2):
        full = await own.api("POST", path, body=body, headers=key)
        assert problem(full) == (429, "too-many-sessions")
    await own.api("POST", f"{path}/first/stop")
    taken = await own.api("POST", path, body=body, headers=key)
    assert taken.status == 201, taken.text
    assert "Idempotent-Replayed" not in taken.headers


async def test_a_body_that_is_too_large_keeps_nothing(served: Gateway) -> None:
    key = new_key()
    body = json.dumps({"path": "x" * 70_000, "to": "y"}).encode()
    for _ in range(2):
        answer = await served.api("POST", f"{SESSION}/move", data=body, headers=key)
        assert problem(answer) == (413, "too-large")
        assert "Idempotent-Replayed" not in answer.headers


def unsettled(error: SessionError) -> SessionError:
    error.unsettled = True
    return error


class Alone:
    """The only task."""

    me = ("", "")

    async def runs(self, _task: str, _run: str, /) -> bool:
        return False


def refused(raised: Exception, request: web.Request) -> web.Response | None:
    if not isinstance(raised, SessionError):
        return None
    return problems.problem(raised.code, str(raised), request=request)


class PlainServer(TestServer):
    """As the gateway's own: a handler goes on when its client has gone."""

    async def _make_runner(self, **options: Any) -> web.BaseRunner:
        return await super()._make_runner(**{**options, "handler_cancellation": False})


def kept_api(once: guard.Once, handler: guard.Handler, operation: str) -> TestClient[Any, Any]:
    """An API with one operation, whose requests are kept."""

    @web.middleware
    async def kept(request: web.Request, handler: guard.Handler) -> web.StreamResponse:
        request[CALLER], request[CREDENTIAL] = ENVIRONMENT, "secret"
        try:
            return await once.answer(request, handler)
        except SessionError as raised:
            answer = refused(raised, request)
            assert answer is not None
            return answer

    application = web.Application(middlewares=[kept], client_max_size=10**6)
    application.router.add_post("/api/v1/sessions", handler)
    application.router.add_post(f"/api/v1/sessions/{{id}}/{operation}", handler)
    return TestClient(PlainServer(application))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("after the change"), "outcome-unknown"),
        (unsettled(StorageError("after the change")), "outcome-unknown"),
        (StorageError("before the change"), "storage"),
    ],
)
async def test_what_may_come_after_the_change_is_not_carried_out_again(
    error: Exception, code: str
) -> None:
    """An error that nobody has raised on purpose, or that says so; others are tried again."""
    calls = 0

    async def undo(_request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        raise error

    once = guard.Once(MemoryStore(), Alone(), refused, seconds=60, largest=1000)
    async with kept_api(once, undo, "undo") as client:
        key = new_key()
        for _ in range(2):
            answer = await client.post(f"{SESSION}/undo", headers=key)
        assert (await answer.json())["code"] == code
    assert calls == (2 if code == "storage" else 1)


class LateStore(MemoryStore):
    """Answers come some time after the store was asked, and writes take as long."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = Random(seed)

    async def _late(self) -> None:
        for _ in range(self._random.choice((0, 1, 3, 10, 30))):
            await asyncio.sleep(0)

    async def begin(self, entry: model.Entry, instead_of: model.Entry | None = None) -> model.Entry:
        found = await super().begin(entry, instead_of)
        await self._late()
        return found

    async def find(self, identifier: str) -> model.Entry | None:
        found = await super().find(identifier)
        await self._late()
        return found

    async def end(self, entry: model.Entry) -> None:
        await self._late()
        await super().end(entry)
        await self._late()


async def until_ended(client: TestClient[Any, Any], path: str, key: dict[str, str]) -> Any:
    """The answer, asked for again while the first request goes on, as the clients do."""
    for _ in range(100):
        answer = await client.post(path, headers=key, json={})
        body = await answer.json()
        if body.get("code") != "key-in-progress":
            return body
    raise AssertionError("it never ends")


@pytest.mark.parametrize("path", ["/api/v1/sessions", f"{SESSION}/checkpoints"])
async def test_a_request_that_ends_while_others_look_is_carried_out_once(path: str) -> None:
    """They have read that it runs when it ends, and then that nobody runs it."""
    for seed in range(60):
        done = 0

        async def make(_request: web.Request) -> web.Response:
            nonlocal done
            done += 1
            await asyncio.sleep(0)
            return web.json_response({"number": done}, status=201)

        once = guard.Once(LateStore(seed), Alone(), refused, seconds=60, largest=1000)
        async with kept_api(once, make, "checkpoints") as client:
            key = new_key()
            answers = await asyncio.gather(*(until_ended(client, path, key) for _ in range(8)))
        assert answers == [{"number": 1}] * 8, seed
        assert done == 1


# Clients and handlers that go in the middle


async def states(once: guard.Once, store: MemoryStore) -> list[model.State]:
    """Of the requests that are kept, when this process carries out none any more."""
    for _ in range(1000):
        if not once._running:
            break
        await asyncio.sleep(0.02)
    assert once._running == set()
    return [each.state for each in store._entries.values()]


async def begun(client: TestClient[Any, Any], path: str, key: dict[str, str], body: bytes) -> Any:
    """A connection with the head of a request and this part of its body of 1,000 bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = {"Host": "x", "Content-Type": "application/json", "Content-Length": "1000", **key}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    await writer.drain()
    return reader, writer


async def test_a_client_that_goes_while_it_waits_finds_its_answer() -> None:
    """What it has sent is carried out once, however often it goes and comes back."""
    store, release, under_way, done = MemoryStore(), asyncio.Event(), asyncio.Event(), 0

    async def make(_request: web.Request) -> web.Response:
        nonlocal done
        under_way.set()
        await release.wait()
        done += 1
        return web.json_response({"number": done}, status=201)

    once = guard.Once(store, Alone(), refused, seconds=60, largest=1000)
    async with kept_api(once, make, "checkpoints") as client:
        key, path = new_key(), f"{SESSION}/checkpoints"
        _, writer = await begun(client, path, key, b"{}".ljust(1000))
        await asyncio.wait_for(under_way.wait(), 30)
        writer.transport.abort()
        for _ in range(3):  # it comes back too early, and goes again
            answer = await client.post(path, headers=key, data=b"{}".ljust(1000))
            assert (await answer.json())["code"] == "key-in-progress"
        release.set()
        assert await states(once, store) == [model.State.DONE]
        answer = await client.post(path, headers=key, data=b"{}".ljust(1000))
        assert (answer.status, await answer.json()) == (201, {"number": 1})
    assert done == 1


@pytest.mark.parametrize("operation", ["checkpoints", "archive"])
async def test_a_client_that_goes_while_it_sends_leaves_nothing(operation: str) -> None:
    """Neither where the body is read before, nor where it is taken in as it comes; the next request
    with the key is the first again.
    """
    store, done = MemoryStore(), 0

    async def take(request: web.Request) -> web.Response:
        nonlocal done
        if operation == "archive":
            async for _ in request.content.iter_any():
                continue
        done += 1
        return web.json_response({})

    once = guard.Once(store, Alone(), refused, seconds=60, largest=1000)
    async with kept_api(once, take, operation) as client:
        key, path = new_key(), f"{SESSION}/{operation}"
        for sent in (b"", b"{}", b"{}".ljust(999)):
            _, writer = await begun(client, path, key, sent)
            await asyncio.sleep(0)
            writer.transport.abort()
        for _ in range(1000):  # until the server has noticed
            if not await states(once, store):
                break
            await asyncio.sleep(0.02)
        assert await states(once, store) == []
        answer = await client.post(path, headers=key, data=b"{}".ljust(1000))
        assert answer.status == 200, await answer.text()
        assert await states(once, store) == [model.State.DONE]
    assert done == 1


async def test_a_request_that_is_ended_with_its_server_is_not_carried_out_again() -> None:
    """Nobody knows how far it came: the same task says so, and so does one that has the store."""
    store, under_way, calls = MemoryStore(), asyncio.Event(), 0

    async def undo(_request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        under_way.set()
        await asyncio.Event().wait()
        raise AssertionError

    once = guard.Once(store, Alone(), refused, seconds=60, largest=1000)
    key = new_key()
    async with kept_api(once, undo, "undo") as client:
        asked = asyncio.create_task(client.post(f"{SESSION}/undo", headers=key))
        await asyncio.wait_for(under_way.wait(), 30)
        runner: Any = client.server.runner
        for handler in list(runner.server.connections):
            handler.force_close()
            assert handler._task_handler is not None
            handler._task_handler.cancel()
        with pytest.raises(aiohttp.ClientError):
            await asked
        assert await states(once, store) == [model.State.RUNNING]
        answer = await client.post(f"{SESSION}/undo", headers=key)
        assert (await answer.json())["code"] == "outcome-unknown"
    later = guard.Once(store, Alone(), refused, seconds=60, largest=1000)
    async with kept_api(later, undo, "undo") as client:
        answer = await client.post(f"{SESSION}/undo", headers=key)
        assert (await answer.json())["code"] == "outcome-unknown"
    assert calls == 1


async def test_beyond_the_limit_of_keys_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was answered is answered again all the same."""
    monkeypatch.setattr(limit, "MOST_OF_SERVICE", 1)
    store = MemoryStore()
    written = Mock(wraps=store.begin)
    monkeypatch.setattr(store, "begin", written)

    async def undo(_request: web.Request) -> web.Response:
        return web.json_response({"restored": 1})

    once = guard.Once(store, Alone(), refused, seconds=60, largest=1000)
    async with kept_api(once, undo, "undo") as client:
        key = new_key()
        for _ in range(2):
            answer = await client.post(f"{SESSION}/undo", headers=key)
            assert await answer.json() == {"restored": 1}
        assert answer.headers["Idempotent-Replayed"] == "true"
        answer = await client.post(f"{SESSION}/undo", headers=new_key())
        assert (await answer.json())["code"] == "too-many-keys"
        answer = await client.post(f"{SESSION}/undo?wait=1", headers=key)
        assert (await answer.json())["code"] == "key-reused"
    assert written.call_count == 1


async def test_what_is_large_is_hashed_and_sealed_beside_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other sessions' requests do not wait for it."""
    loop_thread, seen = threading.get_ident(), list[tuple[str, int, bool]]()
    slip_of, seal = Slip.of, Slip.seal

    def of(*parts: Any) -> Slip:
        seen.append(("of", len(parts[-1]) // 1000, threading.get_ident() == loop_thread))
        return slip_of(*parts)

    def sealed(slip: Slip, answer: model.Answer) -> bytes:
        seen.append(("seal", len(answer.body) // 1000, threading.get_ident() == loop_thread))
        return seal(slip, answer)

    monkeypatch.setattr(Slip, "of", of)
    monkeypatch.setattr(Slip, "seal", sealed)

    async def batch(request: web.Request) -> web.Response:
        return web.Response(body=request[READ])

    async with kept_api(
        guard.Once(MemoryStore(), Alone(), refused, seconds=60, largest=10**6), batch, "batch"
    ) as client:
        for size in (1000, 500_000):
            answer = await client.post(f"{SESSION}/batch", data=bytes(size), headers=new_key())
            assert await answer.read() == bytes(size)
    assert seen == [("of", 1, True), ("seal", 1, True), ("of", 500, False), ("seal", 500, False)]


async def test_an_error_after_files_were_changed_says_so(tmp_path: Path) -> None:
    """An undo whose last step fails is not undone by the next attempt."""
    cleaner = Cleaner()
    environment: Any = SimpleNamespace(
        settings=SimpleNamespace(sites_dir=tmp_path, max_file_mib=1),
        storage=Storage(60),
        files=SimpleNamespace(admit=AsyncMock()),
    )
    changing = Changing(environment, cleaner)
    (tmp_path / "own").mkdir()
    session: Any = SimpleNamespace(
        id="own", root=tmp_path / "own", report_changes=Mock(), expect_changes=Mock()
    )

    async def failed(*changes: Write) -> bool:
        def work(apply: Apply, _folder: Path) -> None:
            if changes:
                apply(changes)
            raise StorageError("the last step")

        with pytest.raises(StorageError) as raised:
            await changing.transform(session, work)
        return raised.value.unsettled

    assert not await failed()
    assert await failed(Write(path="a.txt", content=b"a"))
    assert (tmp_path / "own" / "a.txt").read_text() == "a"
    cleaner.close()
    environment.storage.close()


# A control plane that dies


async def test_a_control_plane_that_was_started_again_does_nothing_twice(own: Gateway) -> None:
    """What was done is told to be done; what it was doing, that this is not known."""
    await own.start("own")
    done, unended, path = new_key(), new_key(), f"{SESSION}/checkpoints"
    made = await own.api("POST", path, body={"name": "turn"}, headers=done)
    assert made.status == 201, made.text
    own.make_site("slow", {"delay": 60})
    restarting = "/api/v1/sessions/slow/restart"
    restart = asyncio.create_task(own.api("POST", restarting, headers=unended))
    await own.until("slow", "starting")
    (control,) = processes(own)["control"]
    os.kill(control, signal.SIGKILL)
    with pytest.raises(aiohttp.ClientError):
        await restart
    await ready_again(own)
    again = await own.api("POST", path, body={"name": "turn"}, headers=done)
    assert problem(again) == (409, "answer-not-kept")
    assert again.json["first_status"] == 201
    listed = (await own.api("GET", path)).json["checkpoints"]
    assert [each["name"] for each in listed].count("turn") == 1
    lost = await own.api("POST", restarting, headers=unended)
    assert problem(lost) == (409, "outcome-unknown")
    other = await own.api("POST", path, body={"name": "other"}, headers=done)
    assert problem(other) == (422, "key-reused")
