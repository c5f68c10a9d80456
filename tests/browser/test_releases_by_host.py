"""The tests of test_releases.py where each session has its own host (S1, S27, S28)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from . import test_releases
from .releases import wanted_releases
from .stack import Stack, running_stack
from .visitor import launched

# The same tests and fixtures, with the stack, browser and releases below.
globals().update(
    {
        name: value
        for name, value in vars(test_releases).items()
        if name.startswith("test_") or name in ("session", "shared_tab", "tab")
    }
)

SHORT = ("6.0.8",)
"""What `make test` runs; the newest release has test_hosts.py."""


@pytest.fixture(scope="module")
def stack(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("hosts"), by_host=True) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(executable: str, stack: Stack) -> Iterator[Browser]:
    with launched(executable, hosts_at=stack.address) as browser:
        yield browser


@pytest.fixture(scope="module", params=wanted_releases(SHORT))
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)
