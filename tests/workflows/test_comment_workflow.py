"""The steps of comment.yml, run: from a fork's artifact to the comment (S24)."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.node import NODE

ROOT = Path(__file__).resolve().parents[2]
SHA = "a" * 40
EMPTY: dict[str, Any] = {
    "base": None,
    "changes": [],
    "unchanged": 5,
    "violations": [],
    "resolved": [],
    "disabled": [],
    "newlyDisabled": [],
}
OLD = {
    "id": 7,
    "user": {"type": "Bot"},
    "body": "<!-- astro-live preview dev -->\nan older preview",
}


class Hub:
    """GitHub as far as the workflow asks it, in its own folder."""

    def __init__(self, folder: Path, files: dict[str, str] | None, **world: Any) -> None:
        self.folder = folder
        with zipfile.ZipFile(folder / "artifact.zip", "w") as archive:
            for name, text in (files or {}).items():
                archive.writestr(name, text)
        run = {
            "id": 1,
            "head_sha": SHA,
            "head_branch": "topic",
            "head_repository": {"owner": {"login": "forker"}},
        }
        artifacts = (
            [] if files is None else [{"id": 2, "name": "preview-dev", "size_in_bytes": 100}]
        )
        pulls = [{"number": 12, "head": {"sha": SHA}}]
        state = {
            "run": run,
            "artifacts": artifacts,
            "pulls": pulls,
            "comments": [OLD],
            "zip": str(folder / "artifact.zip"),
            **world,
        }
        (folder / "world.json").write_text(json.dumps(state))

    def step(self, end: str) -> list[list[Any]]:
        script, module = ROOT / "tests/workflows/comment.mjs", ROOT / ".github/scripts/comment.mjs"
        command = [
            str(part) for part in (NODE, script, module, end, "dev", self.folder / "world.json")
        ]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        found: list[list[Any]] = json.loads(done.stdout)
        return found

    def run(self) -> dict[str, Any]:
        """Every step in order; the comment that was posted, by the call's name."""
        self.step("fetch")
        options = ["dev", "--report", str(self.folder / "report"), "--commit", SHA, "--fork"]
        subprocess.run(
            [sys.executable, "-m", "scripts.release.comment", *options],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        return {
            name: arguments
            for name, arguments in self.step("post")
            if name in ("createComment", "updateComment", "notice")
        }


def test_a_record_becomes_the_comment_in_place_of_the_old_one(tmp_path: Path) -> None:
    posted = Hub(tmp_path, {"changes.json": json.dumps(EMPTY)}).run()
    body = posted["updateComment"]["body"]
    assert posted["updateComment"]["comment_id"] == 7
    assert body.startswith(
        "<!-- astro-live preview dev -->\n### Preview of stack `dev` at `aaaaaaaaaaaa`"
    )
    assert "No change to any of the 5 resources." in body


@pytest.mark.parametrize(
    "files",
    [None, {}, {"changes.json": "{"}, {"comment.md": "# @team merge this"}],
    ids=["none", "empty", "torn", "markdown"],
)
def test_a_failed_preview_renews_the_comment(tmp_path: Path, files: dict[str, str] | None) -> None:
    """And Markdown of the fork's own is not posted."""
    body = Hub(tmp_path, files).run()["updateComment"]["body"]
    assert "**The preview failed.**" in body
    assert "an older preview" not in body
    assert "@team" not in body


def test_the_first_comment_is_made(tmp_path: Path) -> None:
    posted = Hub(tmp_path, {"changes.json": json.dumps(EMPTY)}, comments=[]).run()
    assert posted["createComment"]["issue_number"] == 12


def test_the_pull_request_is_asked_of_github(tmp_path: Path) -> None:
    """A number in the artifact means nothing, and a head that moved on gets no comment."""
    files = {"changes.json": json.dumps(EMPTY), "pull-request": "99"}
    posted = Hub(tmp_path, files, pulls=[{"number": 12, "head": {"sha": "b" * 40}}]).run()
    assert posted == {"notice": "the pull request has moved on"}


def test_an_artifact_too_large_is_not_fetched(tmp_path: Path) -> None:
    hub = Hub(
        tmp_path,
        {"changes.json": json.dumps(EMPTY)},
        artifacts=[{"id": 2, "name": "preview-dev", "size_in_bytes": 10**9}],
    )
    assert "**The preview failed.**" in hub.run()["updateComment"]["body"]
