"""A short run of the chaos test; `make chaos` runs it for two minutes, or as long as
asked (S26).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .chaos import run


@pytest.mark.timeout(600)
def test_nothing_is_lost_under_random_faults(tmp_path: Path) -> None:
    """Some faults in a row. The seed is fixed, so that a failure can be repeated."""
    outcome = run(tmp_path, seconds=12, seed=26)
    assert outcome.problems == [], str(outcome)
    assert outcome.visits > 20
    assert outcome.edits > 10
