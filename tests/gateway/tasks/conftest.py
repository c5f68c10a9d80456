"""Several gateways that share a table and a folder of projects, as the tasks of one service do."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.gateway.harness import Gateway, running_gateway, websocket
from tests.gateway.table import dynamodb, table

from . import odd_task
from .wires import Wires

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
    wires: Wires | None = None
    """Between the tasks; without, they reach each other's own addresses."""

    def name_of(self, task: Gateway) -> str:
        """Its name, by which it is cut off; its id, too."""
        return task.scratch.parent.name

    def start(
        self, *, wait: bool = True, odd: Sequence[str] = (), twin_of: str = "", **extra: str
    ) -> Gateway:
        """One more task. `odd` are options of `odd_task.py`; `twin_of` is the name of a task with
        the same id.
        """
        name = f"task{len(self.tasks)}"
        wired = self.wires.settings(name, twin_of) if self.wires else {}
        environment = {
            "ASTRO_LIVE_SITES_DIR": str(self.folder / "sites"),
            "ASTRO_LIVE_OWNERSHIP_TABLE": self.table,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb["endpoint_url"],
            "AWS_REGION": self.dynamodb["region_name"],
            "AWS_ACCESS_KEY_ID": self.dynamodb["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.dynamodb["aws_secret_access_key"],
            **self.settings,
            **wired,
            **extra,
        }
        launcher = [sys.executable, "-m", odd_task.__name__, *odd] if odd else []
        gateway = self.stack.enter_context(
            running_gateway(self.folder / name, wait=False, launcher=launcher, **environment)
        )
        if self.wires:
            self.wires.attach(name, gateway)
        if wait:
            asyncio.run(gateway.ready())
        self.tasks.append(gateway)
        return gateway


@contextlib.contextmanager
def running_fleet(
    folder: Path,
    table: str,
    dynamodb: dict[str, Any],
    count: int,
    wires: Wires | None = None,
    **settings: str,
) -> Iterator[Fleet]:
    """`count` tasks on one table."""
    with contextlib.ExitStack() as stack:
        fleet = Fleet(
            folder=folder,
            table=table,
            dynamodb=dynamodb,
            stack=stack,
            settings=settings,
            tasks=[],
            wires=wires,
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
