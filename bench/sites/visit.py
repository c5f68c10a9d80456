"""A tab on a site: how long until it shows, what it complained about, where it went, and how soon
it shows an edit.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, WebSocket
from playwright.sync_api import Error as PageError

from .edits import Edit, Kind, find

PAGE_SECONDS: Final = 180
EDIT_SECONDS: Final = 15.0
LATE_SECONDS: Final = 60.0
"""For an edit that a fresh load shows. On a busy machine a page may take longer than
`EDIT_SECONDS`, above all one that fetches the pages it leads to first: late is not lost."""
QUIET_MS: Final = 1500
OUTDATED: Final = 504
LEAVING_SECONDS: Final = 1.0
OPENS: Final = 3
"""Attempts at an edit whose page could not be opened."""
FINDS: Final = 3
RELOADS: Final = ("full-reload", "astro-live:reload", "astro-live:update")
"""Messages that have a page show what is not replaced in it: Vite's, and a session's for it."""
STATUS: Final = "performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"
NOT_OURS: Final = (
    "favicon.ico",
    "ERR_NAME_NOT_RESOLVED",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_CONNECTION",
    "ERR_TUNNEL",
    "ERR_PROXY",
    "ERR_CERT",
)
"""Complaints about addresses of the internet, which this machine may not reach."""


@dataclass(kw_only=True)
class Tab:
    """What a tab has heard so far."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    connected: int = 0
    loaded: int = 0
    """How many complaints had been heard when the page that is open began."""
    last_complaint: float = 0.0

    def strays(self) -> list[str]:
        """Requests to the site's host outside its base, each once."""
        inside = urlsplit(self.base)
        paths = [urlsplit(url) for url in self.requests]
        return list(
            dict.fromkeys(
                parts.path
                for parts in paths
                if parts.netloc == inside.netloc and not parts.path.startswith(inside.path)
            )
        )


@contextlib.contextmanager
def tab(browser: Browser, base: str) -> Iterator[Tab]:
    """A tab with ears."""
    context = browser.new_context(ignore_https_errors=True)
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)
        heard = Tab(page=page, base=base)

        def hear(socket: WebSocket) -> None:
            heard.requests.append(socket.url.replace("ws:", "http:").replace("wss:", "https:"))
            socket.on(
                "framereceived",
                lambda frame: heard.frames.append(
                    frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
                ),
            )

        page.on("request", lambda request: heard.requests.append(request.url))
        page.on("websocket", hear)
        page.on("pageerror", lambda error: _complain(heard, str(error)))
        page.on("console", lambda message: _console(heard, message.type, message.text))
        page.on("response", lambda answer: hear_answer(heard, answer.status, answer.url))
        page.on(
            "framenavigated",
            lambda frame: hear_load(heard) if frame == page.main_frame else None,
        )
        yield heard
    finally:
        context.close()


def _console(heard: Tab, kind: str, text: str) -> None:
    if text == "[vite] connected.":
        heard.connected += 1
    if kind == "error" and "Failed to load resource" not in text:
        _complain(heard, without_colours(text))


def without_colours(text: str) -> str:
    """A message without the styles that `console.error("%cname", …)` puts before it."""
    return re.sub(r"^%c(\S+) (?:[a-z-]+: [^;]*;\s*)+", r"\1 ", text)


def hear_answer(heard: Tab, status: int, url: str) -> None:
    """Keep a status of 400 and more. A 504 of Vite's ("Outdated Optimize Dep") is taken back once
    its file has come: Vite has bundled a dependency that it only found in that moment, under bare
    Astro too, and has loaded the page again.
    """
    if status >= 400:
        _complain(heard, f"{status} {url}")
        return
    outdated = f"{OUTDATED} {_named(heard, url)}".split("?")[0]
    for at in reversed(range(len(heard.complaints))):
        if heard.complaints[at].split("?")[0] == outdated:
            del heard.complaints[at]
            heard.loaded -= at < heard.loaded


def hear_load(heard: Tab) -> None:
    """Another page has begun. If the one before met a 504 of Vite's, Vite has replaced it for that:
    what it could not import then is forgotten, as it is with the page. So is what it was fetching
    when it was left.
    """
    if time.monotonic() - heard.last_complaint < LEAVING_SECONDS:
        while heard.complaints[heard.loaded :] and "Failed to fetch" in heard.complaints[-1]:
            heard.complaints.pop()
    before = heard.complaints[heard.loaded :]
    if any(complaint.startswith(f"{OUTDATED} ") for complaint in before):
        del heard.complaints[heard.loaded :]
    heard.loaded = len(heard.complaints)


def _complain(heard: Tab, text: str) -> None:
    inside = urlsplit(heard.base)
    if any(part in text for part in NOT_OURS) or (
        "http" in text and inside.netloc not in text and text[:3].isdigit()
    ):
        return
    heard.complaints.append(_named(heard, text.splitlines()[0][:200]))
    heard.last_complaint = time.monotonic()


