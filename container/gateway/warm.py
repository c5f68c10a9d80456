"""The warm pool: dev servers that have their modules loaded and wait for a session."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from .cleaner import Cleaner
from .devserver import DevServer
from .processes import Processes
from .settings import GatewaySettings

REFILL_SECONDS: Final = 5.0
"""From taking a dev server to launching the next one. It starts a site on trial, which costs some
seconds of a processor; the session that has just been started needs them more.
"""


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
        self._closed = False

    @property
    def size(self) -> int:
        return sum(server.child.running for server in self._waiting)

    async def take(self) -> DevServer:
        """A dev server that nobody else has. It may still be loading: its channel holds what is
        sent until it reads.

        `OSError` when none can be launched.
        """
        while self._waiting:
            server = self._waiting.pop(0)
            if server.child.running:
                self.refill(after_seconds=REFILL_SECONDS)
                return server
            await self._discard(server)
        server = await self._launch()
        self.refill(after_seconds=REFILL_SECONDS)
        return server

    def adopt(self, server: DevServer) -> None:
        """Take over a waiting dev server that an earlier control plane had launched."""
        self._waiting.append(server)

    def refill(self, *, after_seconds: float = 0.0) -> None:
        """Bring the pool to its size, in the background and one at a time, so that a starting
        session is not slowed by several.
        """
        if not self._closed and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._fill(after_seconds), name="warm pool")

    async def _fill(self, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
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
        self._closed = True
        if self._refill is not None:
            self._refill.cancel()
            await asyncio.gather(self._refill, return_exceptions=True)
        await asyncio.gather(*(self._discard(server) for server in self._waiting))
        self._waiting.clear()
