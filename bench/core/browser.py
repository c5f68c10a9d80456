"""Headless Chromium for the benchmarks."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from .registry import Unavailable

ARGUMENTS: Final = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium. `Unavailable` when there is none."""
    executable = shutil.which("chromium")
    if executable is None:
        raise Unavailable("there is no 'chromium' on PATH; as root on Debian or Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
