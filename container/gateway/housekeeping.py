"""What is done again and again: see who is active, stop idle sessions, mind their memory, report.

Activity is what people do: page and module requests (Envoy counts them per route) and edits. An
open tab by itself is none: its heartbeats travel inside the WebSocket, and its reconnect attempts
(`vite-ping`) are upgrades, which Envoy counts on another route.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Final

import aiohttp

from contract.telemetry import REPORT_INTERVAL_SECONDS

from .envoy.access_log import SUPPRESSED
from .envoy.process import Admin
from .errors import StorageError
from .memory import Allowance, memory_mib
from .registry import SessionRegistry
from .sessions import Session
from .settings import GatewaySettings
from .states import Cause, State
from .telemetry import Telemetry

LOOK_SECONDS: Final = 10.0
MEMORY_PATIENCE: Final = ((1.0, 60.0), (1.5, 5.0), (2.0, 0.0))
"""`(multiple of a session's memory, seconds)`: above the multiple it is restarted once nobody has
asked or edited for so long. The page reconnects by itself; a page that is just being loaded is
spared unless memory is far over.
"""

BUILD_FACTOR: Final = 2
"""Times a build's limit, above which its memory counts as the session's: between two looks of the
dev server it may grow that far.
"""

MOST_EVENTS: Final = 1000
"""Lines about opened sockets per session and round: a client that opens them without end fills no
log.
"""

PAGE_REQUESTS: Final = re.compile(r"vhost\.all\.route\.page\.([a-z0-9-]+)\.upstream_rq_total")
SOCKETS_OPENED: Final = re.compile(r"vhost\.all\.route\.socket\.([a-z0-9-]+)\.upstream_rq_total")
OPEN_NOW: Final = re.compile(r"cluster\.session\.([a-z0-9-]+)\.([0-9a-f]+)\.upstream_rq_active")
FORWARDED: Final = re.compile(r"cluster\.peer\..+\.upstream_rq_total")
ROUTES, ACTIVE = (
    r"vhost%5C.all%5C.route%5C..*upstream_rq_total",
    r"cluster%5C.session%5C..*upstream_rq_active",
)
PEERS: Final = r"cluster%5C.peer%5C..*upstream_rq_total"
STATS: Final = f"^({SUPPRESSED.replace('.', '%5C.')}|{ROUTES}|{ACTIVE}|{PEERS})$"
IN_FLIGHT: Final = "http.sessions.downstream_rq_active"
UPGRADED: Final = "http.sessions.downstream_cx_upgrades_active"


class Counts:
    """Turns Envoy's running totals into what is new. A total that shrank belongs to a new Envoy."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def new(self, name: str, total: int) -> int:
        before = self._seen.get(name, 0)
        self._seen[name] = total
        return total - before if total >= before else total


class Housekeeping:
    """Runs beside the servers as one task."""

    def __init__(
        self,
        settings: GatewaySettings,
        registry: SessionRegistry,
        admin: Admin,
        telemetry: Telemetry,
        family: Callable[[int], Collection[int]] = lambda _pid: (),
    ) -> None:
        """`family` tells the processes of a dev server, by its process id."""
        self._family = family
        self._settings = settings
        self._registry = registry
        self._admin = admin
        self._telemetry = telemetry
        self._counts = Counts()
        self._reported_at = time.monotonic()
        self._forwarded = 0
        """Requests since the last report."""

    @property
    def pause_seconds(self) -> float:
        """Between two rounds."""
        return min(LOOK_SECONDS, self._settings.session_idle_seconds / 4)

    async def look(self) -> None:
        """One round."""
        try:
            self._take_in(await self._admin.stats(STATS))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            logging.getLogger(__name__).warning(
                "Envoy's counters cannot be read: %s", type(error).__name__
            )
            return  # a session in use would look idle
        sessions = [session for session in self._registry if session.state is not State.STOPPED]
        await asyncio.gather(*(self._mind(session) for session in sessions))
        if time.monotonic() - self._reported_at >= REPORT_INTERVAL_SECONDS:
            self._reported_at = time.monotonic()
            self._telemetry.task_reported(
                sessions=sum(session.state is State.READY for session in sessions),
                sockets=sum(session.sockets for session in sessions),
                session_memory_mib=max((session.memory_mib for session in sessions), default=0),
                forwarded=self._forwarded,
            )
            self._forwarded = 0

    async def requests_in_flight(self) -> int:
        """Requests that are being answered, WebSockets not counted."""
        stats = await self._admin.stats(
            "^http%5C.sessions%5C.downstream_(rq_active|cx_upgrades_active)$"
        )
        return max(0, int(stats.get(IN_FLIGHT, 0)) - int(stats.get(UPGRADED, 0)))

    def _take_in(self, stats: dict[str, Any]) -> None:
        by_id = {session.id: session for session in self._registry}
        if left_out := self._counts.new(SUPPRESSED, int(stats.get(SUPPRESSED, 0))):
            self._telemetry.event("lines_suppressed", part="access log", lines=left_out)
        for name, value in stats.items():
            if (
                (match := PAGE_REQUESTS.fullmatch(name))
                and self._counts.new(name, int(value))
                and match[1] in by_id
            ):
                by_id[match[1]].touch()
            elif FORWARDED.fullmatch(name):
                new = self._counts.new(name, int(value))
                self._forwarded += new
                self._telemetry.forwarded(new)
            elif match := SOCKETS_OPENED.fullmatch(name):
                for _ in range(min(self._counts.new(name, int(value)), MOST_EVENTS)):
                    self._telemetry.socket_opened(match[1])
            elif (match := OPEN_NOW.fullmatch(name)) and match[1] in by_id:
                by_id[match[1]].observe_sockets(match[2], int(value))

    async def _mind(self, session: Session) -> None:
        if self._idle_seconds(session) > self._settings.session_idle_seconds and not session.builds:
            await self._end(session, Cause.IDLE)
            return
        with contextlib.suppress(StorageError):  # the next round will tell
            await self._registry.follow_epoch(session)
        pid = session.pid
        if session.state is not State.READY or pid is None:
            return
        count = partial(memory_mib, pid, self._family(pid), build=self._build_of(session))
        session.observe_memory(pid, await asyncio.to_thread(count))
        limit = self._settings.session_memory_mib
        if any(
            session.memory_mib > limit * factor and session.idle_seconds >= seconds
            for factor, seconds in MEMORY_PATIENCE
        ):
            session.log.add(
                f"[warn] the dev server uses {session.memory_mib} MiB; above {limit} MiB it is"
                " restarted"
            )
            self._telemetry.session_reaped(session.id, "memory")
            await session.restart(Cause.MEMORY)

    def _idle_seconds(self, session: Session) -> float:
        """For how long nobody has used the session, or looked at it."""
        if not self._settings.watching_keeps_alive:
            return session.idle_seconds
        return min(session.idle_seconds, session.unwatched_seconds)

    def _build_of(self, session: Session) -> Allowance | None:
        """The build's memory, which the dev server bounds (`production/job.mjs`), and here too, if
        the site does not let it.
        """
        if session.build_pid is None or self._settings.mode == "development":
            return None
        return Allowance(session.build_pid, BUILD_FACTOR * self._settings.build_memory_mib)

    async def _end(self, session: Session, cause: Cause) -> None:
        if session.state in (State.READY, State.FAILED, State.BACKING_OFF):
            session.log.add(f"[info] stopped: {cause.value}")
            self._telemetry.session_reaped(session.id, cause.value)
            await session.stop(cause)
