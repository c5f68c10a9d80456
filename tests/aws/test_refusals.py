"""The resource model refuses what AWS refuses, so that a test against it can fail where an update
would (S36).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from hypothesis import given, settings
from hypothesis import strategies as st

from local.model import Cloud, conflicts, kind_of, registry, texts
from local.model.accepts import ACCEPTED
from local.model.conflicts import Entry, Put, on_delete, on_put, on_update
from local.model.shapes import Request, matches, refusals
from local.model.texts import Text
from local.values import UNKNOWN, Secret

GROUP = "aws:ec2/securityGroup:SecurityGroup"


@dataclass
class World:
    """Some resources that exist."""

    entries: list[Entry] = field(default_factory=list)

    def of_type(self, *types: str) -> Iterable[Entry]:
        return [entry for entry in self.entries if entry.type in types]

    def add(self, type_: str, id_: str, **properties: Any) -> Entry:
        entry = Entry(type=type_, id=id_, properties={"arn": f"arn:{id_}", **properties}, images={})
        self.entries.append(entry)
        return entry

    def put(self, type_: str, id_: str | None = None, **properties: Any) -> str | None:
        """What AWS says to a new resource, or to the change of `id_`."""
        return on_put(type_, Put(id=id_, properties=properties, existing=self, cloud=Cloud()))


# Values by themselves


@pytest.mark.parametrize(
    ("type_", "inputs", "reason"),
    [
        (
            GROUP,
            {"name": "edit", "description": "the sites' group"},
            r"^description is \"the sites' group\"; AWS allows \[a-zA-Z",
        ),
        (GROUP, {"name": "sg-edit"}, r"^name is 'sg-edit'"),
        (GROUP, {"name": "edit", "tags": {"aws:owner": "me"}}, r"^tags key is 'aws:owner'"),
        (GROUP, {"name": "edit", "tags": {"Owner": "you & me"}}, r"^tags.Owner is 'you & me'"),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"name": "internal-edit"},
            r"^name is 'internal-edit'",
        ),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"name": "e" * 33},
            r"^name has 33 characters; AWS allows 1-32$",
        ),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"ipAddressType": "ipv6"},
            r"^ipAddressType is 'ipv6'; AWS allows ipv4, dualstack",
        ),
        (
            "aws:lb/targetGroup:TargetGroup",
            {"healthCheck": {"interval": 4}},
            r"^healthCheck.interval is 4; AWS allows 5-300$",
        ),
        (
            "aws:lb/listenerRule:ListenerRule",
            {"conditions": [{"pathPattern": {"values": ["/a/*", "/b c/*"]}}]},
            r"^conditions\[0\].pathPattern.values\[1\] is '/b c/\*'",
        ),
        (
            "aws:efs/accessPoint:AccessPoint",
            {"rootDirectory": {"path": "/a/b/c/d/e"}},
            r"^rootDirectory.path is '/a/b/c/d/e'",
        ),
        ("aws:ecr/repository:Repository", {"name": "Astro_Live"}, r"^name is 'Astro_Live'"),
        (
            "aws:ecs/taskDefinition:TaskDefinition",
            {"family": "astro.live"},
            r"^family is 'astro.live'",
        ),
        ("aws:iam/role:Role", {"name": "a/b"}, r"^name is 'a/b'"),
        (
            "aws:cloudwatch/dashboard:Dashboard",
            {"dashboardName": "AstroLive/dev"},
            r"^dashboardName is 'AstroLive/dev'",
        ),
        (
            "aws:cloudwatch/logMetricFilter:LogMetricFilter",
            {"metricTransformation": {"namespace": "a:b"}},
            r"namespace is 'a:b'",
        ),
        (
            "aws:cloudwatch/metricAlarm:MetricAlarm",
            {"comparisonOperator": "Above"},
            r"^comparisonOperator is 'Above'",
        ),
        ("aws:s3/bucket:Bucket", {"bucket": "Logs"}, r"^bucket is 'Logs'"),
        ("aws:secretsmanager/secret:Secret", {"name": "a b"}, r"^name is 'a b'"),
        (
            "aws:route53/record:Record",
            {"name": "edit..example.com"},
            r"^name is 'edit..example.com'",
        ),
    ],
)
def test_a_value_that_aws_refuses_is_refused(
    type_: str, inputs: dict[str, Any], reason: str
) -> None:
    """The property, what it is, and what is allowed."""
    (refusal,) = kind_of(type_).refused(inputs)
    assert re.search(reason, str(refusal)), refusal


def test_a_secret_is_judged_but_not_shown() -> None:
    """An error goes to logs."""
    (refusal,) = kind_of("aws:secretsmanager/secret:Secret").refused({"name": Secret("a b")})
    assert "a b" not in str(refusal)


def test_what_is_not_known_yet_is_not_judged() -> None:
    """A preview is no reason to refuse."""
    assert (
        kind_of("aws:efs/mountTarget:MountTarget").refused(
            {"fileSystemId": UNKNOWN, "subnetId": "subnet-0123abcd"}
        )
        == []
    )


@pytest.mark.parametrize("type_", [each for each, accepts in ACCEPTED.items() if accepts.request])
def test_every_request_can_be_judged(type_: str) -> None:
    """The operation exists, its renamed members too, and each pattern on the way compiles."""
    request = ACCEPTED[type_].request
    assert isinstance(request, Request)
    model = ServiceModel(Loader().load_service_model(request.service, "service-2"))
    shape = model.operation_model(request.operation).input_shape
    members = {name.lower() for name in _members(shape, set())}
    assert {name.lower() for name in request.names.values() if name} <= members
    for pattern in _patterns(shape, set()):
        matches(pattern, "x")


def _members(shape: Any, seen: set[str]) -> Iterable[str]:
    if shape.name in seen:
        return
    seen.add(shape.name)
    for name, member in getattr(shape, "members", {}).items():
        yield name
        yield from _members(member, seen)
    if inner := getattr(shape, "member", None):
        yield from _members(inner, seen)


def _patterns(shape: Any, seen: set[str]) -> Iterable[str]:
    if shape.name in seen:
        return
    seen.add(shape.name)
    if pattern := shape.metadata.get("pattern"):
        yield pattern
    for inner in (
        *getattr(shape, "members", {}).values(),
        *filter(None, [getattr(shape, "member", None)]),
    ):
        yield from _patterns(inner, seen)


def test_members_that_differ_in_more_than_case_are_found() -> None:
    """A list of one is an object, JSON is read, tags are pairs."""
    request = Request(service="ecs", operation="RegisterTaskDefinition")
    inputs = {
        "family": "edit",
        "containerDefinitions": (
            '[{"name": "astro", "portMappings": [{"containerPort": 80, "protocol": "icmp"}]}]'
        ),
        "tags": {"Owner": "you & me"},
    }
    found = [str(refusal) for refusal in refusals(request, inputs)]
    assert [reason.split(" is ")[0] for reason in found] == [
        "containerDefinitions[0].portMappings[0].protocol",
        "tags[0].value",
    ]


@settings(max_examples=300)
@given(
    value=st.text(max_size=40)
    | st.from_regex(r"[a-zA-Z0-9. _:/()#,@=+&;{}!$*-]{0,20}['<>\"]?", fullmatch=True)
)
def test_our_words_for_a_security_group_are_those_of_the_schema(value: str) -> None:
    """The text that the API model leaves open, beside the published schema."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        "eu-central-1", "AWS::EC2::SecurityGroup"
    ).schema
    pattern = schema["properties"]["GroupDescription"]["pattern"]
    theirs = re.search(pattern, value) is not None and not value.endswith("\n")
    assert (texts.SECURITY_GROUP.refused(value) is None) == theirs


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        (
            texts.BALANCER_NAME,
            ["edit", "e", "e" * 32],
            ["-edit", "edit-", "e_dit", "internal-e", ""],
        ),
        (texts.TARGET_GROUP_NAME, ["internal-edit"], ["edit.dev", "e" * 33]),
        (
            texts.BUCKET,
            ["abc", "a.b-c", "a" * 63],
            ["ab", "a" * 64, "xn--abc", "a..b", "a-s3alias", "abc-"],
        ),
        (
            texts.HOST_PATTERN,
            ["edit.example.com", "*.example.com"],
            ["localhost", "edit_1.example.com"],
        ),
        (
            texts.RECORD_NAME,
            ["edit.example.com", "*.edit.example.com", "_x.example.com."],
            ["-a.example.com", "a" * 64 + ".com"],
        ),
        (texts.TAG_VALUE, ["", "eu-central-1 / Grün", "a" * 256], ["a&b", "a" * 257]),
    ],
)
def test_the_texts_that_no_schema_has(text: Text, good: list[str], bad: list[str]) -> None:
    """Each has the page that says it."""
    assert text.source.startswith("https://docs.aws.amazon.com/")
    assert [value for value in good if text.refused(value)] == []
    assert [value for value in bad if not text.refused(value)] == []


