"""Starting Envoy and asking it questions over its admin socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any, Final

import aiohttp

from contract.messages.supervisor import ChildMetadata

from ..errors import StartError
from ..processes import Child, Processes, child_environment
from ..programs import envoy_executable
from .bootstrap import ADMIN_SOCKET

START_SECONDS: Final = 20.0

ALLOCATOR: Final = {"GLIBC_TUNABLES": "glibc.pthread.rseq=0"}
"""Envoy's allocator keeps a cache per processor, for which it must register a restartable sequence
(`rseq(2)`). A thread has but one, and glibc from 2.35 on takes it first, for `sched_getcpu`; the
allocator then falls back to its slower cache per thread.
https://github.com/google/tcmalloc/issues/144
"""


class Admin:
    """Client of Envoy's admin socket, which lies in the gateway's private folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ADMIN_SOCKET
        self._session: aiohttp.ClientSession | None = None

    async def _request(self, method: str, path: str) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=str(self._path)),
                timeout=aiohttp.ClientTimeout(total=5),
            )
        async with self._session.request(method, f"http://envoy{path}") as response:
            response.raise_for_status()
            return await response.text()

    async def ready(self) -> bool:
        try:
            return (await self._request("GET", "/ready")).startswith("LIVE")
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False

    async def hangs(self) -> bool:
        """Whether Envoy takes the question and does not answer it."""
        try:
            await self._request("GET", "/ready")
        except TimeoutError:
            return True
        except (aiohttp.ClientError, OSError):
            return False
        return False

    async def stats(self, pattern: str) -> dict[str, Any]:
        """Counters, gauges and texts whose names match the regular expression `pattern`."""
        answer = json.loads(await self._request("GET", f"/stats?format=json&filter={pattern}"))
        return {entry["name"]: entry["value"] for entry in answer["stats"] if "name" in entry}

    async def post(self, path: str) -> None:
        await self._request("POST", path)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def start_envoy(processes: Processes, folder: Path, *, concurrency: int) -> Child:
    """Start Envoy in `folder`, which holds its bootstrap and xDS files."""
    argv = [
        str(envoy_executable()),
        "--config-path", "bootstrap.json",
        "--concurrency", str(concurrency or os.cpu_count() or 1),
        "--disable-hot-restart",
        "--log-level", "warning",
        "--log-format", '{"time":"%Y-%m-%dT%T.%eZ","part":"envoy","level":"%l","message":"%j"}',
    ]  # fmt: skip
    return await processes.spawn(
        argv,
        ChildMetadata(kind="envoy"),
        environment=child_environment(os.environ, **ALLOCATOR),
        cwd=folder,
    )


async def wait_until_ready(envoy: Child, admin: Admin) -> None:
    """Return once Envoy serves; `StartError` when it ends or takes too long."""
    ended = asyncio.ensure_future(envoy.wait())
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await admin.ready():
                if ended.done():
                    raise StartError(
                        f"Envoy ended with status {ended.result()} at start; its last lines above"
                        " say why (a busy port?)"
                    )
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise StartError(
            f"Envoy was not ready after {START_SECONDS:.0f} s; its log above says why"
        ) from None
    finally:
        ended.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ended
