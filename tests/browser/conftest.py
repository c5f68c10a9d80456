"""One local stack and one Chromium per worker; each test opens its own tab."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from .stack import Stack, running_gateway, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def executable() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no 'chromium' on PATH: scripts/chromium.sh installs it where it can")
    return found


@pytest.fixture(scope="module")
def chromium(executable: str) -> Iterator[Browser]:
    # Not for the whole session: while Playwright runs, the process has a running event loop, which other modules' tests do not expect.
    with sync_playwright() as playwright:
        # The local stack has its own certificate authority. Playwright's option for that does not reach the shared worker in which
        # Vite's client waits for a restarted server, hence the browser's own switch.
        args = ["--no-sandbox", "--disable-background-networking", "--ignore-certificate-errors"]
        browser = playwright.chromium.launch(executable_path=executable, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The local stack; with ASTRO_LIVE_BROWSER_TESTS=gateway in the environment, the gateway alone."""
    start = running_gateway if os.environ.get("ASTRO_LIVE_BROWSER_TESTS") == "gateway" else running_stack
    with start(tmp_path_factory.mktemp("stack")) as running:
        yield running