# Values against what else exists


@pytest.fixture
def world() -> World:
    """A load balancer with a listener, a rule and a target group."""
    found = World()
    found.add(conflicts.LISTENER, "l1", loadBalancerArn="lb1", port=443)
    found.add(conflicts.LISTENER, "l2", loadBalancerArn="lb2", port=443)
    found.add(
        conflicts.RULE, "r1", listenerArn="l1", priority=25, actions=[{"targetGroupArn": "tg1"}]
    )
    return found


def test_a_target_group_belongs_to_one_load_balancer(world: World) -> None:
    actions = [{"type": "forward", "targetGroupArn": "tg1"}]
    assert str(world.put(conflicts.RULE, listenerArn="l2", priority=1, actions=actions)).startswith(
        "TargetGroupAssociationLimit"
    )
    assert world.put(conflicts.RULE, listenerArn="l1", priority=1, actions=actions) is None
    assert (
        world.put(conflicts.RULE, listenerArn="l2", priority=1, actions=[{"targetGroupArn": "tg2"}])
        is None
    )
    foreign = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
    assert "associated with lb1" in str(
        world.put(conflicts.RULE, listenerArn=foreign, priority=1, actions=actions)
    )
    refused = world.put(conflicts.LISTENER, loadBalancerArn="lb2", port=80, defaultActions=actions)
    assert "TargetGroupAssociationLimit" in str(refused)


