"""Keeps Envoy running: adopts the one that runs, starts it when it is not there, starts it again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final

from ..backoff import Backoff
from ..errors import StartError
from ..processes import Child, Processes
from ..settings import Configuration
from .bootstrap import ListenerOptions, bootstrap_text
from .model import Upstream
from .process import Admin, start_envoy, wait_until_ready
from .xds import XdsPublisher, write_atomically

RESTART_SECONDS: Final = (0.0, 0.2, 1.0, 5.0)
"""Waits before the first, second, … restart; the last one repeats."""

STEADY_SECONDS: Final = 30.0
TERM_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


class EnvoyService:
    """As a context manager: Envoy serves inside it."""

    def __init__(
        self,
        configuration: Configuration,
        processes: Processes,
        folder: Path,
        admin: Admin,
        publisher: XdsPublisher,
        upstreams: Iterable[Upstream],
    ) -> None:
        self._configuration = configuration
        self._processes = processes
        self._folder = folder
        self._admin = admin
        self._publisher = publisher
        self._upstreams = tuple(upstreams)
        self._envoy: Child | None = None
        self._watch: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._envoy.pid if self._envoy else None

    async def __aenter__(self) -> EnvoyService:
        settings, contract = self._configuration.settings, self._configuration.contract
        options = ListenerOptions(
            address=settings.bind_address,
            contract=contract,
            max_connections=settings.max_connections,
            request_timeout_seconds=settings.request_timeout_seconds,
        )
        self._publisher.write_initial(self._upstreams)
        running = [child for child in self._processes.inherited if child.metadata.kind == "envoy" and child.running]
        if running:
            self._envoy = running[0]
        else:
            check_port(settings.bind_address, contract.session_port)
            write_atomically(self._folder / "bootstrap.json", bootstrap_text(options))
            await self._start()
        self._watch = asyncio.create_task(self._keep_running(), name="envoy")
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        assert self._watch is not None
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        if self._envoy is not None:
            await self._envoy.stop(term_seconds=TERM_SECONDS)

    async def _start(self) -> None:
        self._envoy = await start_envoy(self._processes, self._folder, concurrency=self._configuration.settings.envoy_concurrency)
        try:
            await wait_until_ready(self._envoy, self._admin)
        except StartError:
            await self._envoy.stop(term_seconds=TERM_SECONDS)
            raise

    async def _keep_running(self) -> None:
        backoff = Backoff(RESTART_SECONDS, steady_seconds=STEADY_SECONDS)
        while True:
            assert self._envoy is not None
            backoff.started()
            status = await self._envoy.wait()
            pause = backoff.failed()
            self.restarts += 1
            log.warning("Envoy ended with status %s; it is started again in %s s", status, pause)
            await asyncio.sleep(pause)
            try:
                await self._start()
            except (StartError, OSError) as error:
                log.error("%s", error)


def check_port(address: str, port: int) -> None:
    """A clear line when the port is taken; Envoy itself would only log it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise StartError(
                f"port {port} of {address} cannot be opened: {error.strerror}. End the program that uses it, or set ASTRO_LIVE_SESSION_PORT"
            ) from error
