"""Every type of the AWS provider is classified; every property that can open something is reviewed
(S18).
"""

from __future__ import annotations

import base64
import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from policy.harness import UNKNOWN, Analyzer, Resource
from policy.rules.calls import DEPENDS, DEPENDS_ON
from policy.rules.core.classes import CLOSED, FILE, JUDGED, OPAQUE, POLICY
from policy.rules.core.classes import classes as type_classes
from policy.rules.core.placement import NO_PLACES, NOT_GUARDS, guarding, label, placed
from policy.rules.core.sdk import group_paths, subnet_paths
from policy.rules.default_groups import HOLDERS
from scripts.gen_policy_types import FILE as TYPES_FILE
from scripts.gen_policy_types import UNCLASSIFIED, classes, types_by_service
from tests.policy.openings import NEED_NONE, REVIEWED
from tests.policy.scenes import one

CONTENT = json.loads(Path(TYPES_FILE).read_text(encoding="utf-8"))
CLASSES = json.loads(FILE.read_text(encoding="utf-8"))
OPENINGS = [
    f"{token.split(':')[1]} {path}"
    for token, paths in CONTENT["openings"].items()
    for path in paths
]
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:publish"


def test_types_are_the_installed_sdks() -> None:
    """A new version of pulumi_aws brings types that nobody here has looked at: run
    scripts/gen_policy_types.py, then review them.
    """
    assert CONTENT["version"] == CLASSES["version"] == metadata.version("pulumi_aws")
    assert {
        service: list(types) for service, types in CLASSES["types"].items()
    } == types_by_service()


def test_every_type_is_classified() -> None:
    """None is left for the pack to refuse as unknown; every class is one that the pack has, and has
    a type.
    """
    assert [each for each, kind in type_classes().items() if kind == UNCLASSIFIED] == []
    assert set(type_classes().values()) == {JUDGED, POLICY, *CLOSED, *OPAQUE, *DEPENDS}
    assert DEPENDS.keys() == DEPENDS_ON.keys()


def test_judged_types_are_those_that_rules_name() -> None:
    """A type does not stay `judged` when its rule goes, and a new type never gets a class by
    itself.
    """
    assert classes(CLASSES["types"]) == CLASSES
    stale = {
        **CLASSES["types"],
        "glue": {**CLASSES["types"]["glue"], "job:Job": JUDGED},
        "athena": {},
    }
    found: Any = classes(stale)["types"]
    assert found["glue"]["job:Job"] == UNCLASSIFIED
    assert set(found["athena"].values()) == {UNCLASSIFIED}


def test_an_add_on_is_named_with_those_that_are_allowed(pack: Analyzer) -> None:
    """The name is not secret, and which of them make no load balancer is not common knowledge."""
    pack.configure({})
    messages = [
        each.message
        for each in pack.analyze(one("aws:eks/addon:Addon", "a", addonName="vendor-ingress"))
    ]
    assert any("'vendor-ingress'" in each and "external-dns" in each for each in messages)
    messages = [
        each.message
        for each in pack.analyze(one("aws:eks/addon:Addon", "a", addonName="xK9-secret-7Qz"))
    ]
    assert not any("7Qz" in each for each in messages)
    for known in ("external-dns", "aws-secrets-store-csi-driver-provider"):
        assert pack.analyze(one("aws:eks/addon:Addon", "a", addonName=known)) == []


def test_a_type_that_is_not_classified_is_refused(pack: Analyzer) -> None:
    """As from a newer version of the provider."""
    pack.configure({})
    assert "no-opaque-resource" in {
        each.policy for each in pack.analyze(one("aws:ec2/teleporter:Teleporter", "new"))
    }


def _document(states: dict[str, Any]) -> str:
    return json.dumps({"StartAt": "a", "States": states})


