"""What wakes a person up: each alarm with its metric, its limit and what to do. A pure table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contract.settings.session import SessionSettings
from contract.telemetry import (
    BUILD_FAILURES,
    PEER_REFUSALS,
    SESSION_CRASHES,
    SESSION_MEMORY,
    SOCKETS_OPENED,
    TAKE_OVERS,
    UPDATE_LATENCY,
    LogMetric,
)

Scope = Literal[
    "load-balancer",
    "target-group",
    "service",
    "container-insights",
    "file-system",
    "ownership-table",
    "log",
]
"""Whose metric it is; decides namespace and dimensions."""


def before_a_restart(session_memory_mib: int) -> int:
    """Seven eighths of the memory above which the gateway restarts a session's dev
    server, in MiB.
    """
    return session_memory_mib * 7 // 8


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. It rings when `breaching` of the last `periods` periods are beyond `threshold`."""

    scope: Scope
    metric: str
    statistic: str
    """`Sum`, `Average`, `Maximum`, `Minimum` or a percentile such as `p95`."""
    threshold: float
    unit: str
    meaning: str
    """What a person on call reads first: what is wrong for whom."""
    action: str
    """What to do about it."""
    period_seconds: int = 60
    periods: int = 5
    breaching: int = 3
    below: bool = False
    """Ring below the threshold instead of above it."""
    silence_is_bad: bool = False
    """No data means that what should report is gone."""

    @property
    def description(self) -> str:
        """Text of the alarm."""
        return f"{self.meaning} Limit: {self.threshold:g} {self.unit}. {self.action}"


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Limits that differ by stack; the defaults suit a team of some ten people."""

    errors_per_minute: int = 5
    """Answers with status 5xx, from the sessions or the load balancer."""
    update_ms: int = 500
    """From a file's change to the message on the page's socket, 95th percentile: the product's
    ceiling.
    """
    sockets_per_minute: int = 120
    """WebSockets opened in a minute; above it pages are reconnecting in a loop."""
    session_memory_mib: int = before_a_restart(
        SessionSettings.declared()["session_memory_mib"].default
    )
    """A session's dev server."""
    crashes_per_five_minutes: int = 3
    build_failures_per_quarter_hour: int = 2
    """Builds of production mode; one may be an author's slip."""
    take_overs_per_quarter_hour: int = 10
    """Sessions of tasks that were gone without a hand-over. One lost task is some."""
    peer_refusals_per_five_minutes: int = 20
    """A few are a race during a hand-over."""
    lost_races_per_five_minutes: int = 100
    """Conditional writes to the ownership table that another task was ahead of. A handful is the
    table at its work.
    """
    utilisation_percent: int = 90
    """CPU or memory of the tasks."""


def alarms(limits: Thresholds, *, shared: bool = False) -> dict[str, Alarm]:
    """All alarms by key. `shared`: tasks agree by a table on who runs a session."""
    return (
        _traffic(limits)
        | _tasks(limits)
        | _sessions(limits)
        | _files()
        | (_ownership(limits) if shared else {})
    )


def _traffic(limits: Thresholds) -> dict[str, Alarm]:
    """What visitors get."""
    return {
        "target_errors": Alarm(
            scope="target-group",
            metric="HTTPCode_Target_5XX_Count",
            statistic="Sum",
            threshold=limits.errors_per_minute,
            unit="per minute",
            meaning="Sessions answer with server errors.",
            action=(
                "Read the log for level error; a single session can be restarted through the API."
            ),
        ),
        "balancer_errors": Alarm(
            scope="load-balancer",
            metric="HTTPCode_ELB_5XX_Count",
            statistic="Sum",
            threshold=limits.errors_per_minute,
            unit="per minute",
            meaning=(
                "The load balancer itself answers with errors: no healthy task, or connections that"
                " break."
            ),
            action=(
                "Check healthy tasks first; 502 with healthy tasks means that a task closes idle"
                " connections too early."
            ),
        ),
        "unhealthy_hosts": Alarm(
            scope="target-group",
            metric="UnHealthyHostCount",
            statistic="Maximum",
            threshold=0,
            unit="tasks",
            breaching=5,
            meaning="A task fails its health check and gets no visitors.",
            action="Read the task's log; ECS replaces it when its own check fails too.",
        ),
    }


def _tasks(limits: Thresholds) -> dict[str, Alarm]:
    """Whether tasks run, and have room."""
    return {
        "no_task": Alarm(
            scope="container-insights",
            metric="RunningTaskCount",
            statistic="Minimum",
            threshold=1,
            unit="tasks",
            below=True,
            silence_is_bad=True,
            meaning="No task runs: nobody can edit.",
            action="Look at the service's events in ECS, then roll back to the previous image.",
        ),
        "cpu": Alarm(
            scope="service",
            metric="CPUUtilization",
            statistic="Average",
            threshold=limits.utilisation_percent,
            unit="percent",
            periods=10,
            breaching=10,
            meaning="Tasks are out of CPU: updates slow down.",
            action="Raise desiredCount or cpu, or lower maxSessions.",
        ),
        "memory": Alarm(
            scope="service",
            metric="MemoryUtilization",
            statistic="Maximum",
            threshold=limits.utilisation_percent,
            unit="percent",
            meaning="A task is about to be killed for its memory, with every session on it.",
            action="Stop idle sessions, then raise memoryMib.",
        ),
    }


