"""Series of edits on a live session: open pages end up as a fresh load of their address shows them (S1, S2).

A short run from a seed of its own each time; a failure prints the seed, and `make edits SEED=… SECONDS=600` looks for the shortest series.
"""

from __future__ import annotations

import os
import time

import pytest
from playwright.sync_api import Browser

from .series.run import Lost, live_series, search
from .stack import Stack

SECONDS = 30.0
OPEN = frozenset({"rename-card", "move-card"})
"""A renamed component rarely keeps an earlier style (docs/compatibility.md); `make edits` has these, too."""


@pytest.mark.xfail(raises=Lost, strict=False, reason="open: a run on a busy machine still finds lost edits; make edits shortens them")
def test_no_edit_is_lost(stack: Stack, chromium: Browser) -> None:
    seed = int(os.environ.get("ASTRO_LIVE_SERIES_SEED", "0")) or int(time.time()) % 1_000_000
    with live_series(stack, chromium, "series") as running:
        search(running, seed=seed, seconds=SECONDS, shrink=False, without=OPEN)
    print(f"seed {seed}: {running.tally}")
    assert running.tally.series >= 1
