"""What the gateway says in its log for machines, and the metrics that the log becomes. Standard
library only: both sides import it.

The gateway writes one JSON object per line. A line with `event` is telemetry: a CloudWatch metric
filter turns its number into a metric in the namespace `AstroLive/{project}/{stack}`. Names follow
`<noun>_<verb>` for events and CamelCase for metrics, as CloudWatch's own do.

    {"event": "task_reported", "sessions": 3, "sockets": 7, "session_memory_mib": 512}     every 60 s
    {"event": "update_sent", "kind": "css", "ms": 12}                                      per change that reached a page
    {"event": "socket_opened", "session": "demo"}                                          per HMR WebSocket
    {"event": "session_crashed", "session": "demo"}                                        a dev server ended by itself
    {"event": "build_failed", "session": "demo", "outcome": "memory"}                      production mode: a build is over, not good
    {"event": "session_handed_over", "session": "demo", "to": "5f0c…", "hand_over_ms": 2130, "edits": 3} another task runs it from now on
    {"event": "session_taken_over", "session": "demo", "from": "77ab…", "without_owner_ms": 5200}        its task is gone; this one runs it
    {"event": "peer_refused", "what": "item"}                                              what no task of the service makes

Other events (`docs/gateway.md` lists them) are for people and queries only.
"""  # noqa: W505 - a table

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

REPORT_INTERVAL_SECONDS: Final = 60
"""How often each task writes `task_reported`: CloudWatch's standard resolution."""

Unit = Literal["Count", "Milliseconds", "Megabytes"]


NAMESPACE: Final = "AstroLive"
"""Where the names of all metrics begin; project and stack follow, so that two programs in one
account are told apart.
"""


@dataclass(frozen=True, kw_only=True)
class LogMetric:
    """One number of one event as a metric."""

    name: str
    """Metric name in CloudWatch."""
    event: str
    """Value of `event` in the log line."""
    field: str | None
    """Member of the log line that holds the number; None counts lines."""
    unit: Unit

    @property
    def pattern(self) -> str:
        """Filter pattern of the lines that carry the metric."""
        exists = f" && $.{self.field} >= 0" if self.field else ""
        return f'{{ $.event = "{self.event}"{exists} }}'

    @property
    def value(self) -> str:
        """What a matching line contributes."""
        return f"$.{self.field}" if self.field else "1"


LIVE_SESSIONS: Final = LogMetric(
    name="LiveSessions", event="task_reported", field="sessions", unit="Count"
)
"""Per task: the average over a minute is the sessions per task, the sum those of the service."""
OPEN_SOCKETS: Final = LogMetric(
    name="OpenSockets", event="task_reported", field="sockets", unit="Count"
)
SESSION_MEMORY: Final = LogMetric(
    name="SessionMemory", event="task_reported", field="session_memory_mib", unit="Megabytes"
)
"""Memory of the task's largest session."""
UPDATE_LATENCY: Final = LogMetric(
    name="UpdateLatency", event="update_sent", field="ms", unit="Milliseconds"
)
"""From the file's change to the message on the WebSocket."""
SOCKETS_OPENED: Final = LogMetric(
    name="SocketsOpened", event="socket_opened", field=None, unit="Count"
)
"""A storm of these without as many sessions is a reconnect storm."""
SESSION_CRASHES: Final = LogMetric(
    name="SessionCrashes", event="session_crashed", field=None, unit="Count"
)
BUILD_FAILURES: Final = LogMetric(
    name="BuildFailures", event="build_failed", field=None, unit="Count"
)
"""Production mode: builds that failed or reached a limit. The earlier build is still served."""
FORWARDED: Final = LogMetric(
    name="ForwardedRequests", event="task_reported", field="forwarded", unit="Count"
)
"""Requests that a task passed on to a session's owner since its last report."""
HAND_OVERS: Final = LogMetric(
    name="SessionHandOvers", event="session_handed_over", field=None, unit="Count"
)
HAND_OVER_TIME: Final = LogMetric(
    name="SessionHandOverTime",
    event="session_handed_over",
    field="hand_over_ms",
    unit="Milliseconds",
)
"""From the first question to another task until that one shows the session. Pages are served all
the while.
"""
TAKE_OVERS: Final = LogMetric(
    name="SessionTakeOvers", event="session_taken_over", field=None, unit="Count"
)
"""Sessions whose task was gone without a hand-over."""
TIME_WITHOUT_OWNER: Final = LogMetric(
    name="TimeWithoutOwner",
    event="session_taken_over",
    field="without_owner_ms",
    unit="Milliseconds",
)
"""From the last sign of life of the earlier owner that the next one saw."""
PEER_REFUSALS: Final = LogMetric(
    name="PeerRefusals", event="peer_refused", field=None, unit="Count"
)
"""Requests of other tasks, and items of the ownership table, that no task of the service makes."""

LOG_METRICS: Final = (
    LIVE_SESSIONS,
    OPEN_SOCKETS,
    SESSION_MEMORY,
    UPDATE_LATENCY,
    SOCKETS_OPENED,
    SESSION_CRASHES,
    BUILD_FAILURES,
    FORWARDED,
    HAND_OVERS,
    HAND_OVER_TIME,
    TAKE_OVERS,
    TIME_WITHOUT_OWNER,
    PEER_REFUSALS,
)
