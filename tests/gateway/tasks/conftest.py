"""Several gateways that share a table and a folder of projects, as the tasks of one service do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.gateway.harness import Gateway, running_gateway, websocket
from tests.gateway.table import dynamodb, table

__all__ = ["dynamodb", "table"]


@dataclass(kw_only=True)
class Fleet:
    """The tasks of one service, and what they share."""

    folder: Path
    table: str
    dynamodb: dict[str, Any]
    stack: contextlib.ExitStack
    settings: dict[str, str]
    tasks: list[Gateway]

    def start(self, *, wait: bool = True, **extra: str) -> Gateway:
        """One more task."""
        environment = {
            "ASTRO_LIVE_SITES_DIR": str(self.folder / "sites"),
            "ASTRO_LIVE_OWNERSHIP_TABLE": self.table,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb["endpoint_url"],
            "AWS_REGION": self.dynamodb["region_name"],
            "AWS_ACCESS_KEY_ID": self.dynamodb["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.dynamodb["aws_secret_access_key"],
            **self.settings,
            **extra,
        }
        folder = self.folder / f"task{len(self.tasks)}"
        gateway = self.stack.enter_context(running_gateway(folder, wait=wait, **environment))
        self.tasks.append(gateway)
        return gateway


@contextlib.contextmanager
def running_fleet(
    folder: Path, table: str, dynamodb: dict[str, Any], count: int, **settings: str
) -> Iterator[Fleet]:
    """`count` tasks on one table."""
    with contextlib.ExitStack() as stack:
        fleet = Fleet(
            folder=folder, table=table, dynamodb=dynamodb, stack=stack, settings=settings, tasks=[]
        )
        for _ in range(count):
            fleet.start()
        yield fleet


@contextlib.asynccontextmanager
async def live_socket(
    task: Gateway, path: str, headers: Mapping[str, str], *, seconds: float = 30
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A WebSocket as Vite's client has one: it tries again until it is accepted."""
    deadline = time.monotonic() + seconds
    async with contextlib.AsyncExitStack() as stack:
        while True:
            try:
                socket = await stack.enter_async_context(websocket(task, path, headers))
                break
            except (aiohttp.WSServerHandshakeError, aiohttp.ClientConnectionError) as error:
                if time.monotonic() > deadline or getattr(error, "status", 503) not in (502, 503):
                    raise RuntimeError(f"{error}\n{task.tail()}") from error
                await asyncio.sleep(0.02)
        yield socket


@pytest.fixture
def fleet(tmp_path: Path, table: str, dynamodb: dict[str, Any]) -> Iterator[Fleet]:
    """Three tasks."""
    with running_fleet(tmp_path, table, dynamodb, 3) as running:
        yield running
