"""How soon does an open page of a large site show an edit, and what memory does the site take,
against a bare `astro dev`?

Sites are generated: the starter with that many articles, each of some hundred words with headings,
a list and a highlighted block of code. Both sides serve copies of one site, each open in a tab of
one Chromium; rounds take turns. Memory is that of the dev server with its children: with one page
open, after the edits, and after a rest in which nobody does anything. The smallest run has the
gateway without the rest of the local stack, and a few articles.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from bench.core import browser, gateway, peers, processes, site, stack
from bench.core.gateway import LiveGateway
from bench.core.registry import Options
from bench.core.result import Check, Measurement, Series, compare, hold
from bench.core.site import KINDS, Kind
from bench.core.stack import LocalStack
from bench.edit_latency import Side, open_side

QUESTION = (
    "How soon does an open page of a site of 385 and of 1,850 articles show an edit, against a bare"
    " `astro dev`?"
)
BARE, WHOLE = "bare astro dev", "whole local path"
SIZES: Final = (3, 385, 1850)
"""Articles. The first is the starter as it is, for its memory."""
BOUNDS: Final[dict[Kind, float]] = {"css": 1.0, "astro": 0.6, "collection": 0.6}
WARM_ROUNDS: Final = 2
ROUNDS: Final = 20
REST_SECONDS: Final = 45
"""Longer than a dev server at rest waits before it collects (30 s)."""


@dataclass(kw_only=True)
class Size:
    """What was measured of one size, by side."""

    articles: int
    sides: list[Side] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """From the start to the first loaded page."""
    memory: dict[str, dict[str, float]] = field(default_factory=dict)
    """MiB by side and moment."""

    def series(self, kind: Kind, name: str) -> Series:
        side = next(side for side in self.sides if side.name == name)
        return Series(
            name=f"{self.articles} articles, {kind}: {name}",
            unit="ms",
            values=tuple(side.times[kind]),
        )


def run(options: Options) -> Measurement:
    """Each size by itself, so that none pays for another's memory."""
    sizes = SIZES if not options.quick else (12,)
    done = [_measure(options.scratch / str(articles), articles, options) for articles in sizes]
    return Measurement(
        series=[
            size.series(kind, name) for size in done for kind in KINDS for name in (BARE, WHOLE)
        ],
        checks=[check for size in done if size.articles != SIZES[0] for check in _checks(size)],
        figures={name: value for size in done for name, value in _figures(size)},
        notes=[
            (
                "Memory is that of the dev server alone, as PSS. 'open' is with one page loaded,"
                f" 'edited' after the rounds, 'rest' {REST_SECONDS} s later. Bare `astro dev` has"
                " V8's own limits."
            ),
            (
                "Start → page has no warm runner on either side, and begins without Vite's cache"
                " and without Astro's data store."
            ),
        ],
    )


def _checks(size: Size) -> list[Check]:
    lost = sum(side.lost for side in size.sides if side.name == WHOLE)
    return [
        *(
            compare(
                f"p95 of edit → page on a site of {size.articles} articles, {kind}, whole local"
                " path against bare `astro dev`",
                size.series(kind, WHOLE),
                size.series(kind, BARE),
                "at most",
                BOUNDS[kind],
                statistic="p95",
            )
            for kind in KINDS
        ),
        hold(
            f"edits lost on a site of {size.articles} articles",
            float(lost),
            "edits",
            "at most",
            0.0,
        ),
    ]


def _figures(size: Size) -> list[tuple[str, float]]:
    short = {BARE: "bare", WHOLE: "session"}
    return [
        *(
            (f"{size.articles} articles: start → page, {short[name]} (s)", round(taken, 1))
            for name, taken in size.seconds.items()
        ),
        *(
            (f"{size.articles} articles: memory {moment}, {short[name]} (MiB)", round(mib))
            for name, moments in size.memory.items()
            for moment, mib in moments.items()
        ),
        *(
            (f"{size.articles} articles: edits lost, {short[side.name]}", float(side.lost))
            for side in size.sides
        ),
    ]


def _measure(scratch: Path, articles: int, options: Options) -> Size:
    scratch.mkdir()
    size = Size(articles=articles)
    begin = _session_alone if options.quick else _session
    with ExitStack() as exits:
        chromium = exits.enter_context(browser.chromium())
        pids = {
            WHOLE: begin(exits, scratch, chromium, size),
            BARE: _bare(exits, scratch, chromium, size),
        }
        # A session's dev server yields the processors to the gateway. With other work on the
        # machine the two sides would not be served alike.
        os.setpriority(os.PRIO_PROCESS, pids[BARE], os.getpriority(os.PRIO_PROCESS, pids[WHOLE]))
        numbers = iter(range(1, 100_000))
        _remember(size, pids, "open")
        for _ in range(options.pick(WARM_ROUNDS, 0)):
            for kind in KINDS:
                for side in size.sides:
                    side.edit(kind, next(numbers))
        for _ in range(options.pick(ROUNDS, 1)):
            for kind in KINDS:
                for side in size.sides:
                    side.measure(kind, next(numbers))
        _remember(size, pids, "edited")
        time.sleep(options.pick(REST_SECONDS, 0))
        _remember(size, pids, "rest")
    return size


def _remember(size: Size, pids: dict[str, int], moment: str) -> None:
    for name, pid in pids.items():
        size.memory.setdefault(name, {})[moment] = processes.tree_memory_mib(pid)


def _session(exits: ExitStack, scratch: Path, chromium: Browser, size: Size) -> int:
    config = {"warmRunners": 0, "sessionMemoryMib": 4096}
    return _open(exits.enter_context(stack.running(scratch, config=config)), chromium, size)


def _session_alone(exits: ExitStack, scratch: Path, chromium: Browser, size: Size) -> int:
    settings = {"ASTRO_LIVE_WARM_RUNNERS": "0"}
    return _open(exits.enter_context(gateway.running(scratch, settings=settings)), chromium, size)


def _open(live: LiveGateway | LocalStack, chromium: Browser, size: Size) -> int:
    folder = site.make(live.sites / "bench", modules=False, articles=size.articles)
    began = time.monotonic()
    live.api("POST", "/sessions/bench/start")
    size.sides.append(
        open_side(
            chromium, WHOLE, folder, lambda: live.link("bench"), lambda: _taken(size, WHOLE, began)
        )
    )
    return int(live.api("GET", "/sessions/bench")["pid"])


def _bare(exits: ExitStack, scratch: Path, chromium: Browser, size: Size) -> int:
    folder = site.make(scratch / "bare" / "site", modules=True, articles=size.articles)
    began = time.monotonic()
    bare = exits.enter_context(peers.astro_dev(scratch, folder))
    size.sides.append(
        open_side(chromium, BARE, folder, lambda: bare.url, lambda: _taken(size, BARE, began))
    )
    return bare.process.pid


def _taken(size: Size, name: str, began: float) -> None:
    size.seconds[name] = time.monotonic() - began
