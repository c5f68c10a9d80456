"""The resource model: names, ids, defaults, what replaces, unknowns, and the children of awsx's VPC
(S23, S36).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.model import KINDS, Cloud, invoke, kind_of, vpc
from local.model.core import Kind, catalogue
from local.model.functions import UnknownFunction
from local.values import UNKNOWN, Secret

CLOUD = Cloud()


def urn(kind: str, name: str = "edit") -> str:
    return f"urn:pulumi:dev::astro-live::{kind}::{name}"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_renders_from_its_required_inputs(kind: Kind) -> None:
    """No template names a value that is not there."""
    at = urn(kind.type)
    inputs = kind.check(
        at,
        {
            name: "10.0.0.0/24" if "cidr" in name.lower() else f"a-{name}"
            for name in (*kind.required, "bucket", "domain")
        },
    )
    if "index/image" in kind.type:
        inputs["imageName"] = "example.com/app:1"
    if kind.type.startswith(("aws:acm/certificate:", "aws:route53")):
        inputs |= {
            "domainName": "edit.example.com",
            "subjectAlternativeNames": ["*.edit.example.com"],
        }
    identifier, outputs = kind.create(CLOUD, at, inputs)
    assert identifier
    assert set(kind.computed) <= outputs.keys()
    assert "{" not in identifier


def test_a_generated_name_is_stable_and_fits_the_limit() -> None:
    """A load balancer's name has at most 32 characters; an update keeps what was given."""
    kind = kind_of("aws:lb/loadBalancer:LoadBalancer")
    at = urn(kind.type, "a-name-that-is-much-longer-than-a-load-balancer-may-have")
    first = kind.check(at, {})
    assert first["name"] == kind.check(at, {})["name"]
    assert len(first["name"]) <= 32
    assert kind.check(at, {}, old={"name": "kept-1234567"})["name"] == "kept-1234567"
    assert kind.check(at, {"name": "mine"})["name"] == "mine"
    assert "name" not in kind.check(at, {"namePrefix": "mine-"})


def test_the_provider_s_defaults_are_filled_in() -> None:
    """What the program leaves out is what AWS does: 60 s, and no stickiness."""
    checked = kind_of("aws:lb/loadBalancer:LoadBalancer").check(urn("x"), {"idleTimeout": None})
    assert checked["idleTimeout"] == 60
    assert checked["dropInvalidHeaderFields"] is False


def test_an_unknown_input_makes_what_is_computed_from_it_unknown() -> None:
    """Nothing pretends to know an ARN that depends on something unknown."""
    kind = kind_of("aws:efs/mountTarget:MountTarget")
    _, outputs = kind.create(
        CLOUD, urn(kind.type), {"fileSystemId": UNKNOWN, "subnetId": "subnet-1"}
    )
    assert outputs["dnsName"] is UNKNOWN
    assert outputs["fileSystemArn"] is UNKNOWN


def test_before_creation_only_inputs_are_known() -> None:
    """As at a first preview of the engine."""
    kind = kind_of("aws:lb/loadBalancer:LoadBalancer")
    outputs = kind.preview({"idleTimeout": 900})
    assert outputs["idleTimeout"] == 900
    assert outputs["dnsName"] is UNKNOWN
    assert outputs["arn"] is UNKNOWN


@pytest.mark.parametrize(
    ("kind", "old", "new", "changed", "replacing"),
    [
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"idleTimeout": 900},
            {"idleTimeout": 1800},
            ["idleTimeout"],
            [],
        ),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"internal": False},
            {"internal": True},
            ["internal"],
            ["internal"],
        ),
        ("aws:lb/targetGroup:TargetGroup", {"port": 80}, {"port": 4321}, ["port"], ["port"]),
        (
            "aws:lb/targetGroup:TargetGroup",
            {"deregistrationDelay": 300},
            {},
            ["deregistrationDelay"],
            [],
        ),
        (
            "aws:efs/fileSystem:FileSystem",
            {"encrypted": False},
            {"encrypted": True},
            ["encrypted"],
            ["encrypted"],
        ),
        ("aws:ecs/service:Service", {"desiredCount": 1}, {"desiredCount": 2}, ["desiredCount"], []),
        (
            "aws:secretsmanager/secretVersion:SecretVersion",
            {"secretString": Secret("a")},
            {"secretString": Secret("b")},
            ["secretString"],
            ["secretString"],
        ),
        (
            "aws:secretsmanager/secretVersion:SecretVersion",
            {"secretString": Secret("a")},
            {"secretString": "a"},
            [],
            [],
        ),
    ],
)
def test_what_changes_in_place_and_what_replaces(
    kind: str, old: dict[str, Any], new: dict[str, Any], changed: list[str], replacing: list[str]
) -> None:
    """As the real providers do."""
    assert kind_of(kind).changes(old, new) == (changed, replacing)


def test_a_type_that_the_model_does_not_know_still_gets_an_identity() -> None:
    """A program with other resources can be previewed."""
    identifier, outputs = kind_of("aws:sqs/queue:Queue").create(
        CLOUD, urn("aws:sqs/queue:Queue", "jobs"), {"fifoQueue": True}
    )
    assert identifier.startswith("jobs-")
    assert outputs["arn"].startswith("arn:aws:sqs:eu-central-1:123456789012:jobs-")
    assert (
        kind_of("random:index/randomId:RandomId").create(CLOUD, urn("r"), {})[0].startswith("edit-")
    )


