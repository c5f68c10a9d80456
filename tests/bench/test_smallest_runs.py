"""Each benchmark's smallest run works from end to end: it measures something, checks its aims and
writes a file that reads back.

Nothing is said about speed here: the machine is shared, and a quick run's figures are not for
citing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.__main__ import Suite
from bench.core.registry import NAMES, Options, Unavailable, question
from bench.core.result import load

NEEDS_CHROMIUM = frozenset(
    {"edit_latency", "forwarded_edits", "large_sites", "page_load", "verdict"}
)
WITHOUT_AIM = frozenset({"capacity", "density"})


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.browser if name in NEEDS_CHROMIUM else ())
        for name in NAMES
    ],
)
def test_the_smallest_run_measures_and_checks(name: str, tmp_path: Path) -> None:
    """From the registry to the result file."""
    if name in NEEDS_CHROMIUM and shutil.which("chromium") is None:
        pytest.skip("no 'chromium' on PATH: scripts/chromium.sh installs it where it can")
    chosen = question(name)
    try:
        measurement = chosen.run(Options(quick=True, scratch=tmp_path))
    except Unavailable as error:
        pytest.skip(str(error))
    assert measurement.series or measurement.figures
    assert all(value > 0 for series in measurement.series for value in series.values), (
        "a time, rate or size of nothing was measured"
    )
    assert bool(measurement.checks) is (name not in WITHOUT_AIM)


def test_a_benchmark_that_cannot_run_here_is_reported_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suite goes on with the others, and fails as a whole."""
    import bench.density

    def unavailable(_options: Options) -> None:
        raise Unavailable("needs a part that is not here")

    monkeypatch.setattr(bench.density, "run", unavailable)
    suite = Suite(quick=True, results=tmp_path)
    suite.run([question("density"), question("capacity")])
    assert suite.failed == ["density: needs a part that is not here"]
    assert not suite.met
    assert load(tmp_path / "capacity.json").quick
    assert not (tmp_path / "density.json").exists()