def test_priorities_and_ports_are_taken_once(world: World) -> None:
    assert str(world.put(conflicts.RULE, listenerArn="l1", priority=25)).startswith("PriorityInUse")
    assert world.put(conflicts.RULE, "r1", listenerArn="l1", priority=25) is None, (
        "a rule may stay what it is"
    )
    assert world.put(conflicts.RULE, listenerArn="l2", priority=25) is None
    assert str(world.put(conflicts.LISTENER, loadBalancerArn="lb1", port=443)).startswith(
        "DuplicateListener"
    )
    assert world.put(conflicts.LISTENER, loadBalancerArn="lb1", port=80) is None


def test_a_rule_has_five_values_and_one_condition_of_a_kind(world: World) -> None:
    def paths(*numbers: int) -> dict[str, Any]:
        return {"pathPattern": {"values": [f"/{number}" for number in numbers]}}

    assert (
        world.put(conflicts.RULE, listenerArn="l1", priority=1, conditions=[paths(*range(5))])
        is None
    )
    assert "has 6 condition values" in str(
        world.put(conflicts.RULE, listenerArn="l1", priority=1, conditions=[paths(*range(6))])
    )
    assert "one condition of each kind" in str(
        world.put(conflicts.RULE, listenerArn="l1", priority=1, conditions=[paths(1), paths(2)])
    )


def test_security_group_rules_are_counted_and_unlike() -> None:
    world = World()
    base: dict[str, Any] = {
        "securityGroupId": "sg-1",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
    }
    for number in range(59):
        world.add(conflicts.INGRESS, f"r{number}", **base, cidrIpv4=f"10.0.{number}.0/24")
    assert str(world.put(conflicts.INGRESS, **base, cidrIpv4="10.0.1.0/24")).startswith(
        "InvalidPermission.Duplicate"
    )
    assert world.put(conflicts.INGRESS, **base, cidrIpv4="10.1.0.0/24") is None
    world.add(conflicts.INGRESS, "r59", **base, cidrIpv4="10.1.0.0/24")
    assert str(world.put(conflicts.INGRESS, **base, cidrIpv4="10.2.0.0/24")).startswith(
        "RulesPerSecurityGroupLimitExceeded"
    )
    assert world.put(conflicts.INGRESS, **base, cidrIpv6="2001:db8::/32") is None, (
        "IPv6 is counted by itself"
    )


