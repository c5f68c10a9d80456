"""Percentiles, ratios and slopes of `bench.core.stats`."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core import stats

SAMPLES = st.lists(st.floats(min_value=0.001, max_value=1e6), min_size=1, max_size=50)


def test_percentiles_interpolate_between_neighbours() -> None:
    """The definition that spreadsheets and numpy use."""
    assert stats.percentile([4, 1, 3, 2], 50) == 2.5
    assert stats.percentile(range(1, 102), 95) == 96
    assert stats.percentile([7], 95) == 7


@pytest.mark.parametrize(("values", "q"), [([], 50), ([1], -1), ([1], 101)])
def test_percentiles_of_nothing_or_out_of_range_are_refused(values: list[float], q: float) -> None:
    """A benchmark without samples must not report a figure."""
    with pytest.raises(ValueError, match=r"no values|allowed is 0-100"):
        stats.percentile(values, q)


@given(SAMPLES)
def test_a_percentile_lies_within_the_sample(values: list[float]) -> None:
    """And the median is never above the 95th."""
    found = stats.summary(values)
    assert found.low <= found.median <= found.p95 <= found.high
    assert found.count == len(values)
    assert found.spread >= 0


def test_a_ratio_comes_with_an_interval_around_it() -> None:
    """Twice as slow is 2, and noise of a tenth leaves the interval narrow."""
    chance = random.Random(1)
    theirs = [10 + chance.uniform(-1, 1) for _ in range(60)]
    ours = [20 + chance.uniform(-2, 2) for _ in range(60)]
    found = stats.ratio(ours, theirs)
    assert found.value == pytest.approx(2, rel=0.05)
    assert found.low <= found.value <= found.high
    assert found.high - found.low < 0.3
    assert stats.ratio(ours, theirs) == found, "the same samples give the same interval"


def test_a_slope_ignores_a_single_spike() -> None:
    """Memory that a garbage collection lets jump once does not grow."""
    xs = list(range(50))
    ys = [100.0 + 0.5 * x for x in xs]
    ys[25] = 1000.0
    found = stats.slope(xs, ys)
    assert found.value == pytest.approx(0.5, abs=0.02)
    assert found.low <= 0.5 <= found.high


def test_a_flat_noisy_line_has_zero_within_its_interval() -> None:
    """No growth is told from growth by the interval."""
    chance = random.Random(2)
    found = stats.slope(list(range(80)), [500 + chance.gauss(0, 5) for _ in range(80)])
    assert found.low < 0 < found.high


@pytest.mark.parametrize(
    ("xs", "ys"), [([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3], [1, 2])]
)
def test_a_slope_needs_three_points_at_different_places(xs: list[float], ys: list[float]) -> None:
    with pytest.raises(ValueError, match=r"three points|different ones"):
        stats.slope(xs, ys)
