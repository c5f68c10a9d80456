"""A browser tab that remembers what it asked for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PageError

from .stack import Session

WAIT_MS: Final = 30_000
"""Patience with a busy machine; no statement about speed."""


@dataclass(kw_only=True)
class Tab:
    """A page of a session, with everything it requested and complained about."""

    page: Page
    session: Session
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def strays(self) -> list[str]:
        """Requests and sockets that left the session's prefix."""
        inside = urlsplit(self.session.url)

        def stray(url: str) -> bool:
            parts = urlsplit(url)
            if parts.scheme in ("data", "blob", "about"):
                return False
            return parts.netloc != inside.netloc or not parts.path.startswith(inside.path)

        return [url for url in self.requests if stray(url)]

    def go(self, path: str = "") -> None:
        self.page.goto(self.session.url + path)

    def see(self, text: str) -> None:
        """Wait until the page shows this text."""
        self.page.get_by_text(text).first.wait_for(timeout=WAIT_MS)

    def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true in the page, over reloads if need be."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while True:
            # A page that is being replaced cannot answer. (Playwright's own wait needs a page that allows `eval`.)
            with contextlib.suppress(PageError):
                if self.page.evaluate(f"Boolean({expression})"):
                    return
            assert time.monotonic() < deadline, f"not true in {WAIT_MS} ms: {expression}\n{self.page.url}\n{self.page.content()[:2000]}"
            self.page.wait_for_timeout(20)

    def style(self, selector: str, name: str, value: str) -> None:
        """Wait until an element has this computed style."""
        self.until(f"document.querySelector({selector!r}) && getComputedStyle(document.querySelector({selector!r})).{name} === {value!r}")

    def mark(self) -> None:
        """Leave a mark that a reload would wipe away."""
        self.page.evaluate("window.__mark = true")

    def was_reloaded(self) -> bool:
        return self.page.evaluate("window.__mark") is not True

    def settle(self) -> None:
        """Wait for the HMR socket and for the reload that follows when packages were bundled for the first time."""
        self.until("document.querySelector('script[src*=\"@vite/client\"]')")
        self.page.wait_for_load_state("networkidle", timeout=WAIT_MS)
        self.until("performance.now() > 1500")


@contextmanager
def open_tab(browser: Browser, session: Session) -> Iterator[Tab]:
    """Sign in with a one-time link and open the session's first page."""
    context = browser.new_context(ignore_https_errors=True)  # the local stack's own certificate authority
    try:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        tab = Tab(page=page, session=session)
        page.on("request", lambda request: tab.requests.append(request.url))
        page.on("websocket", lambda socket: tab.requests.append(socket.url.replace("wss:", "https:").replace("ws:", "http:")))
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        page.on("response", lambda answer: tab.failures.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
        page.goto(session.one_time_url())
        yield tab
    finally:
        context.close()
