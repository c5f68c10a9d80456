"""How long after a file is written does an open page show it: with bare `astro dev`, behind the
gateway, through the whole local path?

Dev servers serve copies of one site, each open in a tab of one Chromium. An edit writes a number
into a file; a script in the page notes, by the page's own clock, when the number shows. Rounds take
turns between the sides and kinds of file. One side more is the gateway as it was before pages were
updated in place and styles came with the message.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from bench.core import browser, gateway, peers, site, stack
from bench.core.registry import Options
from bench.core.result import Measurement, Series, compare, hold
from bench.core.site import KINDS, Kind

QUESTION = (
    "How long after an edit does an open page show it, against a bare `astro dev` with native file"
    " events?"
)
BARE, ALONE, WHOLE = "bare astro dev", "gateway alone", "whole local path"
RELOADING: Final = "gateway alone, reloading pages"
BOUNDS: Final[dict[Kind, float]] = {"css": 1.2, "astro": 1.2, "collection": 0.25}
CEILING_MS: Final = 150.0
PATIENCE_SECONDS: Final = 10.0
FIRST_PAGE_SECONDS: Final = 120
PAUSE_SECONDS: Final = 0.35
"""From the page's HMR socket to the next edit. A reloaded page goes on working then (modules of
islands, the dev toolbar), and an edit in that time would be measured with the rest of the one
before it.
"""


@dataclass(kw_only=True)
class Side:
    """One way of serving the site, open in a tab."""

    name: str
    folder: Path
    page: Page
    seen: dict[tuple[str, int], float]
    times: dict[Kind, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    lost: int = 0
    """Edits that the page did not show within PATIENCE_SECONDS."""
    reloads: int = 0
    """How often the page was reloaded."""
    connected: bool = False
    """Whether Vite's client has said so since the page was last loaded: a message sent before is
    lost on the page.
    """

    def navigated(self) -> None:
        self.connected = False
        self.reloads += 1

    def settle(self) -> None:
        """Wait for the page's HMR socket, and a little longer. Raises `RuntimeError` when it does
        not open.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.connected:
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"{self.name}: the page's HMR socket did not open within {PATIENCE_SECONDS} s"
                )
            self.page.wait_for_timeout(5)
        self.page.wait_for_timeout(PAUSE_SECONDS * 1000)

    def edit(self, kind: Kind, number: int) -> float | None:
        """Write, and wait for the page; milliseconds in between, or None when the page never shows
        it: the edit was lost.
        """
        self.settle()
        begin = time.time() * 1000
        site.edit(self.folder, kind, number)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (kind, number) not in self.seen:
            if time.monotonic() > deadline:
                return None
            self.page.wait_for_timeout(5)
        return self.seen[(kind, number)] - begin

    def measure(self, kind: Kind, number: int) -> None:
        """Edit, and keep the time or count the loss."""
        if (taken := self.edit(kind, number)) is None:
            self.lost += 1
        else:
            self.times[kind].append(taken)


def run(options: Options) -> Measurement:
    """Warm every side up, then measure in turns."""
    rounds = options.pick(40, 1)
    with ExitStack() as exits:
        sides = _sides(exits, options)
        numbers = iter(range(1, 100_000))
        for _ in range(options.pick(3, 0)):
            for side in sides:
                for kind in KINDS:
                    side.edit(kind, next(numbers))
        for side in sides:
            side.reloads = 0
        for _ in range(rounds):
            for kind in KINDS:
                for side in sides:
                    side.measure(kind, next(numbers))
    return _measurement(sides)


