"""Results as text, as tables of docs/*.md and as plots."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from . import plots
from .result import Check, Result, ResultError, Series, load


def figure(value: float, unit: str) -> str:
    """A number for people: three significant digits, thousands in groups."""
    digits = (
        0
        if abs(value) >= 100
        else 1
        if abs(value) >= 10
        else 2
        if abs(value) >= 1 or value == 0
        else 3
    )
    return f"{value:,.{digits}f}{'' if unit == '×' else ' '}{unit}".strip()


def measured(check: Check) -> str:
    text = figure(check.measured.value, check.unit)
    if check.measured.low == check.measured.high:
        return text
    return f"{text} ({figure(check.measured.low, '')}–{figure(check.measured.high, '')})"


def verdict(check: Check) -> str:
    return "met" if check.met else "missed"


def aim(check: Check) -> str:
    return f"{'≤' if check.direction == 'at most' else '≥'} {figure(check.bound, check.unit)}"


def describe(series: Series) -> str:
    found = series.summary
    spread = (
        f"median {figure(found.median, series.unit)}, p95 {figure(found.p95, series.unit)}, spread"
        f" {figure(found.spread, series.unit)}"
    )
    return f"{series.name}: {spread} (n = {found.count})"


def lines(result: Result) -> str:
    """One result for the terminal."""
    content = result.measurement
    text = [f"   {describe(series)}" for series in content.series]
    text += [f"   {name} = {value}" for name, value in content.figures.items()]
    text += [
        f"   [{verdict(check)}] {check.aim}: {measured(check)}, aim {aim(check)}"
        for check in content.checks
    ]
    text += [f"   note: {note}" for note in content.notes]
    return "\n".join([*text, f"   {result.seconds:.0f} s"])


def table(results: Sequence[Result]) -> str:
    """All aims for the terminal."""
    rows = [
        (verdict(check), check.aim, measured(check), aim(check), result.command)
        for result in results
        for check in result.measurement.checks
    ]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, (6, 76, 28, 12, 0), strict=True))
        for row in rows
    )


# Documentation

BLOCK: Final = re.compile(r"(<!-- begin (?P<name>[a-z:_-]+)[^>]*-->\n).*?(<!-- end -->)", re.DOTALL)


def publish(results_dir: Path, docs: Path) -> None:
    """Draw the plots, and fill the marked blocks of docs/benchmarks.md and docs/scaling.md from the
    results in `results_dir`.
    """
    from . import scaling

    results = {path.stem: load(path) for path in sorted(results_dir.glob("*.json"))}
    plots.draw_all(list(results.values()), docs / "plots")
    blocks: dict[str, Callable[[], str]] = {
        "aims": lambda: aims_table(list(results.values())),
        "machine": lambda: machine_table(list(results.values())),
        "improvements": lambda: improvements_table(results),
        **{f"result:{name}": partial(result_block, result) for name, result in results.items()},
        **scaling.blocks(results),
    }
    for page in (docs / "benchmarks.md", docs / "scaling.md"):
        if page.is_file():
            page.write_text(fill(page.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    _remove_what_no_page_shows(docs)


def _remove_what_no_page_shows(docs: Path) -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in docs.glob("*.md"))
    for plot in (docs / "plots").glob("*.svg"):
        if plot.name not in pages:
            plot.unlink()


def fill(text: str, blocks: Mapping[str, Callable[[], str]]) -> str:
    """Replace what stands between `<!-- begin NAME -->` and `<!-- end -->`; a block without content
    keeps its text.
    """

    def one(match: re.Match[str]) -> str:
        make = blocks.get(match["name"])
        return match[0] if make is None else f"{match[1]}\n{make()}\n\n{match[3]}"

    return BLOCK.sub(one, text)


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """Something made faster, as two series of one run."""

    what: str
    benchmark: str
    unit: str
    before: str
    after: str


IMPROVEMENTS: Final = (
    Improvement(
        what=(
            "a warm runner starts and stops a site before it is needed, instead of only loading"
            " modules: ready for the first render"
        ),
        benchmark="session_start",
        unit="s",
        before="runner with modules loaded only → ready",
        after="warm runner → ready for Astro's first render",
    ),
    Improvement(
        what=(
            "a request with nothing but the gateway's cookies loses the header whole, instead of"
            " having it edited by a script"
        ),
        benchmark="throughput",
        unit="requests per CPU second",
        before="gateway, with an access-log line and edited cookies",
        after="gateway, with an access-log line",
    ),
    Improvement(
        what="the access log leaves a page's modules out",
        benchmark="throughput",
        unit="requests per CPU second",
        before="gateway, with an access-log line",
        after="gateway, authenticated",
    ),
    Improvement(
        what=(
            "a collection edit is taken in after 5 ms instead of 500 ms, and the client reloads at"
            " once instead of after 20 ms"
        ),
        benchmark="edit_latency",
        unit="ms",
        before="collection: bare astro dev",
        after="collection: gateway alone, reloading pages",
    ),
    Improvement(
        what=(
            "the imports of a module of Astro's runtime are begun when it has been read, not one"
            " after the other: first page, warm runner"
        ),
        benchmark="session_start",
        unit="s",
        before="runtime's modules in turn → first page",
        after="warm runner → first page",
    ),
    Improvement(
        what=(
            "no huge pages for the bundler's allocator, closer limits for V8, a collection at rest:"
            " memory of a session"
        ),
        benchmark="density",
        unit="MiB",
        before="session's dev server, with V8's limits and huge pages",
        after="session's dev server",
    ),
    Improvement(
        what="an edit of markup is shown in place instead of by a reload",
        benchmark="edit_latency",
        unit="ms",
        before="astro: gateway alone, reloading pages",
        after="astro: gateway alone",
    ),
    Improvement(
        what="an edit of a collection is shown in place instead of by a reload",
        benchmark="edit_latency",
        unit="ms",
        before="collection: gateway alone, reloading pages",
        after="collection: gateway alone",
    ),
    Improvement(
        what="an edited style comes with the message about it instead of being asked for",
        benchmark="edit_latency",
        unit="ms",
        before="css: gateway alone, reloading pages",
        after="css: gateway alone",
    ),
)


def improvements_table(results: Mapping[str, Result]) -> str:
    """Medians before and after. A series that is not there is an error: the table must not go stale
    in silence.
    """
    rows = ["| what | before | after | ratio | again with |", "|---|---|---|---|---|"]
    for each in IMPROVEMENTS:
        if each.benchmark not in results:
            continue
        result = results[each.benchmark]
        medians = {
            series.name: series.summary.median
            for series in result.measurement.series
            if series.unit == each.unit
        }
        if not {each.before, each.after} <= medians.keys():
            raise ResultError(
                f"{each.benchmark} has no series {each.before!r} and {each.after!r} in"
                f" {each.unit!r}, only {sorted(medians)}"
            )
        before, after = medians[each.before], medians[each.after]
        shown = f"{figure(before, each.unit)} | {figure(after, each.unit)} | {after / before:.2f}×"
        rows.append(f"| {each.what} | {shown} | `{result.command}` |")
    return "\n".join(rows)


def aims_table(results: Sequence[Result]) -> str:
    rows = ["| aim | bound | measured | | again with |", "|---|---|---|---|---|"]
    for result in results:
        rows += [
            f"| {check.aim} | {aim(check)} | {measured(check)} | {verdict(check)} |"
            f" `{result.command}` |"
            for check in result.measurement.checks
        ]
    return "\n".join(rows)


def machine_table(results: Sequence[Result]) -> str:
    rows = [
        (
            "| benchmark | when (UTC) | seconds | commit | load before | stolen | cores | processor"
            " | kernel |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        m = result.machine
        rows.append(
            f"| {result.name} | {result.started[:16].replace('T', ' ')} | {result.seconds:.0f} |"
            f" {m.commit} | {m.load} | {result.stolen:.0f} % | {m.cores} | {m.processor} |"
            f" {m.kernel} |"
        )
    return "\n".join(rows)


def result_block(result: Result) -> str:
    content = result.measurement
    parts: list[str] = []
    if content.series:
        rows = [
            "| | median | p95 | spread (IQR) | lowest–highest | samples |",
            "|---|---|---|---|---|---|",
        ]
        for series in content.series:
            s = series.summary
            cells = (figure(v, series.unit) for v in (s.median, s.p95, s.spread))
            rows.append(
                f"| {series.name} | {' | '.join(cells)} |"
                f" {figure(s.low, '')}–{figure(s.high, series.unit)} | {s.count} |"
            )
        parts.append("\n".join(rows))
    if content.figures and result.name != "capacity":
        parts.append(
            "\n".join(
                [
                    "| figure | |",
                    "|---|---|",
                    *(
                        f"| {name.replace('_', ' ')} | {_cell(value)} |"
                        for name, value in content.figures.items()
                    ),
                ]
            )
        )
    parts += [f"- {note}" for note in content.notes]
    parts += [f"![{title}](plots/{file})" for title, file in plots.files_of(result)]
    return "\n\n".join(parts)


def _cell(value: float | int | str) -> str:
    return (
        value
        if isinstance(value, str)
        else figure(float(value), "")
        if isinstance(value, float)
        else f"{value:,}"
    )
