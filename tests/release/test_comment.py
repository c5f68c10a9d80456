"""The preview as a pull-request comment (S24)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.release import __main__ as cli
from scripts.release.comment import MAXIMUM_ROWS, Preview, read_preview, write_comment
from scripts.release.errors import ReleaseError


def preview(*resources: tuple[str, dict[str, Any]], violations: tuple[dict[str, Any], ...] = ()) -> Preview:
    listed = {f"urn::{name}": {"urn": f"urn::{name}", "name": name, "type": "aws:t:T", "inputs": inputs} for name, inputs in resources}
    return Preview(resources=listed, violations=violations)


def test_changes_against_the_base() -> None:
    """Added, changed (with the names of the inputs) and removed resources each get a row; the rest is counted."""
    base = preview(("kept", {"a": 1}), ("edited", {"a": 1, "b": 2}), ("gone", {}))
    head = preview(("kept", {"a": 1}), ("edited", {"a": 1, "b": 3}), ("new", {}))
    lines = write_comment("dev", head, base).splitlines()
    assert "1 added, 1 changed, 1 removed, 1 unchanged." in lines
    assert "| added | new | aws:t:T |  |" in lines
    assert "| changed | edited | aws:t:T | `b` |" in lines
    assert "| removed | gone | aws:t:T |  |" in lines
    assert lines[-1] == "Policy pack: no violation."


def test_no_change_is_said() -> None:
    """An unchanged stack is one sentence."""
    same = preview(("kept", {"a": 1}))
    assert "No change to any of the 1 resources." in write_comment("dev", same, same)


def test_mandatory_violations_come_first() -> None:
    """Violations are counted by level and the blocking ones lead."""
    found = (
        {"level": "advisory", "policy": "log-retention", "urn": "urn::a", "message": "m"},
        {"level": "mandatory", "policy": "alb-idle-timeout", "urn": "urn::b", "message": "n"},
    )
    lines = write_comment("dev", preview(violations=found), None).splitlines()
    assert "Policy pack: **1 mandatory**, 1 other." in lines
    assert lines[-2:] == ["| mandatory | alb-idle-timeout | b | n |", "| advisory | log-retention | a | m |"]


def test_text_from_a_pull_request_cannot_mark_up_the_comment() -> None:
    """Names come from whoever opened the pull request: no link, mention, image or new row gets through."""
    hostile = "x|y\n| @team ![i](http://h) <b>`"
    text = write_comment("dev", preview((hostile, {})), preview())
    row = next(line for line in text.splitlines() if line.startswith("| added"))
    assert not set("@[]<>!") & set(row)
    assert row.count("|") == 5
    assert "`" not in row


def test_long_tables_are_cut_and_say_so() -> None:
    """A stack of many new resources does not overflow the comment."""
    many = preview(*((f"r{number}", {}) for number in range(MAXIMUM_ROWS + 7)))
    assert "… and 7 more" in write_comment("dev", many, preview())


def test_the_command_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make comment` reads REPORT/head and writes REPORT/comment.md, also without a base."""
    (tmp_path / "head").mkdir()
    (tmp_path / "head" / "preview.json").write_text(json.dumps({"resources": [], "outputs": {}, "violations": []}))
    assert cli.main(["comment", "dev", "--report", str(tmp_path)]) == 0
    assert (tmp_path / "comment.md").read_text() == capsys.readouterr().out


def test_a_missing_preview_names_the_command(tmp_path: Path) -> None:
    """Without a preview the error says how to make one."""
    with pytest.raises(ReleaseError, match="write it with: make preview"):
        read_preview(tmp_path / "preview.json")
