"""What the real engine found, from its event log.

`PULUMI_DEBUG_COMMANDS=true pulumi preview --policy-pack policy --event-log FILE` writes one JSON
object per line; each violation is a `policyEvent`
(https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ..harness import Diagnostic, PackInfo
from .model import Report

_COLOR: Final = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
"""The engine's own colour marks and ANSI ones."""

_JUDGED: Final = ("policyEvent", "policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent")

_LEVELS: Final = {
    "warning": "advisory",
    "advisory": "advisory",
    "mandatory": "mandatory",
    "remediate": "remediate",
}


class EventLogError(ValueError):
    """The file is not an event log of the engine. The message names the file and the line."""


def from_event_log(path: Path, pack: PackInfo, *, disabled: Iterable[str] = ()) -> Report:
    """A report of the policy events in an engine's event log. Events of other packs are left out.

    Raises `EventLogError` when the file cannot be read as an event log, when it ends before the
    engine's summary, or when the pack has judged nothing: what was not judged must not pass for
    clean.
    """
    stack = next(
        (name for _, event in events(path) if (name := _stack_of(event.get("resourcePreEvent")))),
        "",
    )
    return Report.of(pack, diagnostics_of(path, pack), stack=stack, disabled=disabled)


def diagnostics_of(path: Path, pack: PackInfo) -> list[Diagnostic]:
    """The pack's diagnostics in an engine's event log, in their order. Raises what `from_event_log`
    raises.
    """
    diagnostics = []
    complete, judged = False, False
    for number, event in events(path):
        violation = event.get("policyEvent")
        if isinstance(violation, dict) and _is_of(pack, violation):
            diagnostics.append(_diagnostic(violation, f"{path}:{number}"))
        complete = complete or "summaryEvent" in event
        judged = judged or any(_is_of(pack, event.get(key)) for key in _JUDGED)
    if not complete:
        raise EventLogError(
            f"{path} holds no summary of the engine: the command failed before it was done; see its"
            " output"
        )
    if not judged:
        raise EventLogError(
            f"{path} holds no judgement of the pack {pack.name}; pass --policy-pack to the command"
        )
    return diagnostics


def _is_of(pack: PackInfo, event: object) -> bool:
    return isinstance(event, dict) and event.get("policyPackName") == pack.name


def events(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Line number and content of each event. Raises `EventLogError` when the file cannot be read as
    an event log.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise EventLogError(f"{path} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except ValueError as error:
            raise EventLogError(
                f"{path}:{number} is not valid JSON; expected one event of the engine per line"
            ) from error
        if not isinstance(event, dict):
            raise EventLogError(
                f"{path}:{number} is not a JSON object; expected one event of the engine per line"
            )
        yield number, event


def _stack_of(step: object) -> str:
    metadata = step.get("metadata") if isinstance(step, dict) else None
    urn = metadata.get("urn", "") if isinstance(metadata, dict) else ""
    parts = str(urn).removeprefix("urn:pulumi:").split("::")
    return parts[0] if len(parts) >= 4 else ""


def _diagnostic(event: dict[str, object], place: str) -> Diagnostic:
    level = _LEVELS.get(str(event.get("enforcementLevel")))
    if level is None:
        raise EventLogError(
            f"{place} has the enforcement level {event.get('enforcementLevel')!r}; expected one of"
            f" {', '.join(_LEVELS)}"
        )
    message = _COLOR.sub("", str(event.get("message", "")))
    return Diagnostic(
        policy=str(event.get("policyName", "")),
        pack=str(event.get("policyPackName", "")),
        level=level,
        message=message,
        description=message.splitlines()[0] if message else "",
        urn=str(event.get("resourceUrn", "")),
        severity=str(event.get("severity", "")),
    )
