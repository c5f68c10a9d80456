"""What the whole pack says about a resource that differs in one thing from one that meets every
rule: exact sets, for every resource rule.

Kinds of a case: violate, absent (not set at all), unknown (not known before the update), beside (an
unknown beside a known violation), secret (a violation inside a secret). Complying resources are
judged once for all rules.

Requirements: (S18, S19).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from policy.harness import Analyzer
from policy.rules import ALL_RULES
from policy.rules.core.rule import ResourceRule
from tests.policy.complying import COMPLYING, but, policy
from tests.policy.conftest import resource
from tests.policy.specs.base import Changes
from tests.policy.specs.tasks import ASSUMED, TASKS
from tests.policy.specs.traffic import TRAFFIC

SPECS = (*TRAFFIC, *TASKS)


@dataclass(frozen=True)
class Case:
    name: str
    type: str
    changes: Changes
    expected: frozenset[tuple[str, str]]


def _cases() -> list[Case]:
    cases = []
    for spec in SPECS:
        where = f"{spec.rule} on {spec.type.rsplit(':', 1)[-1]}"
        broken, unknown = (
            {(spec.rule, spec.level)},
            {(rule, "advisory") for rule in spec.also | {spec.rule} if spec.asks},
        )
        for index, changes in enumerate(spec.violate):
            cases.append(Case(f"{where}: violate {index}", spec.type, changes, frozenset(broken)))
        cases.append(
            Case(
                f"{where}: absent",
                spec.type,
                spec.absent,
                frozenset() if spec.absent_passes else frozenset(broken),
            )
        )
        for kind, changes_or_reason, expected in (
            ("unknown", spec.unknown, unknown),
            ("beside", spec.beside, unknown | broken),
            ("secret", spec.secret, broken),
        ):
            if not isinstance(changes_or_reason, str):
                cases.append(
                    Case(f"{where}: {kind}", spec.type, changes_or_reason, frozenset(expected))
                )
    return cases


COMPLYING.setdefault("aws:cloudformation/stack:Stack", {})
COMPLYING.setdefault("aws:ec2/defaultVpc:DefaultVpc", {})
COMPLYING.setdefault(
    "aws:iam/role:Role",
    {"assumeRolePolicy": policy({**ASSUMED, "Principal": {"Service": "ecs-tasks.amazonaws.com"}})},
)
COMPLYING.setdefault(
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission",
    {"imageId": "ami-1", "accountId": "123456789012"},
)
COMPLYING.setdefault(
    "aws:lambda/function:Function", {"role": "arn:aws:iam::123456789012:role/thumbnails"}
)


@pytest.mark.parametrize("case", _cases(), ids=lambda each: each.name)
def test_verdict(pack: Analyzer, case: Case) -> None:
    """The whole pack says exactly this, and nothing else."""
    found = pack.analyze(resource(case.type, **but(case.type, case.changes)))
    assert {(each.policy, each.level) for each in found} == case.expected


@pytest.mark.parametrize(
    "type_",
    [each for each in COMPLYING if "cloudformation" not in each and "default" not in each.lower()],
)
def test_complying_resource_passes_the_whole_pack(pack: Analyzer, type_: str) -> None:
    """Not one of the rules has anything to say, not even a warning."""
    assert pack.analyze(resource(type_, **COMPLYING[type_])) == []


def test_every_resource_rule_has_cases() -> None:
    """`exemptions` has its own test module."""
    rules = {rule.id for rule in ALL_RULES if isinstance(rule, ResourceRule)} - {"exemptions"}
    assert {spec.rule for spec in SPECS} == rules


def test_no_message_shows_a_text_of_the_program(pack: Analyzer) -> None:
    """Any text may be a secret. Every text of every resource is replaced by a marker, which no
    message may repeat.
    """
    marker = "canary-0f8c"

    def marked(value: Any) -> Any:
        if isinstance(value, str):
            return marker
        if isinstance(value, dict):
            return {key: marked(each) for key, each in value.items()}
        return [marked(each) for each in value] if isinstance(value, list) else value

    for spec in SPECS:
        for changes in ({}, *spec.violate, spec.absent):
            properties = but(spec.type, changes)
            for key in properties:
                found = pack.analyze(
                    resource(spec.type, **{**properties, key: marked(properties[key])})
                )
                assert [each.message for each in found if marker in each.message] == []
