"""Plots of results as SVG, drawn by matplotlib. The same result gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from .result import Result, Series

WIDTH_INCHES: Final = 7.2
DOTS: Final = 100
"""Of one series, evenly taken: a few thousand would make a picture of megabytes and a
bar of ink.
"""
COLOURS: Final = ("#3b6fb6", "#c8553d", "#5f9e6e", "#8a6fae", "#b59a3c", "#7a7a7a")


def files_of(result: Result) -> list[tuple[str, str]]:
    """`(title, file name)` of each plot of a result."""
    found = []
    for unit in _units(result):
        found.append((f"{result.question} ({unit})", f"{result.name}-{_slug(unit)}.svg"))
    if result.measurement.curves:
        found.append((result.question, f"{result.name}-curves.svg"))
    return found


def draw_all(results: Sequence[Result], folder: Path) -> None:
    """Write every plot of every result to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for result in results:
        for unit in _units(result):
            chosen = [series for series in result.measurement.series if series.unit == unit]
            _save(_boxes(chosen, unit), folder / f"{result.name}-{_slug(unit)}.svg")
        if result.measurement.curves:
            _save(_curves(result), folder / f"{result.name}-curves.svg")


def _units(result: Result) -> list[str]:
    units = dict.fromkeys(series.unit for series in result.measurement.series)
    return [
        unit
        for unit in units
        if any(len(s.values) > 1 for s in result.measurement.series if s.unit == unit)
    ]


def _slug(unit: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in unit).strip("-") or "ratio"


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("svg")
    # A fixed salt, no date and text as text: a redrawn plot differs only where its data does.
    mpl.rcParams.update(
        {
            "svg.hashsalt": "astro-live",
            "svg.fonttype": "none",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )
    import matplotlib.pyplot as plt

    return plt


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    _pyplot().close(figure)


def _boxes(series: Sequence[Series], unit: str) -> Any:
    """Samples as dots over a box of the quartiles of all."""
    figure, axes = _pyplot().subplots(figsize=(WIDTH_INCHES, 0.6 + 0.42 * len(series)))
    names = [each.name for each in series]
    axes.boxplot(
        [each.values for each in series],
        orientation="horizontal",
        widths=0.55,
        showfliers=False,
        medianprops={"color": "black"},
        boxprops={"color": "#888888"},
    )
    for row, each in enumerate(series, start=1):
        values = each.values[:: -(-len(each.values) // DOTS)]
        jitter = [row + 0.16 * ((index % 5) - 2) / 2 for index in range(len(values))]
        axes.plot(
            values, jitter, ".", markersize=4, alpha=0.6, color=COLOURS[(row - 1) % len(COLOURS)]
        )
    axes.set_yticks(range(1, len(series) + 1), names)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.3)
    return figure


def _curves(result: Result) -> Any:
    """One panel per y label."""
    labels = list(dict.fromkeys(curve.y_label for curve in result.measurement.curves))
    figure, panels = _pyplot().subplots(
        len(labels), 1, figsize=(WIDTH_INCHES, 2.4 * len(labels)), squeeze=False
    )
    for panel, label in zip(panels[:, 0], labels, strict=True):
        chosen = [curve for curve in result.measurement.curves if curve.y_label == label]
        for colour, curve in zip(COLOURS, chosen, strict=False):
            xs, ys = zip(*curve.points, strict=True)
            panel.plot(
                xs,
                ys,
                marker="." if len(xs) < 40 else None,
                linewidth=1.2,
                label=curve.name,
                color=colour,
            )
        every = [x for curve in chosen for x, _ in curve.points]
        if min(every) > 0 and max(every) / min(every) >= 1000:
            panel.set_xscale("log")
        panel.set_ylim(bottom=0)
        panel.set_xlabel(chosen[0].x_label)
        panel.set_ylabel(label)
        panel.grid(alpha=0.3)
        if len(chosen) > 1:
            panel.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    return figure
