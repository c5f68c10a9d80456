"""Series of edits on a live session: open pages end up as a fresh load of their address shows them
(S1, S2).

A short run of the same series each time; `make edits SEED=… SECONDS=600` makes others, and shortens
one that loses an edit.
"""

from __future__ import annotations

from playwright.sync_api import Browser

from .series.run import live_series, search
from .stack import Stack

SECONDS = 15.0
"""After this no further series begins. The first one runs on the slowest machine, too."""

SEED = 657797


def test_no_edit_is_lost(stack: Stack, chromium: Browser) -> None:
    """Writes, renames, deletions, schemas and branches, with pages that load meanwhile."""
    with live_series(stack, chromium, "series") as running:
        search(running, seed=SEED, seconds=SECONDS, shrink=False)
    assert running.tally.series >= 1
