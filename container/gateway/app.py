"""The control plane: puts the parts together, supervises Envoy, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web

from contract.messages.runner import MAX_SOCKET_PATH
from contract.messages.supervisor import FOLDER

from . import cleaner, endless, own_folder, service, sign_ins, site_limits
from .api import Api
from .build_turns import BuildTurns
from .cleaner import Cleaner
from .credentials.place import keyring_of
from .devserver import DevServer, homes_dir
from .duty import repeat
from .endless import Endless
from .envoy import xds
from .envoy.clusters import CONTROL_SOCKET
from .envoy.model import Upstream
from .envoy.peer_clusters import API_SOCKET
from .envoy.process import Admin
from .envoy.service import EnvoyService
from .envoy.xds import XdsPublisher
from .errors import SessionError, StartError
from .file_quota import FileQuota
from .front import Front
from .health import Health
from .housekeeping import Housekeeping
from .identity import Identity, identity
from .metrics import SessionGauges
from .once.place import once_store
from .own_folder import OwnFolder
from .pages import site_headers
from .parse_errors import problem_handler
from .patience import Guards
from .processes import ALIVE_SECONDS, Processes
from .protection import TaskProtection
from .registry import SessionRegistry
from .service import place_of
from .sessions import Environment
from .settings import Configuration
from .sign_ins import SignIns
from .site_limits import SiteLimits
from .states import State
from .storage import Storage
from .telemetry import Telemetry
from .tokens import QUERY_PARAMETER, TokenService, public_jwks_text
from .warm import WarmPool

SOCKET_ROOM: Final = 47
"""Characters of a socket's path that follow the scratch directory: our folder's name and the
longest name in it.
"""
BACKLOG: Final = 1024
"""Requests that wait for a control plane."""
TURN_MARGIN_SECONDS: Final = 30.0
"""Beyond the limit of a build, which the dev server keeps: for reading the sources, and for the
last look at the build's memory.
"""
HAND_OVER_SHARE: Final = 0.6
"""Of the stop timeout, for sessions to get ready on other tasks."""
DRAIN_SHARE: Final = 0.2
"""Of the stop timeout, for requests in flight; the rest is for the sessions to end."""

log = logging.getLogger(__name__)


def private_folder(scratch_dir: Path) -> Path:
    """A new folder of our own for sockets and xDS files. Raises `StartError` where a socket's path
    would be too long.
    """
    for parent in (scratch_dir, Path(tempfile.gettempdir())):
        if len(str(parent)) < MAX_SOCKET_PATH - SOCKET_ROOM:
            parent.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(prefix="gateway-", dir=parent))
    raise StartError(
        f"ASTRO_LIVE_SCRATCH_DIR is {str(scratch_dir)!r}: too long for sockets in it; "
        f"use a path below {MAX_SOCKET_PATH - SOCKET_ROOM} characters"
    )


class ControlPlane:
    """Everything that lives as long as the control plane."""

    def __init__(self, configuration: Configuration, processes: Processes) -> None:
        settings = configuration.settings
        self.configuration = configuration
        self.processes = processes
        self.folder = (
            Path(processes.memory[FOLDER].value)
            if FOLDER in processes.memory
            else private_folder(settings.scratch_dir)
        )
        processes.remember(FOLDER, str(self.folder))
        processes.supervisor_gone = self._give_up
        self.admin = Admin(self.folder)
        self.service = place_of(configuration, processes, self.folder)
        self.publisher = XdsPublisher(
            self.folder,
            configuration.contract,
            self.admin,
            jwks=public_jwks_text(configuration.secrets.signing_keys),
            security_headers=site_headers(configuration),
            session_connections=settings.session_connections,
            with_peers=self.service.shared,
            viewers_may_post=settings.viewers_may_post,
        )
        self.cleaner = Cleaner()
        self.warm = WarmPool(settings, processes, self.cleaner, self.folder)
        self.storage = Storage()
        self.telemetry = Telemetry(settings.emf_namespace)
        self.registry = SessionRegistry(
            Environment(
                contract=configuration.contract,
                settings=settings,
                publisher=self.publisher,
                warm=self.warm,
                telemetry=self.telemetry,
                storage=self.storage,
                cleaner=self.cleaner,
                files=FileQuota(
                    settings.sites_dir, self.storage, most_mib=settings.session_files_mib
                ),
                build_turns=BuildTurns(
                    at_once=settings.builds_at_once,
                    limit_seconds=settings.build_timeout_seconds + TURN_MARGIN_SECONDS,
                ),
                ownership=self.service.ownership,
            )
        )
        self.tokens = TokenService(configuration.secrets.signing_keys)
        self.keyring = keyring_of(configuration, processes, self.storage)
        self.once = once_store(configuration, processes)
        self.sign_ins = SignIns(self.registry, self.keyring)
        self.health = Health(
            admin=self.admin,
            publisher=self.publisher,
            registry=self.registry,
            cleaner=self.cleaner,
            storage=self.storage,
            sites_dir=settings.sites_dir,
            scratch_dir=settings.scratch_dir,
        )
        self.site_limits = SiteLimits(
            settings, self.registry, processes, self.cleaner, self.telemetry
        )
        self.endless = Endless(self.registry, self.storage, self.telemetry)
        self.housekeeping = Housekeeping(
            settings, self.registry, self.admin, self.telemetry, self.site_limits.family
        )
        self.telemetry.registry.register(SessionGauges(self.registry, self.warm))
        self._control_socket: Identity = None
        self._listen_again: Callable[[], Awaitable[Identity]]
        self._stop = asyncio.Event()
        self._failure: StartError | None = None

    async def run(self) -> None:
        """Serve until SIGTERM, then drain; when this returns, nothing that was started is left."""
        loop, settings = asyncio.get_running_loop(), self.configuration.settings
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        self.processes.listen()
        await self.service.join(self.registry, self.publisher, self.telemetry, self.fail)
        upstreams, homes = self._adopt()
        stale = self._stale_homes(homes)
        async with (
            self._front(),
            EnvoyService(
                self.configuration,
                self.processes,
                self.folder,
                self.admin,
                self.publisher,
                upstreams,
                self.service.peers_port,
            ) as envoy,
            self._api(),
        ):
            self.warm.starting = self._starting
            self.warm.refill()
            await self.service.reclaim()
            duties = [
                asyncio.create_task(repeat(self.service.look, every_seconds=service.LOOK_SECONDS)),
                asyncio.create_task(
                    repeat(self.processes.report_alive, every_seconds=ALIVE_SECONDS)
                ),
                asyncio.create_task(repeat(self.publisher.retry, every_seconds=xds.RETRY_SECONDS)),
                asyncio.create_task(
                    repeat(self.cleaner.retry, every_seconds=cleaner.RETRY_SECONDS)
                ),
                asyncio.create_task(
                    repeat(self.registry.cleaner.retry, every_seconds=cleaner.RETRY_SECONDS)
                ),
                asyncio.create_task(
                    repeat(self.sign_ins.look, every_seconds=sign_ins.LOOK_SECONDS)
                ),
                asyncio.create_task(self._sweep(stale)),
            ]
            while_serving = [
                asyncio.create_task(
                    repeat(self.housekeeping.look, every_seconds=self.housekeeping.pause_seconds)
                ),
                asyncio.create_task(
                    repeat(self.site_limits.look, every_seconds=site_limits.ROUND_SECONDS)
                ),
                asyncio.create_task(repeat(self.endless.look, every_seconds=endless.ROUND_SECONDS)),
                asyncio.create_task(
                    TaskProtection(settings, self.registry, outdated=self.service.outdated).run()
                ),
                asyncio.create_task(
                    repeat(self._own_folder(envoy).look, every_seconds=own_folder.LOOK_SECONDS)
                ),
            ]
            log.info("ready: sessions at %s", self.configuration.contract.session_url("{id}"))
            if self.configuration.secrets.ephemeral:
                await self._demo()
            await self._stop.wait()
            for task in while_serving:
                task.cancel()
            await self._drain()
            for task in duties:
                task.cancel()
            await self.service.leave()
        await self.admin.close()
        self.storage.close()
        self.cleaner.close()
        self.registry.cleaner.close()

    def _own_folder(self, envoy: EnvoyService) -> OwnFolder:
        return OwnFolder(
            self.folder,
            self.registry,
            self.publisher,
            envoy,
            self._listen_again,
            self._control_socket,
        )

    def fail(self, reason: str) -> None:
        """End this task: it cannot go on beside the others. By the supervisor, which starts a
        control plane again that ends unasked.
        """
        log.error("this task ends: %s", reason)
        if not self._stop.is_set():
            os.kill(os.getppid(), signal.SIGTERM)

    def _give_up(self) -> None:
        """The supervisor was killed, and nobody else removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(1)

    def _starting(self) -> bool:
        return any(session.state is State.STARTING for session in self.registry)

    async def _drain(self) -> None:
        """Stop admitting, let requests in flight end, then end the sessions, which tells their
        sockets to reconnect.
        """
        log.info("stopping: no more visits are admitted")
        self.registry.drain()
        self.warm.rest()
        stop_seconds = self.configuration.settings.stop_timeout_seconds
        await self.service.hand_over_all(stop_seconds * HAND_OVER_SHARE)
        limit = stop_seconds * DRAIN_SHARE
        with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
            async with asyncio.timeout(limit):
                await self.admin.post("/drain_listeners?inboundonly")
                while await self.housekeeping.requests_in_flight() > 0:  # noqa: ASYNC110 - Envoy can only be asked
                    await asyncio.sleep(0.05)
        log.info(
            "stopping: ending %s sessions",
            sum(session.state is not State.STOPPED for session in self.registry),
        )
        await asyncio.gather(self.registry.stop_all(), self.warm.close())

    def _adopt(self) -> tuple[list[Upstream], set[str]]:
        """Take over what an earlier control plane left running; what was half-way is ended and
        starts again.

        Returns the routes of the sessions, and the homes of all dev servers that go on.
        """
        upstreams, homes = [], set()
        for child in self.processes.inherited:
            metadata = child.metadata
            if metadata.kind != "runner" or not child.running:
                continue
            if metadata.serving is not None:
                server = DevServer.adopt(child, self.folder)
                upstreams.append(self.registry.existing(metadata.serving.session).adopt(server))
            elif not metadata.session:
                self.warm.adopt(DevServer.adopt(child, self.folder))
            else:
                child.abandon()
                continue
            homes.add(metadata.home)
        return upstreams, homes

    def _listener(self) -> socket.socket:
        """Where Envoy sends what no dev server answers: the socket of an earlier control plane,
        which the supervisor holds, or a new one.

        Requests wait at it while the control plane is started again, and no room on a disk is
        needed for it then.
        """
        if CONTROL_SOCKET in self.processes.held:
            device, inode = self.processes.memory[CONTROL_SOCKET].value.split()
            self._control_socket = int(device), int(inode)
            return socket.socket(fileno=self.processes.held[CONTROL_SOCKET])
        return self._new_listener()

    def _new_listener(self) -> socket.socket:
        path = self.folder / CONTROL_SOCKET
        listener = own_folder.control_listener(path, BACKLOG)
        self.processes.hold(CONTROL_SOCKET, listener.fileno())
        self._control_socket = identity(path)
        device, inode = self._control_socket or (0, 0)
        self.processes.remember(CONTROL_SOCKET, f"{device} {inode}")
        return listener

    async def _sweep(self, stale: list[Path]) -> None:
        """Remove what earlier gateways and control planes left behind: homes of dev servers that
        are gone, unfinished projects.
        """
        for folder in stale:
            await self.cleaner.remove(folder)
        with contextlib.suppress(SessionError):
            await self.registry.sweep()

    def _stale_homes(self, adopted: set[str]) -> list[Path]:
        """Homes of dev servers that nobody adopted. To be asked before the first new one is
        launched.
        """
        with contextlib.suppress(OSError):
            return [
                folder
                for folder in homes_dir(self.configuration.settings.scratch_dir).iterdir()
                if str(folder) not in adopted
            ]
        return []

    @contextlib.asynccontextmanager
    async def _front(self) -> AsyncIterator[None]:
        runner = web.AppRunner(
            Front(
                self.configuration,
                self.registry,
                self.tokens,
                self.telemetry,
                self.service,
                self.sign_ins,
            ).application(),
            access_log=None,
            max_line_size=32768,
            max_field_size=32768,
        )
        await runner.setup()
        await web.SockSite(runner, self._listener(), backlog=BACKLOG).start()

        async def listen_again() -> Identity:
            await web.SockSite(runner, self._new_listener(), backlog=BACKLOG).start()
            return self._control_socket

        self._listen_again = listen_again
        try:
            yield
        finally:
            await runner.cleanup()

    @contextlib.asynccontextmanager
    async def _api(self) -> AsyncIterator[None]:
        settings, contract = self.configuration.settings, self.configuration.contract
        api = Api(
            self.configuration,
            self.registry,
            self.tokens,
            self.health,
            self.telemetry,
            self.service,
            self.keyring,
            self.once,
        )
        guards = Guards()
        runner = web.AppRunner(api.application(guards.middleware), shutdown_timeout=1.0)
        await runner.setup()
        assert runner.server is not None
        make = problem_handler(runner.server)
        loop, factory = asyncio.get_running_loop(), guards.protocol(make)
        peers = (
            await loop.create_unix_server(factory, self.folder / API_SOCKET)
            if self.service.shared
            else None
        )
        try:
            listener = await loop.create_server(
                factory, settings.bind_address, contract.api_port, reuse_address=True
            )
        except OSError as error:
            await runner.cleanup()
            raise StartError(
                f"port {contract.api_port} of {settings.bind_address} cannot be opened:"
                f" {error.strerror}. End the program that uses it, or set ASTRO_LIVE_API_PORT"
            ) from error
        begun = asyncio.create_task(self.keyring.begin())
        try:
            yield
        finally:
            begun.cancel()
            listener.close()
            if peers is not None:
                peers.close()
            await runner.cleanup()

    async def _demo(self) -> None:
        """A laptop's quick start: one session and its link."""
        session, _ = await self.registry.create("demo")
        token, _ = self.tokens.sign(
            "link", session.id, seconds=86400, epoch=await self.registry.epoch(session.id)
        )
        print(
            "\n  Open"
            f" {self.configuration.contract.session_url(session.id)}?{QUERY_PARAMETER}={token}\n",
            flush=True,
        )
