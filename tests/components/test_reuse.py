"""Parts that somebody else owns are used, and nothing of them is made, changed or put under our
policies (S17).
"""

from __future__ import annotations

from typing import Any

import pytest

from components.base import Component, ComponentError
from components.existing import (
    ExistingFileSystem,
    ExistingListener,
    load_balancer_arn,
    look_up_repository,
)
from contract.hmr import HmrContract
from settings import SettingsError
from tests.components.examples import alb_args
from tests.components.harness import ACCOUNT, REGION, Graph, run, run_stack

LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/edge/50dc6c495c0c9188"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shared"
VPC: dict[str, object] = {
    "vpcId": "vpc-0123456789abcdef0",
    "publicSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "privateSubnetIds": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
}
ON_A_LISTENER: dict[str, object] = {
    **VPC,
    "certificateArn": None,
    "listenerArn": LISTENER,
    "rulePriorityOffset": 300,
}
FILE_SYSTEM: dict[str, object] = {
    **VPC,
    "fileSystemId": "fs-0123456789abcdef0",
    "fileSystemSecurityGroupId": "sg-0123456789abcdef1",
}


@pytest.fixture(scope="module")
def listener() -> Graph:
    return run_stack(
        "dev",
        {
            **ON_A_LISTENER,
            "accessLogs": True,
            "apiIngressCidrs": [f"203.0.113.{n}/32" for n in range(4)],
        },
    )


def test_no_load_balancer_is_made_beside_the_listener(listener: Graph) -> None:
    """Nor what belongs to one: listeners, certificate, bucket of its logs, rules that let visitors
    in.
    """
    for kind in ("LoadBalancer", "Listener", "Certificate", "Bucket"):
        assert listener.of_type(kind) == []
    assert all(
        "cidrIpv4" not in rule.inputs for rule in listener.of_type("SecurityGroupIngressRule")
    )
    assert listener.outputs["albDnsName"] == "shared.elb.amazonaws.com"


def test_its_rules_are_for_our_host_and_after_those_of_others(listener: Graph) -> None:
    """Each within the five values that a rule takes, the host among them."""
    rules = {rule.name: rule.inputs for rule in listener.of_type("ListenerRule")}
    assert {name: rule["priority"] for name, rule in rules.items()} == {
        "astro-live-alb-hmr-rule": 325,
        "astro-live-alb-session-rule": 400,
        "astro-live-alb-api-rule": 350,
        "astro-live-alb-api-2-rule": 351,
    }
    for rule in rules.values():
        assert rule["listenerArn"] == LISTENER
        assert [
            each["hostHeader"]["values"] for each in rule["conditions"] if "hostHeader" in each
        ] == [["edit.dev.example.com"]]
        assert (
            sum(
                len(each["values"])
                for condition in rule["conditions"]
                for each in condition.values()
            )
            <= 5
        )


def test_its_load_balancer_reaches_the_tasks(listener: Graph) -> None:
    sources = {
        rule.inputs["fromPort"]: rule.inputs["referencedSecurityGroupId"]
        for rule in listener.of_type("SecurityGroupIngressRule")
    }
    assert sources[4321] == sources[8080] == "sg-0123456789abcdef0"


def test_a_record_may_still_point_to_it() -> None:
    graph = run_stack("dev", {**ON_A_LISTENER, "hostedZoneId": "Z0123456789EXAMPLE"})
    assert graph["astro-live-alb-alias-a"].inputs["name"] == "edit.dev.example.com"


def test_an_existing_cluster_gets_a_service_and_nothing_else() -> None:
    graph = run_stack("dev", {"clusterArn": CLUSTER})
    assert graph.of_type("Cluster") == graph.of_type("ClusterCapacityProviders") == []
    assert graph.one("Service").inputs["cluster"] == CLUSTER
    alarm = next(
        alarm.inputs
        for alarm in graph.of_type("MetricAlarm")
        if "ClusterName" in alarm.inputs.get("dimensions", {})
    )
    assert alarm["dimensions"]["ClusterName"] == "shared"


def test_an_existing_file_system_gets_an_access_point_and_nothing_else() -> None:
    config = {
        **VPC,
        "fileSystemId": "fs-0123456789abcdef0",
        "fileSystemSecurityGroupId": "sg-0123456789abcdef1",
    }
    graph = run_stack("dev", {**config, "fileSystemPath": "/teams/web"})
    for kind in (
        "FileSystem",
        "MountTarget",
        "FileSystemPolicy",
        "BackupPolicy",
        "ReplicationConfiguration",
    ):
        assert graph.of_type(kind) == []
    point = graph.one("AccessPoint").inputs
    assert (point["fileSystemId"], point["rootDirectory"]["path"]) == (
        "fs-0123456789abcdef0",
        "/teams/web",
    )
    nfs = next(
        rule.inputs
        for rule in graph.of_type("SecurityGroupIngressRule")
        if rule.inputs["fromPort"] == 2049
    )
    assert nfs["securityGroupId"] == "sg-0123456789abcdef1"


