"""The examples of the reference pages are programs: the violating one is refused by its rule, the
complying one is not (S20).
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from policy.examples.catalog import example
from policy.examples.exemptions import SOON
from policy.harness import Analyzer
from policy.rules import ALL_RULES
from policy.rules.core.exemption import today
from tests.policy.inside import Inside
from tests.policy.programs import declare, judge

IDS = [rule.id for rule in ALL_RULES]


def _found(pack_dir: Path, pack: Analyzer, rule: str, verdict: str) -> set[str]:
    """Rules that speak about the example."""
    each = example(rule, verdict)
    declared = declare(each.program)
    assert declared, f"the {verdict} example of {rule} declares nothing"
    if not each.config:
        return {diagnostic.policy for diagnostic in judge(pack, declared)}
    config = json.loads(json.dumps(each.config).replace(SOON, str(today() + timedelta(days=90))))
    with Inside(pack_dir, config) as analyzer:
        return {diagnostic.policy for diagnostic in judge(analyzer, declared)}


@pytest.mark.parametrize("rule", IDS)
def test_violating_example_is_refused(rule: str, pack: Analyzer, pack_dir: Path) -> None:
    """By the very rule whose page shows it."""
    assert rule in _found(pack_dir, pack, rule, "violating")


@pytest.mark.parametrize("rule", IDS)
def test_complying_example_passes(rule: str, pack: Analyzer, pack_dir: Path) -> None:
    """Other rules may have something to say about so short a program, this one has not."""
    assert rule not in _found(pack_dir, pack, rule, "complying")
