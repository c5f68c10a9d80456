"""The dashboard's body: top to bottom in the order in which a person on call asks. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.telemetry import (
    BUILD_FAILURES,
    FORWARDED,
    HAND_OVER_TIME,
    HAND_OVERS,
    LIVE_SESSIONS,
    OPEN_SOCKETS,
    PEER_REFUSALS,
    SESSION_CRASHES,
    SESSION_MEMORY,
    SOCKETS_OPENED,
    TAKE_OVERS,
    TIME_WITHOUT_OWNER,
    UPDATE_LATENCY,
)

WIDTH = 24
"""Columns of a CloudWatch dashboard."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What metrics are looked up by."""

    region: str
    load_balancer: str
    """`app/name/id`, the ARN's suffix."""
    target_group: str
    cluster: str
    service: str
    file_system: str
    log_group: str
    namespace: str
    alarm_arns: Sequence[str]
    url: str


def body(names: Names, limits: Mapping[str, float]) -> dict[str, Any]:
    """The dashboard. `limits` are alarm thresholds by alarm key, drawn as lines."""
    alb = ["LoadBalancer", names.load_balancer]
    target = ["TargetGroup", names.target_group, *alb]
    ecs = ["ClusterName", names.cluster, "ServiceName", names.service]
    balancing, logs = "AWS/ApplicationELB", names.namespace
    rows: list[list[dict[str, Any]]] = [
        [
            _text(
                f"# Live editing at {names.url}\nRead downwards: is it up, is it fast, is it full,"
                " what does it say?"
            )
        ],
        [_alarms(names)],
        [_text("## Is it up?")],
        [
            _graph(
                names,
                "Tasks in service",
                [
                    [balancing, "HealthyHostCount", *target],
                    [balancing, "UnHealthyHostCount", *target],
                ],
                "Minimum",
            ),
            _graph(
                names,
                "Errors per minute",
                [
                    [balancing, "HTTPCode_Target_5XX_Count", *target],
                    [balancing, "HTTPCode_ELB_5XX_Count", *alb],
                ],
                "Sum",
                limits.get("target_errors"),
            ),
            _graph(
                names,
                "Dev servers that crashed",
                [[logs, SESSION_CRASHES.name]],
                "Sum",
                limits.get("session_crashes"),
            ),
            _graph(
                names,
                "Builds that failed",
                [[logs, BUILD_FAILURES.name]],
                "Sum",
                limits.get("build_failures"),
            ),
        ],
        [_text("## Is it fast?")],
        [
            _graph(
                names,
                "Change to page, ms",
                [
                    [logs, UPDATE_LATENCY.name, {"stat": "p50"}],
                    [logs, UPDATE_LATENCY.name, {"stat": "p95"}],
                ],
                "p95",
                limits.get("update_latency"),
            ),
            _graph(
                names,
                "Answer of a session, s",
                [[balancing, "TargetResponseTime", *target, {"stat": "p95"}]],
                "p95",
            ),
            _graph(
                names,
                "WebSockets: open, and opened per minute",
                [
                    [logs, OPEN_SOCKETS.name, {"stat": "Sum"}],
                    [logs, SOCKETS_OPENED.name, {"stat": "Sum"}],
                ],
                "Sum",
                limits.get("reconnect_storm"),
            ),
        ],
        [_text("## Is it full?")],
        [
            _graph(
                names,
                "Live sessions: all, and per task",
                [
                    [logs, LIVE_SESSIONS.name, {"stat": "Sum"}],
                    [logs, LIVE_SESSIONS.name, {"stat": "Average"}],
                ],
                "Sum",
            ),
            _graph(
                names,
                "CPU and memory of tasks, %",
                [["AWS/ECS", "CPUUtilization", *ecs], ["AWS/ECS", "MemoryUtilization", *ecs]],
                "Average",
                limits.get("memory"),
            ),
            _graph(
                names,
                "Largest session, MiB",
                [[logs, SESSION_MEMORY.name]],
                "Maximum",
                limits.get("session_memory"),
            ),
            _graph(
                names,
                "File system: share of the limit, %",
                [["AWS/EFS", "PercentIOLimit", "FileSystemId", names.file_system]],
                "Maximum",
                limits.get("file_system_limit"),
            ),
        ],
        [_text("## Do sessions change their task?")],
        [
            _graph(
                names,
                "Handed over, taken over, refused",
                [[logs, HAND_OVERS.name], [logs, TAKE_OVERS.name], [logs, PEER_REFUSALS.name]],
                "Sum",
                limits.get("take_overs"),
            ),
            _graph(
                names,
                "Time of a hand-over, and without an owner, ms",
                [[logs, HAND_OVER_TIME.name], [logs, TIME_WITHOUT_OWNER.name]],
                "Maximum",
            ),
            _graph(
                names,
                "Requests passed on to another task, per minute",
                [[logs, FORWARDED.name]],
                "Sum",
            ),
        ],
        [_text("## What does it say?")],
        [_errors(names)],
    ]
    return {"start": "-PT3H", "widgets": _placed(rows)}


def _placed(rows: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    widgets, y = [], 0
    for row in rows:
        width = WIDTH // len(row)
        height = max(widget["height"] for widget in row)
        widgets += [
            {**widget, "x": index * width, "y": y, "width": width, "height": height}
            for index, widget in enumerate(row)
        ]
        y += height
    return widgets


def _text(markdown: str) -> dict[str, Any]:
    return {
        "type": "text",
        "height": 2 if "\n" in markdown else 1,
        "properties": {"markdown": markdown, "background": "transparent"},
    }


def _alarms(names: Names) -> dict[str, Any]:
    return {
        "type": "alarm",
        "height": 3,
        "properties": {"title": "Alarms", "alarms": list(names.alarm_arns)},
    }


def _graph(
    names: Names, title: str, metrics: list[list[Any]], stat: str, limit: float | None = None
) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": title,
        "view": "timeSeries",
        "region": names.region,
        "metrics": metrics,
        "stat": stat,
        "period": 60,
        "yAxis": {"left": {"min": 0}},
    }
    if limit is not None:
        properties["annotations"] = {"horizontal": [{"label": "alarm", "value": limit}]}
    return {"type": "metric", "height": 6, "properties": properties}


def _errors(names: Names) -> dict[str, Any]:
    query = (
        f"SOURCE '{names.log_group}' | fields @timestamp, part, session, message | filter level in"
        " ['warning', 'error', 'critical'] | sort @timestamp desc | limit 50"
    )
    return {
        "type": "log",
        "height": 8,
        "properties": {
            "title": "Latest warnings and errors",
            "region": names.region,
            "query": query,
            "view": "table",
        },
    }
