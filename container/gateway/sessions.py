"""One session: a project and the policy for its dev server. When one is started, restarted, stopped; what visitors are told meanwhile.

    session_environment.py  what all sessions share
    session_state.py        what is known of a session
    session_run.py          its run: start, serve, clear away, start again
    sessions.py             what others may ask of it, and what its dev server reports

The state says at each moment where the run is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from contract import messages

from .devserver import DevServer, Progress
from .envoy.model import Upstream
from .errors import Conflict, RunnerError
from .session_environment import Environment
from .session_run import SessionRun
from .states import State
from .watch import signature

__all__ = ["Environment", "Session"]

IN_FLIGHT_SECONDS: Final = 0.3
"""What a page that is just being loaded has asked for is answered before its server makes room for the next. What it asks for later
waits (`front.py`)."""


class Session(SessionRun):
    """A known session. All methods run on the event loop; `_lock` makes starts and stops take turns."""

    # What others may ask for

    def adopt(self, server: DevServer) -> Upstream:
        """Take over a dev server that an earlier control plane had made ready."""
        serving = server.child.metadata.serving
        assert serving is not None
        self._server, self._started_at, self._epoch = server, serving.started_at, serving.epoch
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

    def condemn(self, error: RunnerError) -> None:
        """End the dev server for this reason, which is shown instead of its end."""
        if self._server is not None:
            self._server.condemn(error)

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