def test_a_token_cannot_be_described_twice() -> None:
    """Two answers for one type would contradict each other."""
    with pytest.raises(ValueError, match="twice"):
        catalogue([Kind(type="aws:x:X"), Kind(type="aws:x:X")])


def test_an_unknown_data_source_says_what_to_do() -> None:
    """The program cannot run on with a guess."""
    with pytest.raises(UnknownFunction, match=r"aws:ec2/getAmi:getAmi.*local/model/functions.py"):
        invoke(CLOUD, "aws:ec2/getAmi:getAmi", {})


def test_policy_documents_are_rendered_as_aws_does() -> None:
    """Single values stand alone, principals are grouped by type, conditions nest."""
    statement = {
        "actions": ["sts:AssumeRole"],
        "principals": [{"type": "Service", "identifiers": ["ecs-tasks.amazonaws.com"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1"]}],
    }
    answer = invoke(
        CLOUD, "aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]}
    )
    assert '"Action": "sts:AssumeRole"' in answer["json"]
    assert (
        answer["minifiedJson"]
        == '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
        '"Principal":{"Service":["ecs-tasks.amazonaws.com"]},"Condition":{"StringEquals":{"aws:SourceAccount":["1"]}}}]}'
    )


def test_the_default_subnets_are_those_of_awsx() -> None:
    """A /16 over two zones: a /19 private and a /20 public subnet at the start of each half."""
    plans = vpc.layout(
        CLOUD,
        "net",
        {"cidrBlock": "10.0.0.0/16", "availabilityZoneNames": ["eu-central-1a", "eu-central-1b"]},
    )
    assert [(plan.name, plan.zone, plan.cidr) for plan in plans] == [
        ("net-private-1", "eu-central-1a", "10.0.0.0/19"),
        ("net-public-1", "eu-central-1a", "10.0.32.0/20"),
        ("net-private-2", "eu-central-1b", "10.0.128.0/19"),
        ("net-public-2", "eu-central-1b", "10.0.160.0/20"),
    ]


def test_a_number_of_zones_takes_local_zones_too() -> None:
    """As in an account that has opted in to one: awsx takes the first names that AWS lists."""
    arguments = {"numberOfAvailabilityZones": 2, "subnetSpecs": [{"type": "Private"}]}
    assert [plan.zone for plan in vpc.layout(CLOUD, "net", arguments)] == [
        "eu-central-1-lcl-1a",
        "eu-central-1a",
    ]
    regional = {"filters": [{"name": "zone-type", "values": ["availability-zone"]}]}
    answer = invoke(CLOUD, "aws:index/getAvailabilityZones:getAvailabilityZones", regional)
    assert answer["names"] == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]


@given(
    st.integers(16, 22),
    st.integers(1, 3),
    st.lists(
        st.sampled_from(["Private", "Public", "Isolated"]), min_size=1, max_size=3, unique=True
    ),
)
def test_subnets_never_overlap_and_stay_inside(prefix: int, zones: int, kinds: list[str]) -> None:
    """Whatever is asked for either fits or is refused."""
    arguments = {
        "cidrBlock": f"10.0.0.0/{prefix}",
        "numberOfAvailabilityZones": zones,
        "subnetSpecs": [{"type": kind} for kind in kinds],
    }
    try:
        plans = vpc.layout(CLOUD, "net", arguments)
    except vpc.VpcError:
        return
    blocks = [ipaddress.ip_network(plan.cidr) for plan in plans]
    assert len(blocks) == zones * len(kinds)
    assert all(block.subnet_of(ipaddress.ip_network(arguments["cidrBlock"])) for block in blocks)  # type: ignore[arg-type]
    assert not any(a.overlaps(b) for i, a in enumerate(blocks) for b in blocks[i + 1 :])


@pytest.mark.parametrize(
    ("strategy", "gateways", "private_routes"),
    [("OnePerAz", 2, 2), ("Single", 1, 2), ("None", 0, 0)],
)
def test_nat_strategies(strategy: str, gateways: int, private_routes: int) -> None:
    """A gateway per zone, one for all, or none and no way out."""
    declared: list[tuple[str, str, dict[str, Any]]] = []

    def register(
        kind: str,
        name: str,
        inputs: dict[str, Any],
        parent: str,
        sources: Mapping[str, vpc.Registered],
    ) -> vpc.Registered:
        assert all(source.urn in parents for source in sources.values())
        declared.append((kind, name, inputs))
        at = f"{parent}${kind}::{name}"
        parents.add(at)
        identifier, outputs = kind_of(kind).create(CLOUD, at, inputs)
        return vpc.Registered(at, identifier, outputs)

    parents: set[str] = set()
    arguments = {"numberOfAvailabilityZones": 2, "natGateways": {"strategy": strategy}}
    expansion = vpc.expand(CLOUD, urn(vpc.TYPE), "net", arguments, register)
    routes = [inputs for kind, _, inputs in declared if kind == "aws:ec2/route:Route"]
    assert sum(kind == "aws:ec2/natGateway:NatGateway" for kind, _, _ in declared) == gateways
    assert sum("natGatewayId" in route for route in routes) == private_routes
    assert sum("gatewayId" in route for route in routes) == 2
    assert (
        len(expansion.outputs["privateSubnetIds"]) == len(expansion.outputs["publicSubnetIds"]) == 2
    )
    assert len(expansion.dependencies["privateSubnetIds"]) == 2
