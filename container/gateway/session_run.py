"""The run of a session: one task that starts a dev server, waits for its end, clears away what is
left of it and decides what follows.

The process itself is `devserver.py`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from contract import messages
from contract.messages import ErrorCode
from contract.messages.supervisor import MAX_SIGN_INS, Serving
from contract.ranges import BUILDS_SHARE

from .backoff import Backoff
from .devserver import DevServer, Listener
from .envoy.model import Upstream
from .epochs import read_epoch
from .errors import RunnerError, SessionError
from .kept_builds import builds_folder, clear_builds
from .session_options import read_options
from .session_state import SessionState
from .sign_in_records import MOST_SIGN_INS, read_sign_ins
from .states import Cause, State
from .storage import SCRATCH, storage_error
from .watch import signature

logger = logging.getLogger(__name__)

Obtain = Callable[[], Awaitable[DevServer]]
"""Returns a dev server that is ready and routed to. Raises what `_serve` knows."""

BACK_OFF_SECONDS: Final = (0.2, 1.0, 3.0, 10.0, 30.0)
"""Waits before the first, second, … restart after a crash; the last one repeats."""

STEADY_SECONDS: Final = 60.0
"""A dev server that held out this long has earned a fresh count of its crashes."""


class SessionRun(SessionState, Listener):
    """A session that can start, serve and start again. `_begin` and `_stop` are for the session
    that is made of it.
    """

    def _begin(self, cause: Cause) -> None:
        """From STOPPED or FAILED to STARTING. The run of a failed session is still there and goes
        on.
        """
        self._on_change = None
        self._move(State.STARTING, cause)
        if self._run_task is None or self._run_task.done():
            self._run_task = self._running(self._launch)

    def _running(self, first: Obtain) -> asyncio.Task[None]:
        def report(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.error(
                    "session %s: its run ended with an error; restart it", self.id, exc_info=error
                )

        run = asyncio.create_task(self._run(first), name=f"session {self.id}")
        run.add_done_callback(report)
        return run

    async def _outcome(self) -> State:
        while self._state is State.STARTING:
            await self._changed.wait()
        return self._state

    async def _run(self, first: Obtain) -> None:
        """Serve, clear away and start again until cancelled. `first` obtains the first dev server;
        the later ones are launched.
        """
        backoff = Backoff(BACK_OFF_SECONDS, steady_seconds=STEADY_SECONDS)
        obtain, cause = first, None
        while True:
            backoff.started()
            before = asyncio.create_task(self._signature())
            try:
                self._fail(await self._serve(obtain))
                await self._retire()
                edited = self._state is State.FAILED and await self._edited_since(before)
            finally:
                before.cancel()
            again, self._again = self._again, None
            if again is None:  # Once in a row: a site may write files as it starts.
                again = edited and cause is not Cause.EDITED
            cause = Cause.EDITED if again else await self._pause(backoff)
            obtain = self._launch
            if self._state is not State.STARTING:
                self._move(State.STARTING, cause)

    async def _pause(self, backoff: Backoff) -> Cause:
        """Wait until there is a reason for the next start; returns it. A start that is asked for
        moves the state to STARTING itself.
        """
        if self._state is State.FAILED:
            await self._left(State.FAILED)
            return Cause.REQUEST
        await self._left(State.BACKING_OFF, seconds=backoff.failed())
        self._restarts += 1
        return Cause.RETRY

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
            return await self._environment.storage.call(
                "the project cannot be read", signature, self.root
            )
        return None

    async def _launch(self) -> DevServer:
        """A new dev server, ready and routed to."""
        self._server = await self._environment.warm.take()
        self._server.attach(self.log, self)
        await self._bring_up(self._server)
        return self._server

    async def _serve(self, obtain: Obtain) -> RunnerError:
        """One dev server until its unasked end; returns why it ended, or was never there."""
        try:
            server = await obtain()
            return await server.ended()
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
                ErrorCode.INTERNAL,
                f"the gateway failed on this session: {type(error).__name__}.",
                "The gateway's log says more.",
            )

    def _fail(self, error: RunnerError) -> None:
        self._error = error
        self.log.add(f"[error] {error.code}: {error.message}")
        if self._state is State.READY and error.code is ErrorCode.CRASHED:
            self._environment.telemetry.session_crashed(self.id)
        self._environment.telemetry.session_failed(self.id, error.code.value, error.message)
        # Before the route is taken away: a visitor in between must see the error, not a redirect to
        # a site that is not there.
        fails = error.code.fatal and not self._again
        self._move(State.FAILED if fails else State.BACKING_OFF, error.code)

    async def _bring_up(self, server: DevServer) -> None:
        """From a waiting process to a routed session."""
        began = time.monotonic()
        server.child.describe(session=self.id)
        settings, quota = self._environment.settings, self._environment.files
        self._epoch = await self._epoch_now()
        if await quota.above(self.id):
            raise RunnerError(
                ErrorCode.LIMIT,
                quota.excess(self.id),
                "Delete some through the API: it does not start before.",
            )
        longest = (
            2 * settings.start_timeout_seconds
            + settings.install_timeout_seconds
            + settings.build_timeout_seconds
        )
        message = await self._start_message(server)
        await server.start(
            message, limit_seconds=settings.start_timeout_seconds, longest_seconds=longest
        )
        if self._gate is not None:
            await self._until_owned(server, self._gate)
            self._epoch = await self._epoch_now()
        self._report_pending(server)
        self._sign_ins = dict.fromkeys(await self._known_sign_ins())
        await self._environment.publisher.add(self._upstream(server))
        self._started_at = time.time()
        self._describe_serving(server)
        self._environment.telemetry.session_started(time.monotonic() - began)
        self._move(State.READY, Cause.STARTED)
        self._report_pending(server)

    async def _known_sign_ins(self) -> list[str]:
        """Whom this task, or the one that ran the session before, has let in: their browsers have
        no reason to come by the control plane again.
        """
        sites, storage = self._environment.settings.sites_dir, self._environment.storage
        found: list[str] = []
        with contextlib.suppress(SessionError):
            found = await storage.call(
                "the session's sign-ins cannot be read", read_sign_ins, sites, self.id
            )
        self._recalled = True
        return [*found, *self._sign_ins][-MOST_SIGN_INS:]

    def _describe_serving(self, server: DevServer) -> None:
        assert self._started_at is not None
        serving = Serving(
            session=self.id,
            epoch=self._epoch,
            started_at=self._started_at,
            sign_ins=list(self._sign_ins)[-MAX_SIGN_INS:],
        )
        server.child.describe(serving=serving)

    def _report_pending(self, server: DevServer) -> None:
        while self._pending:
            server.change(*self._pending.pop(0))

    async def _epoch_now(self) -> str:
        sites, storage = self._environment.settings.sites_dir, self._environment.storage
        on_disk = await storage.call(
            "the session's epoch cannot be read", read_epoch, sites, self.id
        )
        return await self._environment.ownership.epoch(self.id, on_disk)

    async def _until_owned(self, server: DevServer, gate: asyncio.Event) -> None:
        """Hold a ready dev server back until the session is this task's. `RunnerError` when it ends
        meanwhile.
        """
        self._at_gate = True
        self._notify()
        waiting = [asyncio.ensure_future(gate.wait()), asyncio.ensure_future(server.child.wait())]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._at_gate = False
            for each in waiting:
                each.cancel()
        if not gate.is_set():
            raise await server.ended()

    async def _stop(self, cause: Cause, *, drain_seconds: float = 0.0) -> None:
        self._gate = self._again = None
        self._pending.clear()
        if self._run_task is None:
            return
        if self._state is not State.STOPPING:
            self._move(State.STOPPING, cause)
        self._run_task.cancel()
        await asyncio.gather(self._run_task, return_exceptions=True)
        await self._retire(drain_seconds=drain_seconds)
        self._run_task = None
        self._move(State.STOPPED, cause)

    async def _retire(self, *, drain_seconds: float = 0.0) -> None:
        """Clear away what is left of the dev server: its process, its route, its folder. Safe to
        call again when a call was cancelled.

        Each step goes on whatever became of the one before: `XdsPublisher` and `Cleaner` try theirs
        again by themselves.
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
        environment.build_turns.leave(self.id)
        await environment.publisher.remove(self.id, server.generation)
        with contextlib.suppress(OSError):
            server.socket_path.unlink(missing_ok=True)
        await environment.cleaner.remove(server.home)
        self._server = None
        self._sockets = self._memory_mib = 0
        self.watched(messages.Viewers(viewers=[]))

    def _upstream(self, server: DevServer) -> Upstream:
        return Upstream(
            session_id=self.id,
            generation=server.generation,
            socket=server.socket_path.name,
            epoch=self._epoch,
            sign_ins=tuple(self._sign_ins),
        )

    async def _start_message(self, server: DevServer) -> messages.Start:
        contract, settings = self._environment.contract, self._environment.settings
        scratch = settings.scratch_dir / "sessions" / self.id
        await asyncio.to_thread(scratch.mkdir, parents=True, exist_ok=True)
        self._options = await self._environment.storage.call(
            "the session's options cannot be read", read_options, settings.sites_dir, self.id
        )
        if settings.mode == "production":
            with contextlib.suppress(
                SessionError
            ):  # a build of this task's own disk is served all the same
                await self._environment.storage.call(
                    "the session's builds cannot be reached",
                    clear_builds,
                    settings.sites_dir,
                    self.id,
                )
        return messages.Start(
            mode=settings.mode,
            root=str(self.root),
            site=self._options.root or None,
            base=contract.session_base(self.id),
            public_url=contract.session_origin(self.id),
            hmr=messages.HmrClient(
                protocol=contract.client_protocol,
                client_port=contract.client_port,
                path=contract.hmr_path,
            ),
            watch=messages.Watch(mode=settings.watch_mode, interval_ms=settings.poll_interval_ms),
            page_updates=settings.page_updates,
            scratch_dir=str(scratch),
            shared_dir=str(settings.scratch_dir / "shared"),
            install_seconds=settings.install_timeout_seconds,
            allowed_hosts=[contract.session_host(self.id)],
            socket_path=str(server.socket_path),
            builds=self._build_policy(),
            visitor_connections=settings.visitor_connections,
            connection_badge=settings.connection_badge,
            frame_ancestors=list(settings.frame_ancestors),
        )

    def _build_policy(self) -> messages.BuildPolicy | None:
        settings = self._environment.settings
        if settings.mode == "development":
            return None
        return messages.BuildPolicy(
            folder=str(builds_folder(settings.sites_dir, self.id)),
            keep=settings.builds_kept,
            kept_mib=settings.session_files_mib // BUILDS_SHARE,
            memory_mib=settings.build_memory_mib,
            seconds=settings.build_timeout_seconds,
            publishing=settings.publishing,
            turns=True,
        )