_SDK = "arn:aws:states:::aws-sdk:ec2:authorizeSecurityGroupIngress"
_RUN_SHELL = "arn:aws:ssm:eu-central-1::document/AWS-RunShellScript"
OPENED: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "aws:scheduler/schedule:Schedule",
        {"target": {"arn": "arn:aws:scheduler:::aws-sdk:iam:attachRolePolicy"}},
    ),
    (
        "aws:scheduler/schedule:Schedule",
        {"target": {"arn": "arn:aws-cn:scheduler:::aws-sdk:s3:putBucketPolicy"}},
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        {"definition": _document({"a": {"Type": "Task", "Resource": _SDK}})},
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        {
            "definition": _document(
                {
                    "a": {
                        "Type": "Map",
                        "ItemProcessor": {
                            "States": {"b": {"Resource": f"{_SDK}.waitForTaskToken"}}
                        },
                    }
                }
            )
        },
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        {
            "definition": _document(
                {"a": {"Resource": "arn:aws:states:::elasticmapreduce:createCluster.sync"}}
            )
        },
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        {"definition": _document({"a": {"Resource": "arn:aws:states:::s3:putBucketPolicy"}})},
    ),
    ("aws:sfn/stateMachine:StateMachine", {"definition": "{"}),
    ("aws:ssm/association:Association", {"name": "AWS-RunShellScript"}),
    ("aws:ssm/document:Document", {"documentType": "Automation", "content": "{}"}),
    (
        "aws:ssm/document:Document",
        {"documentType": "Command", "permissions": {"type": "Share", "account_ids": "All"}},
    ),
    (
        "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask",
        {"taskType": "AUTOMATION", "taskArn": "AWS-CreateStack"},
    ),
    (
        "aws:ssm/serviceSetting:ServiceSetting",
        {"settingId": "/ssm/documents/console/public-sharing-permission", "settingValue": "Enable"},
    ),
    (
        "aws:cfg/remediationConfiguration:RemediationConfiguration",
        {"targetType": "SSM_DOCUMENT", "targetId": "open-everything"},
    ),
    ("aws:cloudwatch/eventTarget:EventTarget", {"arn": _RUN_SHELL}),
    (
        "aws:codepipeline/pipeline:Pipeline",
        {"stages": [{"name": "x", "actions": [{"provider": "CloudFormation"}]}]},
    ),
    ("aws:codepipeline/webhook:Webhook", {"authentication": "UNAUTHENTICATED"}),
    ("aws:cloud9/environmentEC2:EnvironmentEC2", {}),
    ("aws:emr/cluster:Cluster", {"ec2Attributes": {"subnetId": "subnet-1"}}),
    (
        "aws:emr/blockPublicAccessConfiguration:BlockPublicAccessConfiguration",
        {"blockPublicSecurityGroupRules": False},
    ),
    ("aws:eks/addon:Addon", {"addonName": "vendor_ingress"}),
    (
        "aws:fis/experimentTemplate:ExperimentTemplate",
        {"actions": [{"actionId": "aws:ssm:start-automation-execution"}]},
    ),
    ("aws:glue/devEndpoint:DevEndpoint", {"publicKey": "ssh-rsa x"}),
    ("aws:imagebuilder/infrastructureConfiguration:InfrastructureConfiguration", {}),
    ("aws:servicecatalog/product:Product", {}),
    ("aws:appsync/api:Api", {"eventConfig": {"authProviders": [{"authType": "API_KEY"}]}}),
    ("aws:bedrock/agentcoreGateway:AgentcoreGateway", {"authorizerType": "NONE"}),
    ("aws:ec2/serialConsoleAccess:SerialConsoleAccess", {}),
    ("aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess", {"state": "unblocked"}),
    ("docker:index/container:Container", {"image": "nginx"}),
    ("pulumi:providers:random", {"pluginDownloadURL": "https://example.com/plugins"}),
    ("pulumi:providers:aws", {"pluginDownloadURL": UNKNOWN}),
)
CLOSED_ONES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("aws:scheduler/schedule:Schedule", {"target": {"arn": ARN}}),
    (
        "aws:scheduler/schedule:Schedule",
        {"target": {"arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService"}},
    ),
    (
        "aws:sfn/stateMachine:StateMachine",
        {
            "definition": _document(
                {
                    "a": {"Type": "Task", "Resource": ARN},
                    "b": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"},
                    "c": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem"},
                    "d": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::aws-sdk:ec2:describeInstances",
                    },
                    "e": {
                        "Type": "Map",
                        "ItemReader": {
                            "Resource": "arn:aws:states:::s3:listObjectsV2",
                            "Parameters": {"Bucket": "items"},
                        },
                        "ResultWriter": {
                            "Resource": "arn:aws:states:::s3:putObject",
                            "Parameters": {"Bucket": "results"},
                        },
                    },
                }
            )
        },
    ),
    ("aws:ssm/association:Association", {"name": "AWS-GatherSoftwareInventory"}),
    ("aws:ssm/document:Document", {"documentType": "Session", "content": "{}"}),
    (
        "aws:ssm/serviceSetting:ServiceSetting",
        {"settingId": "/ssm/parameter-store/default-parameter-tier", "settingValue": "Advanced"},
    ),
    ("aws:cloudwatch/eventTarget:EventTarget", {"arn": ARN}),
    (
        "aws:codepipeline/pipeline:Pipeline",
        {"stages": [{"name": "x", "actions": [{"provider": "CodeBuild"}, {"provider": "ECS"}]}]},
    ),
    (
        "aws:emr/cluster:Cluster",
        {
            "ec2Attributes": {
                "subnetId": "s",
                "emrManagedMasterSecurityGroup": "sg-1",
                "emrManagedSlaveSecurityGroup": "sg-1",
            }
        },
    ),
    ("aws:eks/addon:Addon", {"addonName": "coredns"}),
    ("aws:lambda/function:Function", {"role": "r"}),
    ("aws:codebuild/project:Project", {"serviceRole": "r"}),
    ("aws:batch/jobDefinition:JobDefinition", {}),
    ("docker:index/image:Image", {"imageName": "x"}),
    ("random:index/randomId:RandomId", {"byteLength": 4}),
    ("pulumi:providers:aws", {"region": "eu-central-1", "version": "7.0.0"}),
)