def _named(heard: Tab, text: str) -> str:
    """Without the session's address."""
    inside = urlsplit(heard.base)
    return text.replace(heard.base, "/").replace(f"{inside.scheme}://{inside.netloc}", "")


def open_page(heard: Tab, url: str) -> float:
    """Load `url`; seconds until its HTML and scripts are there. Raises `RuntimeError` when it
    answers with an error.
    """
    began = time.monotonic()
    answer = heard.page.goto(url, wait_until="load", timeout=PAGE_SECONDS * 1000)
    taken = time.monotonic() - began
    # On a busy machine Playwright may miss the answer of a page that has come.
    status = answer.status if answer else heard.page.evaluate(STATUS)
    if not 0 < status < 400:
        raise RuntimeError(
            f"the page answers {status or 'nothing'}: {heard.page.inner_text('body')[:300]}"
        )
    return taken


def settle(heard: Tab) -> bool:
    """Wait until Vite's client is connected and the page is quiet; whether it connected."""
    deadline = time.monotonic() + EDIT_SECONDS
    while heard.connected == 0 and time.monotonic() < deadline:
        heard.page.wait_for_timeout(20)
    heard.page.wait_for_timeout(QUIET_MS)
    return heard.connected > 0


@dataclass(kw_only=True)
class Edited:
    """What became of the edits. `times` has milliseconds to the page, None for an edit that a fresh
    load shows and the open page did not within `LATE_SECONDS` after that: it was lost. `absent` are
    kinds whose file a fresh load did not show either: it is not on the page.
    """

    times: dict[Kind, float | None] = field(default_factory=dict)
    absent: list[Kind] = field(default_factory=list)


class _AbsentError(Exception):
    """The file that was edited is not on the page."""


def measure_edits(heard: Tab, site: Path, mark: str, rounds: int = 2) -> Edited:
    """One edit of each kind that the page has. Every file is put back."""
    edited = Edited()
    for number, edit in enumerate(_find(heard, site)):
        for attempt in range(OPENS):
            try:
                edited.times[edit.kind] = _one_edit(heard, edit, f"{mark}{number}{attempt}", rounds)
                break
            except _AbsentError:
                edited.absent.append(edit.kind)
                break
            except PageError:
                # The page that was there loads again for the file that was put back, and that ends
                # the way to the next one: net::ERR_ABORTED.
                continue
    return edited


def _find(heard: Tab, site: Path) -> list[Edit]:
    """Again where Vite has loaded the page again meanwhile, for a dependency that it found late."""
    address = heard.page.url
    for _ in range(FINDS - 1):
        with contextlib.suppress(PageError):
            return list(find(heard.page, site=site, base=heard.base))
        heard.connected = 0
        open_page(heard, address)
        settle(heard)
    return list(find(heard.page, site=site, base=heard.base))


def _one_edit(heard: Tab, edit: Edit, mark: str, rounds: int) -> float | None:
    heard.connected = 0
    open_page(heard, heard.base + edit.url)
    settle(heard)
    original = edit.file.read_text()
    best: float | None = None
    try:
        # The first edit of a kind pays for what is loaded for it; the second one is what an editor
        # feels.
        for number in range(rounds):
            heard.frames.clear()
            began = time.monotonic()
            edit.write(f"{mark}{number}", original)
            best = shown(heard, edit, f"{mark}{number}", began, EDIT_SECONDS)
            if best is None:
                _require_on_page(heard, edit, f"{mark}{number}")
                best = shown(heard, edit, f"{mark}{number}", began, LATE_SECONDS)
            if best is None:
                break
            heard.page.wait_for_timeout(500)
    finally:
        edit.file.write_text(original)
        heard.page.wait_for_timeout(300)
    return best


def _require_on_page(heard: Tab, edit: Edit, mark: str) -> None:
    """Raises `_AbsentError` where another tab, opened after the edit, does not show it either. The
    page that waits for the edit stays open.
    """
    fresh = heard.page.context.new_page()
    try:
        fresh.goto(heard.base + edit.url, wait_until="load", timeout=PAGE_SECONDS * 1000)
        fresh.wait_for_timeout(QUIET_MS)
        if not fresh.evaluate(edit.expression_after_load(mark)):
            raise _AbsentError
    finally:
        fresh.close()


def shown(heard: Tab, edit: Edit, mark: str, began: float, seconds: float) -> float | None:
    """Milliseconds from `began` until the page shows the edit; None when it does not within the
    next `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if edit.kind == "component":
            messages = (edit.file.name, *RELOADS)
            if any(text in frame for frame in heard.frames for text in messages):
                return (time.monotonic() - began) * 1000
        else:
            with contextlib.suppress(PageError):
                if heard.page.evaluate(edit.expression(mark)):
                    return (time.monotonic() - began) * 1000
        heard.page.wait_for_timeout(4)
    return None
