"""The network: new or existing, with NAT or with endpoints alone (S14)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.base import ComponentError
from components.flow_logs import FlowLogs
from components.network import ExistingVpc, Network, NetworkArgs
from components.task_roles import RoleOptions
from tests.components.harness import Graph, run

EXISTING = ExistingVpc(
    vpc_id="vpc-1",
    public_subnet_ids=("subnet-a", "subnet-b"),
    private_subnet_ids=("subnet-c", "subnet-d"),
)


def declare(**values: Any) -> Graph:
    def program() -> dict[str, Any]:
        network = Network("net", NetworkArgs(**values))
        return {
            "vpc": network.vpc_id,
            "public": list(network.public_subnet_ids),
            "private": list(network.private_subnet_ids),
        }

    return run(program)


@pytest.mark.parametrize(
    ("egress", "strategy"), [("nat", "OnePerAz"), ("single-nat", "Single"), ("endpoints", "None")]
)
def test_a_new_vpc_has_the_nat_gateways_asked_for(egress: str, strategy: str) -> None:
    vpc = declare(egress=egress)["net-vpc"].inputs
    assert vpc["natGateways"] == {"strategy": strategy}
    assert vpc["availabilityZoneNames"] == ["eu-central-1a", "eu-central-1b"]
    assert (vpc["enableDnsHostnames"], vpc["enableDnsSupport"]) == (True, True)


def test_zones_are_those_of_the_region_or_those_named() -> None:
    """The account has opted in to a local zone, which comes first in AWS's answer and has neither
    Fargate nor EFS.
    """
    assert declare(availability_zones=3)["net-vpc"].inputs["availabilityZoneNames"] == [
        f"eu-central-1{letter}" for letter in "abc"
    ]
    named = declare(zone_names=("eu-central-1c", "eu-central-1a"))["net-vpc"].inputs[
        "availabilityZoneNames"
    ]
    assert named == ["eu-central-1c", "eu-central-1a"]
    with pytest.raises(
        ComponentError,
        match=r"zone_names is \['eu-central-1c'\], with availability_zones 2; name as many",
    ):
        declare(zone_names=("eu-central-1c",))
    with pytest.raises(
        ComponentError, match=r"availability_zones is 2; the region has 1 \(eu-central-1a\)"
    ):
        run(
            lambda: Network("net", NetworkArgs()),
            graph=Graph(existing={"names": ["eu-central-1a"]}),
        )


def test_tasks_stand_in_private_subnets_one_per_zone() -> None:
    graph = declare(availability_zones=3)
    assert graph.outputs["private"] == ["subnet-private-0", "subnet-private-1", "subnet-private-2"]
    assert graph.outputs["public"] == ["subnet-public-0", "subnet-public-1", "subnet-public-2"]


def test_endpoints_replace_the_way_to_the_internet() -> None:
    """Subnets without NAT gateways, the four services a task starts with, S3 for image layers and
    DynamoDB for ownership.
    """
    graph = declare(egress="endpoints")
    assert graph.outputs["private"] == ["subnet-private-0", "subnet-private-1"]
    services = {
        endpoint.inputs["serviceName"]: endpoint.inputs for endpoint in graph.of_type("VpcEndpoint")
    }
    prefix = "com.amazonaws.eu-central-1."
    assert services.keys() == {
        prefix + name for name in ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3", "dynamodb")
    }
    assert services[prefix + "s3"]["vpcEndpointType"] == "Gateway"
    assert services[prefix + "logs"]["privateDnsEnabled"] is True
    assert services[prefix + "logs"]["securityGroupIds"] == ["net-endpoints-id"]


def test_ecs_exec_needs_one_endpoint_more() -> None:
    names = {
        endpoint.name
        for endpoint in declare(egress="endpoints", execute_command=True).of_type("VpcEndpoint")
    }
    assert "net-endpoint-ssmmessages" in names


@pytest.mark.parametrize("egress", ["nat", "single-nat"])
def test_image_layers_pass_no_nat_gateway(egress: str) -> None:
    """The gateway endpoints of S3 and DynamoDB, in every route table, cost nothing."""
    endpoints = [endpoint.inputs for endpoint in declare(egress=egress).of_type("VpcEndpoint")]
    assert {each["serviceName"] for each in endpoints} == {
        "com.amazonaws.eu-central-1.s3",
        "com.amazonaws.eu-central-1.dynamodb",
    }
    for endpoint in endpoints:
        assert endpoint["vpcEndpointType"] == "Gateway"
        assert "routeTableIds" in endpoint


@pytest.mark.parametrize("egress", ["nat", "endpoints"])
def test_the_default_group_is_closed(egress: str) -> None:
    """Whatever is started without a group reaches nothing, and nothing reaches it."""
    group = declare(egress=egress).one("DefaultSecurityGroup").inputs
    assert (group["vpcId"], group["ingress"], group["egress"]) == ("vpc-0a0a0a0a0a0a0a0a0", [], [])


def test_flow_logs_are_written_by_a_role_that_can_do_nothing_else() -> None:
    assert declare().of_type("FlowLog") == []
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    roles = RoleOptions(path="/apps/", permissions_boundary_arn=boundary)
    graph = declare(flow_logs=FlowLogs(traffic="all", retention_days=90, roles=roles))
    log, group = graph.one("FlowLog").inputs, graph.one("LogGroup")
    assert (log["trafficType"], log["logDestination"], log["iamRoleArn"]) == (
        "ALL",
        group.arn,
        graph.one("Role").arn,
    )
    assert group.inputs["retentionInDays"] == 90
    role = graph.one("Role").inputs
    assert "vpc-flow-logs.amazonaws.com" in role["assumeRolePolicy"]
    assert (role["path"], role["permissionsBoundary"]) == ("/apps/", boundary)
    (statement,) = json.loads(graph.one("RolePolicy").inputs["policy"])["Statement"]
    assert statement["Resource"] == f"{group.arn}:*"
    assert all(action.startswith("logs:") for action in statement["Action"])


def test_an_existing_vpc_is_used_as_it_is() -> None:
    graph = declare(existing=EXISTING)
    assert [resource.name for resource in graph.resources.values() if resource.custom] == [
        "net-place"
    ]
    assert graph.outputs == {
        "vpc": "vpc-1",
        "public": ["subnet-a", "subnet-b"],
        "private": ["subnet-c", "subnet-d"],
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cidr": "10.0.0.0/8"}, "cidr is '10.0.0.0/8'; allowed is an IPv4 range from /16 to /24"),
        (
            {"availability_zones": 1},
            "availability_zones is 1; allowed is 2 or 3. A load balancer needs two",
        ),
        (
            {
                "existing": ExistingVpc(
                    vpc_id="vpc-1", public_subnet_ids=("a", "a"), private_subnet_ids=("c", "d")
                )
            },
            "public subnets are ['a', 'a']; at least two in different zones are needed",
        ),
    ],
)
def test_refusals(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError) as error:
        NetworkArgs(**values)
    assert words in str(error.value)