def test_subnets_lie_in_the_vpc_and_beside_each_other() -> None:
    world = World()
    world.add(conflicts.VPC, "vpc-1", cidrBlock="10.0.0.0/16")
    world.add(
        conflicts.SUBNET, "subnet-1", vpcId="vpc-1", cidrBlock="10.0.0.0/20", availabilityZone="a"
    )
    assert str(world.put(conflicts.SUBNET, vpcId="vpc-1", cidrBlock="10.0.8.0/24")).startswith(
        "InvalidSubnet.Conflict"
    )
    assert str(world.put(conflicts.SUBNET, vpcId="vpc-1", cidrBlock="10.1.0.0/24")).startswith(
        "InvalidSubnet.Range"
    )
    assert world.put(conflicts.SUBNET, vpcId="vpc-1", cidrBlock="10.0.16.0/20") is None


def test_zones() -> None:
    """A load balancer takes one subnet per zone, a file system one mount target per zone."""
    world = World()
    for name, zone in (("subnet-1", "a"), ("subnet-2", "a"), ("subnet-3", "b")):
        world.add(conflicts.SUBNET, name, availabilityZone=zone)
    assert "in two zones or more" in str(
        world.put(conflicts.BALANCER, subnets=["subnet-1", "subnet-2"])
    )
    assert world.put(conflicts.BALANCER, subnets=["subnet-1", "subnet-3"]) is None
    world.add(conflicts.MOUNT_TARGET, "fsmt-1", fileSystemId="fs-1", subnetId="subnet-1")
    assert str(
        world.put(conflicts.MOUNT_TARGET, fileSystemId="fs-1", subnetId="subnet-2")
    ).startswith("MountTargetConflict")
    assert world.put(conflicts.MOUNT_TARGET, fileSystemId="fs-1", subnetId="subnet-3") is None


def test_neither_a_load_balancer_nor_mount_targets_move_to_another_vpc() -> None:
    """What a change of `vpcCidr` asks for on a live stack."""
    world = World()
    for name, vpc, zone in (
        ("subnet-1", "vpc-1", "a"),
        ("subnet-2", "vpc-1", "b"),
        ("subnet-3", "vpc-2", "a"),
        ("subnet-4", "vpc-2", "b"),
    ):
        world.add(conflicts.SUBNET, name, availabilityZone=zone, vpcId=vpc)
    world.add(conflicts.BALANCER, "lb-1", subnets=["subnet-1", "subnet-2"])
    world.add(conflicts.MOUNT_TARGET, "fsmt-1", fileSystemId="fs-1", subnetId="subnet-1")
    refused = world.put(conflicts.BALANCER, "lb-1", subnets=["subnet-3", "subnet-4"])
    assert (
        str(refused)
        == "InvalidConfigurationRequest: the load balancer is in vpc-1; its subnets cannot be in"
        " vpc-2"
    )
    assert world.put(conflicts.BALANCER, "lb-1", subnets=["subnet-2", "subnet-1"]) is None
    assert world.put(conflicts.BALANCER, subnets=["subnet-3", "subnet-4"]) is None, (
        "another one may"
    )
    assert "takes none in vpc-2" in str(
        world.put(conflicts.MOUNT_TARGET, fileSystemId="fs-1", subnetId="subnet-4")
    )
    assert world.put(conflicts.MOUNT_TARGET, fileSystemId="fs-1", subnetId="subnet-2") is None


def test_what_lies_in_another_region_is_not_found() -> None:
    """A certificate, key or topic must be in the region of what names it."""
    world = World()
    foreign = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    assert "is not in eu-central-1" in str(
        world.put(conflicts.LISTENER, loadBalancerArn="lb1", port=443, certificateArn=foreign)
    )
    assert (
        world.put(
            conflicts.LISTENER,
            loadBalancerArn="lb1",
            port=443,
            certificateArn=foreign.replace("eu-west", "eu-central"),
        )
        is None
    )
    topic = "arn:aws:sns:eu-west-1:123456789012:on-call"
    assert "is not in eu-central-1" in str(
        world.put("aws:cloudwatch/metricAlarm:MetricAlarm", alarmActions=[topic])
    )


