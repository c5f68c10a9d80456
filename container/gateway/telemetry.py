"""What the gateway says in its log for machines: events with numbers, one JSON object per line.

`contract/telemetry.py` declares the events and turns them into CloudWatch metrics by log filters.
With `ASTRO_LIVE_EMF_NAMESPACE` the lines also carry CloudWatch's embedded metric format, for log
groups that this project's program did not make:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from contract.telemetry import LOG_METRICS, LogMetric

MAX_MESSAGE: Final = 500
"""Characters of an error's message."""
START_BUCKETS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)
BUILD_BUCKETS: Final = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
SITE_LINES: Final = 30.0
"""Of a kind at once."""
SITE_LINES_PER_SECOND: Final = 0.5
MOST_BUCKETS: Final = 2000
UPDATE_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0)


def _print(line: str) -> None:
    print(line, flush=True)


def embedded(namespace: str, metrics: Iterable[LogMetric], milliseconds: int) -> dict[str, Any]:
    """The `_aws` member that makes numbers of a log line metrics."""
    definitions = [
        {"Name": metric.field, "Unit": metric.unit} for metric in metrics if metric.field
    ]
    return {
        "Timestamp": milliseconds,
        "CloudWatchMetrics": [{"Namespace": namespace, "Dimensions": [[]], "Metrics": definitions}],
    }