def _measurement(sides: list[Side]) -> Measurement:
    series = {
        (kind, side.name): Series(
            name=f"{kind}: {side.name}", unit="ms", values=tuple(side.times[kind])
        )
        for kind in KINDS
        for side in sides
    }
    checks = [
        compare(
            f"p95 of edit → page, {kind}, whole local path against bare `astro dev`",
            series[kind, WHOLE],
            series[kind, BARE],
            "at most",
            BOUNDS[kind],
            statistic="p95",
        )
        for kind in KINDS
    ]
    worst = max(max(series[kind, WHOLE].values) for kind in KINDS)
    return Measurement(
        series=list(series.values()),
        figures={
            **{f"edits lost by {side.name}": side.lost for side in sides},
            **{f"reloads by {side.name}": side.reloads for side in sides},
        },
        checks=[
            *checks,
            hold(
                "edits lost on the whole local path",
                float(next(side.lost for side in sides if side.name == WHOLE)),
                "edits",
                "at most",
                0.0,
            ),
            hold(
                "slowest of all edits through the whole local path",
                worst,
                "ms",
                "at most",
                CEILING_MS,
            ),
        ],
        notes=[
            (
                "Native file events on every side. For `.astro` and collection edits a bare `astro"
                " dev` reloads the page: the time includes the reload up to the moment that the new"
                " text is in the document. The gateway's pages show them in place, and an edited"
                " style comes with the message about it; 'reloading pages' is the gateway with both"
                " turned off."
            ),
            "Bare `astro dev` waits 500 ms before it takes a collection edit in.",
        ],
    )


def _sides(exits: ExitStack, options: Options) -> list[Side]:
    """A quick run does without the two that no aim names."""
    scratch = options.scratch
    ways: dict[str, tuple[Path, Callable[[], str]]] = {}
    bare_site = site.make(scratch / "bare" / "site", modules=True)
    bare = exits.enter_context(peers.astro_dev(scratch, bare_site))
    ways[BARE] = (bare_site, lambda: bare.url)
    whole = exits.enter_context(stack.running(scratch))
    ways[WHOLE] = (site.make(whole.sites / "bench", modules=False), lambda: whole.link("bench"))
    whole.api("POST", "/sessions/bench/start")
    reloading = {"ASTRO_LIVE_PAGE_UPDATES": "reload", "ASTRO_LIVE_WARM_RUNNERS": "0"}
    others: dict[str, dict[str, str]] = {ALONE: {}, RELOADING: reloading}
    for name, settings in () if options.quick else others.items():
        ways[name] = _behind_a_gateway(exits, scratch / name.replace(" ", "-"), settings)
    chromium = exits.enter_context(browser.chromium())
    return [open_side(chromium, name, folder, link) for name, (folder, link) in ways.items()]


def _behind_a_gateway(
    exits: ExitStack, folder: Path, settings: dict[str, str]
) -> tuple[Path, Callable[[], str]]:
    """A site of a gateway with these settings, and what makes a link to it."""
    live = exits.enter_context(gateway.running(folder, settings=settings))
    made = site.make(live.sites / "bench", modules=False)
    live.api("POST", "/sessions/bench/start")
    return made, lambda: live.link("bench")


def open_side(
    chromium: Browser,
    name: str,
    folder: Path,
    link: Callable[[], str],
    on_load: Callable[[], None] = lambda: None,
) -> Side:
    """A tab on the site in `folder`, steady. `on_load` is called when the page has loaded for the
    first time.
    """
    context = chromium.new_context(
        ignore_https_errors=True
    )  # the local stack's own certificate authority
    page = context.new_page()
    side = Side(name=name, folder=folder, page=page, seen={})
    page.expose_function(
        "benchSaw", lambda kind, number, at: side.seen.setdefault((kind, int(number)), at)
    )
    page.add_init_script(site.OBSERVER)
    page.on("framenavigated", lambda _frame: side.navigated())
    page.on(
        "console",
        lambda message: (
            setattr(side, "connected", True) if message.text == "[vite] connected." else None
        ),
    )
    page.goto(link(), timeout=FIRST_PAGE_SECONDS * 1000)
    on_load()
    # The first visit ends with a reload, when Vite has bundled packages; wait until the page is
    # steady.
    page.wait_for_timeout(1500)
    page.reload()
    page.wait_for_load_state("networkidle", timeout=FIRST_PAGE_SECONDS * 1000)
    return side
