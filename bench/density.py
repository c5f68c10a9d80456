"""How much memory does a live session take, and how many fit into a GiB?

Sessions are opened one after the other, each with its first pages loaded; memory is PSS of every process of the gateway.
"""

from __future__ import annotations

import time
from typing import Final

from bench.core import gateway, peers, processes, site
from bench.core.registry import Options
from bench.core.result import Curve, Measurement, Series
from bench.core.visit import Visitor

QUESTION = "How much memory does a live session take, and how many fit into a GiB?"
SETTLE_SECONDS: Final = 2.0


def run(options: Options) -> Measurement:
    """Sessions of one gateway, and bare `astro dev` processes beside it."""
    count = options.pick(8, 2)
    points: list[tuple[float, float]] = []
    with gateway.running(options.scratch / "gateway", settings={"ASTRO_LIVE_WARM_RUNNERS": "0"}) as live:
        time.sleep(SETTLE_SECONDS)
        base = processes.tree_memory_mib(live.process.pid)
        points.append((0, base))
        for number in range(count):
            live.create(f"s{number}")
            with Visitor.of(live, f"s{number}") as visitor:
                visitor.load_pages()
            time.sleep(SETTLE_SECONDS / 2)
            points.append((number + 1, processes.tree_memory_mib(live.process.pid)))
        time.sleep(SETTLE_SECONDS)
        tree = processes.tree(live.process.pid)
        each = [processes.pss_bytes(pid) / processes.MIB for pid in processes.named(tree, "runner.mjs")]
        envoy = processes.pss_bytes(live.envoy_pid) / processes.MIB
    bare = []
    for number in range(options.pick(2, 1)):
        folder = options.scratch / f"bare-{number}"
        place = site.make(folder / "site", modules=True)
        with peers.astro_dev(folder, place) as peer:
            with Visitor(host=peer.address, port=peer.port, base="/") as visitor:
                visitor.load_pages()
            time.sleep(SETTLE_SECONDS)
            bare.append(processes.tree_memory_mib(peer.process.pid))
    session = Series(name="session's dev server", unit="MiB", values=tuple(each))
    return Measurement(
        series=[session, Series(name="bare astro dev, alone on the machine", unit="MiB", values=tuple(bare))],
        curves=[Curve(name="gateway and its sessions", x_label="live sessions", y_label="PSS, MiB", points=tuple(points))],
        figures={
            "gateway_without_sessions_mib": round(base, 1),
            "envoy_mib": round(envoy, 1),
            "mib_per_session": round((points[-1][1] - points[0][1]) / count, 1),
            "sessions_per_gib": round(1024 / ((points[-1][1] - points[0][1]) / count), 2),
        },
        notes=["Dev servers of one task share the pages of Node.js itself, which a bare one has to itself."],
    )
