"""What the stack rules say about resources put together: exact sets (S18, S19, S26)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy.harness import Analyzer, Resource
from policy.rules import ALL_RULES
from policy.rules.core.rule import StackRule
from tests.policy.complying import GROUP, SERVICE
from tests.policy.identity_scenes import OUTSIDE_IDENTITIES
from tests.policy.owner_scenes import SESSION_OWNERS
from tests.policy.scenes import INLINE, SCENES, Scene, one, port


def placed(scene: Scene) -> list[Resource]:
    """The scene's resources under separate URNs: the pack remembers what it saw by URN."""
    where = f"{scene.rule}-{scene.kind}".replace(" ", "-").replace(":", "")

    def move(urn: str) -> str:
        return urn.replace("::SCENE::", f"::{where}::")

    return [
        replace(
            each,
            urn=move(each.urn),
            dependencies=[move(urn) for urn in each.dependencies],
            property_dependencies={
                prop: [move(urn) for urn in urns]
                for prop, urns in each.property_dependencies.items()
            },
        )
        for each in scene.resources
    ]


ALL_SCENES = (*SCENES, *SESSION_OWNERS, *OUTSIDE_IDENTITIES)


@pytest.mark.parametrize("scene", ALL_SCENES, ids=lambda each: f"{each.rule}: {each.kind}")
def test_scene(pack: Analyzer, scene: Scene) -> None:
    """The rule speaks at exactly these levels, and blames resources of the stack."""
    resources = placed(scene)
    pack.analyze_all(resources)
    found = [each for each in pack.analyze_stack(resources) if each.policy == scene.rule]
    assert {each.level for each in found} == scene.levels
    assert all(
        each.urn in {other.urn for other in resources}
        for each in found
        if each.level == "mandatory"
    )


def test_every_stack_rule_has_scenes() -> None:
    """`exemptions-in-force` has its own test module."""
    rules = {rule.id for rule in ALL_RULES if isinstance(rule, StackRule)} - {"exemptions-in-force"}
    assert {scene.rule for scene in ALL_SCENES} == rules


def test_outputs_that_list_rules_are_no_inline_rules(pack: Analyzer) -> None:
    """After a refresh a group's outputs list what its rule resources made; only its inputs say
    whether rules are inline.
    """
    inputs = [
        one(GROUP, "refreshed", ingress=None),
        port("a", group="refreshed-id", referencedSecurityGroupId="sg-1"),
    ]
    pack.analyze_all(inputs)
    outputs = [replace(inputs[0], properties={**inputs[0].properties, **INLINE}), inputs[1]]
    assert [
        each for each in pack.analyze_stack(outputs) if each.policy == "security-group-rule-modes"
    ] == []


@pytest.mark.parametrize(
    ("port", "network", "used", "refused"),
    [
        (4321, "0.0.0.0/0", True, True),
        (4321, "10.0.0.0/8", True, False),
        (4321, "0.0.0.0/0", False, False),
    ],
)
def test_a_group_that_the_stack_reads_is_judged(
    pack: Analyzer, port: int, network: str, used: bool, refused: bool
) -> None:
    """`SecurityGroup.get`: the engine shows it to stack rules only, with its outputs."""
    where = f"read-{port}-{network[:2]}-{used}"
    group = one(
        GROUP,
        "got",
        ingress=[{"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": [network]}],
    )
    names = ["got-id"] if used else ["sg-1"]
    service = one(
        SERVICE,
        "svc",
        networkConfiguration={"subnets": ["s"], "securityGroups": names, "assignPublicIp": False},
    )
    group, service = (
        replace(each, urn=each.urn.replace("SCENE", where)) for each in (group, service)
    )
    pack.analyze_all([service])
    found = [
        each
        for each in pack.analyze_stack([group, service])
        if each.policy == "no-public-port-stack"
    ]
    assert [each.urn for each in found if each.level == "mandatory"] == (
        [group.urn] if refused else []
    )
