"""The result of a benchmark: what was asked, on what machine, every sample, and the aims it is held
against.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from .machine import Machine
from .stats import Estimate, Statistic, Summary, median, p95, ratio, summary

SCHEMA: Final = 2
"""Number of the format of the JSON files; `load` refuses others."""

Direction = Literal["at most", "at least"]


class ResultError(ValueError):
    """A result file that cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One side of a comparison: all its samples, in the order they were taken."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def summary(self) -> Summary:
        return summary(self.values)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A figure held against an aim of the project."""

    aim: str
    """The aim in words, as docs/benchmarks.md lists it."""
    measured: Estimate
    unit: str
    """`×` for a ratio."""
    direction: Direction
    bound: float

    @property
    def met(self) -> bool:
        return (
            self.measured.value <= self.bound
            if self.direction == "at most"
            else self.measured.value >= self.bound
        )


def compare(
    aim: str,
    ours: Series,
    theirs: Series,
    direction: Direction,
    bound: float,
    *,
    statistic: Literal["median", "p95"] = "median",
) -> Check:
    """A check of the ratio of two series."""
    chosen: Statistic = median if statistic == "median" else p95
    return Check(
        aim=aim,
        measured=ratio(ours.values, theirs.values, chosen),
        unit="×",
        direction=direction,
        bound=bound,
    )


def hold(aim: str, value: float, unit: str, direction: Direction, bound: float) -> Check:
    """A check of one figure that has no distribution."""
    return Check(
        aim=aim,
        measured=Estimate(value=value, low=value, high=value),
        unit=unit,
        direction=direction,
        bound=bound,
    )


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A line of a plot: y against x, such as memory over time."""

    name: str
    x_label: str
    y_label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What a benchmark hands back."""

    series: Sequence[Series] = ()
    checks: Sequence[Check] = ()
    curves: Sequence[Curve] = ()
    figures: Mapping[str, float | int | str] = field(default_factory=dict)
    """Single figures that are no aim by themselves, with the unit in the name: `connections_lost`,
    `envoy_pss_mib`.
    """
    notes: Sequence[str] = ()
    """What a reader must know to judge the figures."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A measurement with everything needed to judge or repeat it."""

    name: str
    question: str
    quick: bool
    """A short run: it shows that the benchmark works, its figures are not for citing."""
    started: str
    seconds: float
    stolen: float
    """Per cent of the wanted processor time that went to other guests of the host meanwhile
    (`machine.Theft`).
    """
    machine: Machine
    measurement: Measurement

    @property
    def command(self) -> str:
        return f"make bench ONLY={self.name}"

    def document(self) -> dict[str, Any]:
        content = asdict(self)
        measurement = content.pop("measurement")
        for entry, series in zip(measurement["series"], self.measurement.series, strict=True):
            entry["values"] = [round(value, 4) for value in entry["values"]]
            entry["summary"] = {
                key: round(value, 4) for key, value in asdict(series.summary).items()
            }
        for entry, check in zip(measurement["checks"], self.measurement.checks, strict=True):
            entry["met"] = check.met
        return {"schema": SCHEMA, **content, "command": self.command, **measurement}

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(_compact(self.document()) + "\n", encoding="utf-8")
        return path


def _compact(document: Mapping[str, Any]) -> str:
    """JSON with a line per member, and lists of numbers on one: thousands of samples make no diff
    of thousands of lines.
    """
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return re.sub(r"\[[\s\d.,eE+\[\]-]+\]", lambda found: re.sub(r"\s+", "", found[0]), text)


def load(path: Path) -> Result:
    """Read a result file. Raises `ResultError` naming the file and what is wrong with it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise ResultError(
                f"{path} has schema {content['schema']!r}; allowed is {SCHEMA}. Run the benchmark"
                " again"
            )
        return Result(
            **{
                key: content[key]
                for key in ("name", "question", "quick", "started", "seconds", "stolen")
            },
            machine=Machine(**content["machine"]),
            measurement=Measurement(
                series=[
                    Series(name=s["name"], unit=s["unit"], values=tuple(s["values"]))
                    for s in content["series"]
                ],
                checks=[
                    Check(
                        **{k: c[k] for k in ("aim", "unit", "direction", "bound")},
                        measured=Estimate(**c["measured"]),
                    )
                    for c in content["checks"]
                ],
                curves=[
                    Curve(
                        **{k: c[k] for k in ("name", "x_label", "y_label")},
                        points=tuple((x, y) for x, y in c["points"]),
                    )
                    for c in content["curves"]
                ],
                figures=content["figures"],
                notes=content["notes"],
            ),
        )
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ResultError(
            f"{path} is no result of a benchmark ({type(error).__name__}: {error}). Run the"
            " benchmark again"
        ) from error
