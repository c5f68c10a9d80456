"""The gateway's pages in a real browser: their scripts pass their own strict policy, and they
become the site by themselves (S5).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.addresses import own_address

from .harness import Gateway, running_gateway

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None, reason="chromium is not on PATH: scripts/chromium.sh installs it"
    ),
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that browsers reach directly, over http."""
    address = own_address()
    extra = {"ASTRO_LIVE_BIND_ADDRESS": address, "ASTRO_LIVE_PUBLIC_URL": f"http://{address}:4321"}
    with running_gateway(tmp_path_factory.mktemp("gw"), wait=False, **extra) as gateway:
        gateway.address = address
        asyncio.run(gateway.ready())
        yield gateway


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        launched.close()


def link(gateway: Gateway, session: str) -> str:
    """A one-time link. From its own thread, since Playwright's loop occupies this one."""
    from concurrent.futures import ThreadPoolExecutor

    def ask() -> str:
        return str(
            asyncio.run(gateway.api("POST", f"/api/v1/sessions/{session}/tokens")).json["url"]
        )

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result()


def test_the_waiting_page_becomes_the_site(
    plain: Gateway, browser: Browser, tmp_path: Path
) -> None:
    """A link opened in a browser: progress is shown, then the site, without a hand on the keyboard;
    the token is off the address.
    """
    plain.make_site("slow", {"start": "progress", "delay": 2.0})
    page = browser.new_page()
    problems: list[str] = []
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    page.goto(link(plain, "slow"))
    assert page.url == f"{plain.public_url}/session/slow/"
    page.get_by_text("Installing the site's packages: 3 of 7 packages").wait_for(timeout=20_000)
    page.screenshot(path=str(tmp_path / "waiting.png"))
    page.locator("#site").wait_for(timeout=20_000)
    assert page.title() == "fake"
    assert problems == []
    page.close()


def test_an_error_is_shown_and_heals_by_itself(
    plain: Gateway, browser: Browser, tmp_path: Path
) -> None:
    """The site's message and stack as text; when the project is fixed the page turns
    into the site.
    """
    error = {
        "code": "config",
        "message": "astro.config.mjs has <b>no</b> default export.",
        "fix": "Add one.",
        "stack": "at line 3",
    }
    folder = plain.make_site("broken", {"start": "error", "error": error})
    page = browser.new_page()
    page.goto(link(plain, "broken"))
    page.get_by_text("The site does not start").wait_for(timeout=20_000)
    assert (
        page.locator("#text").inner_text()
        == "astro.config.mjs has <b>no</b> default export. Add one."
    )
    assert page.locator("#stack").inner_text() == "at line 3"
    page.screenshot(path=str(tmp_path / "error.png"))
    (folder / "fake.json").write_text("{}")
    page.locator("#site").wait_for(timeout=20_000)
    page.close()


def test_a_stranger_sees_a_page_that_says_what_to_do(plain: Gateway, browser: Browser) -> None:
    """In words, without details."""
    page = browser.new_page()
    answer = page.goto(f"{plain.url}/session/slow/")
    assert answer is not None
    assert answer.status == 404
    assert "Ask the owner of the session for a new link" in page.locator("p").inner_text()
    page.close()
