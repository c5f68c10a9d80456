"""Events of a session as a stream (S32): what is told, what is told again, and what a reader can
and cannot do to others.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import httpx
import pytest
from aiohttp import web

from container.gateway import events, events_api
from container.gateway.event_models import EVENT, KINDS
from container.gateway.events import EventLog, Reader
from container.gateway.events_api import MOST_READERS, EventsApi
from container.gateway.registry import SessionRegistry
from container.gateway.standing import STANDING, Standing
from container.gateway.states import State
from tests.addresses import own_address

from .event_stream import reading
from .harness import API_TOKEN, Gateway

PROBLEM = {"source": "module", "message": "a bad brace", "file": "src/pages/v.astro", "line": 3}


async def say(gateway: Gateway, session: str, message: dict[str, Any], times: int = 1) -> None:
    """Have the dev server send a message, so often."""
    answer = await gateway.get(
        f"/session/{session}/say?times={times}",
        method="POST",
        headers=gateway.cookie(session),
        data=json.dumps(message).encode() + b"\n",
    )
    assert answer.status == 200


async def test_a_reader_hears_of_states_edits_installs_and_problems(gateway: Gateway) -> None:
    """From the state at its beginning on, each with its own id, in the form of its model."""
    folder = gateway.make_site("told", {"start": "progress"})
    async with reading(gateway, "told") as stream:
        await stream.first("state", state="stopped")
        await gateway.api("POST", "/api/v1/sessions/told/start")
        await stream.first("state", state="starting", stage="install")
        await stream.first("state", state="ready")
        assert [each["detail"] for each in stream.of("install")] == ["3 of 7 packages", ""]
        assert stream.of("install")[1]["packages"]["manager"] == "pnpm"
        update = {"type": "update", "kind": "css", "path": "src/a.css", "ms": 12.5}
        await say(gateway, "told", update)
        edit = await stream.first("edit")
        assert (edit["update"], edit["path"], edit["ms"]) == ("css", "src/a.css", 12.5)
        (folder / "fake.json").write_text(json.dumps({"problems": [PROBLEM]}))
        await say(gateway, "told", {"type": "noticed"})
        problem = await stream.first("problem")
        assert problem["problem"]["message"] == "a bad brace"
        async with reading(gateway, "told") as second:
            assert (await second.first("problem"))["id"] == problem["id"]
        (folder / "fake.json").write_text("{}")
        written = await gateway.api("PUT", "/api/v1/sessions/told/files/x", data=b"an edit")
        assert written.status == 201
        healed = await stream.first("healed")
        assert (healed["id"], healed["file"]) == (problem["id"], PROBLEM["file"])
        await gateway.api("POST", "/api/v1/sessions/told/stop")
        await stream.until(lambda stream: stream.of("state")[-1]["state"] == "stopped")
        for each in stream.got:
            assert EVENT.validate_json(each.data).kind == each.event
        ids = [each.id for each in stream.got[1:]]
        assert len(set(ids)) == len(ids)


async def test_a_reader_that_comes_back_misses_nothing(gateway: Gateway) -> None:
    """By `Last-Event-ID`; an id that means nothing here is answered with what is."""
    await gateway.start("again")
    async with reading(gateway, "again") as stream:
        await stream.first("state", state="ready")
        last = stream.got[-1].id
    await gateway.api("POST", "/api/v1/sessions/again/restart")
    async with reading(gateway, "again", last_id=last) as stream:
        await stream.first("state", state="ready")
        states = [each["state"] for each in stream.of("state")]
        assert states[:3] == ["stopping", "stopped", "starting"], states
        assert not stream.of("lost")
    for unknown in ("0123abcd-1", last.split("-")[0] + "-999999", "x" * 3000, "-1", ""):
        async with reading(gateway, "again", last_id=unknown) as stream:
            assert (await stream.first("lost"))["missed"] is None
            await stream.first("state", state="ready")


async def test_a_stream_neither_keeps_a_session_nor_is_kept_by_a_deleted_one(
    gateway: Gateway,
) -> None:
    """A reader is no viewer; a deleted session says so."""
    await gateway.start("gone")
    before = (await gateway.api("GET", "/api/v1/sessions/gone")).json["idle_seconds"]
    async with reading(gateway, "gone") as stream:
        await stream.first("state", state="ready")
        after = (await gateway.api("GET", "/api/v1/sessions/gone")).json["idle_seconds"]
        assert after >= before
        assert (await gateway.api("DELETE", "/api/v1/sessions/gone")).status == 204
        await stream.first("end", reason="deleted")
        await stream.until(lambda stream: stream.ended)
    assert (await gateway.api("GET", "/api/v1/sessions/gone/events")).status == 404


async def test_readers_of_one_session_are_bounded(gateway: Gateway) -> None:
    """One more is refused with what to do, and comes in when another has gone."""
    await gateway.start("many")
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(MOST_READERS):
            stream = await stack.enter_async_context(reading(gateway, "many"))
            await stream.first("state")
        refused = await gateway.api("GET", "/api/v1/sessions/many/events")
        assert (refused.status, refused.json["code"]) == (503, "crowded")
        assert str(MOST_READERS) in refused.text
    for _ in range(100):
        with contextlib.suppress(httpx.HTTPStatusError):
            async with reading(gateway, "many") as stream:
                await stream.first("state")
                return
        await asyncio.sleep(0.2)
    raise AssertionError("a place never becomes free")


class Stub:
    """A session without a dev server."""

    id = "stub"
    error = None
    state = State.READY

    def __init__(self) -> None:
        self.events = EventLog()

    def state_event(self) -> dict[str, Any]:
        return {"state": "ready", "stage": "", "error": None}

    async def check(self, *_: Any, **__: Any) -> None:
        return None


@contextlib.asynccontextmanager
async def serving(stub: Stub) -> AsyncIterator[tuple[str, int]]:
    """The handler alone, with small buffers at its connections."""

    async def get(_id: str) -> Stub:
        return stub

    registry = SimpleNamespace(get=get, runs=lambda _id: True)
    application = web.Application()

    async def admitted() -> None:
        """Everybody."""

    @web.middleware
    async def admit(
        request: web.Request, handler: Callable[[web.Request], Any]
    ) -> web.StreamResponse:
        request[STANDING] = Standing(admitted)
        response: web.StreamResponse = await handler(request)
        return response

    application.middlewares.append(admit)
    application.add_routes(EventsApi(cast(SessionRegistry, registry)).routes("/s/{id}"))
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    listener.bind((own_address(), 0))
    try:
        await web.SockSite(runner, listener).start()
        yield listener.getsockname()
    finally:
        await runner.cleanup()


def silent_client(address: tuple[str, int]) -> socket.socket:
    """One that has asked for the stream and reads nothing of it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    client.connect(address)
    client.sendall(b"GET /s/stub/events HTTP/1.1\r\nHost: x\r\n\r\n")
    client.setblocking(False)
    return client


