"""One session: a project and the policy for its dev server. When one is started, restarted, stopped; what visitors are told meanwhile.

The process itself is `devserver.py`'s. A session's run is one task that starts a dev server, waits for its end, clears away what is left
of it and decides what follows; the state says at each moment where that is. Only the session itself writes its fields.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract import messages
from contract.hmr import HmrContract
from contract.messages import ErrorCode
from contract.messages.supervisor import Serving

from .backoff import Backoff
from .cleaner import Cleaner
from .devserver import DevServer, Listener, Progress
from .envoy.model import Upstream
from .envoy.xds import XdsPublisher
from .errors import Conflict, RunnerError, SessionError
from .logbuffer import LogBuffer
from .session_options import SessionOptions, read_options
from .settings import GatewaySettings
from .states import State, check_move
from .storage import SCRATCH, Storage, storage_error
from .telemetry import Telemetry
from .warm import WarmPool
from .watch import signature

logger = logging.getLogger(__name__)

BACK_OFF_SECONDS: Final = (0.2, 1.0, 3.0, 10.0, 30.0)
"""Waits before the first, second, … restart after a crash; the last one repeats."""

PROGRESS_SECONDS: Final = 3.0
"""An installation reports about once a second."""

STEADY_SECONDS: Final = 60.0
"""A dev server that held out this long has earned a fresh count of its crashes."""

IN_FLIGHT_SECONDS: Final = 0.3
"""What a page that is just being loaded has asked for is answered before its server makes room for the next. What it asks for later
waits (`front.py`)."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What all sessions share."""

    contract: HmrContract
    settings: GatewaySettings
    publisher: XdsPublisher
    warm: WarmPool
    telemetry: Telemetry
    storage: Storage
    cleaner: Cleaner


