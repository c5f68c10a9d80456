"""Fixes and examples are spelled for TypeScript, Python and YAML (S20)."""

from __future__ import annotations

import re

import pytest
import yaml

from policy.examples.translation import translations
from policy.rules import ALL_RULES
from policy.rules.core.frameworks import CONTROLS
from policy.rules.core.spelling import in_other_languages


@pytest.mark.parametrize(
    ("python", "other"),
    [
        (
            "set drop_invalid_header_fields=True on the load balancer",
            "set dropInvalidHeaderFields: true on the load balancer",
        ),
        (
            "set access_logs={'enabled': True, 'bucket': …}",
            "set accessLogs: {enabled: true, bucket: …}",
        ),
        ("set stickiness={'type': 'lb_cookie'}", "set stickiness: {type: 'lb_cookie'}"),
        ("name the image as repository@sha256:…", "name the image as repository@sha256:…"),
    ],
)
def test_fixes_are_spelled_for_other_languages(python: str, other: str) -> None:
    """Names in camelCase, booleans in lower case, keys without quotes."""
    assert in_other_languages(python) == other


@pytest.mark.parametrize("rule", [each.id for each in ALL_RULES])
def test_complying_examples_exist_in_three_languages(rule: str) -> None:
    """YAML that a YAML parser reads, and TypeScript with the same properties."""
    found = translations(rule, "complying")
    content = yaml.safe_load(found.yaml)
    assert content["resources"]
    for name, declared in content["resources"].items():
        assert declared["type"].count(":") >= 1
        for key in declared.get("properties") or {}:
            assert re.search(rf"\b{key}\b", found.typescript), f"{name}.{key}"


def test_every_control_belongs_to_a_rule() -> None:
    """A rule that is renamed takes its controls along."""
    assert set(CONTROLS) <= {rule.id for rule in ALL_RULES}
