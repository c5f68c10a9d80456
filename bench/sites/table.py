"""The table of what was seen, as Markdown and as JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from .edits import KINDS, Kind
from .trial import Side, Trial

BEGIN: Final = "<!-- table: made by `make sites`, do not edit -->"
LONGEST_VERDICT: Final = 160
END: Final = "<!-- end of table -->"
COLUMNS: Final = (
    "site",
    "Astro",
    "installed by",
    "install s",
    "start to page s",
    "page again s",
    *(f"{kind} ms" for kind in KINDS),
    "memory MiB",
    "by path",
    "by host",
)


def _cells(*values: float | None, digits: int = 1) -> str:
    return " / ".join("–" if value is None else f"{value:.{digits}f}" for value in values)


def _edit(trial: Trial, kind: Kind) -> str:
    sides = (trial.session, trial.host, trial.bare)
    if not any(kind in side.edits for side in sides):
        return "not on the page" if any(kind in side.absent for side in sides) else "–"
    return " / ".join(_taken(side, kind) for side in sides)


def _taken(side: Side, kind: Kind) -> str:
    if kind not in side.edits:
        return "not on the page" if kind in side.absent else "–"
    taken = side.edits[kind]
    return "lost" if taken is None else f"{taken:.0f}"


def _verdict(error: str) -> str:
    """Short, and without this machine's folders."""
    text = re.sub(r"/@fs/\S*/", "/@fs/…/", error or "runs").replace("|", "\\|")
    return text if len(text) <= LONGEST_VERDICT else text[:LONGEST_VERDICT] + "…"


def row(trial: Trial) -> str:
    """One site as a row."""
    path, host, bare = trial.session, trial.host, trial.bare
    cells = [
        trial.name,
        trial.astro or "–",
        trial.manager or "–",
        "–" if trial.install is None else f"{trial.install:.0f}",
        _cells(path.to_page, host.to_page, bare.to_page),
        _cells(path.again, bare.again),
        *(_edit(trial, kind) for kind in KINDS),
        _cells(path.memory_mib, host.memory_mib, bare.memory_mib, digits=0),
        _verdict(trial.first_error),
        _verdict(trial.host_error),
    ]
    return f"| {' | '.join(cells)} |"


def table(trials: Sequence[Trial], earlier: str = "") -> str:
    """All rows with their head. Rows of `earlier`, a table that was made before, stay for sites
    that are not among the trials with the same Astro.
    """
    rows = {_key(line): line for line in earlier.splitlines() if _is_row(line)}
    rows |= {_key(line): line for line in map(row, trials)}
    return "\n".join(
        [
            f"| {' | '.join(COLUMNS)} |",
            "|" + "---|" * len(COLUMNS),
            *(rows[key] for key in sorted(rows)),
        ]
    )


def _is_row(line: str) -> bool:
    return line.startswith("| ") and not line.startswith(f"| {COLUMNS[0]} |")


def _key(line: str) -> tuple[str, str]:
    name, astro = (cell.strip() for cell in line.split("|")[1:3])
    return name.lower(), astro


def write(page: Path, trials: Sequence[Trial]) -> None:
    """Put the table into a page between its two marks, where rows of other sites stay. Raises
    `ValueError` when the page has no such marks.
    """
    text = page.read_text()
    if BEGIN not in text or END not in text:
        raise ValueError(
            f"{page} has no place for the table: it needs the lines {BEGIN!r} and {END!r}"
        )
    before, rest = text.split(BEGIN, 1)
    old, after = rest.split(END, 1)
    page.write_text(f"{before}{BEGIN}\n\n{table(trials, old)}\n\n{END}{after}")


def save(file: Path, trials: Sequence[Trial]) -> None:
    """Everything as JSON, for a look at one site and for `load`."""
    entries = [
        dataclasses.asdict(trial)
        | {
            "first_error": trial.first_error,
            "host_error": trial.host_error,
        }
        for trial in trials
    ]
    file.write_text(json.dumps(entries, indent=1))


def load(file: Path) -> list[Trial]:
    """What `save` has written."""
    return [_trial(entry) for entry in json.loads(file.read_text())]


def _trial(entry: dict[str, Any]) -> Trial:
    trial = Trial(**{name: entry[name] for name in ("name", "astro", "manager", "install")})
    trial.session, trial.host, trial.bare = (
        Side(**entry[name]) for name in ("session", "host", "bare")
    )
    return trial


def join(earlier: Sequence[Trial], later: Sequence[Trial]) -> list[Trial]:
    """Both, the later one where a site with the same Astro is in both, in the order of
    their names.
    """
    by_site = {(trial.name, trial.astro): trial for trial in [*earlier, *later]}
    return sorted(by_site.values(), key=lambda trial: (trial.name.lower(), trial.astro))
