"""The preview as a pull-request comment: complete, and safe whatever is in the record (S24)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.release import __main__ as cli
from scripts.release import comment
from scripts.release.errors import ReleaseError

ROOT = Path(__file__).resolve().parents[2]


def value(
    path: str,
    old: str = "a",
    new: str | None = "b",
    *,
    replaces: bool = False,
    follows: str | None = None,
) -> dict[str, Any]:
    return {"path": path, "old": old, "new": new, "replaces": replaces, "follows": follows}


def change(
    operation: str, name: str, *values: dict[str, Any], kept: bool = False, data: bool = False
) -> dict[str, Any]:
    flags = {"keptOld": kept, "holdsData": data}
    return {
        "operation": operation,
        "name": name,
        "type": "aws:t:T",
        **flags,
        "values": list(values),
    }


def finding(level: str, policy: str, *, new: bool = True) -> dict[str, Any]:
    return {
        "level": level,
        "policy": policy,
        "name": "edge",
        "message": "idleTimeout is 60 s",
        "new": new,
    }


def content(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "base": None,
        "violations": [],
        "resolved": [],
        "disabled": [],
        "newlyDisabled": [],
    }
    return {**empty, "changes": list(changes), "unchanged": 5, **more}


def test_replacements_lead_and_what_follows_is_told_apart() -> None:
    """What was changed stands open with old and new value; what only refers to it is folded."""
    text = comment.write_comment(
        "dev",
        content(
            change(
                "replace", "vpc", value("cidrBlock", "10.20.0.0/16", "10.30.0.0/16", replaces=True)
            ),
            change(
                "replace", "subnet", value("vpcId", "vpc-1", None, replaces=True, follows="vpc")
            ),
            change(
                "update",
                "alarm",
                value("dimensions.TargetGroup", "x", None, follows="group"),
                value("threshold", "1", "2"),
            ),
            change("create", "new"),
            change("delete", "gone"),
        ),
        commit="1a2b3c4d5e6f7a8b",
    )
    assert text.startswith("### Preview of stack `dev` at `1a2b3c4d5e6f`\n")
    assert "**2 replaced**, **1 removed**, 1 updated, 1 added, 5 unchanged." in text
    assert "| `vpc` | `aws:t:T` | `cidrBlock`: `10.20.0.0/16` → `10.30.0.0/16` |" in text
    assert "<summary>1 more replaced, because they refer to these</summary>" in text
    assert "| `subnet` | `aws:t:T` | `vpcId` follows `vpc` |" in text
    assert "`threshold`: `1` → `2`<br>`dimensions.TargetGroup` follows `group`" in text
    order = [
        text.index(part)
        for part in (
            "**Replaced**",
            "1 more replaced",
            "**Removed**",
            "**Updated**",
            "**Added**",
            "Policy pack",
        )
    ]
    assert order == sorted(order)


def test_the_verdict_comes_first() -> None:
    """Before tables that may be long: what stops this change."""
    replaced = change(
        "replace", "net", value("cidrBlock", "10.20.0.0/16", "10.30.0.0/16", replaces=True)
    )
    found = [
        finding("mandatory", "alb-idle-timeout"),
        finding("mandatory", "no-public-port", new=False),
        finding("advisory", "x"),
    ]
    text = comment.write_comment(
        "dev", content({**replaced, "type": "aws:ec2:Vpc"}, violations=found)
    )
    refusal = (
        "The policy pack refuses this change: 2 mandatory findings, `alb-idle-timeout`,"
        " `no-public-port`."
    )
    order = [
        text.index(part)
        for part in (refusal, "A live stack cannot do this: it replaces the VPC", "**1 replaced**")
    ]
    assert order == sorted(order)
    assert "CAUTION" not in comment.write_comment(
        "dev", content(change("update", "alarm"), violations=found[2:])
    )


def test_what_aws_refuses_of_a_network_is_a_warning() -> None:
    """Subnets replaced, and a mount target that comes for another one; not a third zone's, nor
    those of another file system.
    """
    subnet = {**change("replace", "private-1"), "type": "aws:ec2:Subnet"}
    come, go = (
        {**change(step, name), "type": "aws:efs:MountTarget"}
        for step, name in (("create", "b"), ("delete", "a"))
    )
    system = {**change("create", "files"), "type": "aws:efs:FileSystem"}
    assert (
        "it replaces subnets, and AWS takes no second one of the same range"
        in comment.write_comment("dev", content(subnet))
    )
    assert "MountTargetConflict" in comment.write_comment("dev", content(come, go))
    assert "MountTargetConflict" in comment.write_comment(
        "dev", content({**come, "operation": "replace"})
    )
    for harmless in ((come,), (go,), (come, go, system)):
        assert "CAUTION" not in comment.write_comment("dev", content(*harmless))


def test_lost_data_is_said_aloud() -> None:
    """A new file system is an empty one; a task definition's old revision stays."""
    lost = change("replace", "sites", value("kmsKeyId", replaces=True), data=True)
    kept = change("replace", "task", value("cpu", replaces=True), kept=True)
    text = comment.write_comment("dev", content(lost, kept))
    assert "> Stored data is lost with: `sites`" in text
    assert "| `task` (the old one is kept) |" in text


