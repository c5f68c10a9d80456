"""Statistics for skewed timings: medians and percentiles, with intervals by resampling instead of
by assuming a distribution.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

RESAMPLES: Final = 1000
SEED: Final = 20_260_101
"""Fixed, so that the same samples give the same interval again."""

Statistic = Callable[[Sequence[float]], float]


def percentile(values: Sequence[float], q: float) -> float:
    """The `q`-th percentile (0-100), interpolated between neighbours.

    Raises `ValueError` without values or with `q` outside 0-100.
    """
    if not values:
        raise ValueError("no values to take a percentile of; run at least one sample")
    if not 0 <= q <= 100:
        raise ValueError(f"percentile is {q}; allowed is 0-100")
    ordered = sorted(values)
    position = (len(ordered) - 1) * q / 100
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def p95(values: Sequence[float]) -> float:
    return percentile(values, 95)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A sample in short. The spread is the interquartile range: half of all values lie
    inside it.
    """

    count: int
    median: float
    p95: float
    low: float
    high: float
    spread: float


def summary(values: Sequence[float]) -> Summary:
    """Raises `ValueError` without values."""
    return Summary(
        count=len(values),
        median=median(values),
        p95=p95(values),
        low=min(values),
        high=max(values),
        spread=percentile(values, 75) - percentile(values, 25),
    )


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def ratio(
    ours: Sequence[float], theirs: Sequence[float], statistic: Statistic = median
) -> Estimate:
    """`statistic(ours) / statistic(theirs)`, its interval by resampling both sides (bootstrap).

    Raises `ValueError` without values, `ZeroDivisionError` when the other side's figure is 0.
    """
    value = statistic(ours) / statistic(theirs)
    chance = random.Random(SEED)  # noqa: S311 - resampling, nothing secret
    drawn = []
    for _ in range(RESAMPLES):
        below = statistic(chance.choices(theirs, k=len(theirs)))
        if below:
            drawn.append(statistic(chance.choices(ours, k=len(ours))) / below)
    return Estimate(value=value, low=percentile(drawn, 2.5), high=percentile(drawn, 97.5))


def slope(xs: Sequence[float], ys: Sequence[float]) -> Estimate:
    """How much y grows per unit of x: Theil-Sen, the median of the slopes between all pairs, which
    single outliers do not move.

    The interval is resampled over blocks of neighbours, since memory readings of one process depend
    on the ones before. Raises `ValueError` with fewer than three points, or when all x are equal.
    """
    if len(xs) != len(ys) or len(xs) < 3:
        raise ValueError(
            f"a slope needs at least three points with x and y; got {len(xs)} and {len(ys)}"
        )
    value = _theil_sen(xs, ys)
    chance = random.Random(SEED)  # noqa: S311 - resampling, nothing secret
    block = max(1, round(len(xs) ** 0.5))
    starts = range(len(xs) - block + 1)
    residuals = [y - value * x for x, y in zip(xs, ys, strict=True)]
    drawn = []
    for _ in range(RESAMPLES // 5):
        noise: list[float] = []
        while len(noise) < len(xs):
            start = chance.choice(starts)
            noise += residuals[start : start + block]
        drawn.append(_theil_sen(xs, [value * x + e for x, e in zip(xs, noise, strict=False)]))
    return Estimate(value=value, low=percentile(drawn, 2.5), high=percentile(drawn, 97.5))


def _theil_sen(xs: Sequence[float], ys: Sequence[float]) -> float:
    slopes = [
        (ys[j] - ys[i]) / (xs[j] - xs[i])
        for i in range(len(xs))
        for j in range(i + 1, len(xs))
        if xs[j] != xs[i]
    ]
    if not slopes:
        raise ValueError("all points have the same x; a slope needs different ones")
    return statistics.median(slopes)
