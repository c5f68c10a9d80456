"""One live session: its project, its process, its state."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from contract.hmr import HmrContract

from .envoy.model import Upstream
from .envoy.xds import XdsPublisher
from .errors import Conflict, RunnerError, SessionError
from .runner import LogBuffer, Message, Runner
from .settings import GatewaySettings
from .states import State, check_move
from .storage import Storage
from .telemetry import Telemetry
from .warm import WarmPool
from .watch import signature

logger = logging.getLogger(__name__)

BACK_OFF_SECONDS: Final = (0.2, 1.0, 3.0, 10.0, 30.0)
"""Waits before the first, second, … restart after a crash; the last one repeats."""

BUILD_SECONDS: Final = 600.0

IN_FLIGHT_SECONDS: Final = 0.3
"""What a page that is just being loaded has asked for is answered before its server makes room for the next. What it asks for later
waits (`front.py`)."""
STEADY_SECONDS: Final = 60.0
"""A dev server that held out this long has earned a fresh count of its crashes."""

FATAL_CODES: Final = frozenset({"unsupported-astro", "config", "patch-missing", "install", "build"})
"""Errors that the same site would meet again at once."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What all sessions share."""

    contract: HmrContract
    settings: GatewaySettings
    publisher: XdsPublisher
    warm: WarmPool
    telemetry: Telemetry
    storage: Storage


@dataclass(kw_only=True)
class Progress:
    """What the waiting page shows."""

    stage: str = "start"
    detail: str = ""
    at: float = field(default_factory=time.monotonic)


