"""Keeps Envoy running: adopts the one that runs, starts it when it is not there, starts it again
when it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final

from ..backoff import Backoff
from ..cleaner import remove_tree
from ..duty import repeat
from ..errors import StartError
from ..identity import Identity, identity
from ..processes import Child, Processes
from ..records import read_record, write_record
from ..settings import Configuration
from .access_log import LIMIT_FILE, limit_text
from .bootstrap import ADMIN_SOCKET, ListenerOptions, bootstrap_text
from .model import PROBE_PATH, Upstream
from .process import Admin, start_envoy, wait_until_ready
from .xds import XdsPublisher

RESTART_SECONDS: Final = (0.0, 0.2, 1.0, 5.0)
"""Waits before the first, second, … restart; the last one repeats."""

STEADY_SECONDS: Final = 30.0
TERM_SECONDS: Final = 2.0

PROBE_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 3.0
PROBES: Final = 3
"""So many probes in a row, `PROBE_SECONDS` apart, each without an answer in `ANSWER_SECONDS`: then
Envoy hangs. A restart breaks every WebSocket off, so a machine that is busy for some seconds must
not be taken for that.
"""

PROBE: Final = f"GET {PROBE_PATH} HTTP/1.1\r\nHost: probe\r\nSec-Fetch-Mode: cors\r\nConnection: close\r\n\r\n".encode()
"""Answered by Envoy's route table alone, and logged as little as a page's module."""

LOOPBACK: Final = {
    # What to connect to where everything is listened to.
    "0.0.0.0": "127.0.0.1",  # noqa: S104
    "::": "::1",
}
BOOTSTRAP_FILE: Final = "bootstrap.json"

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
        peers_port: int | None = None,
    ) -> None:
        self._configuration = configuration
        self._processes = processes
        self._folder = folder
        self._admin = admin
        self._publisher = publisher
        self._upstreams = tuple(upstreams)
        self._peers_port = peers_port
        self._envoy: Child | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._unanswered = 0
        """Probes in a row."""
        self._admin_socket: Identity = None
        """Which file it was when Envoy began to serve."""
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._envoy.pid if self._envoy else None

    async def __aenter__(self) -> EnvoyService:
        settings, contract = self._configuration.settings, self._configuration.contract
        running = [
            child
            for child in self._processes.inherited
            if child.metadata.kind == "envoy" and child.running
        ]
        try:
            self._publisher.write_initial(self._upstreams)
        except OSError as error:
            if not running:
                raise StartError(
                    f"Envoy's configuration cannot be written to {self._folder}: {error.strerror}"
                ) from error
            log.error(
                "Envoy goes on with the routes that it has: %s", error
            )  # and the publisher tries again
        if running:
            self._envoy = running[0]
            with contextlib.suppress(OSError):
                self._admin_socket = identity(self._folder / ADMIN_SOCKET)
        else:
            check_port(settings.bind_address, contract.session_port)
            await self._start()
        self._tasks = [
            asyncio.create_task(self._keep_running(), name="envoy"),
            asyncio.create_task(
                repeat(self._probe, every_seconds=PROBE_SECONDS), name="envoy's answers"
            ),
        ]
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._envoy is not None:
            await self._envoy.stop(term_seconds=TERM_SECONDS)

    def admin_lost(self, now: Identity) -> bool:
        """Whether Envoy's own socket is another file than when it began to serve, so that nobody
        can ask it anything.
        """
        return (
            self._envoy is not None
            and self._envoy.running
            and self._admin_socket is not None
            and now != self._admin_socket
        )

    def kill(self) -> None:
        """End Envoy at once; another one is started."""
        self._admin_socket = None
        if self._envoy is not None:
            self._envoy.signal_group(signal.SIGKILL)

    async def _start(self) -> None:
        self._admin_socket = None
        await asyncio.to_thread(remove_tree, self._folder / ADMIN_SOCKET)
        self._write_bootstrap()
        self._envoy = await start_envoy(
            self._processes,
            self._folder,
            concurrency=self._configuration.settings.envoy_concurrency,
        )
        try:
            await wait_until_ready(self._envoy, self._admin)
        except StartError:
            await self._envoy.stop(term_seconds=TERM_SECONDS)
            raise
        with contextlib.suppress(OSError):
            self._admin_socket = identity(self._folder / ADMIN_SOCKET)

    def _write_bootstrap(self) -> None:
        settings, contract = self._configuration.settings, self._configuration.contract
        options = ListenerOptions(
            address=settings.bind_address,
            contract=contract,
            settings=settings,
            peers_port=self._peers_port,
        )
        for name, text in ((LIMIT_FILE, limit_text()), (BOOTSTRAP_FILE, bootstrap_text(options))):
            path = self._folder / name
            with contextlib.suppress(OSError):
                if (
                    read_record(path, 2 * len(text)) == text.encode()
                ):  # of the start before: nothing to write, on whatever disk
                    continue
            write_record(self._folder, path, text)

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

    async def _probe(self) -> None:
        """Kill an Envoy that runs and does not answer, visitors or questions about itself: it takes
        in no routes then. `_keep_running` starts the next.
        """
        envoy = self._envoy
        if (
            envoy is None
            or not envoy.running
            or (await self._answers() and not await self._admin.hangs())
        ):
            self._unanswered = 0
            return
        self._unanswered += 1
        if self._unanswered == PROBES:
            log.error(
                "Envoy runs but has not answered %s probes in a row: it is killed and started"
                " again",
                PROBES,
            )
            envoy.signal_group(signal.SIGKILL)
            self._unanswered = 0

    async def _answers(self) -> bool:
        """Whether Envoy answers a request at the listener that visitors use. A refused or closed
        connection is an answer, too: it is full, or has just ended.
        """
        address = LOOPBACK.get(
            self._configuration.settings.bind_address, self._configuration.settings.bind_address
        )
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection(
                    address, self._configuration.contract.session_port
                )
                try:
                    writer.write(PROBE)
                    await reader.read(1)
                finally:
                    writer.transport.abort()
        except TimeoutError:
            return False
        except OSError:
            return True
        return True


def check_port(address: str, port: int) -> None:
    """A clear line when the port is taken; Envoy itself would only log it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise StartError(
                f"port {port} of {address} cannot be opened: {error.strerror}. End the program that"
                " uses it, or set ASTRO_LIVE_SESSION_PORT"
            ) from error
