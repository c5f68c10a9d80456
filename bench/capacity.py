"""What does it cost on AWS, and where does it stop growing? A model on paper for 1 to 100,000 live
sessions.

Prices, load-balancer units and quotas are data with their source pages (`prices.json`). What one
session needs comes from the other benchmarks (`Session`); docs/scaling.md shows the outcome and
says how to put in other figures.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.core.registry import Options
from bench.core.result import Curve, Measurement
from components.fargate_sizes import check_size

QUESTION = "What do 1 to 100,000 live sessions cost on AWS, and which limit comes first?"
SESSIONS: Final = (1, 10, 100, 1_000, 10_000, 100_000)
GIB_IN_MIB: Final = 1024
KIB_IN_GIB: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Session:
    """What one live session needs while somebody edits in it: measured where a benchmark is named,
    assumed otherwise.
    """

    memory_mib: float = 340.0
    """PSS of a dev server that is being edited (benchmark `soak`). One that is left alone takes 200
    MiB (benchmark `density`).
    """
    vcpu: float = 0.03
    """Mean use of a processor: 60 edits an hour at 0.25 s, 20 page loads at 1 s, and polling
    (benchmark `soak`).
    """
    tabs: float = 1.2
    """Open pages, each with one WebSocket."""
    page_loads_hour: float = 20.0
    page_requests: float = 45.0
    page_kib: float = 900.0
    """First load; most later ones are answered by 304."""
    edits_hour: float = 60.0
    edit_kib: float = 12.0
    """Sent to the browser per edit: the HMR message and the changed modules."""
    connections_hour: float = 30.0
    """New ones to the load balancer: a WebSocket per page load, and HTTP/2 connections now and
    then.
    """
    files: float = 80.0
    """Watched source files."""
    attribute_cache_seconds: float = 60.0
    """The NFS client asks the server again for an unchanged file's attributes after 3 s at first
    and 60 s in the end (`acregmax`, nfs(5)), however often the watcher polls.
    """
    data_operations_per_edit: float = 6.0
    log_kib_hour: float = 600.0
    """Access log: 300 bytes per request, and the dev server's own lines."""
    project_gib: float = 0.05


SITES: Final[Mapping[str, float]] = {
    "starter": Session().memory_mib,
    "public, small": 380.0,
    "public, middle": 490.0,
    "public, large": 950.0,
    "public, mean of all": 620.0,
}
"""MiB of a dev server after a few edits with a page open. Public sites are those of docs/sites.md,
by path: the medians of the lightest, middle and heaviest third.
"""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """How the service is cut into tasks. The defaults are those of the `prod` stack."""

    arch: str = "arm64"
    cpu: int = 2048
    memory_mib: int = 8192
    ephemeral_storage_gib: int = 30
    max_sessions: int = 12
    base_mib: float = 420.0
    """Envoy, control plane and one warm runner."""
    headroom: float = 0.15
    """Share of a task's memory and processor left free for spikes: a first page load takes one core
    for seconds.
    """
    spare_tasks: int = 1
    zones: int = 3
    nat_gateways: int = 3
    listener_rules: int = 3

    def __post_init__(self) -> None:
        check_size(self.cpu, self.memory_mib)

    def sessions_per_task(self, session: Session) -> int:
        """The least of what memory, processor and `max_sessions` admit; at least 1."""
        memory = (self.memory_mib * (1 - self.headroom) - self.base_mib) / session.memory_mib
        processor = self.cpu / 1024 * (1 - self.headroom) / session.vcpu
        return max(1, math.floor(min(memory, processor, self.max_sessions)))


DEV: Final = Stack(
    cpu=1024, memory_mib=4096, max_sessions=6, spare_tasks=0, zones=2, nat_gateways=1
)
"""The `dev` stack as it is shipped."""


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Content of `prices.json`."""

    value: Mapping[str, float]
    lcu: Mapping[str, Any]
    limits: Mapping[str, Mapping[str, Any]]
    month_hours: float
    region: str

    @classmethod
    def read(cls) -> Prices:
        content = json.loads(Path(__file__).with_name("prices.json").read_text(encoding="utf-8"))
        return cls(
            value={name: entry["value"] for name, entry in content["prices"].items()},
            lcu=content["lcu"],
            limits=content["limits"],
            month_hours=content["month_hours"],
            region=content["region"],
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a number of live sessions needs and costs for an hour."""

    sessions: int
    tasks: int
    memory_gib: float
    vcpus: float
    lcu: Mapping[str, float]
    """Capacity units per dimension; the load balancer bills the largest."""
    efs_operations_second: float
    dollars_hour: Mapping[str, float]
    exceeded: tuple[str, ...] = field(default=())
    """Names of the default limits that this is beyond."""

    @property
    def lcu_billed(self) -> float:
        return max(self.lcu.values())

    @property
    def dollars_session_hour(self) -> float:
        return sum(self.dollars_hour.values()) / self.sessions


