"""How much later does a page show an edit when it comes through a task that does not own the
session?

Two gateways share a table (moto's). One owns a session with a real dev server; its page is open in
two browsers, one at each gateway's address. Each edit is one write, and both pages report when they
show it, so both have the same edit of the same dev server. Which page was connected first changes
between the halves of the run: the dev server notifies pages in that order.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench.core import browser, site
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare, hold
from bench.core.site import KINDS, Kind
from bench.edit_latency import PATIENCE_SECONDS, Side, open_side
from bench.forwarded import running_task, shared_settings

QUESTION = (
    "How long after an edit does a page show it through a task that is not the session's owner,"
    " beside one at the owner's own address?"
)
OWNER, FORWARDED = "at the owner", "through another task"
BOUND: Final = 1.1
SESSION: Final = "bench"
WARM_UPS: Final = 2
"""Edits of each kind before any is measured."""


def run(options: Options) -> Measurement:
    """Rounds over the kinds of file, in two halves."""
    rounds, warm_ups = options.pick(40, 2), options.pick(WARM_UPS, 0)
    with ExitStack() as exits:
        sides, folder = _sides(exits, options.scratch)
        numbers = iter(range(1, 100_000))
        for first in (0, 1):
            _connect_in_order([sides[first], sides[1 - first]])
            for number in range(warm_ups + rounds // 2):
                for kind in KINDS:
                    _edit(sides, folder, kind, next(numbers), keep=number >= warm_ups)
    return _measurement(sides)


def _edit(sides: list[Side], folder: Path, kind: Kind, number: int, *, keep: bool) -> None:
    """Write once, and wait for both pages."""
    for side in sides:
        side.settle()
    begin = time.time() * 1000
    site.edit(folder, kind, number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all((kind, number) in side.seen for side in sides):
        if time.monotonic() > deadline:
            break
        for side in sides:
            side.page.wait_for_timeout(2)
    for side in sides:
        if (at := side.seen.get((kind, number))) is None:
            side.lost += 1
        elif keep:
            side.times[kind].append(at - begin)


def _connect_in_order(sides: list[Side]) -> None:
    """Load both pages again, the first side's first."""
    for side in sides:
        side.connected = False
        side.page.reload()
        side.page.wait_for_load_state("load")
        side.settle()


def _sides(exits: ExitStack, scratch: Path) -> tuple[list[Side], Path]:
    settings = {**shared_settings(exits, scratch), "ASTRO_LIVE_WARM_RUNNERS": "0"}
    owner, edge = (
        exits.enter_context(running_task(scratch / name, settings, stub=False))
        for name in ("owner", "edge")
    )
    folder = site.make(owner.sites / SESSION, modules=False)
    owner.api("POST", f"/sessions/{SESSION}/start")
    browsers = exits.enter_context(browser.chromiums(owner.address, edge.address))
    return [
        open_side(chromium, name, folder, lambda task=task: task.link(SESSION))  # type: ignore[misc]
        for name, task, chromium in zip((OWNER, FORWARDED), (owner, edge), browsers, strict=True)
    ], folder


def _measurement(sides: list[Side]) -> Measurement:
    own, forwarded = sides
    kinds = {
        (kind, side.name): Series(
            name=f"{kind}: {side.name}", unit="ms", values=tuple(side.times[kind])
        )
        for kind in KINDS
        for side in sides
    }
    of_all = {
        side.name: Series(
            name=f"all kinds: {side.name}",
            unit="ms",
            values=tuple(time for kind in KINDS for time in side.times[kind]),
        )
        for side in sides
    }
    return Measurement(
        series=[*of_all.values(), *kinds.values()],
        checks=[
            compare(
                "p95 of edit → page through a task that is not the owner, against the owner's own",
                of_all[FORWARDED],
                of_all[OWNER],
                "at most",
                BOUND,
                statistic="p95",
            ),
            hold(
                "edits lost through a task that is not the owner",
                float(forwarded.lost),
                "edits",
                "at most",
                0.0,
            ),
        ],
        figures={
            "latency_p50_ratio": round(
                of_all[FORWARDED].summary.median / of_all[OWNER].summary.median, 3
            ),
            "added_ms_p50": round(
                of_all[FORWARDED].summary.median - of_all[OWNER].summary.median, 2
            ),
            "edits lost at the owner": own.lost,
        },
        notes=[
            "Both pages show the same edits of one dev server, and share this machine's processors."
        ],
    )
