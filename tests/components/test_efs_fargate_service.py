"""The service: what the task may do, how many there are, how they come and go (S12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.base import ComponentError
from components.drain import Drain
from components.efs_fargate_service import EfsFargateService
from components.network import Network, NetworkArgs
from components.scaling import Autoscaling
from components.session_secrets import SessionSecrets, SessionSecretsArgs
from components.web_socket_alb import WebSocketAlb
from tests.components.examples import IMAGE, KEY_ARN, alb_args, service, service_args
from tests.components.harness import Graph, run


def declare(**changes: Any) -> Graph:
    return run(lambda: service(**changes))


@pytest.fixture(scope="module")
def default() -> Graph:
    return declare()


def container(graph: Graph) -> dict[str, Any]:
    (found,) = json.loads(graph["svc-task"].inputs["containerDefinitions"])
    assert isinstance(found, dict)
    return found


def statements(graph: Graph, policy: str) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(graph[policy].inputs["policy"])["Statement"]}


# Task


@pytest.mark.parametrize(("arch", "declared"), [("arm64", "ARM64"), ("x86_64", "X86_64")])
def test_one_setting_decides_the_tasks_architecture(arch: str, declared: str) -> None:
    assert declare(arch=arch)["svc-task"].inputs["runtimePlatform"] == {
        "operatingSystemFamily": "LINUX",
        "cpuArchitecture": declared,
    }


def test_size_and_disk_of_the_task() -> None:
    inputs = declare(cpu=2048, memory_mib=8192, ephemeral_storage_gib=100)["svc-task"].inputs
    assert (inputs["cpu"], inputs["memory"], inputs["ephemeralStorage"]) == (
        "2048",
        "8192",
        {"sizeInGib": 100},
    )


def test_the_container_is_told_the_contract_and_cannot_be_told_otherwise() -> None:
    environment = {
        entry["name"]: entry["value"]
        for entry in container(
            declare(environment={"NODE_ENV": "production", "ASTRO_LIVE_SESSION_PORT": "1"})
        )["environment"]
    }
    assert environment["ASTRO_LIVE_PUBLIC_URL"] == "https://edit.example.com"
    assert environment["NODE_ENV"] == "production"
    assert environment["ASTRO_LIVE_SESSION_PORT"] == "4321"
    assert environment["ASTRO_LIVE_STOP_TIMEOUT_SECONDS"] == "60"


def test_only_named_places_are_writable(default: Graph) -> None:
    """The sites on EFS, and two volumes of the task's own disk."""
    mounts = {
        mount["containerPath"]: mount["sourceVolume"] for mount in container(default)["mountPoints"]
    }
    assert mounts == {"/sites": "sites", "/scratch": "scratch", "/tmp": "tmp"}
    volumes = {
        volume["name"]: volume.get("efsVolumeConfiguration")
        for volume in default["svc-task"].inputs["volumes"]
    }
    assert {name for name, efs in volumes.items() if efs} == {"sites"}
    assert container(default)["readonlyRootFilesystem"] is True


def test_logs_never_hold_up_the_container(default: Graph) -> None:
    options = container(default)["logConfiguration"]["options"]
    assert (options["mode"], options["awslogs-group"]) == (
        "non-blocking",
        default["svc-log-group"].outputs["name"],
    )
    assert default["svc-log-group"].inputs["retentionInDays"] == 30


def test_ecs_asks_the_container_itself_whether_it_lives(default: Graph) -> None:
    check = container(default)["healthCheck"]
    assert check["command"][:3] == ["CMD", "python", "-c"]
    assert "127.0.0.1:8080/health/live" in check["command"][3]
    compile(check["command"][3], "probe", "exec")


# Rights


def test_the_execution_role_reads_one_repository_one_log_group_two_secrets(default: Graph) -> None:
    found = statements(default, "svc-execution-policy")
    assert found["PullImage"]["Resource"].endswith(":repository/sites")
    assert found["WriteLogs"]["Resource"] == default["svc-log-group"].arn + ":log-stream:*"
    assert found["ReadSecrets"]["Resource"] == [
        default["keys-signing-keys"].arn,
        default["keys-api-token"].arn,
    ]
    assert [sid for sid, each in found.items() if each["Resource"] == "*"] == ["SignIn"], (
        "the registry's sign-in knows no narrower resource"
    )


