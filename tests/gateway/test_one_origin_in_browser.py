"""What a page of one session can do to another's visitor under path routing, in a real browser (S8,
S38).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from .harness import Gateway
from .test_waiting_page_in_browser import browser, link, plain, pytestmark

__all__ = ["browser", "plain", "pytestmark"]

ATTACKER, VICTIM = "attacker", "victim"


def run(action: Any) -> Any:
    """From another thread, since Playwright's loop occupies this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, action).result()


@pytest.fixture(scope="module")
def both(plain: Gateway) -> Gateway:
    """Two sessions run."""
    for session in (ATTACKER, VICTIM):
        run(plain.start(session))
    return plain


@pytest.fixture
def visitor(both: Gateway, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that is signed in to both."""
    context = browser.new_context()
    for session in (ATTACKER, VICTIM):
        page = context.new_page()
        page.goto(link(both, session))
        page.locator("#site").wait_for(timeout=20_000)
        page.close()
    yield context
    context.close()


def attacking(context: BrowserContext, gateway: Gateway) -> Page:
    page = context.new_page()
    page.goto(f"{gateway.public_url}/session/{ATTACKER}/")
    return page


def test_a_script_of_another_session_locks_nobody_out(
    both: Gateway, visitor: BrowserContext
) -> None:
    """Junk under the gateway's name on every path that the page's address is below: pages, the
    waiting page and a fresh link work.
    """
    page = attacking(visitor, both)
    paths = [
        "/",
        "/session",
        "/session/",
        f"/session/{VICTIM}",
        f"/session/{VICTIM}/",
        f"/session/{VICTIM}/deep",
        f"/session/{VICTIM}/deep/",
    ]
    page.evaluate(
        "(paths) => paths.forEach((path, n) => { document.cookie = `astro_live_session=junk${n};"
        " path=${path}`; document.cookie = `astro_live_session=e30.e30.e30; path=${path}/`; })",
        paths,
    )
    sent = [
        cookie
        for cookie in visitor.cookies(f"{both.public_url}/session/{VICTIM}/deep/page")
        if cookie["name"] == "astro_live_session"
    ]
    assert len(sent) > 3, "the browser must have taken some of the junk"
    victim = visitor.new_page()
    for path in ("", "deep/page", "deep/echo"):
        answer = victim.goto(f"{both.public_url}/session/{VICTIM}/{path}")
        assert answer is not None
        assert answer.status == 200, path
    assert (
        victim.evaluate(f"fetch('/session/{VICTIM}/deep/x.js').then((answer) => answer.status)")
        == 200
    )
    victim.goto(link(both, VICTIM))
    assert victim.locator("#site").count() == 1


def test_a_site_sets_no_cookie_for_another_session(both: Gateway, visitor: BrowserContext) -> None:
    """By its answers. By `document.cookie` it can, and the docs say so."""
    page = attacking(visitor, both)
    lines = [
        f"a=1; Path=/session/{VICTIM}/",
        "b=1; Path=/",
        f"c=1; Path=/session/{ATTACKER}/; Path=/",
        "d=1",
    ]
    for line in lines:
        page.evaluate("(line) => fetch('headers?Set-Cookie=' + encodeURIComponent(line))", line)
    assert {
        cookie["name"] for cookie in visitor.cookies(f"{both.public_url}/session/{ATTACKER}/")
    } >= {"d"}
    assert not {
        cookie["name"] for cookie in visitor.cookies(f"{both.public_url}/session/{VICTIM}/")
    } & {"a", "b", "c", "d"}


def test_a_service_worker_keeps_to_its_session(both: Gateway, visitor: BrowserContext) -> None:
    """Although its script asks for the whole origin: the browser refuses each wider scope, and the
    neighbour's pages are its own.
    """
    page = attacking(visitor, both)
    register = (
        "([scope]) => navigator.serviceWorker.register('worker', { scope }).then(() =>"
        " 'registered', (error) => error.name)"
    )
    for scope in ("/", "/session/", f"/session/{VICTIM}/", f"/session/{ATTACKER}"):
        assert page.evaluate(register, [scope]) == "SecurityError", scope
    assert page.evaluate(register, [f"/session/{ATTACKER}/"]) == "registered"
    victim = visitor.new_page()
    victim.goto(f"{both.public_url}/session/{VICTIM}/")
    assert victim.locator("#site").count() == 1
