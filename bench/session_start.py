"""How long from the first visit of a session to its first page: cold, and with a runner started ahead, against a bare `astro dev`?

Every start is the first of its site: no Vite cache, no generated files. What is timed is the server: HTML of the first page, complete.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from bench.core import gateway, peers, processes, site
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare, hold
from bench.core.visit import Visitor

QUESTION = "How long from the first visit of a session to its first page, cold and with a warm runner, against a bare `astro dev`?"
WARM_READY_SECONDS: Final = 1.0


def run(options: Options) -> Measurement:
    """Rounds in turns: bare, cold, warm, again (a second start of the same site)."""
    bare: list[float] = []
    cold: list[float] = []
    warm: list[float] = []
    warm_ready: list[float] = []
    again: list[float] = []
    with (
        gateway.running(options.scratch / "cold", settings={"ASTRO_LIVE_WARM_RUNNERS": "0"}) as without_pool,
        gateway.running(options.scratch / "warm", settings={"ASTRO_LIVE_WARM_RUNNERS": "1"}) as with_pool,
    ):
        for number in range(options.pick(7, 1)):
            _await_pool(with_pool)
            bare.append(_bare(options.scratch / f"bare-{number}"))
            cold.append(_visit(without_pool, f"s{number}", new=True)[1])
            again.append(_visit(without_pool, f"s{number}", new=False)[1])
            ready, page = _visit(with_pool, f"s{number}", new=True)
            warm_ready.append(ready)
            warm.append(page)
    series = [
        Series(name="bare astro dev → first page", unit="s", values=tuple(bare)),
        Series(name="cold session → first page", unit="s", values=tuple(cold)),
        Series(name="session that ran before → first page", unit="s", values=tuple(again)),
        Series(name="session with a warm runner → first page", unit="s", values=tuple(warm)),
        Series(name="session with a warm runner → ready for Astro's first render", unit="s", values=tuple(warm_ready)),
    ]
    return Measurement(
        series=series,
        checks=[
            compare("first visit of a cold session → page, against a bare start", series[1], series[0], "at most", 1.2),
            hold(
                "first visit with a warm runner → ready, before Astro's first render",
                series[4].summary.median,
                "s",
                "at most",
                WARM_READY_SECONDS,
            ),
        ],
        notes=["The bare start is `astro dev` from its command line with the same packages; its time ends with the same page."],
    )


def _bare(folder: Path) -> float:
    place = site.make(folder / "site", modules=True)
    began = time.monotonic()
    with peers.astro_dev(folder, place) as peer:
        with Visitor(host=peer.address, port=peer.port, base="/") as visitor:
            answer = visitor.get()
        taken = time.monotonic() - began
        if answer.status != 200 or b"</html>" not in answer.body:
            raise RuntimeError(f"bare astro dev answered {answer.status}: {answer.text[:300]!r}")
    return taken


def _visit(live: LiveGateway, session_id: str, *, new: bool) -> tuple[float, float]:
    if new:
        site.make(live.sites / session_id, modules=False)
    with Visitor.of(live, session_id) as visitor:
        times = visitor.first_page()
    live.api("POST", f"/sessions/{session_id}/stop")
    return times


def _await_pool(live: LiveGateway) -> None:
    """Wait until the warm runner has loaded its modules: its processor time stands still then."""
    deadline, before = time.monotonic() + 60, -1.0
    while time.monotonic() < deadline:
        runners = processes.named(processes.tree(live.process.pid), "runner.mjs")
        spent = sum(processes.cpu_seconds(pid) for pid in runners)
        if runners and spent > 0.5 and spent - before < 0.02:
            return
        before = spent
        time.sleep(0.5)
    raise RuntimeError(f"the warm pool did not fill\n{live.tail()}")
