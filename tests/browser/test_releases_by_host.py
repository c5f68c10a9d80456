"""The tests of test_releases.py where each session has a host of its own (S1, S27, S28)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from . import test_releases
from .releases import wanted_releases
from .stack import Stack, running_stack

# The same tests and fixtures, with the stack, browser and releases below.
globals().update(
    {name: value for name, value in vars(test_releases).items() if name.startswith("test_") or name in ("session", "shared_tab", "tab")}
)

SHORT = ("6.0.8",)
"""What `make test` runs; the newest release has test_hosts.py."""


@pytest.fixture(scope="module")
def stack(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("hosts"), by_host=True) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(executable: str, stack: Stack) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        names = f"--host-resolver-rules=MAP *.localhost {stack.address}"
        args = ["--no-sandbox", "--disable-background-networking", "--ignore-certificate-errors", names]
        browser = playwright.chromium.launch(executable_path=executable, args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=wanted_releases(SHORT))
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)
