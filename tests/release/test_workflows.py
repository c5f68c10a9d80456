"""What the shipped workflows must not know by heart (S24)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.release import stacks
from tests.release.world import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text())["jobs"]
    return found


@pytest.mark.parametrize("name", ["check.yml", "comment.yml"])
def test_previews_are_of_every_stack_that_has_a_file(name: str) -> None:
    """A third stack needs no change of a workflow."""
    (previewed,) = (job for job in jobs(name).values() if "strategy" in job)
    assert previewed["needs"] == "stacks"
    assert previewed["strategy"]["matrix"]["stack"] == "${{ fromJSON(needs.stacks.outputs.names) }}"
    assert "python3 -m scripts.release.stacks" in jobs(name)["stacks"]["steps"][-1]["run"]


def test_stacks_are_the_files_but_the_local_one(tmp_path: Path) -> None:
    """Names that a file may have, and nothing else."""
    for file in (
        "Pulumi.yaml",
        "Pulumi.prod.yaml",
        "Pulumi.local.yaml",
        "Pulumi.a b.yaml",
        "Pulumi.eu.staging.yaml",
        "Pulumi.dev.yml",
    ):
        (tmp_path / file).touch()
    assert stacks.names(tmp_path) == ["eu.staging", "prod"]
    assert stacks.names() == ["dev", "prod"]


def test_a_pin_is_lifted_of_one_stack() -> None:
    """The job runs for each stack; the others keep the image of their rollback."""
    (job,) = jobs("deploy.yml").values()
    assert job["steps"][-1]["env"]["UNPIN"] == "${{ inputs.unpin == matrix.stack && '1' || '' }}"