def test_the_task_role_mounts_through_the_access_point_and_protects_its_own_cluster(
    default: Graph,
) -> None:
    found = statements(default, "svc-task-policy")
    assert found.keys() == {"MountSites", "ProtectTasks"}
    assert statements(default, "svc-ownership-policy").keys() == {
        "OwnTasks",
        "OwnSessions",
        "OwnLinks",
        "OwnCredentials",
        "OwnOnce",
    }
    mount = found["MountSites"]
    assert mount["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert mount["Resource"] == default["sites-file-system"].arn
    assert mount["Condition"]["StringEquals"] == {
        "elasticfilesystem:AccessPointArn": default["sites-access-point"].arn
    }
    assert "*" not in (found["ProtectTasks"]["Resource"], mount["Resource"])
    assert found["ProtectTasks"]["Condition"] == {
        "ArnEquals": {"ecs:cluster": default["svc-cluster"].arn}
    }


def test_an_own_key_is_usable_through_secrets_manager_alone() -> None:
    graph = run(
        lambda: service(secrets=SessionSecrets("keys", SessionSecretsArgs(kms_key_arn=KEY_ARN)))
    )
    decrypt = statements(graph, "svc-execution-policy")["DecryptSecrets"]
    assert decrypt["Resource"] == KEY_ARN
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}
    }


def test_the_running_task_reads_the_secrets_for_git_and_no_others(default: Graph) -> None:
    """By the task role, since they are read when a call names one; its environment has none."""
    assert "svc-git-secrets-policy" not in {each.name for each in default.of_type("RolePolicy")}
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git/acme-AbCdEf"
    graph = declare(git_secret_arns=(arn,))
    found = statements(graph, "svc-git-secrets-policy")
    assert found.keys() == {"ReadGitSecrets"}
    assert found["ReadGitSecrets"]["Action"] == "secretsmanager:GetSecretValue"
    assert found["ReadGitSecrets"]["Resource"] == [arn]
    roles = [graph[f"svc-{name}-policy"].inputs["role"] for name in ("git-secrets", "task")]
    assert roles[0] == roles[1]
    assert arn not in json.dumps(container(graph)["secrets"])
    graph = declare(git_secret_arns=(arn,), git_secret_key_arns=(KEY_ARN,))
    decrypt = statements(graph, "svc-git-secrets-policy")["DecryptSecrets"]
    assert decrypt["Resource"] == [KEY_ARN]
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}
    }