def plan(sessions: int, session: Session, stack: Stack, prices: Prices) -> Plan:
    """The model for one number of sessions. Raises `ValueError` below one session."""
    if sessions < 1:
        raise ValueError(f"sessions is {sessions}; allowed is 1 or more")
    tasks = math.ceil(sessions / stack.sessions_per_task(session)) + stack.spare_tasks
    lcu = _capacity_units(sessions, session, stack, prices.lcu)
    operations = _efs_operations(sessions, session)
    needs = {
        "fargate_vcpu": tasks * stack.cpu / 1024,
        "alb_targets": tasks,
        "service_tasks": tasks,
        "efs_connections": tasks,
        "efs_read_iops": operations,
        "network_interfaces": tasks,
    }
    return Plan(
        sessions=sessions,
        tasks=tasks,
        memory_gib=tasks * stack.memory_mib / GIB_IN_MIB,
        vcpus=tasks * stack.cpu / 1024,
        lcu=lcu,
        efs_operations_second=operations,
        dollars_hour=_dollars(sessions, session, stack, prices, tasks, max(lcu.values())),
        exceeded=tuple(name for name, need in needs.items() if need > prices.limits[name]["value"]),
    )


def _capacity_units(
    sessions: int, session: Session, stack: Stack, unit: Mapping[str, Any]
) -> dict[str, float]:
    requests_second = sessions * session.page_loads_hour * session.page_requests / 3600
    chargeable = max(0, stack.listener_rules - unit["free_rules"])
    return {
        "new connections": (
            sessions * session.connections_hour / 3600 / unit["new_connections_per_second"]
        ),
        # Each page holds a WebSocket (HTTP/1.1) and an HTTP/2 connection.
        "active connections": sessions * session.tabs * 2 / unit["active_connections"],
        "bytes": _traffic_gib_hour(sessions, session) / unit["gib_per_hour"],
        "rule evaluations": requests_second * chargeable / unit["rule_evaluations_per_second"],
    }


def _traffic_gib_hour(sessions: int, session: Session) -> float:
    return (
        sessions
        * (session.page_loads_hour * session.page_kib + session.edits_hour * session.edit_kib)
        / KIB_IN_GIB
    )


def _efs_operations(sessions: int, session: Session) -> float:
    polling = session.files / session.attribute_cache_seconds
    editing = session.edits_hour * session.data_operations_per_edit / 3600
    return sessions * (polling + editing)


def _dollars(
    sessions: int, session: Session, stack: Stack, prices: Prices, tasks: int, lcu: float
) -> dict[str, float]:
    price, traffic = prices.value, _traffic_gib_hour(sessions, session)
    # EFS meters at least 4 KiB for a metadata operation and 32 KiB for a data operation (Elastic
    # throughput).
    read_gib = sessions * 3600 * (session.files / session.attribute_cache_seconds * 4) / KIB_IN_GIB
    data_gib = sessions * session.edits_hour * session.data_operations_per_edit * 32 / KIB_IN_GIB
    return {
        "tasks": (
            tasks
            * (
                stack.cpu / 1024 * price[f"fargate_{stack.arch}_vcpu_hour"]
                + stack.memory_mib / GIB_IN_MIB * price[f"fargate_{stack.arch}_gib_hour"]
                + max(0, stack.ephemeral_storage_gib - 20) * price["fargate_storage_gib_hour"]
            )
        ),
        "load balancer": (
            price["alb_hour"]
            + lcu * price["alb_lcu_hour"]
            + stack.zones * price["public_ipv4_hour"]
        ),
        "file system": (
            sessions * session.project_gib * price["efs_gib_month"] / prices.month_hours
            + read_gib * price["efs_read_gib"]
            + data_gib * price["efs_write_gib"]
        ),
        "network": (
            stack.nat_gateways * (price["nat_hour"] + price["public_ipv4_hour"])
            + traffic * price["internet_out_gib"]
        ),
        "logs": sessions * session.log_kib_hour / KIB_IN_GIB * price["logs_gib"],
    }


def first_limit(session: Session, stack: Stack, prices: Prices, name: str) -> int:
    """The largest number of sessions within the default limit `name`."""
    low, high = 1, 10_000_000
    if name in plan(1, session, stack, prices).exceeded:
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle)
            if name in plan(middle, session, stack, prices).exceeded
            else (middle, high)
        )
    return low


def run(_options: Options) -> Measurement:
    """The model's figures, as the other benchmarks' results are written."""
    session, stack, prices = Session(), Stack(), Prices.read()
    plans = [plan(count, session, stack, prices) for count in SESSIONS]
    figures: dict[str, float | int | str] = {"sessions_per_task": stack.sessions_per_task(session)}
    for each in plans:
        figures[f"dollars_per_session_hour_at_{each.sessions}"] = round(
            each.dollars_session_hour, 5
        )
        figures[f"tasks_at_{each.sessions}"] = each.tasks
    for name in ("fargate_vcpu", "alb_targets", "efs_read_iops", "efs_connections"):
        figures[f"sessions_within_{name}"] = first_limit(session, stack, prices, name)
    points = tuple((float(each.sessions), each.dollars_session_hour) for each in plans)
    return Measurement(
        curves=[
            Curve(
                name="cost", x_label="live sessions", y_label="USD per session-hour", points=points
            )
        ],
        figures=figures,
        notes=[
            f"A model, not a measurement: list prices of {prices.region}, see bench/prices.json."
        ],
    )
