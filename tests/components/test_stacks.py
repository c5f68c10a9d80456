"""The whole program on mocks, with the config of each stack in the repository (S16)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.components.harness import DIGEST, Graph, run_stack


@pytest.fixture(scope="module", params=["dev", "prod", "local"])
def stack(request: pytest.FixtureRequest) -> Graph:
    return run_stack(request.param)


def container(graph: Graph) -> dict[str, Any]:
    definitions = json.loads(graph.one("TaskDefinition").inputs["containerDefinitions"])
    assert len(definitions) == 1
    container: dict[str, Any] = definitions[0]
    return container


def test_the_task_runs_a_digest_without_root(stack: Graph) -> None:
    """Image by digest, no root, read-only root file system, no foreign init process, stop timeout
    within Fargate's 120 s.
    """
    task = container(stack)
    assert task["image"].endswith(f"@{DIGEST}")
    assert task["user"] == "1000:1000"
    assert task["readonlyRootFilesystem"] is True
    assert task["linuxParameters"] == {
        "initProcessEnabled": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert task["stopTimeout"] <= 120
    assert stack["astro-live-alb-sessions"].inputs["deregistrationDelay"] == (
        10 if stack.of_type("Table") else task["stopTimeout"]
    ), "with a table sessions are handed over after it"


def test_tasks_have_no_public_address(stack: Graph) -> None:
    network = stack.one("Service").inputs["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert all("private" in subnet for subnet in network["subnets"])


def test_the_file_system_is_encrypted_and_mounted_through_its_access_point(stack: Graph) -> None:
    assert stack.one("FileSystem").inputs["encrypted"] is True
    point = stack.one("AccessPoint").inputs
    assert point["posixUser"] == {"uid": 1000, "gid": 1000}
    sites = next(
        volume
        for volume in stack.one("TaskDefinition").inputs["volumes"]
        if volume["name"] == "sites"
    )
    assert sites["efsVolumeConfiguration"] == {
        "fileSystemId": "astro-live-sites-file-system-id",
        "transitEncryption": "ENABLED",
        "authorizationConfig": {
            "accessPointId": "astro-live-sites-access-point-id",
            "iam": "ENABLED",
        },
    }


def test_the_service_waits_for_mount_targets_and_rules(stack: Graph) -> None:
    waits_for = stack.one("Service").dependencies
    assert {target.name for target in stack.of_type("MountTarget")} <= waits_for
    assert {rule.name for rule in stack.of_type("ListenerRule")} <= waits_for


def test_secrets_reach_the_container_by_reference_only(stack: Graph) -> None:
    """The values stand in Secrets Manager, marked as secrets, and later runs leave them alone."""
    task = container(stack)
    assert {entry["name"]: entry["valueFrom"] for entry in task["secrets"]} == {
        "ASTRO_LIVE_SIGNING_KEYS": stack["astro-live-secrets-signing-keys"].arn,
        "ASTRO_LIVE_API_TOKEN": stack["astro-live-secrets-api-token"].arn,
    }
    for version in stack.of_type("SecretVersion"):
        assert version.ignore_changes == ("secretString", "versionStages")
        assert version.secrets == {"secretString"}
        assert version.inputs["secretString"] not in json.dumps(task)


def test_security_groups_name_each_other(stack: Graph) -> None:
    """Nothing but the load balancer and another task reaches a task, and nothing but a task reaches
    the file system.
    """
    edges = {
        (
            rule.inputs["referencedSecurityGroupId"],
            rule.inputs["securityGroupId"],
            rule.inputs["fromPort"],
        )
        for rule in stack.of_type("SecurityGroupIngressRule")
        if "referencedSecurityGroupId" in rule.inputs
    }
    alb, task, sites = (f"astro-live-{name}-security-group-id" for name in ("alb", "svc", "sites"))
    peers = {(task, task, 4322)} if stack.of_type("Table") else set()
    assert edges == {(alb, task, 4321), (alb, task, 8080), (task, sites, 2049), *peers}


def test_outputs(stack: Graph) -> None:
    assert stack.outputs["sessionUrlPattern"].endswith("/session/{id}/")
    assert stack.outputs["imageDigest"] == DIGEST
    assert {
        "url",
        "albDnsName",
        "clusterName",
        "serviceName",
        "fileSystemId",
        "apiTokenSecretArn",
        "signingKeysSecretArn",
        "taskDefinitionArn",
        "ownershipTableName",
    } <= stack.outputs.keys()


@pytest.mark.parametrize(("limit", "threshold"), [(None, 1344), (2048, 1792)])
def test_the_memory_alarm_comes_before_the_restart(limit: int | None, threshold: int) -> None:
    """Whatever a session may use: a healthy large site raises no alarm."""
    graph = run_stack("dev", {"sessionMemoryMib": limit} if limit else {})
    alarms = [
        alarm.inputs
        for alarm in graph.of_type("MetricAlarm")
        if alarm.inputs["metricName"] == "SessionMemory"
    ]
    assert [alarm["threshold"] for alarm in alarms] == [threshold]