def test_a_capacity_strategy_changes_with_a_new_deployment_only() -> None:
    """https://github.com/hashicorp/terraform-provider-aws: the provider refuses it at preview."""
    old, new = {"capacityProviderStrategies": [1]}, {"capacityProviderStrategies": [2]}
    assert "forceNewDeployment" in str(on_update(conflicts.SERVICE, old, new))
    assert on_update(conflicts.SERVICE, old, {**new, "forceNewDeployment": True}) is None
    assert on_update(conflicts.SERVICE, old, old) is None


def test_what_others_need_is_not_deleted(world: World) -> None:
    group = world.add(GROUP, "sg-1")
    assert on_delete(group, world) is None
    world.add(conflicts.SERVICE, "svc", networkConfiguration={"securityGroups": ["sg-0", "sg-1"]})
    assert str(on_delete(group, world)) == "DependencyViolation: sg-1 is in use by svc"
    target_group = world.add("aws:lb/targetGroup:TargetGroup", "tg1")
    assert str(on_delete(target_group, world)).endswith("tg1 is in use by r1")
    balancer = world.add(conflicts.BALANCER, "lb9", enableDeletionProtection=True)
    assert str(on_delete(balancer, world)).startswith("OperationNotPermitted")


def test_what_holds_something_is_not_deleted() -> None:
    """A bucket with logs, a repository with images, a role with policies, a private zone with
    names.
    """
    world = World()
    bucket = world.add(conflicts.BUCKET, "logs", forceDestroy=False)
    assert on_delete(bucket, world) is None
    full = replace(bucket, images={"AWSLogs/1/ELBAccessLogTestFile": ""})
    assert str(on_delete(full, world)).startswith("BucketNotEmpty: the bucket logs holds 1 objects")
    assert on_delete(replace(full, properties={"forceDestroy": True}), world) is None
    repository = world.add(conflicts.REPOSITORY, "edit", forceDelete=False)
    assert str(on_delete(replace(repository, images={"a": "sha256:a"}), world)).startswith(
        "RepositoryNotEmptyException"
    )
    role = world.add("aws:iam/role:Role", "task")
    world.add("aws:iam/rolePolicy:RolePolicy", "task:sites", role="task")
    assert str(on_delete(role, world)).startswith("DependencyViolation")


# The registry


def test_an_immutable_tag_is_written_once() -> None:
    world = World()
    entry = world.add(
        conflicts.REPOSITORY,
        "edit",
        repositoryUrl="example.com/edit",
        imageTagMutability="IMMUTABLE",
    )
    found = registry.repository_of("example.com/edit:src-1", world)
    assert found == (entry, "src-1")
    assert registry.repository_of("example.com/other:src-1", world) is None
    full = replace(entry, images={"src-1": "sha256:a"})
    assert "already exists in the 'edit' repository" in str(
        registry.refused(full, "src-1", "sha256:b")
    )
    assert registry.refused(full, "src-1", "sha256:a") is None
    assert registry.refused(full, "src-2", "sha256:b") is None
    mutable = replace(full, properties={**full.properties, "imageTagMutability": "MUTABLE"})
    assert registry.refused(mutable, "src-1", "sha256:b") is None


def test_tags_can_be_excluded_from_immutability() -> None:
    world = World()
    entry = world.add(
        conflicts.REPOSITORY,
        "edit",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filter": "cache-*", "filterType": "WILDCARD"}],
    )
    full = replace(entry, images={"src-1": "sha256:a", "cache-main": "sha256:a"})
    assert registry.refused(full, "cache-main", "sha256:b") is None
    assert registry.refused(full, "src-1", "sha256:b") is not None


def test_a_repository_with_images_is_deleted_by_force_only() -> None:
    world = World()
    entry = replace(world.add(conflicts.REPOSITORY, "edit"), images={"src-1": "sha256:a"})
    assert str(on_delete(entry, world)).startswith(
        "RepositoryNotEmptyException: the repository edit holds 1 images"
    )
    assert on_delete(replace(entry, properties={"forceDelete": True}), world) is None
