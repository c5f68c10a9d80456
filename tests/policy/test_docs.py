"""The reference pages are what the rules say (S20, S25)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from policy.rules import ALL_RULES

ROOT = Path(__file__).resolve().parents[2]


def test_pages_have_not_drifted() -> None:
    """A change of a rule or an example needs a run of the generator."""
    script = ROOT / "scripts" / "gen_policy_docs.py"
    result = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_rule_says_what_a_person_needs() -> None:
    """Id, reason, fix, page, severity, level, and a documented default for every setting."""
    ids = [rule.id for rule in ALL_RULES]
    assert len(set(ids)) == len(ids)
    for rule in ALL_RULES:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", rule.id)
        assert len(rule.reason) > 40, rule.id
        assert rule.fix, rule.id
        assert rule.fix[-1] not in ".!", f"{rule.id}: the fix is put into a sentence, which ends it"
        assert rule.link.startswith("https://"), rule.id
        for name, schema in rule.schema.items():
            assert {"type", "default", "description"} <= schema.keys(), f"{rule.id}.{name}"
