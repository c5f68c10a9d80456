"""The control plane: puts the parts together, supervises Envoy, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from aiohttp import web

from . import warm
from .api import Api
from .envoy.bootstrap import ListenerOptions, bootstrap_text
from .envoy.clusters import CONTROL_SOCKET
from .envoy.process import Admin, start_envoy, wait_until_ready
from .envoy.xds import XdsPublisher
from .errors import StartError
from .front import Front
from .health import Health
from .pages import site_headers
from .registry import SessionRegistry
from .sessions import Environment
from .settings import Configuration
from .tokens import QUERY_PARAMETER, TokenService, public_jwks_text

MAX_SOCKET_PATH: Final = 100
ENVOY_TERM_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


def private_folder(scratch_dir: Path) -> Path:
    """A new folder of our own for sockets and xDS files. A Unix socket's path may have 107 characters, not more."""
    for parent in (scratch_dir, Path(tempfile.gettempdir())):
        if len(str(parent)) + 40 < MAX_SOCKET_PATH:
            parent.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix="gateway-", dir=parent))
    raise StartError(
        f"ASTRO_LIVE_SCRATCH_DIR is {str(scratch_dir)!r}: too long for sockets in it; use a path below {MAX_SOCKET_PATH - 40} characters"
    )


class ControlPlane:
    """Everything that lives as long as the gateway."""

    def __init__(self, configuration: Configuration) -> None:
        settings = configuration.settings
        self.configuration = configuration
        self.folder = private_folder(settings.scratch_dir)
        self.admin = Admin(self.folder)
        self.publisher = XdsPublisher(self.folder, configuration.contract, self.admin, security_headers=site_headers(configuration))
        self.warm = warm.WarmPool(settings)
        self.registry = SessionRegistry(
            Environment(contract=configuration.contract, settings=settings, publisher=self.publisher, warm=self.warm)
        )
        self.tokens = TokenService(configuration.secrets.signing_keys)
        self.health = Health(self.admin, settings.sites_dir)
        self.health.registry = self.registry

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            async with self._front(), self._envoy(), self._api():
                self.warm.refill()
                log.info("ready: sessions at %s", self.configuration.contract.session_url("{id}"))
                if self.configuration.secrets.ephemeral:
                    await self._demo()
                await stop.wait()
                log.info("stopping")
                await self.registry.stop_all()
                await self.warm.close()
        finally:
            await self.admin.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.asynccontextmanager
    async def _front(self) -> AsyncIterator[None]:
        runner = web.AppRunner(
            Front(self.configuration, self.registry, self.tokens).application(), access_log=None, max_line_size=32768, max_field_size=32768
        )
        await runner.setup()
        await web.UnixSite(runner, str(self.folder / CONTROL_SOCKET)).start()
        try:
            yield
        finally:
            await runner.cleanup()

    @contextlib.asynccontextmanager
    async def _api(self) -> AsyncIterator[None]:
        settings, contract = self.configuration.settings, self.configuration.contract
        runner = web.AppRunner(
            Api(self.configuration, self.registry, self.tokens, self.health).application(), access_log=None, shutdown_timeout=1.0
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, settings.bind_address, contract.api_port, reuse_address=True).start()
        except OSError as error:
            await runner.cleanup()
            raise StartError(
                f"port {contract.api_port} of {settings.bind_address} cannot be opened: {error.strerror}. "
                "End the program that uses it, or set ASTRO_LIVE_API_PORT"
            ) from error
        try:
            yield
        finally:
            await runner.cleanup()

    @contextlib.asynccontextmanager
    async def _envoy(self) -> AsyncIterator[None]:
        settings, contract = self.configuration.settings, self.configuration.contract
        _check_port(settings.bind_address, contract.session_port)
        options = ListenerOptions(
            address=settings.bind_address,
            contract=contract,
            jwks=public_jwks_text(self.configuration.secrets.signing_keys),
            max_connections=settings.max_connections,
        )
        (self.folder / "bootstrap.json").write_text(bootstrap_text(options))
        self.publisher.write_initial()
        envoy = await start_envoy(self.folder, concurrency=settings.envoy_concurrency)
        try:
            await wait_until_ready(envoy, self.admin)
            yield
        finally:
            await envoy.stop(term_seconds=ENVOY_TERM_SECONDS)

    async def _demo(self) -> None:
        """A laptop's quick start: one session and its link."""
        session, _ = await self.registry.create("demo")
        session.ensure_started()
        token, _ = self.tokens.sign("handoff", session.id, seconds=86400)
        print(f"\n  Open {self.configuration.contract.session_url(session.id)}?{QUERY_PARAMETER}={token}\n", flush=True)


def _check_port(address: str, port: int) -> None:
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