def test_new_findings_are_told_from_old_ones() -> None:
    """The pull request answers for the new ones."""
    found = [
        finding("advisory", "log-retention", new=False),
        finding("mandatory", "alb-idle-timeout"),
        finding("advisory", "x"),
    ]
    text = comment.write_comment(
        "dev",
        content(
            violations=found,
            resolved=[{k: v for k, v in finding("mandatory", "y").items() if k != "new"}],
        ),
    )
    assert "Policy pack: **1 new mandatory**, 1 new other; 1 as before, 1 resolved." in text
    assert (
        text.index("`alb-idle-timeout`")
        < text.index("1 findings as before")
        < text.index("`log-retention`")
    )


def test_disabled_rules_are_listed_and_newly_disabled_ones_warned_about() -> None:
    """Nobody turns a rule off unseen."""
    text = comment.write_comment(
        "dev",
        content(disabled=["alb-access-logs", "no-public-port"], newlyDisabled=["no-public-port"]),
    )
    assert "> [!WARNING]\n> Disabled by this change: `no-public-port`" in text
    assert "Disabled for this stack: `alb-access-logs`." in text


def test_no_change_is_one_sentence() -> None:
    assert "No change to any of the 5 resources." in comment.write_comment("dev", content())


def test_without_a_base_it_says_so() -> None:
    text = comment.write_comment(
        "dev", content(change("create", "new"), base="the base could not be deployed")
    )
    assert "There is nothing to compare with (`the base could not be deployed`)" in text


def test_a_failed_preview_says_why() -> None:
    """And nothing of an older preview."""
    text = comment.write_comment(
        "dev",
        {
            "failed": (
                "config of stack 'dev' has a bad key:\n  idleTimeoutSeconds is 60; allowed:"
                " 120-4000 s"
            )
        },
    )
    assert "**The preview failed.**" in text
    assert (
        "```text\nconfig of stack 'dev' has a bad key:\nidleTimeoutSeconds is 60; allowed: 120-4000"
        " s\n```" in text
    )


def test_long_tables_are_cut_and_say_so() -> None:
    many = [change("create", f"r{number}") for number in range(comment.MAXIMUM_ROWS + 7)]
    assert "… and 7 more; see the run's artifact." in comment.write_comment("dev", content(*many))


# What comes from a fork

CODE = re.compile(r"`[^`]*`")
hostile = st.text(
    alphabet=st.sampled_from("a|`\\\n\r@#<>[]()!*_~$:/. \u202e\u200b\x00é"), max_size=30
) | st.sampled_from(
    [
        "@org/team",
        "#1",
        "![x](https://h/p.png)",
        "<img src=x onerror=y>",
        "https://evil.example",
        "--- | ---",
        "`` ` ``",
        "\\` @x",
        "</details>",
    ]
)


