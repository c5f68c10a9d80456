"""How much memory does a live session take, and how many fit into a GiB?

Sessions are opened one after the other, each with its first pages loaded; memory is PSS of every
process of the gateway.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.core import gateway, peers, processes, site
from bench.core.registry import Options
from bench.core.result import Curve, Measurement, Series
from bench.core.visit import Visitor

QUESTION = "How much memory does a live session take, and how many fit into a GiB?"
SETTLE_SECONDS: Final = 2.0
IDLE_SECONDS: Final = 35.0
"""More than the pause after which a dev server collects its garbage
(`container/astro/lib/memory.mjs`).
"""


def run(options: Options) -> Measurement:
    """Sessions of one gateway, of one without the runner's care for memory, and bare `astro dev`
    processes.
    """
    settle, idle = (0.2, 0.5) if options.quick else (SETTLE_SECONDS, IDLE_SECONDS)
    now, before = (
        _fill(options.scratch / name, count, settle=settle, idle=idle, more=more)
        for name, count, more in (
            ("gateway", options.pick(8, 1), {}),
            ("before", options.pick(4, 1), gateway.runner_without("memory")),
        )
    )
    bare = []
    for number in range(options.pick(2, 1)):
        folder = options.scratch / f"bare-{number}"
        place = site.make(folder / "site", modules=True)
        with peers.astro_dev(folder, place) as peer:
            with Visitor(host=peer.address, port=peer.port, base="/") as visitor:
                visitor.load_pages()
            time.sleep(settle)
            bare.append(processes.tree_memory_mib(peer.process.pid))
    return Measurement(
        series=[
            Series(name="session's dev server", unit="MiB", values=now.each),
            Series(
                name="session's dev server, with V8's limits and huge pages",
                unit="MiB",
                values=before.each,
            ),
            Series(name="bare astro dev, alone on the machine", unit="MiB", values=tuple(bare)),
        ],
        curves=[
            Curve(name=name, x_label="live sessions", y_label="PSS, MiB", points=filled.points)
            for name, filled in (
                ("gateway and its sessions", now),
                ("with V8's limits and huge pages", before),
            )
        ],
        figures={
            "gateway_without_sessions_mib": round(now.points[0][1], 1),
            "envoy_mib": round(now.envoy, 1),
            "mib_per_session": round(now.per_session, 1),
            "sessions_per_gib": round(1024 / now.per_session, 2),
            "mib_per_session_before": round(before.per_session, 1),
            "sessions_per_gib_before": round(1024 / before.per_session, 2),
        },
        notes=[
            (
                "Dev servers of one task share the pages of Node.js itself, which a bare one has to"
                " itself."
            ),
            (
                "Read once all have been left alone for some seconds, which is when a dev server"
                " gives back what it does not need."
            ),
        ],
    )


@dataclass(frozen=True, kw_only=True)
class Filled:
    """Memory of a gateway with more and more sessions, in MiB."""

    points: tuple[tuple[float, float], ...]
    """`(sessions, all processes)`, the last one when all were left alone."""
    each: tuple[float, ...]
    envoy: float

    @property
    def per_session(self) -> float:
        return (self.points[-1][1] - self.points[0][1]) / self.points[-1][0]


def _fill(folder: Path, count: int, *, settle: float, idle: float, more: dict[str, str]) -> Filled:
    """`settle` and `idle` are seconds from the last request to a reading, and to the last one."""
    with gateway.running(folder, settings={"ASTRO_LIVE_WARM_RUNNERS": "0", **more}) as live:
        time.sleep(settle)
        points = [(0.0, processes.tree_memory_mib(live.process.pid))]
        for number in range(count):
            live.create(f"s{number}")
            with Visitor.of(live, f"s{number}") as visitor:
                visitor.load_pages()
            time.sleep(settle if number < count - 1 else idle)
            points.append((number + 1.0, processes.tree_memory_mib(live.process.pid)))
        each = tuple(processes.pss_bytes(pid) / processes.MIB for pid in _runners(live))
        return Filled(
            points=tuple(points),
            each=each,
            envoy=processes.pss_bytes(live.envoy_pid) / processes.MIB,
        )


def _runners(live: gateway.LiveGateway) -> list[int]:
    return processes.named(processes.tree(live.process.pid), "bin/node")
