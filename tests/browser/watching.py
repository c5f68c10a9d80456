"""Who looks at a page, and what the page says when nobody hears it (S35); for modules that have a
fixture `session`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .stack import Session
from .visitor import WAIT_MS, Tab

HIDE = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
BADGE = "document.querySelector('astro-live-badge')?.shadowRoot.querySelector('[role=alert]')"
SHIFTS = """() => {
  window.__shifts = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((each) => (window.__shifts += each.value)))
    .observe({ type: "layout-shift" });
}"""

POLICY = """() => {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "style-src 'self'";
  document.head.append(policy);
}"""


def viewers(session: Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.stack.api("GET", f"/sessions/{session.id}/viewers")[
        "viewers"
    ]
    return found


def wait_for(tab: Tab, session: Session, fits: Callable[[list[dict[str, Any]]], bool]) -> None:
    deadline = time.monotonic() + WAIT_MS / 1000
    while not fits(found := viewers(session)):
        assert time.monotonic() < deadline, found
        tab.page.wait_for_timeout(50)


def test_a_page_is_listed_with_whether_it_shows(tab: Tab, session: Session) -> None:
    """Its address and its visibility follow it; a reload is another page."""
    wait_for(
        tab,
        session,
        lambda found: [(each["visible"], each["page"]) for each in found] == [(True, "")],
    )
    (first,) = viewers(session)
    assert first["visitor"], "Envoy names who has signed in"
    tab.page.evaluate(HIDE, "hidden")
    wait_for(tab, session, lambda found: [each["visible"] for each in found] == [False])
    tab.page.evaluate(HIDE, "visible")
    wait_for(tab, session, lambda found: [each["visible"] for each in found] == [True])
    tab.go("?again=1")
    tab.settle()
    wait_for(tab, session, lambda found: [each["page"] for each in found] == ["?again=1"])
    (second,) = viewers(session)
    assert second["visitor"] == first["visitor"]
    assert second["id"] != first["id"]


def test_a_lost_connection_says_so_and_moves_nothing(tab: Tab, session: Session) -> None:
    """Under a policy that forbids inline styles, too. It can be hidden, and goes when the page is
    live again.
    """

    tab.page.evaluate(POLICY)
    tab.page.evaluate(SHIFTS)
    assert tab.evaluate(f"{BADGE} ?? null") is None
    session.stack.api("POST", f"/sessions/{session.id}/stop")
    try:
        tab.until(BADGE)
        assert "Live connection lost" in tab.evaluate(f"{BADGE}.textContent")
        assert tab.evaluate(f"getComputedStyle({BADGE}).position") == "fixed"
        assert tab.evaluate(f"getComputedStyle({BADGE}).color") == "rgb(255, 255, 255)"
        assert tab.evaluate("window.__shifts") == 0
        assert tab.evaluate("document.body.querySelector('astro-live-badge')") is None
        tab.page.get_by_role("button", name="Hide").click()
        assert tab.evaluate(f"{BADGE} ?? null") is None
    finally:
        session.stack.api("POST", f"/sessions/{session.id}/start")
    tab.until("performance.getEntriesByType('navigation')[0].type === 'reload'")
    tab.see("Your site is awake.")
    assert tab.evaluate(f"{BADGE} ?? null") is None
    tab.forget()


def test_an_ended_sign_in_says_so_and_what_to_do(tab: Tab, session: Session) -> None:
    """The page is live again when the same browser has opened a new link."""
    session.stack.api("DELETE", f"/sessions/{session.id}/tokens")
    tab.until(f"{BADGE}?.textContent.startsWith('Your sign-in has ended')")
    assert "Open a new link" in tab.evaluate(f"{BADGE}.textContent")
    other = tab.page.context.new_page()
    other.goto(session.one_time_url())
    tab.until("performance.getEntriesByType('navigation')[0].type === 'reload'")
    tab.see("Your site is awake.")
    assert tab.evaluate(f"{BADGE} ?? null") is None
    other.close()
    tab.forget()
