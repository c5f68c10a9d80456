"""What the pack asks of the environment that it is copied into."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    line
    for line in (ROOT / "policy" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_the_requirements_are_those_of_the_project() -> None:
    """One list, written twice: where the lock file is made, and in the folder that is copied."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        str(Requirement(each)) for each in project["project"]["optional-dependencies"]["policy"]
    }
    assert {str(Requirement(each)) for each in LINES} == wanted


def test_no_requirement_pins_one_version() -> None:
    """A caller's Pulumi is not held at one patch."""
    for each in map(Requirement, LINES):
        assert all(specifier.operator in (">=", "<") for specifier in each.specifier), str(each)


def test_the_first_sdk_has_every_field_that_the_pack_sends() -> None:
    """Before 3.204 a diagnostic has no `severity`: the pack would fail at its first finding."""
    sdk = next(each for each in map(Requirement, LINES) if each.name == "pulumi")
    assert "3.204.0" in sdk.specifier
    assert "3.203.0" not in sdk.specifier


def test_the_guide_says_what_to_do_with_a_link_and_with_a_list() -> None:
    """A copied link leads into the other checkout; a configured list replaces the default one."""
    guide, readme = (
        (ROOT / "policy" / name).read_text(encoding="utf-8") for name in ("ADOPT.md", "README.md")
    )
    assert "rm -f policy/venv" in guide
    assert "replaces the default list" in readme
