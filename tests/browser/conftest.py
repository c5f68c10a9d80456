"""One local stack and one Chromium per worker; each test opens its own tab."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser

from .stack import Session, Stack, running_gateway, running_stack
from .visitor import FIRST_VISIT_MS, Tab, launched, open_tab


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
    # Not for the whole session: while Playwright runs, the process has a running event loop, which
    # other modules' tests do not expect.
    with launched(executable) as browser:
        yield browser


@pytest.fixture(scope="session")
def stack(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The local stack; with ASTRO_LIVE_BROWSER_TESTS=gateway in the environment, the
    gateway alone.
    """
    start = (
        running_gateway
        if os.environ.get("ASTRO_LIVE_BROWSER_TESTS") == "gateway"
        else running_stack
    )
    with start(tmp_path_factory.mktemp("stack")) as running:
        yield running


# What follows is for modules that have a fixture `session`.


@pytest.fixture(scope="module")
def warm_paths() -> tuple[str, ...]:
    """Pages on which the session's packages are first used."""
    return ("",)


@contextmanager
def warmed_tab(chromium: Browser, session: Session, paths: tuple[str, ...]) -> Iterator[Tab]:
    """A tab that has seen these pages: Vite has bundled every package, so no test is interrupted by
    the reload that follows.
    """
    with open_tab(chromium, session) as tab:
        for path in paths:
            tab.go(path, patience_ms=FIRST_VISIT_MS)
            tab.first_visit()
        yield tab


@pytest.fixture(scope="module")
def warm(chromium: Browser, session: Session, warm_paths: tuple[str, ...]) -> None:
    with warmed_tab(chromium, session, warm_paths):
        pass


@pytest.fixture(scope="module")
def warm_tab(chromium: Browser, session: Session, warm_paths: tuple[str, ...]) -> Iterator[Tab]:
    with warmed_tab(chromium, session, warm_paths) as tab:
        yield tab


@pytest.fixture
def tab(chromium: Browser, session: Session, warm: None) -> Iterator[Tab]:
    """A new tab at the session's front page, which must not leave the session or complain."""
    with open_tab(chromium, session) as tab:
        tab.settle()
        yield tab
        assert_clean(tab)


@pytest.fixture
def shared_tab(warm_tab: Tab) -> Iterator[Tab]:
    """The tab whose cache is warm, at the front page again: quicker, for modules of many short
    tests.
    """
    warm_tab.leave()
    warm_tab.forget()
    warm_tab.go()
    warm_tab.settle()
    yield warm_tab
    assert_clean(warm_tab)


def assert_clean(tab: Tab) -> None:
    assert tab.strays() == []
    assert tab.unexpected() == []