def test_only_ecs_tasks_may_take_the_roles(default: Graph) -> None:
    for role in default.of_type("Role"):
        (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        assert (trust["Principal"], trust["Action"]) == (
            {"Service": "ecs-tasks.amazonaws.com"},
            "sts:AssumeRole",
        )


def test_a_shell_into_the_container_is_an_option_with_its_rights_and_places(default: Graph) -> None:
    assert default["svc-service"].inputs["enableExecuteCommand"] is False
    graph = declare(execute_command=True)
    assert graph["svc-service"].inputs["enableExecuteCommand"] is True
    assert all(
        action.startswith("ssmmessages:")
        for action in statements(graph, "svc-task-policy")["ExecChannel"]["Action"]
    )
    assert {"/var/lib/amazon", "/var/log/amazon"} <= {
        mount["containerPath"] for mount in container(graph)["mountPoints"]
    }
    assert container(graph)["readonlyRootFilesystem"] is True


# Ways


def test_tasks_reach_https_and_nothing_else_outside(default: Graph) -> None:
    rules = [
        rule.inputs
        for rule in default.of_type("SecurityGroupEgressRule")
        if "referencedSecurityGroupId" not in rule.inputs
    ]
    assert [
        (rule["cidrIpv4"], rule["fromPort"], rule["toPort"], rule["ipProtocol"]) for rule in rules
    ] == [("0.0.0.0/0", 443, 443, "tcp")]


def test_with_endpoints_tasks_reach_no_address_range_at_all() -> None:
    def program() -> None:
        network = Network("net", NetworkArgs(egress="endpoints"))
        service(endpoints=network.endpoints)

    graph = run(program)
    assert all("cidrIpv4" not in rule.inputs for rule in graph.of_type("SecurityGroupEgressRule"))
    assert graph["svc-endpoints-in"].inputs["securityGroupId"] == "net-endpoints-id"
    assert graph["svc-egress-s3"].inputs["securityGroupId"] == "svc-security-group-id"


# Service


def test_live_sessions_are_never_left_without_a_task(default: Graph) -> None:
    """New tasks first; a failed deployment goes back; nothing moves tasks for evenness' sake."""
    inputs = default["svc-service"].inputs
    assert (inputs["deploymentMinimumHealthyPercent"], inputs["deploymentMaximumPercent"]) == (
        100,
        200,
    )
    assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert inputs["availabilityZoneRebalancing"] == "DISABLED"
    assert inputs["healthCheckGracePeriodSeconds"] == 120
    assert inputs["waitForSteadyState"] is True
    assert inputs["networkConfiguration"]["assignPublicIp"] is False


def test_the_service_waits_for_all_that_a_first_task_needs(default: Graph) -> None:
    """Mount targets, listener rules, rights and capacity providers."""
    needed = {
        "sites-mount-target-subnet-c",
        "sites-mount-target-subnet-d",
        "edge-hmr-rule",
        "edge-session-rule",
    }
    needed |= {
        "svc-execution-policy",
        "svc-task-policy",
        "svc-ownership-policy",
        "sites-file-system-policy",
        "svc-capacity-providers",
    }
    assert needed <= default["svc-service"].dependencies


def test_both_ports_are_registered_when_the_api_is_exposed(default: Graph) -> None:
    ports = [each["containerPort"] for each in default["svc-service"].inputs["loadBalancers"]]
    assert ports == [4321]
    exposed = run(lambda: service(alb=WebSocketAlb("edge", alb_args(expose_api=True))))
    assert [each["containerPort"] for each in exposed["svc-service"].inputs["loadBalancers"]] == [
        4321,
        8080,
    ]


@pytest.mark.parametrize(
    ("capacity", "strategies"),
    [
        ("on-demand", [("FARGATE", 0, 1)]),
        ("mixed", [("FARGATE", 1, 0), ("FARGATE_SPOT", 0, 1)]),
        ("spot", [("FARGATE_SPOT", 0, 1)]),
    ],
)
def test_capacity(capacity: str, strategies: list[tuple[str, int, int]]) -> None:
    inputs = declare(capacity=capacity)["svc-service"].inputs
    assert [
        (each["capacityProvider"], each["base"], each["weight"])
        for each in inputs["capacityProviderStrategies"]
    ] == strategies
    assert "launchType" not in inputs


def test_desired_count_is_ignored_exactly_when_autoscaling_owns_it(default: Graph) -> None:
    assert default["svc-service"].ignore_changes == ()
    assert default.of_type("Target") == []
    graph = declare(autoscaling=Autoscaling(minimum=1, maximum=3))
    assert graph["svc-service"].ignore_changes == ("desiredCount",)


def test_autoscaling_tracks_cpu_memory_and_live_sessions() -> None:
    graph = declare(
        autoscaling=Autoscaling(
            minimum=1, maximum=3, cpu_percent=50, memory_percent=70, sessions_per_task=5
        )
    )
    target = graph["svc-scaling-target"].inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (1, 3)
    assert (
        target["resourceId"]
        == f"service/{graph['svc-cluster'].outputs['name']}/{graph['svc-service'].outputs['name']}"
    )
    tracked = {
        policy.name: policy.inputs["targetTrackingScalingPolicyConfiguration"]
        for policy in graph.of_type("Policy")
    }
    assert {name: each["targetValue"] for name, each in tracked.items()} == {
        "svc-scale-on-cpu": 50,
        "svc-scale-on-memory": 70,
        "svc-scale-on-sessions": 5,
    }
    custom = tracked["svc-scale-on-sessions"]["customizedMetricSpecification"]
    assert (custom["namespace"], custom["metricName"], custom["statistic"]) == (
        "AstroLive/test",
        "LiveSessions",
        "Average",
    )
    assert "svc-scale-on-sessions" not in declare(autoscaling=Autoscaling()).resources


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cpu": 256, "memory_mib": 4096}, "cpu 256 with memory_mib 4096 is not a Fargate size"),
        (
            {"ephemeral_storage_gib": 20},
            "ephemeral_storage_gib is 20; allowed is 21-200 GiB on Fargate",
        ),
        ({"desired_count": -1}, "desired_count is -1"),
        (
            {"desired_count": 5, "autoscaling": Autoscaling(maximum=4)},
            "desired_count is 5, but autoscaling keeps 1-4 tasks",
        ),
        (
            {"capacity": "spot", "drain": Drain(stop_timeout_seconds=90)},
            "Lower stop_timeout_seconds to 60",
        ),
    ],
)
def test_refusals(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError) as error:
        run(lambda: EfsFargateService("svc", service_args(**changes)))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"minimum": 0}, "minimum is 0 and maximum 4"),
        ({"minimum": 5}, "minimum is 5 and maximum 4"),
        ({"cpu_percent": 5}, "cpu_percent is 5; allowed is 10-95 percent"),
        ({"memory_percent": 100}, "memory_percent is 100"),
        ({"sessions_per_task": 0}, "sessions_per_task is 0"),
    ],
)
def test_autoscaling_refusals(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError) as error:
        Autoscaling(**values)
    assert words in str(error.value)


def test_the_task_runs_the_image_it_is_given(default: Graph) -> None:
    assert container(default)["image"] == IMAGE