async def flood(stub: Stub, others: Reader) -> int:
    """More events than buffers and ring hold; `others` is given all of them."""
    got = 0
    for _ in range(4):
        for _ in range(events.MOST_EVENTS):
            stub.events.publish("install", {"detail": "x" * 900, "packages": None})
            got += len(await others.next(0))
            await asyncio.sleep(0)
    return got


async def test_a_reader_that_reads_nothing_holds_nobody_up() -> None:
    """Others get every event meanwhile; it is told how many it has missed, once it reads."""
    stub = Stub()
    async with serving(stub) as address:
        with silent_client(address) as client:
            await _until(lambda: stub.events.readers == 1)
            assert await flood(stub, stub.events.reader(None)[0]) == 4 * events.MOST_EVENTS
            received, loop = b"", asyncio.get_running_loop()
            async with asyncio.timeout(30):
                while (told := re.search(rb"event: lost\r?\ndata: (.+)\n", received)) is None:
                    data = await loop.sock_recv(client, 65536)
                    assert data, received[-500:]
                    received += data
        assert json.loads(told[1])["missed"] > 0


async def test_a_reader_that_never_reads_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its place is free again."""
    monkeypatch.setattr(events_api, "WRITE_SECONDS", 0.3)
    stub = Stub()
    async with serving(stub) as address:
        with silent_client(address):
            await _until(lambda: stub.events.readers == 1)
            await flood(stub, stub.events.reader(None)[0])
            await _until(lambda: stub.events.readers == 0)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - a condition of the server
            await asyncio.sleep(0.01)


async def test_a_hundred_readers_of_a_hundred_sessions(gateway: Gateway) -> None:
    """Sessions that do not run cost a reader each, and the API answers all the while."""
    for number in range(100):
        gateway.make_site(f"s{number}")
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as session,
        contextlib.AsyncExitStack() as stack,
    ):

        async def read(number: int) -> aiohttp.ClientResponse:
            address = f"{gateway.api_url}/api/v1/sessions/s{number}/events"
            answer = await stack.enter_async_context(session.get(address))
            assert answer.status == 200
            while b'"stopped"' not in await answer.content.readline():
                pass
            return answer

        answers = [await read(number) for number in range(100)]
        assert (await gateway.api("GET", "/api/v1/sessions")).status == 200
        await gateway.api("POST", "/api/v1/sessions/s7/start")
        async with asyncio.timeout(30):
            while b'"ready"' not in await answers[7].content.readline():
                pass
        await gateway.api("POST", "/api/v1/sessions/s7/stop")


@pytest.mark.parametrize("query", ["follow=1", "wait=3"])
async def test_a_query_is_refused(gateway: Gateway, query: str) -> None:
    """There is none."""
    gateway.sites.joinpath("asked").mkdir(exist_ok=True)
    assert (await gateway.api("GET", f"/api/v1/sessions/asked/events?{query}")).status == 400


async def test_an_event_that_is_not_as_declared_harms_nobody() -> None:
    """It is left out; what comes next is not."""
    log = EventLog()
    reader, _ = log.reader(None)
    for data in ({}, {"action": "made"}, {"action": "made", "id": "x", "name": "\ud800"}):
        log.publish("checkpoint", data)
    log.publish("nothing", {})
    log.publish("checkpoint", {"action": "made", "id": "c-1"})
    (found,) = await reader.next(1)
    assert json.loads(found[1].data)["id"] == "c-1"


async def test_a_ring_has_bounds_and_tells_what_it_drops() -> None:
    """By number and by bytes; a reader that was overtaken hears how many it has missed."""
    log = EventLog()
    reader, _ = log.reader(None)
    for number in range(events.MOST_EVENTS + 7):
        log.publish("checkpoint", {"action": "made", "id": str(number)})
    got = []
    while found := await reader.next(0.01):
        got += [json.loads(entry.data) for _, entry in found]
    assert (got[0]["kind"], got[0]["missed"]) == ("lost", 7)
    assert [each["id"] for each in got[1:]] == [
        str(number) for number in range(7, events.MOST_EVENTS + 7)
    ]
    for _ in range(events.MOST_EVENTS):
        log.publish("install", {"detail": "x" * 1024, "packages": None})
    assert 0 < len(await _rest(log)) <= events.MOST_BYTES // 1024


async def _rest(log: EventLog) -> list[Any]:
    """All that is kept."""
    name = log.reader(None)[0].id.split("-")[0]
    reader, goes_on = log.reader(f"{name}-0")
    assert goes_on
    got = []
    while found := await reader.next(0.01):
        got += [entry for _, entry in found if entry.kind != "lost"]
    return got


def test_every_kind_is_declared_once() -> None:
    """The name in the stream is the model's own."""
    assert all(model.model_fields["kind"].default == kind for kind, model in KINDS.items())
