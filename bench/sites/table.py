"""The table of what was seen, as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .edits import KINDS, Kind
from .trial import Side, Trial

BEGIN: Final = "<!-- table: made by `make sites`, do not edit -->"
END: Final = "<!-- end of table -->"
HEAD: Final = (
    "| site | Astro | installed by | install s | start to page s, session / bare | page again s | "
    + " | ".join(f"{kind} ms" for kind in KINDS)
    + " | memory MiB | first error |"
)


def _pair(one: float | None, other: float | None, digits: int = 1) -> str:
    return " / ".join("–" if value is None else f"{value:.{digits}f}" for value in (one, other))


def _to_page(side: Side) -> float | None:
    return None if side.ready is None or side.page is None else side.ready + side.page


def _edit(trial: Trial, kind: Kind) -> str:
    if kind not in trial.session.edits and kind not in trial.bare.edits:
        return "–"
    return " / ".join(
        "–" if kind not in side.edits else "lost" if (taken := side.edits[kind]) is None else f"{taken:.0f}"
        for side in (trial.session, trial.bare)
    )


def row(trial: Trial) -> str:
    """One site as a row."""
    started = _to_page(trial.session)
    without = None if started is None else started - (trial.install or 0)
    cells = [
        trial.name,
        trial.astro or "–",
        trial.manager or "–",
        "–" if trial.install is None else f"{trial.install:.0f}",
        _pair(without, _to_page(trial.bare)),
        _pair(trial.session.again, trial.bare.again),
        *(_edit(trial, kind) for kind in KINDS),
        _pair(trial.session.memory_mib, trial.bare.memory_mib, 0),
        (trial.first_error or "none").replace("|", "\\|"),
    ]
    return f"| {' | '.join(cells)} |"


def table(trials: Sequence[Trial]) -> str:
    """All rows with their head. Pairs are session / bare `astro dev`."""
    rule = "|" + "---|" * (HEAD.count("|") - 1)
    return "\n".join([HEAD, rule, *(row(trial) for trial in trials)])


def write(page: Path, trials: Sequence[Trial]) -> None:
    """Put the table into a page between its two marks. Raises `ValueError` when the page has none."""
    text = page.read_text()
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page} has no place for the table: it needs the lines {BEGIN!r} and {END!r}")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    page.write_text(f"{before}{BEGIN}\n\n{table(trials)}\n\n{END}{after}")


def save(file: Path, trials: Sequence[Trial]) -> None:
    """Everything as JSON, for a look at one site."""
    file.write_text(json.dumps([dataclasses.asdict(trial) | {"first_error": trial.first_error} for trial in trials], indent=1))
