"""What is known of a session: its state, its dev server, what was last seen of it. `sessions.py`
has what can be done with it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from contract import messages
from contract.messages import ErrorCode

from .channel import Allowance
from .devserver import DevServer, OwnSocket, Progress
from .errors import RunnerError
from .event_models import EndReason
from .events import EventLog
from .logbuffer import LogBuffer
from .output_copy import OutputCopy
from .presence import Presence
from .session_environment import Environment
from .session_options import SessionOptions
from .session_view import BuildView, ErrorView, Nothing, PackagesView, SessionView, VersionsView
from .states import Cause, State, check_move

Change = tuple[messages.FileEvent, Path]
"""A file event and the file's path."""

PROGRESS_SECONDS: Final = 3.0
"""An installation reports about once a second."""
REPORTS_PER_SECOND: Final = 50
"""Events that a dev server's reports become, with a burst of one second: a flood of them pushes no
other out of the ring.
"""
ENDS: Final[dict[Cause, EndReason]] = {
    Cause.MOVED: "moved",
    Cause.LOST: "moved",
}
"""What readers of a session's events are told when it leaves this task."""


class SessionState:
    """The fields of a session and what others may see of them. Only the session itself
    writes them.
    """

    def __init__(self, session_id: str, environment: Environment) -> None:
        self.id = session_id
        settings, telemetry = environment.settings, environment.telemetry
        self.log = LogBuffer(
            OutputCopy(session_id, settings.output_lines_per_minute, telemetry.event).line
        )
        self.events = EventLog()
        self.presence = Presence()
        self._environment = environment
        self._state = State.STOPPED
        self._told: tuple[State, str, RunnerError | None] = (State.STOPPED, "", None)
        """What the last `state` event says."""
        self._reports = Allowance(REPORTS_PER_SECOND)
        self._moved_at = time.monotonic()
        self._error: RunnerError | None = None
        self._failed_with: int | None = None
        self._options = SessionOptions()
        self._progress = Progress()
        self._server: DevServer | None = None
        """The current dev server, until nothing of it is left."""
        self._epoch = ""
        self._sign_ins: dict[str, None] = {}
        """Credentials of the API whose sign-ins are let in, the one that came first first."""
        self._recalled = False
        """Whether those that are kept on the disk are among them."""
        self._unkept = False
        """Whether the disk has others."""
        self._keeping: asyncio.Task[None] | None = None
        self._started_at: float | None = None
        self._starts = 0
        self._restarts = 0
        self._active_at = time.monotonic()
        self._sockets = 0
        self._memory_mib = 0
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._run_task: asyncio.Task[None] | None = None
        self._gate: asyncio.Event | None = None
        """While the session is another task's and gets ready here: set when it is this task's."""
        self._at_gate = False
        """Whether the dev server is ready but for that."""
        self._pending: list[Change] = []
        """Edits to report to a dev server that is on its way."""
        self._on_change: Callable[[Change], None] | None = None
        """Hears of each reported edit: another task gets ready, or has the session already."""
        self._replacing: asyncio.Task[State] | None = None
        self._again: bool | None = None
        """Of a dev server that was condemned: whether the next one starts at once."""
        self.edited_at = 0.0
        """When an edit was last reported."""
        self.edited: list[Path] = []
        """The files of the last reports, the newest first."""

    # What others may see

    @property
    def root(self) -> Path:
        return self._environment.settings.project_dir(self.id)

    @property
    def state(self) -> State:
        return self._state

    @property
    def prepared(self) -> bool:
        """Whether the session gets ready here, or is, while it is still another task's."""
        return self._gate is not None

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
    def sign_ins(self) -> tuple[str, ...]:
        """Credentials of the API whose sign-ins are let in."""
        return tuple(self._sign_ins)

    @property
    def epoch(self) -> str:
        """That its route was published with, when it is ready (`epochs.py`)."""
        return self._epoch

    @property
    def idle_seconds(self) -> float:
        """Since the last page request or edit."""
        return time.monotonic() - self._active_at

    @property
    def unwatched_seconds(self) -> float:
        """Since a browser was last seen to show one of its pages."""
        return self.presence.unwatched_seconds

    @property
    def sockets(self) -> int:
        """WebSockets open through the gateway, as last seen."""
        return self._sockets

    @property
    def memory_mib(self) -> int:
        """Of the dev server and what it started, as last seen."""
        return self._memory_mib

    @property
    def build_pid(self) -> int | None:
        """The process group of a build that is under way, whose memory is not the session's."""
        return self._server.building.pid if self._server else None

    @property
    def builds(self) -> bool:
        """Whether a build is under way, or waits for its turn."""
        return self.build_pid is not None or (
            self._server is not None and self._server.building.waiting
        )

    @property
    def serving_build(self) -> int | None:
        """Number of the build that is served, as far as it is known."""
        state = self._server.building.state if self._server else None
        return state.serving if state else None

    @property
    def pid(self) -> int | None:
        return self._server.child.pid if self._server else None

    @property
    def heard_at(self) -> float | None:
        """When the dev server last said something."""
        return self._server.heard_at if self._server else None

    @property
    def socket(self) -> OwnSocket | None:
        """Where the dev server that serves listens."""
        return self._server.socket if self._server else None

    @property
    def home(self) -> Path | None:
        """The dev server's private folder on the scratch disk."""
        return self._server.home if self._server else None

    async def changed(self) -> None:
        """Wait for the next change of state or progress."""
        await self._changed.wait()

    async def settled(self) -> State:
        """Wait until the session is no longer on its way up."""
        while self._state in (State.STARTING, State.BACKING_OFF, State.STOPPING):
            await self._changed.wait()
        return self._state

    # What housekeeping saw

    def touch(self) -> None:
        """Someone opened a page or edited a file."""
        self._active_at = time.monotonic()

    def observe_sockets(self, generation: str, count: int) -> None:
        """Take in how many WebSockets are open to the dev server of this generation."""
        if self._server is not None and self._server.generation == generation:
            self._sockets = count
            if count > 0:
                self.presence.connected()

    def observe_memory(self, pid: int, mib: int) -> None:
        """Take in how much memory the dev server with this process id uses."""
        if pid == self.pid:
            self._memory_mib = mib

    def _move(self, new: State, cause: Cause | ErrorCode) -> None:
        check_move(self._state, new)
        now = time.monotonic()
        self._environment.telemetry.session_changed(
            self.id,
            before=self._state.value,
            state=new.value,
            cause=cause.value,
            seconds=round(now - self._moved_at, 3),
            starts=self._starts,
            restarts=self._restarts,
            sockets=self._sockets,
            memory_mib=self._memory_mib,
        )
        self._state, self._moved_at = new, now
        if new is State.STARTING:
            self._starts += 1
            self._progress = Progress()
            self._error = self._failed_with = None
        self._notify()
        if new is State.STOPPED and isinstance(cause, Cause) and cause in ENDS:
            self.events.end(ENDS[cause])

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
        self.events.noticed.set()
        now = (self._state, self._stage(), self._error)
        if now != self._told:
            self._told = now
            self.events.publish("state", self.state_event())

    def state_event(self) -> dict[str, Any]:
        """Data of a `state` event, as things are."""
        return {
            "state": self._state,
            "stage": self._stage(),
            "error": None if self._error is None else ErrorView.of(self._error),
        }

    def _stage(self) -> str:
        """Where a start is, or that packages are installed or a build is made while the session is
        served.
        """
        working = self._progress.stage in (messages.Stage.INSTALL, messages.Stage.BUILD)
        recent = working and time.monotonic() - self._progress.at < PROGRESS_SECONDS
        return (
            self._progress.stage.value
            if self._state is State.STARTING or (self._state is State.READY and recent)
            else ""
        )

    def _build(self) -> BuildView | Nothing:
        state = self._server.building.state if self._server else None
        if state is None:
            return Nothing()
        return BuildView(
            serving=state.serving,
            pinned=state.pinned,
            building=state.building_pid is not None,
            waiting=state.turn is messages.Turn.WAITING,
        )

    def view(self) -> SessionView:
        """What the API says about the session."""
        report = self._server.report if self._server else None
        packages = report.packages if report else None
        return SessionView(
            id=self.id,
            state=self._state,
            url=self._environment.contract.session_url(self.id),
            stage=self._stage(),
            idle_seconds=round(self.idle_seconds, 1),
            sockets=self._sockets,
            memory_mib=self._memory_mib,
            started_at=self._started_at if self._state is State.READY else None,
            restarts=self._restarts,
            pid=self.pid,
            root=packages.root if packages else self._options.root,
            packages=PackagesView.of(packages) if packages else Nothing(),
            watch=report.watch if report else Nothing(),
            versions=(
                VersionsView(astro=report.astro, vite=report.vite or "") if report else Nothing()
            ),
            report=report.site if report and report.site else Nothing(),
            build=self._build(),
            error=ErrorView.of(self._error) if self._error is not None else None,
        )

    def describe(self) -> dict[str, Any]:
        """The same as JSON."""
        return self.view().model_dump(mode="json")
