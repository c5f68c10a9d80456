"""A browser tab that remembers what it asked for."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, sync_playwright
from playwright.sync_api import Error as PageError

from bench.core.browser import ARGUMENTS

from .in_page import counted
from .stack import Session

WAIT_MS: Final = 30_000
"""Patience with a busy machine; no statement about speed."""

UNFETCHED: Final = re.compile("Failed to fetch(?: dynamically imported module: (.+))?")
"""What Chromium says of a request, or of a module, that did not arrive."""

FIRST_VISIT_MS: Final = 120_000
"""The same for a session's first page: the site's packages are bundled before it loads."""


@contextmanager
def launched(
    executable: str, *, hosts_at: str | None = None, more: tuple[str, ...] = ()
) -> Iterator[Browser]:
    """Chromium. `hosts_at` is the address of every name below `localhost`, for sessions on their
    own hosts; `more` are switches of its command line.

    The local stack has its own certificate authority. Playwright's option for that does not reach
    the shared worker in which Vite's client waits for a restarted server, hence the browser's own
    switch.
    """
    arguments = [*ARGUMENTS, "--ignore-certificate-errors"]
    names = [f"--host-resolver-rules=MAP *.localhost {hosts_at}"] if hosts_at else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=[*arguments, *names, *more]
        )
        yield browser
        browser.close()


@dataclass(kw_only=True)
class Tab:
    """A page of a session, with everything it requested and complained about."""

    page: Page
    session: Session
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)
    """Requests that ended because the page went. What the network or a server ends has another
    reason (`net::ERR_ABORTED`, https://source.chromium.org: net_error_list.h).
    """
    failures: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    """Why the page was loaded again instead of being updated in place, in its own words."""

    connections: int = 0
    """How often the page has said that its socket is open and that it is known to the server, since
    the last `go`.
    """

    def unexpected(self) -> list[str]:
        """Complaints, without those of a page that has gone about what it was still loading. The
        script of a server island does not catch that, for one.
        """
        aborted = list(self.aborted)

        def of_leaving(complaint: str) -> bool:
            if not (found := UNFETCHED.fullmatch(complaint)):
                return False
            url = next((url for url in aborted if found[1] in (None, url)), None)
            if url is not None:
                aborted.remove(url)
            return url is not None

        return [complaint for complaint in self.complaints if not of_leaving(complaint)]

    def strays(self) -> list[str]:
        """Requests and sockets that left the session's prefix."""
        inside = urlsplit(self.session.url)

        def stray(url: str) -> bool:
            parts = urlsplit(url)
            if parts.scheme in ("data", "blob", "about"):
                return False
            return parts.netloc != inside.netloc or not parts.path.startswith(inside.path)

        return [url for url in self.requests if stray(url)]

    def go(self, path: str = "", *, patience_ms: int = WAIT_MS) -> None:
        for attempt in range(5):
            self.connections = 0
            try:
                self.page.goto(self.session.url + path, timeout=patience_ms)
            except PageError as error:
                # The dev server asked for a reload in the same moment, as it does for an edit just
                # before.
                if "ERR_ABORTED" not in str(error) or attempt == 4:
                    raise
            else:
                return

    def leave(self) -> None:
        """Leave the site, and with it whatever reload the last edit may still cause."""
        for _ in range(5):
            with contextlib.suppress(PageError):
                self.page.goto("about:blank")
                return

    def see(self, text: str) -> None:
        """Wait until the page shows this text."""
        try:
            self.page.get_by_text(text).first.wait_for(timeout=WAIT_MS)
        except PageError:
            raise AssertionError(
                f"{text!r} does not show at"
                f" {self.page.url}:\n{self.page.locator('body').inner_text()[:1000]}"
            ) from None

    def follow(self, file: str, old: str, new: str, *, shows: str) -> None:
        """Edit a file and wait until the page shows `shows`; take the edit back and wait until it
        does not any more.
        """
        self.session.edit(file, old, new)
        self.see(shows)
        self.session.edit(file, new, old)
        self.until(f"!document.body.textContent.includes({shows!r})")

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true in the page, over reloads if need be."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while True:
            # A page that is being replaced cannot answer. (Playwright's own wait needs a page that
            # allows `eval`.)
            with contextlib.suppress(PageError):
                if self.page.evaluate(f"Boolean({expression})"):
                    return
            assert time.monotonic() < deadline, (
                f"not true in {WAIT_MS} ms:"
                f" {expression}\n{self.page.url}\n{self.page.content()[:2000]}"
            )
            self.page.wait_for_timeout(20)

    def until_said(self, complaint: str) -> None:
        """Wait until the page has complained of this."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while complaint not in self.complaints:
            assert time.monotonic() < deadline, self.complaints
            self.page.wait_for_timeout(20)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression that may be asked twice: a late reload takes the
        first answer away.
        """
        deadline = time.monotonic() + WAIT_MS / 1000
        while True:
            try:
                return self.page.evaluate(expression)
            except PageError as error:
                if "context was destroyed" not in str(error) or time.monotonic() > deadline:
                    raise

    def eventually(self, expression: str, expected: Any) -> None:
        """Wait until a JavaScript expression gives this value."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while (value := self.evaluate(expression)) != expected:
            assert time.monotonic() < deadline, (
                f"{expression} gives {value!r} and not {expected!r} after {WAIT_MS} ms"
            )
            self.page.wait_for_timeout(50)

    def style(self, selector: str, name: str, value: str) -> None:
        """Wait until an element has this computed style."""
        self.until(
            f"document.querySelector({selector!r}) &&"
            f" getComputedStyle(document.querySelector({selector!r})).{name} === {value!r}"
        )

    def mark(self) -> None:
        """Leave a mark that a reload would wipe away."""
        self.page.evaluate("window.__mark = true")

    def was_reloaded(self) -> bool:
        return self.page.evaluate("window.__mark") is not True

    def settle(self) -> None:
        """Wait for the HMR socket and the islands: from then on an edit reaches this page."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while self.connections == 0:
            assert time.monotonic() < deadline, (
                f"the HMR client did not connect\n{self.page.url}\n{self.page.content()[:2000]}"
            )
            self.page.wait_for_timeout(20)
        self.until("!document.querySelector('astro-island[ssr]')")

    def first_visit(self) -> None:
        """Wait for the reload that follows when Vite has bundled packages for the first time."""
        self.settle()
        self.page.wait_for_load_state("networkidle", timeout=WAIT_MS)
        self.until("performance.now() > 2000")

    def forget(self) -> None:
        """Begin a new record."""
        for record in (
            self.requests, self.complaints, self.aborted, self.failures, self.reasons,
        ):  # fmt: skip
            record.clear()

    def note_failed(self, request: Request) -> None:
        # "other": asked for by <link rel="preload">, as a server island is, then by fetch().
        kinds = ("fetch", "script", "other")
        if request.failure == "net::ERR_ABORTED" and request.resource_type in kinds:
            self.aborted.append(request.url)

    def hear(self, text: str) -> None:
        if text == "[astro-live] connected.":
            self.connections += 1
        elif text.startswith("[astro-live]"):
            self.reasons.append(text)


@contextmanager
def open_tab(browser: Browser, session: Session) -> Iterator[Tab]:
    """Sign in with a one-time link and open the session's first page."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        tab = Tab(page=page, session=session)
        page.on("request", lambda request: tab.requests.append(request.url))
        page.on(
            "websocket",
            lambda socket: tab.requests.append(
                socket.url.replace("wss:", "https:").replace("ws:", "http:")
            ),
        )
        page.on("console", lambda message: tab.hear(message.text))
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        page.on("requestfailed", lambda request: tab.note_failed(request))
        page.on("crash", lambda _: tab.complaints.append("the renderer of this tab has crashed"))
        page.on(
            "response",
            lambda answer: (
                tab.failures.append(f"{answer.status} {answer.url}")
                if answer.status >= 400
                else None
            ),
        )
        with counted(page):
            page.goto(session.one_time_url(), timeout=FIRST_VISIT_MS)
            yield tab
    finally:
        context.close()