class EventLimit:
    """Bounds lines that a site can cause at will, of each session and kind: a number at once, then
    so many a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], list[float]] = {}
        """`(session, kind)` → lines left, when that was, lines left out since."""

    def take(self, session_id: str, kind: str) -> dict[str, int] | None:
        """What to add to the line; None when it is left out."""
        now = self._clock()
        if (session_id, kind) not in self._buckets and len(self._buckets) >= MOST_BUCKETS:
            self._buckets.clear()
        bucket = self._buckets.setdefault((session_id, kind), [SITE_LINES, now, 0.0])
        bucket[0] = min(SITE_LINES, bucket[0] + (now - bucket[1]) * SITE_LINES_PER_SECOND)
        bucket[1] = now
        if bucket[0] < 1:
            bucket[2] += 1
            return None
        bucket[0] -= 1
        left_out, bucket[2] = int(bucket[2]), 0.0
        return {"left_out": left_out} if left_out else {}


class Telemetry:
    """Counters and events. Metric names follow `astro_live_<noun>_<verb>_<type>`; `metrics.py` adds
    the gauges.
    """

    def __init__(self, emf_namespace: str = "", write: Callable[[str], None] = _print) -> None:
        self._limit = EventLimit()
        self._namespace = emf_namespace
        self._write = write
        self.registry = CollectorRegistry()
        self.starts = Histogram(
            "astro_live_session_start_seconds",
            "Time from start to readiness",
            buckets=START_BUCKETS,
            registry=self.registry,
        )
        self.updates = Histogram(
            "astro_live_update_send_seconds",
            "Time from a file's change to the message to the page",
            ["kind"],
            buckets=UPDATE_BUCKETS,
            registry=self.registry,
        )
        self.crashes = Counter(
            "astro_live_session_crash_total",
            "Dev servers that ended by themselves",
            registry=self.registry,
        )
        self.changes = Counter(
            "astro_live_session_change_total",
            "Changes of a session's state",
            ["state", "cause"],
            registry=self.registry,
        )
        self.failures = Counter(
            "astro_live_session_failure_total",
            "Errors of sessions",
            ["code"],
            registry=self.registry,
        )
        self.builds = Histogram(
            "astro_live_build_seconds",
            "Time of a build in production mode",
            ["outcome"],
            buckets=BUILD_BUCKETS,
            registry=self.registry,
        )
        self.reaped = Counter(
            "astro_live_session_reap_total",
            "Sessions stopped by the gateway",
            ["reason"],
            registry=self.registry,
        )
        self.hand_overs = Histogram(
            "astro_live_session_hand_over_seconds",
            "Time to hand a session over to another task",
            buckets=START_BUCKETS,
            registry=self.registry,
        )
        self.take_overs = Histogram(
            "astro_live_session_take_over_seconds",
            "Time without an owner after a task was lost",
            buckets=START_BUCKETS,
            registry=self.registry,
        )
        self.hops = Counter(
            "astro_live_request_forward_total",
            "Requests passed on to a session's owner",
            registry=self.registry,
        )
        self.peer_refusals = Counter(
            "astro_live_peer_refusal_total",
            "Requests and items of other tasks that were refused",
            ["what"],
            registry=self.registry,
        )
        self.sockets = Counter(
            "astro_live_socket_open_total", "WebSockets opened", registry=self.registry
        )
        self.link_answers = Counter(
            "astro_live_link_answer_total",
            "One-time links opened",
            ["result"],
            registry=self.registry,
        )

    def event(self, name: str, **members: Any) -> None:
        """Write one line."""
        now = time.time()
        entry: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "event": name,
            **members,
        }
        mine = [
            metric for metric in LOG_METRICS if metric.event == name and metric.field in members
        ]
        if self._namespace and mine:
            entry["_aws"] = embedded(self._namespace, mine, int(now * 1000))
        self._write(json.dumps(entry))

    def _site_event(self, name: str, *, session: str, **members: Any) -> None:
        """An event that the session's own code can cause as often as it likes."""
        if (more := self._limit.take(session, name)) is not None:
            self.event(name, session=session, **members, **more)

    def session_started(self, seconds: float) -> None:
        self.starts.observe(seconds)

    def session_changed(
        self, session_id: str, *, before: str, state: str, cause: str, **members: Any
    ) -> None:
        """A session is in another state. `state` and `cause` are of closed lists."""
        self.changes.labels(state, cause).inc()
        self.event(
            "session_changed",
            session=session_id,
            before=before,
            state=state,
            cause=cause,
            **members,
        )

    def session_failed(self, session_id: str, code: str, message: str) -> None:
        """An error of a session, whether or not it serves all the same. `code` is of a
        closed list.
        """
        self.failures.labels(code).inc()
        self._site_event(
            "session_failed", session=session_id, code=code, message=message[:MAX_MESSAGE]
        )

    def build_ended(
        self, session_id: str, *, outcome: str, seconds: float, memory_mib: int, build: int | None
    ) -> None:
        """A build is over. `outcome` is of a closed list."""
        self.builds.labels(outcome).observe(seconds)
        name = "build_made" if outcome == "good" else "build_failed"
        self._site_event(
            name,
            session=session_id,
            outcome=outcome,
            build=build,
            seconds=round(seconds, 1),
            memory_mib=memory_mib,
        )

    def session_crashed(self, session_id: str) -> None:
        self.crashes.inc()
        self.event("session_crashed", session=session_id)

    def session_reaped(self, session_id: str, reason: str) -> None:
        self.reaped.labels(reason).inc()
        self.event("session_reaped", session=session_id, reason=reason)

    def session_handed_over(self, session_id: str, task: str, seconds: float, edits: int) -> None:
        """Another task runs the session from now on. `edits`: those that were made while it got
        ready there.
        """
        self.hand_overs.observe(seconds)
        self.event(
            "session_handed_over",
            session=session_id,
            to=task,
            hand_over_ms=round(seconds * 1000),
            edits=edits,
        )

    def session_taken_over(self, session_id: str, task: str, seconds: float) -> None:
        """The session's owner was gone, and this task has it now. `seconds` since the last sign of
        life that this one saw.
        """
        self.take_overs.observe(seconds)
        self.event(
            "session_taken_over",
            session=session_id,
            without_owner_ms=round(seconds * 1000),
            **{"from": task},
        )

    def forwarded(self, count: int) -> None:
        """Requests that were passed on to the owners of their sessions since the last call."""
        self.hops.inc(count)

    def peer_refused(self, what: str) -> None:
        """Something of another task, or of the table, that no task of this service makes. `what` is
        of a closed list.
        """
        self.peer_refusals.labels(what).inc()
        self.event("peer_refused", what=what)

    def socket_opened(self, session_id: str) -> None:
        self.sockets.inc()
        self.event("socket_opened", session=session_id)

    def update_sent(self, kind: str, milliseconds: float) -> None:
        self.updates.labels(kind).observe(milliseconds / 1000)
        self.event("update_sent", kind=kind, ms=milliseconds)

    def task_reported(
        self, *, sessions: int, sockets: int, session_memory_mib: int, forwarded: int
    ) -> None:
        self.event(
            "task_reported",
            sessions=sessions,
            sockets=sockets,
            session_memory_mib=session_memory_mib,
            forwarded=forwarded,
        )