def _sessions(limits: Thresholds) -> dict[str, Alarm]:
    """What the gateway reports of its sessions."""
    return {
        "session_memory": _log(
            SESSION_MEMORY,
            statistic="Maximum",
            threshold=limits.session_memory_mib,
            unit="MiB",
            periods=10,
            breaching=10,
            meaning="A session's dev server leaks memory.",
            action="Restart that session through the API.",
        ),
        "update_latency": _log(
            UPDATE_LATENCY,
            statistic="p95",
            threshold=limits.update_ms,
            unit="ms",
            period_seconds=300,
            periods=3,
            breaching=3,
            meaning="Changes reach pages too late.",
            action="Check CPU, and whether sessions fell back to polling (watchMode).",
        ),
        "reconnect_storm": _log(
            SOCKETS_OPENED,
            statistic="Sum",
            threshold=limits.sockets_per_minute,
            unit="per minute",
            periods=3,
            breaching=3,
            meaning="Pages lose and reopen their WebSockets in a loop.",
            action=(
                "Compare the idle timeout with the heartbeat, and look for a task that restarts."
            ),
        ),
        "session_crashes": _log(
            SESSION_CRASHES,
            statistic="Sum",
            threshold=limits.crashes_per_five_minutes,
            unit="in five minutes",
            period_seconds=300,
            periods=1,
            breaching=1,
            meaning="Dev servers end by themselves.",
            action="Read the session's log through the API.",
        ),
        "build_failures": _log(
            BUILD_FAILURES,
            statistic="Sum",
            threshold=limits.build_failures_per_quarter_hour,
            unit="in a quarter of an hour",
            period_seconds=900,
            periods=1,
            breaching=1,
            meaning="Sites do not build; visitors get the builds of before.",
            action=(
                "Search the log for build_failed: its outcome says whether the site, its memory"
                " (buildMemoryMib) or its time is it."
            ),
        ),
    }


def _files() -> dict[str, Alarm]:
    """The sites' file system."""
    return {
        "file_system_limit": Alarm(
            scope="file-system",
            metric="PercentIOLimit",
            statistic="Maximum",
            threshold=95,
            unit="percent",
            periods=15,
            breaching=15,
            meaning=(
                "The sites' file system is at its limit of operations: starts and builds crawl."
            ),
            action=(
                "Find the session that installs or builds on EFS; dependencies belong on the task's"
                " own disk."
            ),
        ),
    }


def _ownership(limits: Thresholds) -> dict[str, Alarm]:
    """The table by which tasks agree on who runs a session."""
    throttled = (
        "Tasks cannot write their beats in time, and give their sessions up to each other or start"
        " none."
    )
    look = (
        "The table is on demand: look for a table quota of the account, or for one session that is"
        " asked for in a loop."
    )
    return {
        **{
            f"ownership_{kind.lower()}s_throttled": Alarm(
                scope="ownership-table",
                metric=f"{kind}ThrottleEvents",
                statistic="Sum",
                threshold=0,
                unit="per minute",
                meaning=throttled,
                action=look,
            )
            for kind in ("Read", "Write")
        },
        "ownership_conflicts": Alarm(
            scope="ownership-table",
            metric="ConditionalCheckFailedRequests",
            statistic="Sum",
            threshold=limits.lost_races_per_five_minutes,
            unit="in five minutes",
            period_seconds=300,
            periods=2,
            breaching=2,
            meaning=(
                "Tasks compete for sessions without end, or a sign-in link is opened in a loop."
            ),
            action=(
                "Look for a session that changes hands again and again, and for two tasks that take"
                " each other for dead."
            ),
        ),
        "take_overs": _log(
            TAKE_OVERS,
            statistic="Sum",
            threshold=limits.take_overs_per_quarter_hour,
            unit="in a quarter of an hour",
            period_seconds=900,
            periods=1,
            breaching=1,
            meaning=(
                "Tasks end without handing their sessions over: they are killed, or cut off from"
                " the ownership table."
            ),
            action="Read the stopped tasks' reasons in ECS, and their last log lines.",
        ),
        "peer_refusals": _log(
            PEER_REFUSALS,
            statistic="Sum",
            threshold=limits.peer_refusals_per_five_minutes,
            unit="in five minutes",
            period_seconds=300,
            periods=1,
            breaching=1,
            meaning=(
                "Tasks refuse requests of other tasks, or items of the ownership table: forged, or"
                " of another release."
            ),
            action=(
                "Search the log for peer_refused; delete an item that somebody wrote by other"
                " means."
            ),
        ),
    }


def _log(metric: LogMetric, **values: object) -> Alarm:
    return Alarm(scope="log", metric=metric.name, **values)  # type: ignore[arg-type]