class Session:
    """A known session. All methods run on the event loop; `_lock` makes starts and stops take turns."""

    def __init__(self, session_id: str, environment: Environment) -> None:
        self.id = session_id
        self._environment = environment
        self.state = State.STOPPED
        self.error: RunnerError | None = None
        self.failed_with: int | None = None
        """Signature of the project that did not start (`watch.py`)."""
        self.progress = Progress()
        self.versions: dict[str, str] = {}
        self.watch: dict[str, Any] = {}
        self.log = LogBuffer()
        self.crashes = 0
        self.restarts = 0
        self.started_at: float | None = None
        self.active_at = time.monotonic()
        self.life = ""
        self.sockets = 0
        """WebSockets open through the gateway, as of the last look (`housekeeping.py`)."""
        self.memory_mib = 0
        """Of the dev server and what it started, as of the last look."""
        self._runner: Runner | None = None
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._life_task: asyncio.Task[None] | None = None
        self._clearing: asyncio.Task[None] | None = None
        self._once_more = False
        self._tried_again = False
        self._replaced = False
        """Whether the process that is being stopped makes room for the next one of a session that people look at."""
        self._build: asyncio.Future[bool] | None = None

    @property
    def root(self) -> Path:
        return self._environment.settings.project_dir(self.id)

    @property
    def idle_seconds(self) -> float:
        """Since the last page request or edit."""
        return time.monotonic() - self.active_at

    @property
    def pid(self) -> int | None:
        return self._runner.child.pid if self._runner else None

    def adopt(self, runner: Runner) -> Upstream:
        """Go on with a dev server that an earlier control plane had made ready."""
        note = runner.child.note
        upstream = Upstream(session_id=self.id, life=note["life"], host=note["host"], port=note["port"])
        self.life, self.versions, self.watch, self.started_at = note["life"], note["versions"], note["watch"], note["started_at"]
        self._move(State.STARTING)
        self._move(State.READY)
        self._life_task = asyncio.create_task(self._live(runner), name=f"session {self.id}")
        return upstream

    def touch(self) -> None:
        """Someone looked at a page or edited a file."""
        self.active_at = time.monotonic()

    def _move(self, new: State) -> None:
        check_move(self.state, new)
        self.state = new
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self) -> None:
        """Wait for the next change of state or progress."""
        await self._changed.wait()

    async def settled(self) -> State:
        """Wait until the session is no longer on its way up."""
        while self.state in (State.STARTING, State.BACKING_OFF, State.STOPPING):
            await self._changed.wait()
        return self.state

    def ensure_started(self) -> None:
        """Start unless the session is up or on its way. Returns at once."""
        if self.state is State.FAILED and self._life_task is not None and not self._life_task.done():
            self._once_more = True  # what is left of the failed process is still being cleared away
        elif self.state in (State.STOPPED, State.FAILED):
            self.touch()
            self._move(State.STARTING)
            self._life_task = asyncio.create_task(self._live(), name=f"session {self.id}")

    async def start_dev_server(self) -> State:
        """Replace a running dev server, or start one; wait until it is ready or has failed."""
        async with self._lock:
            self._replaced = self.state is State.READY
            await self._stop()
            self._replaced = False
            self.crashes = 0
            self.ensure_started()
        while self.state is State.STARTING:
            await self._changed.wait()
        return self.state

    async def stop_dev_server(self) -> None:
        """End the dev server and everything it started; returns when nothing is left of it."""
        async with self._lock:
            await self._stop()

    async def rebuild(self) -> bool:
        """Production mode: build the site again; True when there was anything new. The last good build is served until it is there.

        Raises `Conflict` when there is nothing to rebuild, and `RunnerError` with the build's message when it fails.
        """
        if self._environment.settings.mode != "production":
            raise Conflict("there is nothing to rebuild: in development mode each edit shows at once (NODE_ENV=production builds sites)")
        if self._runner is None or self.state is not State.READY:
            raise Conflict(f"the session is {self.state.value}; it is built when it starts. POST …/start starts it")
        if self._build is not None and not self._build.done():
            raise Conflict("a build is under way; ask again when it has ended")
        build: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._build = build
        self.touch()
        await self._runner.send({"type": "rebuild"})
        try:
            async with asyncio.timeout(BUILD_SECONDS):
                changed = await build
        except TimeoutError:
            raise RunnerError("build", f"the build did not end within {BUILD_SECONDS:.0f} s.", "The session's log says more.") from None
        self.error = None
        return changed

    async def notify_change(self, event: str, path: Path) -> None:
        """Tell the dev server of a file change: neither native events nor polling are needed then. An edit may also heal a failed site."""
        self.touch()
        if self.state is State.FAILED:
            self.ensure_started()
        if self._runner is not None and self.state is State.READY:
            await self._runner.send({"type": "change", "event": event, "path": str(path)})

    async def _stop(self) -> None:
        if self._life_task is None:
            return
        if self.state is not State.STOPPING:
            self._move(State.STOPPING)
        self._life_task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._life_task
        if self._clearing is not None:
            await self._clearing
        self._life_task = None
        self._once_more = False
        self._move(State.STOPPED)

    async def _live(self, adopted: Runner | None = None) -> None:
        """Start, serve and restart until cancelled or failed for good."""
        while True:
            self.error = None
            self.failed_with = None
            began = time.monotonic()
            before = asyncio.create_task(self._look())
            try:
                await self._one_life(adopted)
                if self.state is State.FAILED:
                    again = await self._edited_since(before)
                    if not (again or self._once_more):
                        return
                    self._once_more = False
                    self._move(State.STARTING)
                    continue
            finally:
                adopted = None
                before.cancel()
            self.crashes = 1 if time.monotonic() - began > STEADY_SECONDS else self.crashes + 1
            await asyncio.sleep(BACK_OFF_SECONDS[min(self.crashes, len(BACK_OFF_SECONDS)) - 1])
            self.restarts += 1
            self._move(State.STARTING)

    async def _look(self) -> int | None:
        """The project's signature, or None where it cannot be read."""
        with contextlib.suppress(SessionError):
            return await self._environment.storage.call("the project cannot be read", signature, self.root)
        return None

    async def _edited_since(self, before: asyncio.Task[int | None]) -> bool:
        """Whether somebody edited the project while it failed to start. Once in a row: a site may write files as it starts."""
        self.failed_with = await self._look()
        edited = not self._tried_again and await before not in (None, self.failed_with)
        self._tried_again = edited
        return edited

    async def _one_life(self, adopted: Runner | None) -> None:
        """One process from start to unasked end. Afterwards the state is BACKING_OFF or FAILED, and `error` says why."""
        ready: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        runner = adopted
        try:
            if runner is None:
                self.life = secrets.token_hex(4)
                self.progress = Progress()
                runner = await self._environment.warm.take()
            self._runner = runner
            runner.attach(self.log, lambda message: self._take(message, ready))
            if adopted is None:
                await self._bring_up(runner, ready)
            else:
                ready.set_result({})
            status = await runner.child.wait()
            await asyncio.sleep(0)  # an error message that came just before the end
            raise self.error or RunnerError("crashed", f"the dev server ended by itself with status {status}.", "Its log says why.")
        except RunnerError as error:
            self._fail(error)
        except OSError as error:
            self._fail(
                RunnerError("storage", f"the dev server cannot be started: {error.strerror}.", "Check the scratch and the sites disk.")
            )
        except Exception as error:
            logger.exception("session %s", self.id)
            self._fail(
                RunnerError("internal", f"the gateway failed on this session: {type(error).__name__}.", "The gateway's log says more.")
            )
        finally:
            self._runner = None
            if self._build is not None and not self._build.done():
                self._build.set_exception(RunnerError("crashed", "the server of the site ended during the build.", "Its log says why."))
            self.sockets = self.memory_mib = 0
            ready.cancel()
            if runner is not None:
                # A task of its own: a stop that cancels this one here still finds it and waits for it.
                self._clearing = asyncio.create_task(self._clear(runner))
                await asyncio.shield(self._clearing)

    def _fail(self, error: RunnerError) -> None:
        self.error = error
        self.log.add(f"[error] {error.code}: {error.message}")
        if self.state is State.READY and error.code == "crashed":
            self._environment.telemetry.session_crashed(self.id)
        # Before the route is taken away: a visitor in between must see the error, not a redirect to a site that is not there.
        self._move(State.FAILED if error.code in FATAL_CODES else State.BACKING_OFF)

    async def _bring_up(self, runner: Runner, ready: asyncio.Future[Message]) -> None:
        """From a waiting process to a routed session."""
        began = time.monotonic()
        runner.child.remember(session=self.id, life=self.life)
        await runner.send(self._start_message())
        message = await self._await_ready(ready, runner)
        upstream = Upstream(session_id=self.id, life=self.life, host=str(message["host"]), port=int(message["port"]))
        await self._environment.publisher.add(upstream)
        self.versions = {name: str(message.get(name, "")) for name in ("astro", "vite")}
        self.watch = dict(message.get("watch") or {})
        self.started_at = time.time()
        runner.child.remember(
            ready=True, host=upstream.host, port=upstream.port, versions=self.versions, watch=self.watch, started_at=self.started_at
        )
        self._environment.telemetry.session_started(time.monotonic() - began)
        self._move(State.READY)

    async def _clear(self, runner: Runner) -> None:
        await self._environment.publisher.remove(self.id, self.life)
        if self._replaced:
            await asyncio.sleep(IN_FLIGHT_SECONDS)
        await runner.stop(term_seconds=min(5.0, self._environment.settings.stop_timeout_seconds / 3))
        await asyncio.to_thread(shutil.rmtree, runner.home, ignore_errors=True)

    async def _await_ready(self, ready: asyncio.Future[Message], runner: Runner) -> Message:
        limit = self._environment.settings.start_timeout_seconds
        ended = asyncio.create_task(runner.child.wait())
        waiting: set[asyncio.Future[Any]] = {ready, ended}
        try:
            while (left := self.progress.at + limit - time.monotonic()) > 0:
                await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if ready.done():
                    return ready.result()
                if ended.done():
                    raise RunnerError(
                        "crashed", f"the dev server ended with status {ended.result()} before it was ready", "Its log says why."
                    )
        finally:
            ended.cancel()
        raise RunnerError("timeout", f"no progress for {limit} s while starting ({self.progress.stage})", "The session's log says more.")

    def _take(self, message: Message, ready: asyncio.Future[Message]) -> None:
        kind = message["type"]
        if kind == "ready" and not ready.done():
            if isinstance(message.get("port"), int) and message.get("host") in ("127.0.0.1", "::1"):
                ready.set_result(message)
            else:
                ready.set_exception(RunnerError("internal", "the runner reported no loopback port"))
        elif kind == "progress":
            self.progress = Progress(stage=str(message.get("stage", ""))[:100], detail=str(message.get("detail", ""))[:300])
            self._notify()
        elif kind == "error":
            error = RunnerError(*(str(message.get(name, ""))[:4000] for name in ("code", "message", "fix", "stack")))
            if ready.done():
                self.error = error
                self._notify()
                if self._build is not None and not self._build.done():
                    self._build.set_exception(error)
            else:
                ready.set_exception(error)
        elif kind == "built" and self._build is not None and not self._build.done():
            self._build.set_result(message.get("changed") is True)
        elif kind == "update":
            self.touch()
            milliseconds = message.get("ms")
            if isinstance(milliseconds, int | float) and milliseconds >= 0:
                self._environment.telemetry.update_sent(str(message.get("kind", ""))[:20], milliseconds)

    def _start_message(self) -> Message:
        contract, settings = self._environment.contract, self._environment.settings
        scratch = settings.scratch_dir / "sessions" / self.id
        scratch.mkdir(parents=True, exist_ok=True)
        return {
            "type": "start",
            "mode": "dev" if settings.mode == "development" else "production",
            "root": str(self.root),
            "base": contract.session_base(self.id),
            "publicUrl": contract.public_url,
            "hmr": {"protocol": contract.client_protocol, "clientPort": contract.client_port, "path": contract.hmr_path},
            "watch": {"mode": settings.watch_mode, "intervalMs": settings.poll_interval_ms},
            "pageUpdates": settings.page_updates,
            "scratchDir": str(scratch),
            "allowedHosts": [contract.public_host],
            "host": "127.0.0.1",
        }

    def describe(self) -> dict[str, Any]:
        """What the API says about the session."""
        error = None
        if self.error is not None:
            error = {"code": self.error.code, "message": self.error.message, "fix": self.error.fix}
        return {
            "id": self.id,
            "state": self.state.value,
            "url": self._environment.contract.session_url(self.id),
            "stage": self.progress.stage if self.state is State.STARTING else "",
            "idle_seconds": round(self.idle_seconds, 1),
            "sockets": self.sockets,
            "memory_mib": self.memory_mib,
            "started_at": self.started_at if self.state is State.READY else None,
            "restarts": self.restarts,
            "pid": self.pid,
            "watch": self.watch,
            "versions": self.versions,
            "error": error,
        }
