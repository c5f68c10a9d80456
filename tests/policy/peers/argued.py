"""Reasons for verdicts that differ from what a peer's authors expect, from `argued.yaml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from .judge import Verdict

_FILE: Final = Path(__file__).with_name("argued.yaml")

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "missed": {
        "closed": "closed in AWS's own meaning",
        "provider": "closed by a default of Pulumi's provider",
        "nothing": "nothing of it is in a resource",
        "design": "allowed by design",
    },
    "refused": {
        "fault": "the case has this fault as well",
        "stricter": "this pack asks for more",
        "invalid": "not valid in AWS, or lost in translation",
    },
}
"""Outcome to the kinds of reasons, in the words of the table."""


@dataclass(frozen=True)
class Reason:
    """One reason, and what it is about."""

    outcome: str
    kind: str
    why: str
    checks: re.Pattern[str]
    cases: re.Pattern[str]
    finding: re.Pattern[str]

    def argues(self, verdict: Verdict, message: str) -> bool:
        """Whether this is the reason for one finding of a verdict; a miss has none."""
        fixture = verdict.fixture
        about = self.checks.fullmatch(fixture.check) and self.cases.search(fixture.name)
        return (
            self.outcome == verdict.outcome and bool(about) and bool(self.finding.search(message))
        )


def reasons(file: Path = _FILE) -> tuple[Reason, ...]:
    """Every reason. Raises `ValueError` for a kind that does not exist."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tuple(_reason(outcome, each) for outcome in KINDS for each in content.get(outcome) or [])


def _reason(outcome: str, entry: Mapping[str, Any]) -> Reason:
    if entry["kind"] not in KINDS[outcome]:
        raise ValueError(
            f"{_FILE.name}: kind is {entry['kind']!r}; allowed is one of"
            f" {', '.join(KINDS[outcome])}"
        )
    patterns = [_pattern(entry.get(name, ".*")) for name in ("checks", "cases", "finding")]
    return Reason(outcome, entry["kind"], entry["why"], *patterns)


def _pattern(text: str) -> re.Pattern[str]:
    """A regular expression whose alternatives may stand on separate lines."""
    return re.compile(re.sub(r"\s+\|", "|", text))


@dataclass(frozen=True)
class Account:
    """What is argued and what is open."""

    used: Counter[Reason]
    """Number of cases that a reason argues; one with several findings counts for the reason of
    each.
    """

    open: tuple[tuple[Verdict, str], ...]
    """Verdicts that nothing argues, with the finding."""


def account(verdicts: Iterable[Verdict], known: Iterable[Reason]) -> Account:
    """Look for the reason of every miss, and of every finding of every refusal."""
    known, used, open_ = tuple(known), Counter[Reason](), []
    for verdict in verdicts:
        if verdict.outcome not in KINDS:
            continue
        found = set()
        for message in verdict.messages or ("",):
            reason = next((each for each in known if each.argues(verdict, message)), None)
            if reason:
                found.add(reason)
            else:
                open_.append((verdict, message))
        used.update(found)
    return Account(used, tuple(open_))


def table(counted: Account) -> str:
    """The reasons and how many cases each argues, as Markdown."""
    lines = []
    for outcome, kinds in KINDS.items():
        lines += ["", f"| {outcome} cases | kind | reason |", "|--:|---|---|"]
        for kind, words in kinds.items():
            found = [
                (count, each)
                for each, count in counted.used.items()
                if (each.outcome, each.kind) == (outcome, kind)
            ]
            lines += [
                f"| {count} | {words} | {each.why} |"
                for count, each in sorted(found, key=lambda one: -one[0])
            ]
    return "\n".join(lines)
