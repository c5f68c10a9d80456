"""An Envoy that runs and answers nothing is told from one that is busy, full or gone (S37)."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from container.gateway.envoy import service
from container.gateway.envoy.service import EnvoyService


class Child:
    """Envoy's process, as far as the probe has to do with it."""

    def __init__(self) -> None:
        self.running = True
        self.signals: list[signal.Signals] = []

    def signal_group(self, number: signal.Signals) -> None:
        self.signals.append(number)


@contextlib.asynccontextmanager
async def probed(
    monkeypatch: pytest.MonkeyPatch, behaviour: dict[str, Any]
) -> AsyncIterator[tuple[EnvoyService, Child]]:
    """A listener that `behaviour["answers"]`, or takes connections and says nothing."""
    open_connections = []

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.append(writer)
        if behaviour["answers"]:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    monkeypatch.setattr(service, "ANSWER_SECONDS", 0.3)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    configuration: Any = SimpleNamespace(
        settings=SimpleNamespace(bind_address="127.0.0.1"),
        contract=SimpleNamespace(session_port=port),
    )

    async def hangs() -> bool:
        return bool(behaviour.get("admin hangs"))

    parts: Any = SimpleNamespace(hangs=hangs)
    envoy, child = EnvoyService(configuration, parts, Path(), parts, parts, []), Child()
    envoy._envoy = child  # type: ignore[assignment]
    try:
        yield envoy, child
    finally:
        for writer in open_connections:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


async def test_three_probes_without_an_answer_are_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a row: one that answers in between begins the count again."""
    behaviour: dict[str, Any] = {"answers": False}
    async with probed(monkeypatch, behaviour) as (envoy, child):
        for answers in (False, False, True, False, False):
            behaviour["answers"] = answers
            await envoy._probe()
            assert child.signals == []
        await envoy._probe()
        assert child.signals == [signal.SIGKILL]


async def test_one_that_answers_visitors_and_takes_in_no_routes_hangs_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with probed(monkeypatch, {"answers": True, "admin hangs": True}) as (envoy, child):
        for _ in range(3):
            await envoy._probe()
        assert child.signals == [signal.SIGKILL]


async def test_one_that_refuses_or_has_ended_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with probed(monkeypatch, {"answers": True}) as (envoy, child):
        pass
    for _ in range(4):
        await envoy._probe()
    child.running = False
    for _ in range(4):
        await envoy._probe()
    assert child.signals == []
