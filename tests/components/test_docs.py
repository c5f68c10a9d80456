"""docs/components.md: what it claims is what tests prove."""

from __future__ import annotations

import re

from components.live_editing import ROOT

DOCS = (ROOT / "docs" / "components.md").read_text()


def test_every_test_that_the_comparison_names_exists() -> None:
    files = [
        *(ROOT / "tests" / "components").glob("test_*.py"),
        ROOT / "tests" / "test_settings.py",
    ]
    defined = set(
        re.findall(
            r"^(?:async )?def (test_\w+)",
            "\n".join(file.read_text() for file in files),
            re.MULTILINE,
        )
    )
    named = set(re.findall(r"`(test_\w+)`", DOCS))
    assert len(named) > 40
    assert named <= defined, sorted(named - defined)


def test_every_row_of_the_comparison_names_a_test() -> None:
    rows = [
        line
        for line in DOCS.partition("## Against its peers")[2].splitlines()
        if line.startswith("| ")
    ][1:]
    assert len(rows) > 25
    assert all("`test_" in row and row.count("|") == 8 for row in rows), [
        row for row in rows if "`test_" not in row
    ]


def test_every_component_is_listed_with_its_file() -> None:
    classes = {}
    for file in (ROOT / "components").glob("*.py"):
        for name in re.findall(r"^class (\w+)\(Component\)", file.read_text(), re.MULTILINE):
            classes[name] = file.name
    for name, module in classes.items():
        assert re.search(rf"\| `{name}` \|.*`{module}`", DOCS), name
