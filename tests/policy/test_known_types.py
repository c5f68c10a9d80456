"""The types that `no-opaque-resource` lets through are the installed SDK's; every property that can open something is reviewed (S18)."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from policy.rules.core.placement import NO_PLACES, NOT_GUARDS, guarding, label, placed
from policy.rules.core.sdk import group_paths, known_types, subnet_paths
from policy.rules.default_groups import HOLDERS, NEED_NONE
from policy.rules.opaque import OPAQUE
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


GROUPS = [label(type_, path) for type_, paths in group_paths().items() for path in paths]
SUBNETS = [label(type_, path) for type_, paths in subnet_paths().items() for path in paths]


@pytest.mark.parametrize("pattern", [*NOT_GUARDS, *NEED_NONE])
def test_every_property_set_aside_names_groups(pattern: str) -> None:
    """None is dead or mistyped."""
    assert [each for each in GROUPS if re.fullmatch(pattern, each)]


@pytest.mark.parametrize("pattern", NO_PLACES)
def test_every_property_set_aside_names_subnets(pattern: str) -> None:
    """None is dead or mistyped."""
    assert [each for each in SUBNETS if re.fullmatch(pattern, each)]


def test_every_type_with_security_groups_is_reviewed() -> None:
    """What AWS does when a type names no group: it attaches the default one, which is judged, or it does not, for a reason."""
    unreviewed = [
        label(type_, path)
        for type_, paths in guarding().items()
        for path in paths
        if type_ not in HOLDERS and not any(re.fullmatch(pattern, label(type_, path)) for pattern in NEED_NONE)
    ]
    assert unreviewed == []


def test_what_names_groups_and_subnets_is_found_in_the_sdk() -> None:
    """Hundreds of properties, at every depth; those of the resources that matter most are among them."""
    assert "networkConfiguration.securityGroups" in guarding()["aws:ecs/service:Service"]
    assert "launchSpecifications.subnetId" in placed()["aws:ec2/spotFleetRequest:SpotFleetRequest"]
    assert sum(map(len, guarding().values())) > 150
    assert sum(map(len, placed().values())) > 120


@pytest.mark.parametrize("type_", HOLDERS)
def test_every_holder_has_its_properties(type_: str) -> None:
    """A mistyped path would judge nothing, or everything."""
    holder = HOLDERS[type_]
    prefix = f"{holder.parent}." if holder.parent else ""
    known = {*group_paths()[type_], *subnet_paths().get(type_, ())}
    assert f"{prefix}{holder.any_of[0]}" in known
    assert not holder.subnets or f"{prefix}{holder.subnets}" in known
