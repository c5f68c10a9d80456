"""Headless Chromium for the benchmarks."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from .registry import Unavailable

FEATURES_OFF: Final = (
    # Chromium 156 crashes where a reload of a tab that is not in front meets another reload of it
    # while DevTools emulates focus, as Playwright always has it (docs/quirks.md). Without this, a
    # reload makes no new frame.
    "RenderDocument",
    # Chromium takes the last list alone. What Playwright switches off and may matter to a test:
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    f"--disable-features={','.join(FEATURES_OFF)}",
]


@contextlib.contextmanager
def chromium(*, hosts_at: str | None = None) -> Iterator[Browser]:
    """The machine's Chromium. `hosts_at` is the address of every name below `localhost`.
    `Unavailable` when there is none.
    """
    with chromiums(hosts_at) as browsers:
        yield browsers[0]


@contextlib.contextmanager
def chromiums(*hosts_at: str | None) -> Iterator[list[Browser]]:
    """As `chromium`, one for each address."""
    executable = shutil.which("chromium")
    if executable is None:
        raise Unavailable(
            "there is no 'chromium' on PATH; as root on Debian or Ubuntu: apt-get install chromium"
        )
    with sync_playwright() as playwright, contextlib.ExitStack() as exits:
        browsers = []
        for address in hosts_at:
            names = [f"--host-resolver-rules=MAP *.localhost {address}"] if address else []
            browser = playwright.chromium.launch(
                executable_path=executable, args=[*ARGUMENTS, *names]
            )
            exits.callback(browser.close)
            browsers.append(browser)
        yield browsers
