"""Every key of a stack that the documentation names exists: a renamed one would send an operator
astray (S25).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from settings import StackSettings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    *(page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "policies"),
]
KEYS = {setting.key for setting in StackSettings.declared().values()}

NAMED = re.compile(
    r"\bastro-live:([a-z]\w*)\b|\bpulumi config (?:set|rm) (?:--secret"
    r" )?(?:astro-live:)?([a-z]\w*)\b(?!:)"
)
OTHER = {
    "components": "the type of the components",
    "update": "the event of a page that was updated in place",
    "idleTimeoutSecond": "the example of a misspelt key",
}
"""What follows the same prefix and is no key."""


def named(text: str) -> set[str]:
    """Keys that a page names."""
    return {first or second for first, second in NAMED.findall(text)} - OTHER.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_keys_that_a_page_names_exist(page: Path) -> None:
    assert named(page.read_text()) <= KEYS


def test_keys_are_found() -> None:
    """A pattern that matched nothing would pass every page."""
    text = (
        "With `astro-live:backups` on, `pulumi config set restoreRoleArn x` and `pulumi config set"
        " --secret oidcClientSecret`"
    )
    assert named(text) == {"backups", "restoreRoleArn", "oidcClientSecret"}
    assert {"efsBackups", "restoreRoleArn"} <= named((ROOT / "docs" / "runbook.md").read_text())