class Session(Listener):
    """A known session. All methods run on the event loop; `_lock` makes starts and stops take turns."""

    def __init__(self, session_id: str, environment: Environment) -> None:
        self.id = session_id
        self.log = LogBuffer()
        self._environment = environment
        self._state = State.STOPPED
        self._error: RunnerError | None = None
        self._failed_with: int | None = None
        self._options = SessionOptions()
        self._progress = Progress()
        self._server: DevServer | None = None
        """The current dev server, until nothing of it is left."""
        self._started_at: float | None = None
        self._starts = 0
        self._restarts = 0
        self._active_at = time.monotonic()
        self._sockets = 0
        self._memory_mib = 0
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._run_task: asyncio.Task[None] | None = None
        self._replacing: asyncio.Task[State] | None = None

    # What others may see

    @property
    def root(self) -> Path:
        return self._environment.settings.project_dir(self.id)

    @property
    def state(self) -> State:
        return self._state

    @property
    def error(self) -> RunnerError | None:
        """Why the session does not run, or (production) why its newest build is not shown."""
        return self._error

    @property
    def progress(self) -> Progress:
        """Of the current or the last start."""
        return self._progress

    @property
    def starts(self) -> int:
        """How often a dev server was started."""
        return self._starts

    @property
    def idle_seconds(self) -> float:
        """Since the last page request or edit."""
        return time.monotonic() - self._active_at

    @property
    def sockets(self) -> int:
        """WebSockets open through the gateway, as last seen."""
        return self._sockets

    @property
    def memory_mib(self) -> int:
        """Of the dev server and what it started, as last seen."""
        return self._memory_mib

    @property
    def pid(self) -> int | None:
        return self._server.child.pid if self._server else None

    async def changed(self) -> None:
        """Wait for the next change of state or progress."""
        await self._changed.wait()

    async def settled(self) -> State:
        """Wait until the session is no longer on its way up."""
        while self._state in (State.STARTING, State.BACKING_OFF, State.STOPPING):
            await self._changed.wait()
        return self._state

    # What others may ask for

    def touch(self) -> None:
        """Someone opened a page or edited a file."""
        self._active_at = time.monotonic()

    def observe_sockets(self, generation: str, count: int) -> None:
        """Take in how many WebSockets are open to the dev server of this generation."""
        if self._server is not None and self._server.generation == generation:
            self._sockets = count

    def observe_memory(self, pid: int, mib: int) -> None:
        """Take in how much memory the dev server with this process id uses."""
        if pid == self.pid:
            self._memory_mib = mib

    def adopt(self, server: DevServer) -> Upstream:
        """Take over a dev server that an earlier control plane had made ready."""
        serving = server.child.metadata.serving
        assert serving is not None
        self._server, self._started_at = server, serving.started_at
        self._move(State.STARTING)
        self._move(State.READY)
        self._run_task = self._running(adopted=True)
        return self._upstream(server)

    def ensure_started(self) -> None:
        """Start unless the session is up or on its way (a session that backs off is). Returns at once."""
        if self._state in (State.STOPPED, State.FAILED):
            self.touch()
            self._begin()

    async def start(self) -> State:
        """Start unless the session is up or on its way; wait until it is ready or has failed."""
        async with self._lock:
            self.ensure_started()
            if self._state is State.BACKING_OFF:
                self._move(State.STARTING)
        return await self._outcome()

    async def restart(self, *, activity: bool = True) -> State:
        """Replace a running dev server, or start one; wait until it is ready or has failed. `activity` says whether a person asked."""
        async with self._lock:
            await self._stop(drain_seconds=IN_FLIGHT_SECONDS if self._state is State.READY else 0.0)
            if activity:
                self.touch()
            self._begin()
        return await self._outcome()

    async def stop(self) -> None:
        """End the dev server and everything it started; returns when nothing is left of it."""
        async with self._lock:
            await self._stop()

    async def rebuild(self) -> bool:
        """Production mode: build the site again; True when there was anything new. The last good build is served until it is there.

        Raises `Conflict` when there is nothing to rebuild, and `RunnerError` with the build's message when it fails.
        """
        if self._environment.settings.mode != "production":
            raise Conflict("there is nothing to rebuild: in development mode each edit shows at once (NODE_ENV=production builds sites)")
        if self._server is None or self._state is not State.READY:
            raise Conflict(f"the session is {self._state.value}; it is built when it starts. POST …/start starts it")
        if self._server.building:
            raise Conflict("a build is under way; try again when it has ended")
        self.touch()
        try:
            changed = await self._server.rebuild()
        except RunnerError as error:
            self._error = error
            raise
        self._error = None
        return changed

    def report_change(self, event: messages.FileEvent, path: Path) -> None:
        """Report a file change to the dev server. An edit may also heal a failed site."""
        self.touch()
        if self._state is State.FAILED:
            self.ensure_started()
        if self._server is not None and self._state is State.READY:
            self._server.change(event, path)

    async def edited_since_failure(self) -> bool:
        """Whether the project differs from what it was when it failed to start, or when somebody first saw that."""
        now = await self._environment.storage.call("the project cannot be read", signature, self.root)
        if self._failed_with is None:
            self._failed_with = now
        return self._state is State.FAILED and now != self._failed_with

    # The run

    def _move(self, new: State) -> None:
        check_move(self._state, new)
        self._state = new
        if new is State.STARTING:
            self._starts += 1
            self._progress = Progress()
            self._error = self._failed_with = None
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _begin(self) -> None:
        """From STOPPED or FAILED to STARTING. The run of a failed session is still there and goes on."""
        self._move(State.STARTING)
        if self._run_task is None or self._run_task.done():
            self._run_task = self._running(adopted=False)

    def _running(self, *, adopted: bool) -> asyncio.Task[None]:
        def report(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.error("session %s: its run broke off; a restart helps", self.id, exc_info=error)

        run = asyncio.create_task(self._run(adopted=adopted), name=f"session {self.id}")
        run.add_done_callback(report)
        return run

    async def _outcome(self) -> State:
        while self._state is State.STARTING:
            await self._changed.wait()
        return self._state

    async def _run(self, *, adopted: bool) -> None:
        """Start, serve, clear away and start again until cancelled. A start that is asked for meanwhile moves the state to STARTING."""
        backoff = Backoff(BACK_OFF_SECONDS, steady_seconds=STEADY_SECONDS)
        retried = False
        while True:
            backoff.started()
            before = asyncio.create_task(self._signature())
            try:
                self._fail(await self._serve(adopted=adopted))
                adopted = False
                await self._retire()
                # Once in a row: a site may write files as it starts.
                retried = self._state is State.FAILED and await self._edited_since(before) and not retried
            finally:
                before.cancel()
            if self._state is State.BACKING_OFF:
                await self._left(State.BACKING_OFF, seconds=backoff.failed())
                self._restarts += 1
            elif self._state is State.FAILED and not retried:
                await self._left(State.FAILED)
            if self._state is not State.STARTING:
                self._move(State.STARTING)

    async def _left(self, state: State, *, seconds: float | None = None) -> None:
        """Wait until the state is another one, or the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._state is state:
                    await self._changed.wait()

    async def _edited_since(self, before: asyncio.Task[int | None]) -> bool:
        """Whether somebody edited the project while it failed to start."""
        self._failed_with = await self._signature()
        return await before not in (None, self._failed_with)

    async def _signature(self) -> int | None:
        """The project's signature, or None where it cannot be read."""
        with contextlib.suppress(SessionError):
            return await self._environment.storage.call("the project cannot be read", signature, self.root)
        return None

    async def _serve(self, *, adopted: bool) -> RunnerError:
        """One dev server from start to unasked end; returns why it ended, or was never there."""
        try:
            if not adopted:
                self._server = await self._environment.warm.take()
            assert self._server is not None
            self._server.attach(self.log, self)
            if not adopted:
                await self._bring_up(self._server)
            return await self._server.ended()
        except RunnerError as error:
            return error
        except SessionError as error:
            return RunnerError(ErrorCode.STORAGE, f"the dev server cannot be started: {error}")
        except OSError as error:
            problem = storage_error(error, "the dev server cannot be started", SCRATCH)
            return RunnerError(ErrorCode.STORAGE, str(problem))
        except Exception as error:
            logger.exception("session %s", self.id)
            return RunnerError(
                ErrorCode.INTERNAL, f"the gateway failed on this session: {type(error).__name__}.", "The gateway's log says more."
            )

    def _fail(self, error: RunnerError) -> None:
        self._error = error
        self.log.add(f"[error] {error.code}: {error.message}")
        if self._state is State.READY and error.code is ErrorCode.CRASHED:
            self._environment.telemetry.session_crashed(self.id)
        # Before the route is taken away: a visitor in between must see the error, not a redirect to a site that is not there.
        self._move(State.FAILED if error.code.fatal else State.BACKING_OFF)

    async def _bring_up(self, server: DevServer) -> None:
        """From a waiting process to a routed session."""
        began = time.monotonic()
        server.child.describe(session=self.id)
        report = await server.start(await self._start_message(server), limit_seconds=self._environment.settings.start_timeout_seconds)
        await self._environment.publisher.add(self._upstream(server))
        self._started_at = time.time()
        serving = Serving(
            session=self.id,
            generation=server.generation,
            started_at=self._started_at,
            astro=report.astro,
            vite=report.vite or "",
            watch_mode=report.watch.mode,
            watch_reason=report.watch.reason,
        )
        server.child.describe(serving=serving)
        self._environment.telemetry.session_started(time.monotonic() - began)
        self._move(State.READY)

    async def _stop(self, *, drain_seconds: float = 0.0) -> None:
        if self._run_task is None:
            return
        if self._state is not State.STOPPING:
            self._move(State.STOPPING)
        self._run_task.cancel()
        await asyncio.gather(self._run_task, return_exceptions=True)
        await self._retire(drain_seconds=drain_seconds)
        self._run_task = None
        self._move(State.STOPPED)

    async def _retire(self, *, drain_seconds: float = 0.0) -> None:
        """Clear away what is left of the dev server: its process, its route, its folder. Safe to call again when a call was cancelled.

        Each step goes on whatever became of the one before: `XdsPublisher` and `Cleaner` try theirs again by themselves.
        """
        server, environment = self._server, self._environment
        if server is None:
            return
        if drain_seconds:
            await environment.publisher.remove(self.id, server.generation)
            await asyncio.sleep(drain_seconds)
        try:
            await server.stop(term_seconds=min(5.0, environment.settings.stop_timeout_seconds / 3))
        except Exception:
            logger.exception("session %s: its dev server could not be ended in order", self.id)
        await environment.publisher.remove(self.id, server.generation)
        with contextlib.suppress(OSError):
            server.socket_path.unlink(missing_ok=True)
        await environment.cleaner.remove(server.home)
        self._server = None
        self._sockets = self._memory_mib = 0

    def _upstream(self, server: DevServer) -> Upstream:
        return Upstream(session_id=self.id, generation=server.generation, socket=server.socket_path.name)

    # What the dev server reports

    def progressed(self, progress: Progress) -> None:
        if self._state in (State.STARTING, State.READY):
            self._progress = progress
            self._notify()

    def replacement_wanted(self, reason: str) -> None:
        if self._state is State.READY and (self._replacing is None or self._replacing.done()):
            self.log.add(f"[info] the dev server starts again: {reason}")
            self._replacing = asyncio.create_task(self.restart(activity=False), name=f"replacement in session {self.id}")

    def healed(self) -> None:
        self._error = None
        self._notify()

    def updated(self, update: messages.Update) -> None:
        self.touch()
        self._environment.telemetry.update_sent(update.kind, update.ms)

    def failed(self, error: RunnerError) -> None:
        self._error = error
        self.log.add(f"[error] {error.code}: {error.message}")
        self._notify()

    async def _start_message(self, server: DevServer) -> messages.Start:
        contract, settings = self._environment.contract, self._environment.settings
        scratch = settings.scratch_dir / "sessions" / self.id
        await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
        self._options = await self._environment.storage.call(
            "the session's options cannot be read", read_options, settings.sites_dir, self.id
        )
        return messages.Start(
            mode="dev" if settings.mode == "development" else "production",
            root=str(self.root),
            site=self._options.root or None,
            base=contract.session_base(self.id),
            public_url=contract.session_origin(self.id),
            hmr=messages.HmrClient(protocol=contract.client_protocol, client_port=contract.client_port, path=contract.hmr_path),
            watch=messages.Watch(mode=settings.watch_mode, interval_ms=settings.poll_interval_ms),
            page_updates=settings.page_updates,
            scratch_dir=str(scratch),
            shared_dir=str(settings.scratch_dir / "shared"),
            install_seconds=settings.install_timeout_seconds,
            allowed_hosts=[contract.session_host(self.id)],
            socket_path=str(server.socket_path),
        )

    def _stage(self) -> str:
        """Where a start is, or that packages are being installed while the session is served."""
        installing = self._progress.stage is messages.Stage.INSTALL and time.monotonic() - self._progress.at < PROGRESS_SECONDS
        return self._progress.stage.value if self._state is State.STARTING or (self._state is State.READY and installing) else ""

    def describe(self) -> dict[str, Any]:
        """What the API says about the session."""
        error = None
        if self._error is not None:
            error = {"code": self._error.code.value, "message": self._error.message, "fix": self._error.fix}
        report = self._server.report if self._server else None
        return {
            "id": self.id,
            "state": self._state.value,
            "url": self._environment.contract.session_url(self.id),
            "stage": self._stage(),
            "idle_seconds": round(self.idle_seconds, 1),
            "sockets": self._sockets,
            "memory_mib": self._memory_mib,
            "started_at": self._started_at if self._state is State.READY else None,
            "restarts": self._restarts,
            "pid": self.pid,
            "root": report.packages.root if report and report.packages else self._options.root,
            "packages": _packages(report.packages) if report and report.packages else {},
            "watch": report.watch.model_dump() if report else {},
            "versions": {"astro": report.astro, "vite": report.vite or ""} if report else {},
            "report": report.site.model_dump() if report and report.site else {},
            "error": error,
        }


def _packages(packages: messages.Packages) -> dict[str, Any]:
    """What the API says about the installation."""
    return {
        "manager": packages.manager,
        "version": packages.version,
        "lock": packages.lock,
        "seconds": packages.seconds,
        "refused_scripts": packages.refused_scripts,
        "failed_scripts": packages.failed_scripts,
    }
