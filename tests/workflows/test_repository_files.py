"""What GitHub reads besides the workflows is as its schemas say (S25): dependency updates, issue
forms, and the workflows, too, by schemas that are newer than actionlint's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
FILES = {
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": [
        GITHUB / "ISSUE_TEMPLATE" / "bug.yml",
        GITHUB / "ISSUE_TEMPLATE" / "feature.yml",
    ],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.github-workflows": sorted((GITHUB / "workflows").glob("*.yml")),
}


def check(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [str(program), "--builtin-schema", schema, *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("schema", FILES)
def test_files_fit_githubs_schemas(schema: str) -> None:
    done = check(schema, *FILES[schema])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_misspelt_key_is_found(tmp_path: Path) -> None:
    """Otherwise the test above proves nothing."""
    broken = tmp_path / "dependabot.yml"
    text = (GITHUB / "dependabot.yml").read_text()
    broken.write_text(text.replace("package-ecosystem", "package-system"))
    assert check("vendor.dependabot", broken).returncode == 1


def test_the_devcontainer_uses_targets_and_files_that_exist() -> None:
    """It is JSON without comments, as a schema's reader wants it."""
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"] == "make setup"
    assert "\nsetup:" in (ROOT / "Makefile").read_text()
    assert container["forwardPorts"] == [8443]
