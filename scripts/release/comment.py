"""A preview as a comment for a pull request: what changes against the base, and what the policy pack says.

Reads the `preview.json` files that `make preview REPORT=…` writes; writes Markdown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.release.errors import ReleaseError

MAXIMUM_ROWS = 50
"""Longer tables are cut, and the cut is said: a comment holds 65,536 characters."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    resources: Mapping[str, Mapping[str, Any]]
    """By URN."""
    violations: Sequence[Mapping[str, Any]]


def read_preview(path: Path) -> Preview:
    """Raises ReleaseError when the file is absent or is no preview."""
    try:
        found = json.loads(path.read_text())
        resources = {resource["urn"]: resource for resource in found["resources"]}
        return Preview(resources=resources, violations=found["violations"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{path} is no preview ({error}); write it with: make preview STACK=… REPORT={path.parent}") from error


def write_comment(stack: str, head: Preview, base: Preview | None) -> str:
    """The comment's Markdown, with a closing newline."""
    return "\n".join([f"### Preview of stack `{_text(stack)}`", "", *_changes(head, base), "", *_violations(head)]) + "\n"


def _changes(head: Preview, base: Preview | None) -> Iterator[str]:
    if base is None:
        kinds = Counter(str(resource["type"]) for resource in head.resources.values())
        yield f"{len(head.resources)} resources of {len(kinds)} types. There is no preview of the base to compare with."
        return
    added = [urn for urn in head.resources if urn not in base.resources]
    removed = [urn for urn in base.resources if urn not in head.resources]
    both = [urn for urn in head.resources if urn in base.resources]
    changed = {urn: keys for urn in both if (keys := _changed_inputs(base.resources[urn], head.resources[urn]))}
    if not (added or removed or changed):
        yield f"No change to any of the {len(head.resources)} resources."
        return
    yield f"{len(added)} added, {len(changed)} changed, {len(removed)} removed, {len(both) - len(changed)} unchanged."
    yield ""
    yield "| | resource | type | inputs |"
    yield "|---|---|---|---|"
    rows = [
        *(_row("added", head.resources[urn], "") for urn in added),
        *(_row("changed", head.resources[urn], ", ".join(f"`{_text(key)}`" for key in keys)) for urn, keys in changed.items()),
        *(_row("removed", base.resources[urn], "") for urn in removed),
    ]
    yield from _cut(rows)


def _violations(head: Preview) -> Iterator[str]:
    if not head.violations:
        yield "Policy pack: no violation."
        return
    mandatory = sum(violation["level"] == "mandatory" for violation in head.violations)
    yield f"Policy pack: **{mandatory} mandatory**, {len(head.violations) - mandatory} other."
    yield ""
    yield "| level | rule | resource | message |"
    yield "|---|---|---|---|"
    ordered = sorted(head.violations, key=lambda violation: violation["level"] != "mandatory")
    yield from _cut(
        [
            f"| {_text(v['level'])} | {_text(v['policy'])} | {_text(str(v.get('urn') or '').rsplit('::', 1)[-1])} | {_text(v['message'])} |"
            for v in ordered
        ]
    )


def _changed_inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = before.get("inputs") or {}, after.get("inputs") or {}
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _row(verb: str, resource: Mapping[str, Any], inputs: str) -> str:
    return f"| {verb} | {_text(resource['name'])} | {_text(resource['type'])} | {inputs} |"


def _cut(rows: list[str]) -> Iterator[str]:
    yield from rows[:MAXIMUM_ROWS]
    if len(rows) > MAXIMUM_ROWS:
        yield f"\n… and {len(rows) - MAXIMUM_ROWS} more; see the job's artifact."


def _text(value: object) -> str:
    """Text inside a table cell: no line ends, no column marks, no markup or mentions from whoever wrote the pull request."""
    text = " ".join(str(value).split())[:400]
    for mark in "\\`*_[]<>|#@!":
        text = text.replace(mark, f"&#{ord(mark)};")
    return text
