"""How long from the first visit of a session to its first page: cold, and with a runner started
ahead, against a bare `astro dev`?

Every start is the first of its site: no Vite cache, no generated files. What is timed is the
server: HTML of the first page, complete.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

from bench.core import gateway, peers, processes, site
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare, hold
from bench.core.visit import Visitor

QUESTION = (
    "How long from the first visit of a session to its first page, cold and with a warm runner,"
    " against a bare `astro dev`?"
)
WARM_READY_SECONDS: Final = 1.0
BARE, COLD, AGAIN = (
    "bare astro dev → first page",
    "cold session → first page",
    "session that ran before → first page",
)
WARM, WARM_READY = "warm runner → first page", "warm runner → ready for Astro's first render"
LOADED, LOADED_READY = (
    "runner with modules loaded only → first page",
    "runner with modules loaded only → ready",
)
IN_TURN, IN_TURN_READY = (
    "runtime's modules in turn → first page",
    "runtime's modules in turn → ready",
)
POOLS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    (WARM_READY, WARM, {}),
    (LOADED_READY, LOADED, gateway.runner_without("prewarm")),
    (IN_TURN_READY, IN_TURN, gateway.runner_without("ahead")),
)
"""Gateways with a warm runner: as it is, and as it was."""
RATIOS: Final = (
    ("prewarming_ready_ratio", WARM_READY, LOADED_READY),
    ("prewarming_page_ratio", WARM, LOADED),
    ("ahead_ready_ratio", WARM_READY, IN_TURN_READY),
    ("ahead_page_ratio", WARM, IN_TURN),
)


def run(options: Options) -> Measurement:
    """Rounds in turns: bare, cold, the same site again, warm, and warm as it was before. The
    smallest run has one warm pool, as it is.
    """
    times: dict[str, list[float]] = {name: [] for name in (BARE, COLD, AGAIN)}
    with contextlib.ExitStack() as stack:
        without_pool = stack.enter_context(
            gateway.running(options.scratch / "cold", settings={"ASTRO_LIVE_WARM_RUNNERS": "0"})
        )
        pools = [
            (
                stack.enter_context(_with_pool(options.scratch / f"warm-{number}", more)),
                ready_name,
                page_name,
            )
            for number, (ready_name, page_name, more) in enumerate(POOLS[: options.pick(3, 1)])
        ]
        for number in range(options.pick(5, 1)):
            for live, _, _ in pools:
                _await_pool(live)
            times[BARE].append(_bare(options.scratch / f"bare-{number}"))
            times[COLD].append(_visit(without_pool, f"s{number}", new=True)[1])
            times[AGAIN].append(_visit(without_pool, f"s{number}", new=False)[1])
            for live, ready_name, page_name in pools:
                ready, page = _visit(live, f"s{number}", new=True)
                times.setdefault(ready_name, []).append(ready)
                times.setdefault(page_name, []).append(page)
    series = {
        name: Series(name=name, unit="s", values=tuple(values)) for name, values in times.items()
    }
    median = {name: each.summary.median for name, each in series.items()}
    warm = median[WARM_READY]
    return Measurement(
        series=list(series.values()),
        checks=[
            compare(
                "first visit of a cold session → page, against a bare start",
                series[COLD],
                series[BARE],
                "at most",
                1.2,
            ),
            hold(
                "first visit with a warm runner → ready, before Astro's first render",
                warm,
                "s",
                "at most",
                WARM_READY_SECONDS,
            ),
        ],
        figures={
            name: round(median[new] / median[old], 2) for name, new, old in RATIOS if old in median
        },
        notes=[
            (
                "The bare start is `astro dev` from its command line with the same packages; its"
                " time ends with the same page."
            ),
            (
                "'Modules loaded only' is the warm runner as it was before: it had imported Astro,"
                " but not started and stopped a site."
            ),
            (
                "'Modules in turn' is a warm runner that reads the modules of Astro's runtime one"
                " after the other, as Vite does by itself."
            ),
        ],
    )


def _with_pool(
    folder: Path, more: dict[str, str]
) -> contextlib.AbstractContextManager[LiveGateway]:
    return gateway.running(folder, settings={"ASTRO_LIVE_WARM_RUNNERS": "1", **more})


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
    """Wait until the warm runner has loaded and prewarmed: its processor time stands still then.
    Raises `RuntimeError` if it never does.
    """
    deadline, before, still = time.monotonic() + 90, -1.0, 0
    while time.monotonic() < deadline:
        runners = processes.named(processes.tree(live.process.pid), "bin/node")
        spent = sum(processes.cpu_seconds(pid) for pid in runners)
        still = still + 1 if runners and spent > 0.5 and spent - before < 0.03 else 0
        if still == 3:
            return
        before = spent
        time.sleep(0.5)
    raise RuntimeError(f"the warm pool did not fill\n{live.tail()}")
