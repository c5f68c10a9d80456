"""Policies that AWS manages: those that give too much are refused wherever they are
attached (S12).
"""

from __future__ import annotations

from typing import Any

import pytest

from policy.harness import UNKNOWN, Analyzer, Diagnostic
from scripts import gen_managed_policies
from tests.policy.scenes import one

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_AWS = "arn:aws:iam::aws:policy"
WIDE = (
    f"{_AWS}/AdministratorAccess",
    f"{_AWS}/PowerUserAccess",
    f"{_AWS}/IAMFullAccess",
    f"{_AWS}/SecretsManagerReadWrite",
    f"{_AWS}/ReadOnlyAccess",
    f"{_AWS}/AWSSSOMasterAccountAdministrator",
    f"{_AWS}/job-function/SystemAdministrator",
    f"{_AWS}/job-function/DataScientist",
    f"{_AWS}/AmazonServiceOfNextYearFullAccess",
    "arn:aws-cn:iam::aws:policy/AdministratorAccess",
    "arn:aws-us-gov:iam::aws:policy/PowerUserAccess",
    "arn:aws:iam::123456789012:policy/team/AdministratorAccess",
)
NARROW = (
    f"{_AWS}/service-role/AmazonECSTaskExecutionRolePolicy",
    f"{_AWS}/service-role/AWSLambdaBasicExecutionRole",
    f"{_AWS}/service-role/AmazonEC2ContainerServiceforEC2Role",
    f"{_AWS}/AmazonSSMManagedInstanceCore",
    f"{_AWS}/AmazonEKSClusterPolicy",
    f"{_AWS}/AmazonEC2ContainerRegistryReadOnly",
    f"{_AWS}/CloudWatchAgentServerPolicy",
    f"{_AWS}/SecurityAudit",
    "arn:aws:iam::123456789012:policy/live-task",
)
PLACES: tuple[tuple[str, str], ...] = (
    (ATTACHMENT, "policyArn"),
    ("aws:iam/role:Role", "managedPolicyArns"),
    ("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "policyArns"),
    ("aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment", "managedPolicyArn"),
    ("aws:rolesanywhere/profile:Profile", "managedPolicyArns"),
    ("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", "guardrailPolicyArns"),
)


def _judge(pack: Analyzer, type_: str, **properties: Any) -> list[Diagnostic]:
    pack.configure({})
    return [
        each
        for each in pack.analyze(one(type_, "x", **properties))
        if each.policy == "iam-least-privilege"
    ]


def test_the_list_is_what_moto_carries() -> None:
    """A newer moto brings newer policies: run scripts/gen_managed_policies.py."""
    assert gen_managed_policies.main(["--check"]) == 0


@pytest.mark.parametrize("arn", WIDE)
def test_a_policy_that_gives_too_much_is_refused(pack: Analyzer, arn: str) -> None:
    """In every partition and path, by what it may do."""
    assert [each.level for each in _judge(pack, ATTACHMENT, role="r", policyArn=arn)] == [
        "mandatory"
    ]


@pytest.mark.parametrize("arn", NARROW)
def test_a_policy_for_one_service_is_let_through(pack: Analyzer, arn: str) -> None:
    """What AWS documents for the role of a service, and what only looks."""
    assert _judge(pack, ATTACHMENT, role="r", policyArn=arn) == []


@pytest.mark.parametrize(("type_", "prop"), PLACES)
def test_every_way_to_attach_is_read(pack: Analyzer, type_: str, prop: str) -> None:
    """A list or one text; what is not known yet is asked about."""
    several = prop.endswith("s")
    given: Any = [WIDE[0]] if several else WIDE[0]
    assert "AdministratorAccess" in _judge(pack, type_, **{prop: given})[0].message
    assert [
        each.level for each in _judge(pack, type_, **{prop: [UNKNOWN] if several else UNKNOWN})
    ] == ["advisory"]


def test_the_kubernetes_administrator_is_refused(pack: Analyzer) -> None:
    """EKS has its own managed policies."""
    arn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKS{}Policy"
    association = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
    assert _judge(pack, association, policyArn=arn.format("ClusterAdmin"))
    assert not _judge(pack, association, policyArn=arn.format("View"))
