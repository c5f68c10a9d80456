#!/usr/bin/env python3
"""Check that a tag fits the version that every part declares, and print its section of
CHANGELOG.md.

scripts/release_notes.py v0.2.0    exit 1 and name each place that declares another version
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DECLARED: Final = {
    "pyproject.toml": r'^version = "([^"]+)"',
    "policy/PulumiPolicy.yaml": r"^version: (\S+)",
    "components/provider/__main__.py": r'version="([^"]+)"',
    "clients/python/pyproject.toml": r'^version = "([^"]+)"',
    "clients/typescript/package.json": r'^  "version": "([^"]+)"',
}
"""Every file that declares the version, and where in it."""


def declared() -> dict[str, str]:
    """File to version, for each file of DECLARED."""
    found = {}
    for file, pattern in DECLARED.items():
        match = re.search(pattern, (ROOT / file).read_text(), re.MULTILINE)
        assert match, f"{file} declares no version"
        found[file] = match[1]
    return found


def section(version: str, changelog: str) -> str | None:
    """The text below `## [version]`, or None where there is no such heading. Without the ids of
    requirements: its readers have no list of them.
    """
    match = re.search(
        rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    return re.sub(r"\s+\(S\d+(?:,\s+S\d+)*\)", "", match[1]).strip() if match else None


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not re.fullmatch(r"v\d+\.\d+\.\d+", arguments[0]):
        print(
            "usage: scripts/release_notes.py vMAJOR.MINOR.PATCH; got"
            f" {' '.join(arguments) or 'nothing'}",
            file=sys.stderr,
        )
        return 2
    version = arguments[0].removeprefix("v")
    problems = [
        f"{file} declares {found}: write {version}"
        for file, found in declared().items()
        if found != version
    ]
    notes = section(version, (ROOT / "CHANGELOG.md").read_text())
    if not notes:
        problems.append(
            f"CHANGELOG.md has no section [{version}]: rename [Unreleased] and add the date"
        )
    for problem in problems:
        print(f"{arguments[0]}: {problem}", file=sys.stderr)
    if problems:
        return 1
    print(notes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
