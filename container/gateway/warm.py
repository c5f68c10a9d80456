"""The warm pool: dev servers that have their modules loaded and wait for a session."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from .cleaner import Cleaner
from .devserver import DevServer
from .processes import Processes
from .settings import GatewaySettings

REFILL_SECONDS: Final = 5.0
"""From the last taking of a dev server to launching the next one. It starts a site on trial, which
costs some seconds of a processor; the sessions that have just been started need them more, and so
do those that still start.
"""
LONGEST_WAIT_SECONDS: Final = 60.0
"""Where one session starts after the other: each would be later without a dev server that waits."""
LOOK_SECONDS: Final = 0.5

RETRY_SECONDS: Final = 5.0
"""From a dev server that could not be launched for the pool to the next try."""

log = logging.getLogger(__name__)


class WarmPool:
    """Keeps `warm_runners` dev servers waiting. `take` gives one of them, or a fresh one, and has
    the pool refilled.
    """

    def __init__(
        self, settings: GatewaySettings, processes: Processes, cleaner: Cleaner, sockets_dir: Path
    ) -> None:
        self._settings = settings
        self._processes = processes
        self._cleaner = cleaner
        self._sockets_dir = sockets_dir
        self._waiting: list[DevServer] = []
        self._refill: asyncio.Task[None] | None = None
        self._taken_at = -REFILL_SECONDS
        self._closed = False
        self.starting: Callable[[], bool] = lambda: False
        """Whether sessions start right now."""

    @property
    def size(self) -> int:
        return sum(server.child.running for server in self._waiting)

    async def take(self) -> DevServer:
        """A dev server that nobody else has. It may still be loading: its channel holds what is
        sent until it reads.

        `OSError` when none can be launched.
        """
        self._taken_at = time.monotonic()
        while self._waiting:
            server = self._waiting.pop(0)
            if server.child.running:
                self.refill()
                return server
            await self._discard(server)
        server = await self._launch()
        self.refill()
        return server

    def adopt(self, server: DevServer) -> None:
        """Take over a waiting dev server that an earlier control plane had launched."""
        self._waiting.append(server)

    def refill(self) -> None:
        """Bring the pool to its size, in the background and one at a time, when nobody starts."""
        if not self._closed and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._fill(), name="warm pool")

    def rest(self) -> None:
        """Launch no more dev servers for the pool: this task ends."""
        self._closed = True
        if self._refill is not None:
            self._refill.cancel()

    async def _calm(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_WAIT_SECONDS and (  # noqa: ASYNC110 - of many sessions
            time.monotonic() - self._taken_at < REFILL_SECONDS or self.starting()
        ):
            await asyncio.sleep(LOOK_SECONDS)

    async def _fill(self) -> None:
        await self._calm()
        for server in [server for server in self._waiting if not server.child.running]:
            self._waiting.remove(server)
            await self._discard(server)
        while not self._closed and self.size < self._settings.warm_runners:
            try:
                server = await self._launch()
            except OSError as error:
                log.warning("the warm pool cannot be filled: %s; it is tried again", error)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._waiting.append(server)
            try:
                async with asyncio.timeout(self._settings.start_timeout_seconds):
                    await server.warm.wait()
            except TimeoutError:
                return

    async def _launch(self) -> DevServer:
        return await DevServer.launch(self._processes, self._settings, self._sockets_dir)

    async def _discard(self, server: DevServer) -> None:
        await server.stop(term_seconds=1.0)
        await self._cleaner.remove(server.home)

    async def close(self) -> None:
        """End every waiting dev server."""
        self.rest()
        if self._refill is not None:
            await asyncio.gather(self._refill, return_exceptions=True)
        await asyncio.gather(*(self._discard(server) for server in self._waiting))
        self._waiting.clear()