def test_an_existing_repository_takes_the_image() -> None:
    graph = run_stack("dev", {"repositoryName": "teams/web/live"})
    assert graph.of_type("Repository") == graph.of_type("LifecyclePolicy") == []
    names = {image.inputs["imageName"].partition(":")[0] for image in graph.of_type("Image")}
    assert names == {f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/teams/web/live"}
    assert (
        graph.one("TaskDefinition").inputs["containerDefinitions"].count("/teams/web/live@sha256:")
        == 1
    )


@pytest.mark.parametrize(
    ("overrides", "key", "words"),
    [
        ({"listenerArn": LISTENER}, "vpcId", "since listenerArn is set"),
        ({**ON_A_LISTENER, "firewall": True}, "firewall", "is its owner's"),
        (
            {"fileSystemId": "fs-0123456789abcdef0"},
            "fileSystemSecurityGroupId",
            "since fileSystemId is set",
        ),
        (
            {
                **VPC,
                "fileSystemId": "fs-0123456789abcdef0",
                "fileSystemSecurityGroupId": "sg-0123456789abcdef1",
                "efsReplicaRegion": "eu-west-1",
            },
            "efsReplicaRegion",
            "is its owner's",
        ),
        (
            {**ON_A_LISTENER, "listenerArn": LISTENER.replace(REGION, "us-east-1")},
            "listenerArn",
            "choose one of eu-central-1",
        ),
        (
            {"clusterArn": CLUSTER.replace(REGION, "us-east-1")},
            "clusterArn",
            "choose one of eu-central-1",
        ),
    ],
)
def test_contradictions_name_the_key_and_the_way_out(
    overrides: dict[str, object], key: str, words: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        run_stack("dev", overrides)
    assert words in {problem.key: str(problem) for problem in refused.value.problems}[key]


CONTRACT = HmrContract(public_url="https://edit.example.com", idle_timeout_seconds=900)


@pytest.mark.parametrize(
    ("part", "found", "words"),
    [
        ("listener", {"protocol": "HTTP"}, "speaks HTTP; allowed is HTTPS"),
        (
            "listener",
            {"idleTimeout": 60},
            (
                "idle timeout is 60 s, and idle_timeout_seconds is 900; allowed is the same, at"
                " least 120 s"
            ),
        ),
        ("listener", {"idleTimeout": 900, "securityGroups": []}, "has no security group"),
        ("listener", {"idleTimeout": 900}, ""),
        ("file system", {"encrypted": False}, "fs-1 is not encrypted"),
        ("file system", {}, ""),
        ("repository", {"imageTagMutability": "MUTABLE"}, "are MUTABLE; allowed is IMMUTABLE"),
        ("repository", {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}, ""),
    ],
)
def test_what_a_preview_finds_must_fit(part: str, found: dict[str, Any], words: str) -> None:
    """A preview against AWS looks the part up, so it fails before anything is changed."""

    def program() -> dict[str, Any]:
        owner = Component("Owner", "owner", None, None)
        match part:
            case "listener":
                return {
                    "id": (
                        ExistingListener(arn=LISTENER, host="edit.example.com")
                        .look_up(owner, CONTRACT)[1]
                        .arn
                    )
                }
            case "file system":
                return {
                    "id": (
                        ExistingFileSystem(id="fs-1", security_group_id="sg-1").look_up(owner)[0].id
                    )
                }
        return {"id": look_up_repository(owner, "teams/web/live").repository_url}

    graph = Graph(existing=found)
    if words:
        with pytest.raises(ComponentError, match=words):
            run(program, graph=graph)
    else:
        assert run(program, graph=graph).outputs["id"]


def test_the_load_balancer_follows_from_its_listener() -> None:
    assert load_balancer_arn(LISTENER) == BALANCER


@pytest.mark.parametrize("both", [True, False])
def test_a_certificate_or_a_listener(both: bool) -> None:
    existing = ExistingListener(arn=LISTENER, host="edit.example.com") if both else None
    changes = {"existing": existing} if both else {"certificate": None}
    with pytest.raises(
        ComponentError, match=f"are both {'given' if both else 'missing'}; allowed is one"
    ):
        alb_args(**changes)
