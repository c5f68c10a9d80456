"""A preview as a comment for a pull request: replacements first, old and new values, and what the
policy pack says.

It renders the `changes.json` that `make changes` writes. In the workflow that posts the comment
that file comes from a run of the pull request's own code, so nothing in it is believed or printed
as it is: its shape is checked, its size is bounded, and every text is shown as code, where
Markdown, HTML, links and mentions mean nothing. This module needs the standard library only: the
workflow runs it from the base branch without installing anything.

    python3 -m scripts.release.comment dev --report report --commit 1a2b3c4 --run
    https://github.com/…
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from contract.changes import FILE
from scripts.release.comment_shape import LARGEST, read_changes
from scripts.release.errors import ReleaseError

__all__ = [
    "FILE",
    "LARGEST",
    "MAXIMUM_ROWS",
    "main",
    "read_changes",
    "write_comment",
    "write_failure",
]

MAXIMUM_ROWS: Final = 40
"""Longer tables are cut, and the cut is said."""
MAXIMUM_VALUES: Final = 4
"""Changed values reported of one resource."""
MAXIMUM_COMMENT: Final = 60_000
"""GitHub takes 65,536 characters."""
_CELL: Final = 120

Change = Mapping[str, Any]


def write_comment(
    stack: str, content: Mapping[str, Any], *, commit: str = "", run: str = "", fork: bool = False
) -> str:
    """The comment's Markdown, with a closing newline. `commit` and `run` are the caller's own
    knowledge.
    """
    lines = [*_heading(stack, commit, run, fork)]
    if "failed" in content:
        lines += [
            "**The preview failed.** Nothing is known of what this commit would change.",
            "",
            *_block(content["failed"]),
        ]
    else:
        lines += [*_verdict(content), *_changes(content), "", *_policies(content)]
    text = "\n".join(lines) + "\n"
    if len(text) > MAXIMUM_COMMENT:
        text = text[:MAXIMUM_COMMENT].rsplit("\n", 1)[0] + "\n\n… cut; see the run's artifact.\n"
    return text


def write_failure(
    stack: str, reason: str, *, commit: str = "", run: str = "", fork: bool = False
) -> str:
    """The comment when there is no usable record of changes: an older comment must not go on
    standing.
    """
    return write_comment(stack, {"failed": reason}, commit=commit, run=run, fork=fork)


def _heading(stack: str, commit: str, run: str, fork: bool) -> Iterator[str]:
    at = f" at {code(commit[:12])}" if commit else ""
    yield f"### Preview of stack {code(stack)}{at}"
    yield ""
    if run:
        yield f"[The run]({run}) has the whole preview." + (
            " It ran the fork's code: read the diff before you believe it." if fork else ""
        )
        yield ""


def _verdict(content: Mapping[str, Any]) -> Iterator[str]:
    """What stops this change, before the tables that may be long."""
    if mandatory := [each for each in content["violations"] if each["level"] == "mandatory"]:
        count = f"{len(mandatory)} mandatory finding" + ("s" if len(mandatory) > 1 else "")
        rules = ", ".join(map(code, sorted({each["policy"] for each in mandatory})))
        yield (
            f"> [!CAUTION]\n> The policy pack refuses this change: {count}, {rules}. A deployment"
            " would stop before it touches them."
        )
        yield ""
    replaced = {
        each["type"].replace("/vpc:", ":").replace("/subnet:", ":")
        for each in content["changes"]
        if each["operation"] == "replace"
    }
    for type_, why in _REFUSED.items():
        if type_ in replaced:
            yield (
                f"> [!CAUTION]\n> A live stack cannot do this: {why} The update would stop"
                ' half-way; see "Changes that replace something" in docs/runbook.md.'
            )
            yield ""
            break
    if _swaps_mount_targets(content["changes"]):
        yield (
            "> [!CAUTION]\n> Mount targets come and go. Where one comes into a zone that has"
            " another, AWS refuses it with `MountTargetConflict`; see `privateSubnetIds` under"
            ' "Changes that replace something" in docs/runbook.md.'
        )
        yield ""


_REFUSED: Final = {
    "aws:ec2:Vpc": (
        "it replaces the VPC, and AWS moves neither a load balancer nor mount targets to another"
        " one."
    ),
    "aws:ec2:Subnet": "it replaces subnets, and AWS takes no second one of the same range.",
}
"""Types whose replacement AWS refuses while a service is in them."""

_MOUNT_TARGETS: Final = ("aws:efs:MountTarget", "aws:efs/mountTarget:MountTarget")


def _swaps_mount_targets(changes: Sequence[Change]) -> bool:
    """Whether a mount target comes for one that goes, in a file system that stays."""
    operations = {each["operation"] for each in changes if each["type"] in _MOUNT_TARGETS}
    system = any(
        each["type"].endswith(":FileSystem") and each["operation"] in ("replace", "create")
        for each in changes
    )
    return not system and ("replace" in operations or {"create", "delete"} <= operations)


def _changes(content: Mapping[str, Any]) -> Iterator[str]:
    changes: Sequence[Change] = content["changes"]
    if content.get("base"):
        yield (
            f"There is nothing to compare with ({code(content['base'])}): every resource counts as"
            " new."
        )
        yield ""
    if not changes:
        yield f"No change to any of the {content['unchanged']} resources."
        return
    by = {
        operation: [each for each in changes if each["operation"] == operation]
        for operation in VERBS
    }
    counts = [
        _loud(f"{len(found)} {VERBS[name]}", bool(found) and name in _LOUD)
        for name, found in by.items()
    ]
    yield ", ".join([*counts, f"{content['unchanged']} unchanged"]) + "."
    if lost := [
        each
        for each in (*by["replace"], *by["delete"])
        if each["holdsData"] and not each["keptOld"]
    ]:
        yield ""
        yield (
            "> [!CAUTION]\n> Stored data is lost with:"
            f" {', '.join(code(each['name']) for each in lost)}"
        )
    own = [each for each in by["replace"] if not _follows_only(each)]
    yield from _table("Replaced", own)
    yield from _table(
        f"{len(by['replace']) - len(own)} more replaced, because they refer to these",
        [each for each in by["replace"] if _follows_only(each)],
        folded=True,
    )
    yield from _table("Removed", by["delete"])
    yield from _table("Updated", by["update"], folded=len(by["update"]) > 15)
    yield from _table("Added", by["create"], folded=len(by["create"]) > 15)


VERBS: Final = {"replace": "replaced", "delete": "removed", "update": "updated", "create": "added"}
_LOUD: Final = ("replace", "delete")


def _loud(text: str, loud: bool) -> str:
    return f"**{text}**" if loud else text


def _follows_only(change: Change) -> bool:
    replacing = [value for value in change["values"] if value["replaces"]]
    return bool(replacing) and all(value["new"] is None for value in replacing)


def _table(title: str, changes: Sequence[Change], *, folded: bool = False) -> Iterator[str]:
    if not changes:
        return
    yield ""
    yield f"<details><summary>{title}</summary>" if folded else f"**{title}**"
    yield ""
    yield "| resource | type | values |"
    yield "|---|---|---|"
    yield from _cut(
        [
            f"| {code(each['name'])}{_mark(each)} | {code(each['type'])} | {_values(each)} |"
            for each in changes
        ]
    )
    if folded:
        yield ""
        yield "</details>"


def _mark(change: Change) -> str:
    if change["operation"] == "replace" and change["keptOld"]:
        return " (the old one is kept)"
    return ""


def _values(change: Change) -> str:
    # What replaces the resource comes first, and of that what was changed rather than what follows.
    ordered = sorted(
        change["values"], key=lambda value: (not value["replaces"], value["new"] is None)
    )
    shown = [_value(value) for value in ordered[:MAXIMUM_VALUES]]
    more = len(ordered) - len(shown)
    return "<br>".join([*shown, *([f"and {more} more"] if more else [])])


def _value(value: Mapping[str, Any]) -> str:
    path = code(value["path"], _CELL)
    if value["new"] is None:
        return (
            f"{path} follows {code(value['follows'])}"
            if value["follows"]
            else f"{path}: known after the update"
        )
    return f"{path}: {code(value['old'], _CELL)} → {code(value['new'], _CELL)}"


def _policies(content: Mapping[str, Any]) -> Iterator[str]:
    violations: Sequence[Mapping[str, Any]] = content["violations"]
    compared = not content.get("base")
    new = [each for each in violations if each["new"] or not compared]
    old = [each for each in violations if each not in new]
    mandatory = sum(each["level"] == "mandatory" for each in new)
    if not violations:
        yield "Policy pack: no finding."
    elif compared:
        text = (
            f"Policy pack: **{mandatory} new mandatory**, {len(new) - mandatory} new other;"
            f" {len(old)} as before"
        )
        yield f"{text}, {len(content['resolved'])} resolved."
    else:
        yield f"Policy pack: **{mandatory} mandatory**, {len(new) - mandatory} other."
    yield from _findings("New findings" if compared else "Findings", new)
    yield from _findings(f"{len(old)} findings as before", old, folded=True)
    yield from _findings(
        f"{len(content['resolved'])} findings resolved", content["resolved"], folded=True
    )
    if content["newlyDisabled"]:
        yield ""
        yield (
            "> [!WARNING]\n> Disabled by this change:"
            f" {', '.join(map(code, content['newlyDisabled']))}"
        )
    if others := [name for name in content["disabled"] if name not in content["newlyDisabled"]]:
        yield ""
        yield f"Disabled for this stack: {', '.join(map(code, others))}."


def _findings(
    title: str, found: Sequence[Mapping[str, Any]], *, folded: bool = False
) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield f"<details><summary>{title}</summary>" if folded else f"**{title}**"
    yield ""
    yield "| level | rule | resource | finding |"
    yield "|---|---|---|---|"
    ordered = sorted(found, key=lambda each: each["level"] != "mandatory")
    yield from _cut(
        [
            f"| {code(v['level'])} | {code(v['policy'])} | {code(v['name'])} |"
            f" {code(v['message'], 400)} |"
            for v in ordered
        ]
    )
    if folded:
        yield ""
        yield "</details>"


def _cut(rows: list[str]) -> Iterator[str]:
    yield from rows[:MAXIMUM_ROWS]
    if len(rows) > MAXIMUM_ROWS:
        yield ""
        yield f"… and {len(rows) - MAXIMUM_ROWS} more; see the run's artifact."


def code(text: object, longest: int = 200) -> str:
    """`text` as code on one line: its author cannot mark up the comment, mention anybody or hide
    characters.

    A column mark ends a table's cell even inside code, so it is escaped the way GitHub's tables
    want it.
    """
    shown = _visible(str(text))
    shown = shown if len(shown) <= longest else f"{shown[:longest]}…"
    return f"`{shown.replace('|', chr(92) + '|')}`" if shown else "` `"


def _visible(text: str) -> str:
    """One line of printable characters: no control characters, no bidirectional or zero-width ones,
    no backticks.
    """
    line = " ".join(text[: 10 * 1024].replace("`", "'").split())
    return "".join(
        " " if unicodedata.category(each) in _INVISIBLE else each for each in line
    ).replace("\\", "/")


_INVISIBLE: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _block(text: str) -> Iterator[str]:
    yield "```text"
    yield from (_visible(line) for line in text.splitlines()[-30:])
    yield "```"


def main(arguments: list[str] | None = None) -> int:
    """The command: write the comment into REPORT/comment.md and print it. A record that cannot be
    used becomes a comment that says so.
    """
    parser = argparse.ArgumentParser(
        prog="python3 -m scripts.release.comment",
        description="A preview as a comment for a pull request.",
    )
    parser.add_argument("stack")
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="directory of changes.json (report)",
    )
    parser.add_argument("--commit", default="", help="commit that was previewed")
    parser.add_argument("--run", default="", help="address of the run that previewed it")
    parser.add_argument("--fork", action="store_true", help="the commit is a fork's")
    options = parser.parse_args(arguments)
    about = {
        "commit": _hexadecimal(options.commit),
        "run": _address(options.run),
        "fork": options.fork,
    }
    try:
        text = write_comment(options.stack, read_changes(options.report / FILE), **about)
    except ReleaseError as error:
        text = write_failure(options.stack, f"{error}", **about)
    options.report.mkdir(parents=True, exist_ok=True)
    (options.report / "comment.md").write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def _hexadecimal(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{0,64}", text):
        raise SystemExit(f"--commit is {text!r}; allowed is a commit's hash")
    return text


def _address(text: str) -> str:
    if text and not re.fullmatch(r"https://[\w.-]+/[\w./-]+", text):
        raise SystemExit(f"--run is {text!r}; allowed is the https address of a run")
    return text


if __name__ == "__main__":
    sys.exit(main())
