"""A release carries one version, and says what is in it (S25)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import release_notes

ROOT = Path(__file__).resolve().parents[1]
CHANGELOG = (
    "# Changelog\n\n## [Unreleased]\n\n- next\n\n## [0.2.0] - 2027-01-02\n\n- new (S1,\n  S24)\n\n## [0.1.0] -"
    " 2026-12-01\n\n- first\n"
)


def test_every_part_declares_the_same_version() -> None:
    """Package, policy pack, component provider and clients; and the changelog has a section."""
    (version,) = set(release_notes.declared().values())
    assert release_notes.section(version, (ROOT / "CHANGELOG.md").read_text())


@pytest.mark.parametrize(
    ("version", "notes"), [("0.2.0", "- new"), ("0.1.0", "- first"), ("0.3.0", None), ("0.2", None)]
)
def test_the_notes_are_the_version_s_section(version: str, notes: str | None) -> None:
    """Up to the next heading or the end."""
    assert release_notes.section(version, CHANGELOG) == notes


def test_a_tag_that_nothing_declares_is_refused() -> None:
    """Each place is named, and what to write there."""
    done = subprocess.run(
        [sys.executable, "scripts/release_notes.py", "v9.9.9"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    for file in release_notes.DECLARED:
        assert f"v9.9.9: {file} declares" in done.stderr
    assert "CHANGELOG.md has no section [9.9.9]" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["0.1.0"], ["v1"], ["v1.2.3", "v1.2.4"]])
def test_only_a_version_s_tag_is_accepted(arguments: list[str]) -> None:
    """`v`, then three numbers."""
    done = subprocess.run(
        [sys.executable, "scripts/release_notes.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "usage" in done.stderr