@pytest.mark.parametrize(("type_", "properties"), OPENED)
def test_what_builds_or_calls_out_of_sight_is_refused(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """Each by the rule on opaque resources, whatever other rules say."""
    pack.configure({})
    assert "no-opaque-resource" in {
        each.policy
        for each in pack.analyze(one(type_, "x", **properties))
        if each.level == "mandatory"
    }


@pytest.mark.parametrize(("type_", "properties"), CLOSED_ONES)
def test_what_runs_with_a_judged_role_is_not_opaque(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """Functions, builds, jobs, known calls and known documents are let through."""
    pack.configure({})
    assert "no-opaque-resource" not in {
        each.policy for each in pack.analyze(one(type_, "x", **properties))
    }


@pytest.mark.parametrize(
    ("type_", "properties"), [each for each in OPENED if each[1] and each[0].startswith("aws:")]
)
def test_an_unknown_property_is_asked_about(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """What decides may not be known before the update; then the pack says so."""
    pack.configure({})
    unknown: dict[str, Any] = dict.fromkeys(properties, UNKNOWN)
    assert "no-opaque-resource" in {
        each.policy for each in pack.analyze(one(type_, "x", **unknown))
    }


def test_every_opening_is_reviewed() -> None:
    """What a property's name says it may open is judged by a rule, or opens nothing for
    a reason.
    """
    assert [
        each for each in OPENINGS if not any(re.fullmatch(pattern, each) for pattern, _ in REVIEWED)
    ] == []


def test_no_review_is_dead() -> None:
    """Each line of the review is about a property that the SDK has."""
    assert [
        pattern
        for pattern, _ in REVIEWED
        if not any(re.fullmatch(pattern, each) for each in OPENINGS)
    ] == []


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
    """What AWS does when a type names no group: it attaches the default one, which is judged, or it
    does not, for a reason.
    """
    unreviewed = [
        label(type_, path)
        for type_, paths in guarding().items()
        for path in paths
        if type_ not in HOLDERS
        and not any(re.fullmatch(pattern, label(type_, path)) for pattern in NEED_NONE)
    ]
    assert unreviewed == []


def test_what_names_groups_and_subnets_is_found_in_the_sdk() -> None:
    """Hundreds of properties, at every depth; those of the resources that matter most are among
    them.
    """
    assert "networkConfiguration.securityGroups" in guarding()["aws:ecs/service:Service"]
    assert "launchSpecifications.subnetId" in placed()["aws:ec2/spotFleetRequest:SpotFleetRequest"]
    assert sum(map(len, guarding().values())) > 150
    assert sum(map(len, placed().values())) > 120


@pytest.mark.parametrize("type_", sorted(HOLDERS))
def test_every_holder_has_its_properties(type_: str) -> None:
    """A mistyped path would judge nothing, or everything."""
    holder = HOLDERS[type_]
    prefix = f"{holder.parent}." if holder.parent else ""
    known = {*group_paths()[type_], *subnet_paths().get(type_, ())}
    assert f"{prefix}{holder.any_of[0]}" in known
    assert not holder.subnets or f"{prefix}{holder.subnets}" in known


def _wrapping(url: str) -> dict[str, object]:
    parameter = base64.b64encode(
        json.dumps({"remote": {"url": url, "version": "1.0.0"}}).encode()
    ).decode()
    return {"name": "terraform-provider", "parameterization": parameter}


@pytest.mark.parametrize(
    ("name", "internal", "refused"),
    [
        ("random", {"pluginDownloadURL": "https://example.com/plugins"}, True),
        ("random", {"pluginDownloadURL": "github://api.github.com/somebody"}, True),
        ("random", {"pluginDownloadURL": "https://get.pulumi.com.example.com/"}, True),
        ("random", {"pluginDownloadURL": UNKNOWN}, True),
        ("random", _wrapping("example.com/hashicorp/random"), True),
        ("random", _wrapping("registry.opentofu.org/somebody/random"), True),
        ("random", _wrapping("registry.opentofu.org/hashicorp/aws"), True),
        ("random", {"parameterization": "%"}, True),
        ("time", {"pluginDownloadURL": "github://api.github.com/pulumiverse"}, False),
        ("aws", {"pluginDownloadURL": "https://get.pulumi.com/releases/plugins"}, False),
        ("archive", _wrapping("registry.opentofu.org/hashicorp/archive"), False),
        ("aws", {}, False),
    ],
)
def test_a_provider_is_what_its_name_says(
    pack: Analyzer, name: str, internal: dict[str, object], refused: bool
) -> None:
    """The engine shows where a provider comes from when it asks for remediation, which it does
    first, and at no other time.
    """
    urn = f"urn:pulumi:dev::site::pulumi:providers:{name}::{uuid4()}"
    provider = Resource(
        urn=urn,
        type=f"pulumi:providers:{name}",
        name="p",
        properties={"version": "1.0.0", "__internal": internal},
    )
    assert pack.remediate(provider) == []
    found = pack.analyze(provider)
    assert bool([each for each in found if each.policy == "no-opaque-resource"]) is refused
    assert "example.com" not in "".join(each.message for each in found)