@given(name=hostile, path=hostile, old=hostile, message=hostile, failed=hostile)
def test_no_text_of_a_pull_request_leaves_its_code_span(
    name: str, path: str, old: str, message: str, failed: str
) -> None:
    """Outside of code there is only what this module wrote: no markup, mention, link or line of the
    fork's.
    """
    harmless = {"name": "n", "path": "p", "old": "o", "message": "m", "failed": "f"}

    def render(name: str, path: str, old: str, message: str) -> str:
        found = {**finding("mandatory", name), "message": message, "name": name}
        record = content(
            change("replace", name, value(path, old, replaces=True)),
            violations=[found],
            disabled=[name],
            newlyDisabled=[name],
        )
        return comment.write_comment("dev", record)

    given, expected = (
        render(name, path, old, message),
        render(*(harmless[key] for key in ("name", "path", "old", "message"))),
    )
    assert CODE.sub("`", given) == CODE.sub("`", expected)
    assert not re.search("[\u202a-\u202e\u200b-\u200f\x00-\x09\x0b-\x1f]", given)
    # A bar ends a cell even inside code, unless it is escaped.
    assert all(
        len(re.findall(r"(?<!\\)\|", line)) in (4, 5)
        for line in given.splitlines()
        if line.startswith("|")
    )
    block = comment.write_comment("dev", {"failed": failed}).partition("```text\n")[2]
    assert block.count("```") == 1


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ([], "not an object"),
        ({}, "lacks base, changes"),
        (content(change("explode", "x")), "changes: [0] operation: not one of"),
        (
            content(change("update", "x", {**value("p"), "new": 7})),
            "changes: [0] values: [0] new: not str or NoneType",
        ),
        (content(unchanged=True), "unchanged: not int"),
        (content(violations=[{"level": "mandatory"}]), "violations: [0] lacks message"),
        ({"failed": 3}, "failed: not str"),
    ],
)
def test_a_record_of_another_shape_is_refused(record: Any, problem: str, tmp_path: Path) -> None:
    """It is told as a failed preview: no traceback, no old comment left standing."""
    (tmp_path / comment.FILE).write_text(json.dumps(record))
    with pytest.raises(ReleaseError) as refused:
        comment.read_changes(tmp_path / comment.FILE)
    assert problem in str(refused.value)
    assert comment.main(["dev", "--report", str(tmp_path)]) == 0
    assert "**The preview failed.**" in (tmp_path / "comment.md").read_text()


def test_a_record_too_large_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / comment.FILE).write_text(" " * (comment.LARGEST + 1))
    with pytest.raises(ReleaseError, match="bytes; allowed are"):
        comment.read_changes(tmp_path / comment.FILE)


def test_the_largest_record_makes_a_comment_that_github_takes() -> None:
    """Many rows of long values."""
    long = "x" * 300
    rows = [
        change("replace", f"{long}{n}", *(value(long, long, long, replaces=True) for _ in range(9)))
        for n in range(300)
    ]
    assert (
        len(
            comment.write_comment(
                "dev", content(*rows, violations=[finding("mandatory", long) for _ in range(300)])
            )
        )
        < 65_536
    )


def test_it_runs_without_any_package(tmp_path: Path) -> None:
    """The workflow that comments installs nothing: the module, in an interpreter that sees the
    standard library only.
    """
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import sys; sys.path.insert(0, '.'); from scripts.release import comment; comment.main()",
    ]
    options = [
        "dev",
        "--report",
        str(tmp_path),
        "--commit",
        "abc123",
        "--run",
        "https://github.com/o/r/actions/runs/1",
        "--fork",
    ]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "It ran the fork's code" in done.stdout
    assert "[The run](https://github.com/o/r/actions/runs/1)" in done.stdout


@pytest.mark.parametrize(
    "options", [["--commit", "HEAD`x"], ["--run", "javascript:x"], ["--run", "https://h/x) [y](z"]]
)
def test_what_the_workflow_passes_is_checked_too(options: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="allowed is"):
        comment.main(["dev", "--report", str(tmp_path), *options])


def test_the_command_names_the_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make comment` reads REPORT/changes.json and writes REPORT/comment.md."""
    (tmp_path / comment.FILE).write_text(json.dumps(content()))
    assert cli.main(["comment", "dev", "--report", str(tmp_path)]) == 0
    assert (tmp_path / "comment.md").read_text() == capsys.readouterr().out
