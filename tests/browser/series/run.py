"""Runs series of edits on a live session until one is lost, and finds the shortest series that
loses one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as PageError

from tests.browser.stack import Session, Stack
from tests.browser.visitor import FIRST_VISIT_MS

from .model import PAGES, Site
from .operations import Files, Operation, apply, series
from .watcher import difference, follow, lost

LIMIT_S: Final = 60.0
"""Patience with a busy machine; what was measured is recorded."""
LENGTH: Final = 6


@dataclass(kw_only=True)
class Tally:
    """What was run and how long open pages took, in milliseconds."""

    series: int = 0
    operations: int = 0
    pages: int = 0
    taken: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        taken = sorted(self.taken)
        if not taken:
            return "nothing ran"
        p95 = taken[int(len(taken) * 0.95)]
        return (
            f"{self.series} series, {self.operations} operations, {self.pages} pages held against a"
            f" fresh load, ms after the last operation: median {taken[len(taken) // 2]:.0f}, p95"
            f" {p95:.0f}, longest {taken[-1]:.0f}"
        )


class Lost(AssertionError):
    """A page does not show what the files say."""


class Series:
    """A session with a tab on each page, and one more for fresh loads."""

    def __init__(self, session: Session, context: BrowserContext) -> None:
        self.session, self.context = session, context
        self.site = Site()
        self.tally = Tally()
        self.heard: list[str] = []
        self.tabs: dict[str, Page] = {}
        self.fresh = self._page("fresh")
        for page in PAGES:
            self.tabs[page] = self._page(page or "index")
            self.tabs[page].goto(session.url + page, timeout=FIRST_VISIT_MS)

    def _page(self, name: str) -> Page:
        page = self.context.new_page()
        page.on("console", lambda message: self.heard.append(f"{name}: {message.text[:160]}"))
        page.on("pageerror", lambda error: self.heard.append(f"{name}: {str(error)[:160]}"))
        page.on("crash", lambda _: self.heard.append(f"{name}: its renderer has crashed"))
        page.on("framenavigated", lambda frame: self.heard.append(f"{name}: loaded {frame.url}"))
        return page

    def reset(self) -> None:
        """Back to the first state, and every tab on a page that shows it."""
        first = Site()
        Files(self.session.folder, Random(0)).change(self.site, first, shuffled=False, way="plain")
        self.site = first
        self.check(limit_s=60, counts=False)
        self.heard.clear()

    def run(self, operations: Sequence[Operation]) -> None:
        """Do them all, then hold every tab against its fresh load. Raises `Lost`."""
        for operation in operations:
            self.heard.append(f"-- {operation}")
            self.site = apply(operation, self.site, self.session.folder)
            if self.tabs and operation.seed % 5 == 0:  # a page whose load the next edits meet
                tab = self.tabs[PAGES[operation.seed % len(PAGES)]]
                with suppress(PageError):  # it may be about to be loaded already
                    tab.evaluate("setTimeout(() => location.reload())")
            self.tally.operations += 1
        self.tally.series += 1
        self.check(limit_s=LIMIT_S)

    def check(self, *, limit_s: float, counts: bool = True) -> None:
        taken, never = follow(self.tabs, self.site, limit_s=limit_s)
        for page, seen in never.items():
            raise Lost(
                f"after {limit_s} s " + lost(self.fresh, self.session.url, page, self.site, seen)
            )
        for page, tab in self.tabs.items():
            if found := difference(tab, self.fresh, self.session.url, page, self.site):
                raise Lost(found)
        if counts:
            self.tally.pages += len(taken)
            self.tally.taken += taken.values()


def write_site(folder: Path, site: Site) -> None:
    for name, text in site.files().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@contextmanager
def live_series(stack: Stack, browser: Browser, session_id: str) -> Iterator[Series]:
    """The site in its first state as a session, with a signed-in browser."""
    write_site(stack.sites / session_id, Site())
    answer = stack.api("POST", f"/sessions/{session_id}/start")
    assert answer["state"] == "ready", f"{answer}\n{stack.log.read_text()[-3000:]}"
    context = browser.new_context(ignore_https_errors=True)
    try:
        session = stack.session(session_id)
        page = context.new_page()
        page.goto(session.one_time_url(), timeout=FIRST_VISIT_MS)
        page.wait_for_timeout(3000)
        page.close()
        yield Series(session, context)
    finally:
        context.close()
        stack.api("POST", f"/sessions/{session_id}/stop")


def search(
    running: Series,
    *,
    seed: int,
    seconds: float,
    shrink: bool,
    without: frozenset[str] = frozenset(),
) -> None:
    """Run series for a time. Raises `Lost` with the seed, and with the shortest series that was
    found when `shrink`.
    """
    end = time.monotonic() + seconds
    number = 0
    running.reset()
    while time.monotonic() < end:
        operations = series(seed + number, LENGTH, without)
        try:
            running.run(operations)
        except Lost as error:
            heard = "\n  ".join(running.heard[-60:])
            whole = "; ".join(map(str, operations))
            told = f"seed {seed + number}: {whole}\n{error}\nheard:\n  {heard}\n{running.tally}"
            if shrink:
                print(f"{told}\nlooking for a shorter series …", flush=True)
                shortest = shorten(running, operations)
                told = (
                    f"shortest: {'; '.join(map(str, shortest[0]))}\n{shortest[1]}"
                    if shortest
                    else "not lost again"
                )
            raise Lost(told) from None
        number += 1


def shorten(running: Series, operations: Sequence[Operation]) -> tuple[list[Operation], str] | None:
    """Leave out operations as long as the rest still loses an edit."""

    def loses(some: Sequence[Operation]) -> str:
        try:
            running.reset()
        except Lost as error:
            return f"(not even back at the first state) {error}"
        try:
            running.run(some)
        except Lost as error:
            return str(error) + "\nheard:\n  " + "\n  ".join(running.heard[-40:])
        return ""

    kept, why = list(operations), ""
    for at in reversed(range(len(kept))):
        fewer = kept[:at] + kept[at + 1 :]
        for _ in range(2):
            if fewer and (found := loses(fewer)):
                kept, why = fewer, found
                break
    return (kept, why) if why else None
