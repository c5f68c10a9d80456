"""The types that `no-opaque-resource` lets through are the installed SDK's; every property that can open something is reviewed (S18)."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from policy.rules.opaque import OPAQUE, known_types
from scripts.gen_policy_types import FILE, types_by_service
from tests.policy.openings import REVIEWED

CONTENT = json.loads(Path(FILE).read_text(encoding="utf-8"))
OPENINGS = [f"{token.split(':')[1]} {path}" for token, paths in CONTENT["openings"].items() for path in paths]


def test_types_are_the_installed_sdks() -> None:
    """A new version of pulumi_aws brings types that nobody here has looked at: run scripts/gen_policy_types.py, then review them."""
    assert CONTENT["version"] == metadata.version("pulumi_aws")
    assert CONTENT["types"] == types_by_service()
    assert len(known_types()) > 1500


@pytest.mark.parametrize("pattern", OPAQUE)
def test_every_opaque_pattern_names_a_type(pattern: str) -> None:
    """None is dead or mistyped."""
    assert [each for each in known_types() if re.fullmatch(pattern, each)]


def test_every_opening_is_reviewed() -> None:
    """What a property's name says it may open is judged by a rule, or opens nothing for a reason."""
    assert [each for each in OPENINGS if not any(re.fullmatch(pattern, each) for pattern, _ in REVIEWED)] == []


def test_no_review_is_dead() -> None:
    """Each line of the review is about a property that the SDK has."""
    assert [pattern for pattern, _ in REVIEWED if not any(re.fullmatch(pattern, each) for each in OPENINGS)] == []
