"""The report for people: grouped by resource, each finding with its fix and where to read on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from .model import Entry, Kind, Report

_LABELS: Final = {
    Kind.VIOLATION: "REFUSED",
    Kind.WARNING: "warning",
    Kind.OPEN: "open",
    Kind.EXEMPTION: "exempt",
}
_COLORS: Final = {Kind.VIOLATION: "31;1", Kind.WARNING: "33", Kind.OPEN: "36", Kind.EXEMPTION: "35"}
_RULE_WIDTH: Final = max(map(len, _LABELS.values())) + 2


def terminal(report: Report, *, color: bool = False, width: int = 100) -> str:
    """The report as text, `width` columns wide, with ANSI colours when asked for."""
    lines = []
    for resource in dict.fromkeys(each.resource for each in report.entries):
        lines.append(_paint(resource, "1", color))
        for entry in (each for each in report.entries if each.resource == resource):
            lines += _entry(entry, color, width)
        lines.append("")
    name = f"policy pack {report.pack.name}" + (f" on stack {report.stack}" if report.stack else "")
    verdict = _paint("refused", "31;1", color) if report.blocks else _paint("passed", "32;1", color)
    lines.append(f"{name}: {verdict}, {report.summary()}")
    if report.disabled:
        lines += _wrapped("not run, as configured: " + ", ".join(report.disabled), "", width)
    return "\n".join(lines) + "\n"


def _entry(entry: Entry, color: bool, width: int) -> Iterator[str]:
    label = _paint(f"{_LABELS[entry.kind]:<{_RULE_WIDTH}}", _COLORS[entry.kind], color)
    severity = f" ({entry.severity})" if entry.severity else ""
    yield f"  {label}{entry.rule}{severity}: {entry.title}"
    indent = " " * (2 + _RULE_WIDTH)
    yield from _wrapped(entry.text, indent, width)
    if entry.kind in (Kind.VIOLATION, Kind.WARNING) and entry.fix:
        yield from _wrapped(f"Fix: {entry.fix}.", indent, width)
    yield f"{indent}Docs: {entry.page}"


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    """Wrapped without breaking names, however long they are."""
    wrapper = textwrap.TextWrapper(
        width=max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line for paragraph in text.splitlines() for line in wrapper.wrap(paragraph)]


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
