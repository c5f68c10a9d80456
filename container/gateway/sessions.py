"""One session: a project and the policy for its dev server. When one is started, restarted,
stopped; what visitors are told meanwhile.

    session_environment.py  what all sessions share
    session_state.py        what is known of a session
    session_run.py          its run: start, serve, clear away, start again
    sessions.py             what others may ask of it, and what its dev server reports

The state says at each moment where the run is.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from contract import messages

from .ahead import addresses, render
from .building import MARGIN_SECONDS
from .devserver import DevServer, Progress
from .envoy.model import Upstream
from .errors import Conflict, RunnerError, SessionError
from .session_environment import Environment
from .session_run import SessionRun
from .session_state import Change
from .session_view import PackagesView
from .sign_in_records import MOST_SIGN_INS, write_sign_ins
from .states import Cause, State
from .watch import signature

__all__ = ["Environment", "Session"]

IN_FLIGHT_SECONDS: Final = 0.3
"""What a page that is just being loaded has asked for is answered before its server makes room for
the next. What it asks for later waits (`front.py`).
"""
MOST_EDITED: Final = 5
"""Files that are remembered as edited last."""
MOST_PENDING: Final = 10_000
"""Edits kept for a dev server that is on its way. It reads the files after its start in
any case.
"""


class Session(SessionRun):
    """A known session. All methods run on the event loop; `_lock` makes starts and stops take
    turns.
    """

    # What others may ask for

    def adopt(self, server: DevServer) -> Upstream:
        """Take over a dev server that an earlier control plane had made ready."""
        serving = server.child.metadata.serving
        assert serving is not None
        self._server, self._started_at, self._epoch = server, serving.started_at, serving.epoch
        self._sign_ins = dict.fromkeys(serving.sign_ins)
        server.attach(self.log, self)
        self._environment.build_turns.adopt(self.id)
        self._move(State.READY, Cause.ADOPTED)

        async def adopted() -> DevServer:
            return server

        self._run_task = self._running(adopted)
        return self._upstream(server)

    def ensure_started(self, cause: Cause = Cause.VISIT) -> None:
        """Start unless the session is up or on its way (a session that backs off is). Returns at
        once.
        """
        if self._state in (State.STOPPED, State.FAILED):
            self.touch()
            self._begin(cause)

    async def start(self) -> State:
        """Start unless the session is up or on its way; wait until it is ready or has failed."""
        async with self._lock:
            self.ensure_started(Cause.REQUEST)
            if self._state is State.BACKING_OFF:
                self._move(State.STARTING, Cause.REQUEST)
        return await self._outcome()

    async def restart(self, cause: Cause = Cause.REQUEST) -> State:
        """Replace a running dev server, or start one; wait until it is ready or has failed. Only a
        request counts as activity.
        """
        async with self._lock:
            await self._stop(
                cause, drain_seconds=IN_FLIGHT_SECONDS if self._state is State.READY else 0.0
            )
            if cause is Cause.REQUEST:
                self.touch()
            self._begin(cause)
        return await self._outcome()

    async def stop(self, cause: Cause = Cause.REQUEST, *, release: bool = True) -> None:
        """End the dev server and everything it started; returns when nothing is left of it, and any
        task may start the next.

        `release` false keeps the session this task's.
        """
        async with self._lock:
            await self._stop(cause)
            if release:
                await self._environment.ownership.release(self.id)
                if self._environment.ownership.shared:
                    self.events.forget()

    # From one task to the next (`hand_over.py`, `take_on.py`)

    def prepare(self) -> None:
        """Get ready for a session that is still another task's: everything but the route. Returns
        at once.
        """
        self._gate = asyncio.Event()
        self.ensure_started(Cause.PREPARED)

    async def made_ready(self) -> bool:
        """Wait until a prepared session is ready to be taken on; False when it does not start here,
        or is not prepared any more.
        """
        while self._gate is not None and not self._at_gate and self._state is State.STARTING:
            await self._changed.wait()
        return self._at_gate

    async def render_ahead(self, pages: Sequence[object]) -> int:
        """Have a prepared session's dev server render these pages, so that visitors who are sent
        here need not wait for it; how many answers there were.
        """
        server, contract = self._server, self._environment.contract
        if not self._at_gate or server is None or self._environment.settings.mode != "development":
            return 0
        paths = addresses(pages, contract.session_base(self.id))
        return await render(server.socket_path, self.id, paths, contract)

    def own(self, changes: Sequence[Change] = ()) -> None:
        """The session is this task's from now on: report the edits that it may have missed, and
        show it.
        """
        gate, self._gate = self._gate, None
        if gate is not None:
            self.touch()
            self._pending += changes
            gate.set()

    def tell_changes(self, tell: Callable[[Change], None] | None) -> None:
        """Have `tell` hear of every edit that is reported, until the session starts again; None
        ends that.
        """
        self._on_change = tell

    async def hand_over(self, give: Callable[[], Awaitable[None]]) -> None:
        """Make the session another task's by `give`, then end what runs here: now its sockets
        connect again.
        """
        async with self._lock:
            await give()
            await self._stop(
                Cause.MOVED, drain_seconds=IN_FLIGHT_SECONDS if self._state is State.READY else 0.0
            )

    async def end_at_once(self) -> None:
        """The session is another task's: kill the dev server first, and clear away afterwards."""
        if self._server is not None:
            self._server.child.signal_group(signal.SIGKILL)
        await self.stop(Cause.LOST)

    def condemn(self, error: RunnerError, *, again: bool | None = None) -> None:
        """End the dev server for this reason, which is shown instead of its end. Whether it starts
        again at once is found out, unless `again` says so: an edit since its start may have taken
        the reason away.
        """
        if self._server is not None:
            self._again = again
            self._server.condemn(error)

    def ask(self) -> None:
        """Have the dev server give a sign of life: `heard_at` says when."""
        if self._server is not None:
            self._server.ask()

    async def rebuild(self, *, publish: bool = True, force: bool = False) -> messages.Built:
        """Production mode: build the site again if its sources changed, or (`force`) in any case; a
        good build is served, or (`publish` false) only kept.

        What is served goes on meanwhile. Raises `Conflict` when there is nothing to rebuild, and
        `RunnerError` when the build fails.
        """
        return await self._have_built(messages.Rebuild(publish=publish, force=force))

    async def serve_build(self, number: int) -> messages.Built:
        """Production mode: serve a build that is kept. One that is not the newest is served until
        another is asked for.

        The session must run, or `Conflict` is raised; `RunnerError` when the build cannot be
        served.
        """
        return await self._have_built(messages.Serve(build=number))

    async def _have_built(self, message: messages.Rebuild | messages.Serve) -> messages.Built:
        settings = self._environment.settings
        if settings.mode != "production":
            raise Conflict(
                "there is nothing to rebuild: in development mode each edit shows at once"
                " (NODE_ENV=production builds sites)"
            )
        if self._server is None or self._state is not State.READY:
            raise Conflict(
                f"the session is {self._state.value}; it is built when it starts. POST …/start"
                " starts it"
            )
        self.touch()
        limit = settings.install_timeout_seconds + settings.build_timeout_seconds + MARGIN_SECONDS
        built = await self._server.building.request(message, limit_seconds=limit)
        self.touch()
        return built

    def report_change(self, event: messages.FileEvent, path: Path) -> None:
        """Report a file change to the dev server. An edit may also heal a failed site."""
        self._edit(path)
        self.events.noticed.set()
        if self._on_change is not None:
            self._on_change((event, path))
        if self._state is State.FAILED:
            self.ensure_started(Cause.EDIT)
        if self._server is not None and self._state is State.READY:
            self._server.change(event, path)
        elif self._state is State.STARTING and len(self._pending) < MOST_PENDING:
            self._pending.append((event, path))

    def _edit(self, *paths: Path) -> None:
        self.touch()
        if paths:
            self.edited_at = time.monotonic()
            self.edited = [*paths, *(each for each in self.edited if each not in paths)][
                :MOST_EDITED
            ]

    async def admit_sign_ins(self, credential: str) -> None:
        """Let in the visitors that a credential of the API has signed in."""
        if credential in self._sign_ins:
            return
        self._sign_ins[credential] = None
        while len(self._sign_ins) > MOST_SIGN_INS:  # its visitors are let in at their next renewal
            self._sign_ins.pop(next(iter(self._sign_ins)))
        with contextlib.suppress(OSError):  # `XdsPublisher.retry` writes it again
            await self._publish_sign_ins()

    async def recall_sign_ins(self) -> None:
        """After a restart of the control plane: the dev server went on; its list may be long."""
        if self._recalled or self._state is not State.READY:
            return
        before = len(self._sign_ins)
        self._sign_ins = dict.fromkeys(await self._known_sign_ins())
        if len(self._sign_ins) > before:
            with contextlib.suppress(OSError):  # `XdsPublisher.retry` writes it again
                await self._publish_sign_ins()

    async def end_sign_ins(self, ended: Sequence[str], visited: Sequence[str]) -> None:
        """Let those that `ended` in no longer, and close what those among them have open that may
        have `visited`.
        """
        for credential in ended:
            self._sign_ins.pop(credential, None)
        if self._server is not None:
            for credential in visited:
                self._server.end_visits(credential)
        with contextlib.suppress(OSError):  # `XdsPublisher.retry` writes it again
            await self._publish_sign_ins()

    async def _publish_sign_ins(self) -> None:
        server = self._server
        if server is None or self._state is not State.READY:
            return
        self._keep_sign_ins()
        await self._environment.publisher.change(self._upstream(server))
        self._describe_serving(server)

    def _keep_sign_ins(self) -> None:
        """On the disk, which nobody waits for: neither a visitor nor what has to end."""
        self._unkept = True
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(
                self._write_sign_ins(), name=f"sign-ins of session {self.id}"
            )

    async def _write_sign_ins(self) -> None:
        sites, storage = self._environment.settings.sites_dir, self._environment.storage
        while self._unkept:
            self._unkept = False
            with contextlib.suppress(SessionError):  # a later start: at their next renewal
                await storage.call(
                    "the session's sign-ins cannot be kept",
                    write_sign_ins,
                    sites,
                    self.id,
                    self.sign_ins,
                )

    def expect_changes(self) -> None:
        """Files are about to be changed together; `report_changes` follows, with none of them when
        that has failed.
        """
        if self._server is not None and self._state is State.READY:
            self._server.expect()

    def report_changes(self, events: list[tuple[messages.FileEvent, Path]]) -> None:
        """Report files that were changed together."""
        self._edit(*(path for _event, path in events))
        self.events.noticed.set()
        if (on_change := self._on_change) is not None:
            for event in events:
                on_change(event)
        if events and self._state is State.FAILED:
            self.ensure_started(Cause.EDIT)
        if self._server is not None and self._state is State.READY:
            self._server.changes(events)
        elif self._state is State.STARTING:
            self._pending.extend(events[: MOST_PENDING - len(self._pending)])

    async def check(
        self, paths: list[Path], *, seconds: float, shown: bool = True
    ) -> messages.Checked | None:
        """What is wrong with the site now, and (`shown`) whether open pages show what was edited;
        None when that cannot be known in time.
        """
        if (
            self._server is None
            or self._state is not State.READY
            or self._environment.settings.mode != "development"
        ):
            return None
        server, deadline = self._server, time.monotonic() + seconds
        found = await server.check(paths, seconds=seconds, shown=shown)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline - time.monotonic()):
                # It has died, and what follows of that is known in a moment.
                while (
                    found is None
                    and server.silent
                    and self._server is server
                    and self._state is State.READY
                ):
                    await self.changed()
        return found

    async def edited_since_failure(self) -> bool:
        """Whether the project differs from what it was when it failed to start, or when somebody
        first saw that.
        """
        now = await self._environment.storage.call(
            "the project cannot be read", signature, self.root
        )
        if self._failed_with is None:
            self._failed_with = now
        return self._state is State.FAILED and now != self._failed_with

    # What the dev server reports

    def progressed(self, progress: Progress) -> None:
        if self._state in (State.STARTING, State.READY):
            self._progress = progress
            self._notify()
            if progress.stage is messages.Stage.INSTALL and self._reports.take():
                self.events.publish("install", {"detail": progress.detail, "packages": None})

    def installed(self, packages: messages.Packages) -> None:
        if self._reports.take():
            view = PackagesView.of(packages)
            self.events.publish("install", {"detail": "", "packages": view})

    def replacement_wanted(self, reason: str) -> None:
        if self._state is State.READY and (self._replacing is None or self._replacing.done()):
            self.log.add(f"[info] the dev server starts again: {reason}")
            self._replacing = asyncio.create_task(
                self.restart(Cause.REPLACED), name=f"replacement in session {self.id}"
            )

    def watched(self, viewers: messages.Viewers) -> None:
        for data in self.presence.take(viewers):
            if self._reports.take():
                self.events.publish("viewer", data)

    def noticed(self) -> None:
        self.events.noticed.set()

    def healed(self) -> None:
        self._error = None
        self._notify()

    def updated(self, update: messages.Update) -> None:
        self.touch()
        self._environment.telemetry.update_sent(update.kind, update.ms)
        if self._reports.take():
            path = update.path.removeprefix(f"{self.root}/")[:1024]
            self.events.publish("edit", {"update": update.kind, "path": path, "ms": update.ms})
        self.events.noticed.set()

    def turned(self, turn: messages.Turn) -> None:
        if self._server is not None:
            self._environment.build_turns.follow(self.id, turn, self._server.building.begin)
        self._notify()

    def built(self, ended: messages.BuildEnded) -> None:
        self._environment.telemetry.build_ended(
            self.id,
            outcome=ended.outcome.value,
            seconds=ended.ms / 1000,
            memory_mib=ended.memory_mib,
            build=ended.build,
        )

    def failed(self, error: RunnerError) -> None:
        self._error = error
        self._environment.telemetry.session_failed(self.id, error.code.value, error.message)
        self.log.add(f"[error] {error.code}: {error.message}")
        self._notify()
