"""Reads the events of a session as a client does, by a library that knows the format."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, aconnect_sse

from .harness import API_TOKEN, Gateway

PATIENCE_SECONDS = 30.0


@dataclass(kw_only=True)
class Stream:
    """Events as they come."""

    got: list[ServerSentEvent] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    @property
    def data(self) -> list[dict[str, Any]]:
        return [json.loads(each.data) for each in self.got]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.data if each["kind"] == kind]

    async def until(self, found: Callable[[Stream], Any]) -> Any:
        """Wait for what `found` finds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (result := found(self)):
                self.changed.clear()
                await self.changed.wait()
        return result

    async def first(self, kind: str, **members: Any) -> dict[str, Any]:
        """Wait for an event with these members."""

        def search(stream: Stream) -> dict[str, Any] | None:
            for each in stream.of(kind):
                if all(each[name] == value for name, value in members.items()):
                    return each
            return None

        try:
            found: dict[str, Any] = await self.until(search)
        except TimeoutError:
            raise AssertionError(f"no {kind} with {members} among {self.data}") from None
        return found


@contextlib.asynccontextmanager
async def reading(
    gateway: Gateway, session: str, *, last_id: str | None = None, token: str = API_TOKEN
) -> AsyncIterator[Stream]:
    """Read along; the first event has come."""
    stream = Stream()
    headers = {"Authorization": f"Bearer {token}"}
    if last_id is not None:
        headers["Last-Event-ID"] = last_id
    address = f"{gateway.api_url}/api/v1/sessions/{session}/events"

    async def read() -> None:
        async with (
            httpx.AsyncClient(timeout=httpx.Timeout(20, read=60)) as client,
            aconnect_sse(client, "GET", address, headers=headers) as source,
        ):
            source.response.raise_for_status()
            opened.set()
            async for event in source.aiter_sse():
                stream.got.append(event)
                stream.changed.set()
        stream.ended = True
        stream.changed.set()

    opened = asyncio.Event()
    task = asyncio.create_task(read())
    waiting = asyncio.create_task(opened.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield stream
    finally:
        for each in (task, waiting):
            each.cancel()
        await asyncio.gather(task, waiting, return_exceptions=True)
