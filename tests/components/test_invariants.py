"""What holds in every stack that the config allows: the whole program under config drawn at random
(S16).
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.fargate_sizes import MEMORY_MIB
from settings import SettingsError
from tests.components.harness import Graph, run_stack

SIZES = [(cpu, memory) for cpu, sizes in MEMORY_MIB.items() for memory in sizes if memory >= 4096]
VPC: dict[str, object] = {
    "vpcId": "vpc-0123456789abcdef0",
    "publicSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "privateSubnetIds": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
}
PORTS = {443, 80, 4321, 4322, 8080, 2049}


@st.composite
def configs(draw: st.DrawFn) -> dict[str, object]:
    """Config of a stack that may contradict itself in parts."""
    cpu, memory = draw(st.sampled_from(SIZES))
    autoscaling = draw(st.booleans())
    config: dict[str, object] = {
        "cpu": cpu,
        "memoryMib": memory,
        "idleTimeoutSeconds": draw(st.integers(120, 4000)),
        "stickinessSeconds": draw(st.integers(1, 604800)),
        "stopTimeoutSeconds": draw(st.integers(10, 120)),
        "desiredCount": draw(st.integers(1, 4)),
        "capacity": draw(st.sampled_from(["on-demand", "mixed", "spot"])),
        "arch": draw(st.sampled_from(["arm64", "x86_64"])),
        "ingressCidrs": draw(
            st.lists(
                st.sampled_from(["0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/8"]),
                min_size=1,
                unique=True,
            )
        ),
        **{
            name: draw(st.booleans())
            for name in (
                "accessLogs",
                "firewall",
                "internal",
                "deletionProtection",
                "executeCommand",
                "dashboard",
                "efsBackups",
            )
        },
    }
    config["sharedOwnership"] = draw(st.sampled_from([True, True, True, False]))
    config["apiIngressCidrs"] = draw(
        st.sampled_from([config["ingressCidrs"], ["203.0.113.7/32"], []])
    )
    if autoscaling:
        config |= {
            "autoscaling": True,
            "minTasks": 1,
            "maxTasks": 4,
            "scaleSessionsPerTask": draw(st.integers(0, 9)),
        }
    if draw(st.booleans()):
        config |= VPC
    else:
        config |= {
            "availabilityZones": draw(st.sampled_from([2, 3])),
            "egress": draw(st.sampled_from(["nat", "single-nat", "endpoints"])),
        }
    return config


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(config=configs())
def test_every_stack_that_the_config_allows_is_sound(config: dict[str, object]) -> None:
    graph, error = attempt(config)
    if error:
        # The contradictions that the draw can make.
        assert {problem.key for problem in error.problems} <= {
            *("stopTimeoutSeconds", "apiIngressCidrs", "ingressCidrs", "scaleSessionsPerTask"),
            *(() if config["sharedOwnership"] else ("desiredCount", "maxTasks")),
        }
        return
    assert graph is not None
    nothing_is_reachable_but_the_front_door(graph, config)
    times_fit_together(graph, config)
    the_task_is_confined(graph)
    everything_is_reachable_that_must_be(graph)


def attempt(config: dict[str, object]) -> tuple[Graph | None, SettingsError | None]:
    try:
        return run_stack("dev", config), None
    except SettingsError as error:
        return None, error


def nothing_is_reachable_but_the_front_door(graph: Graph, config: dict[str, Any]) -> None:
    for rule in graph.of_type("SecurityGroupIngressRule"):
        inputs = rule.inputs
        assert inputs["ipProtocol"] == "tcp"
        assert inputs["fromPort"] == inputs["toPort"]
        assert inputs["fromPort"] in PORTS
        if "cidrIpv4" in inputs:
            assert inputs["cidrIpv4"] in config["ingressCidrs"]
            assert ipaddress.ip_network(inputs["cidrIpv4"])
            assert inputs["fromPort"] in (80, 443)
            assert inputs["securityGroupId"] == "astro-live-alb-security-group-id"
        else:
            assert inputs["referencedSecurityGroupId"]
    assert graph.one("Service").inputs["networkConfiguration"]["assignPublicIp"] is False
    for group in graph.of_type("SecurityGroup"):
        assert not {"ingress", "egress"} & group.inputs.keys()


def times_fit_together(graph: Graph, config: dict[str, Any]) -> None:
    assert graph.one("LoadBalancer").inputs["idleTimeout"] == config["idleTimeoutSeconds"] >= 120
    stop = container(graph)["stopTimeout"]
    for group in graph.of_type("TargetGroup"):
        assert stop == config["stopTimeoutSeconds"]
        assert group.inputs["deregistrationDelay"] == (
            min(10, stop) if config["sharedOwnership"] else stop
        )
        assert group.inputs["stickiness"] == {
            "enabled": True,
            "type": "lb_cookie",
            "cookieDuration": config["stickinessSeconds"],
        }
    environment = {entry["name"]: entry["value"] for entry in container(graph)["environment"]}
    assert environment["ASTRO_LIVE_IDLE_TIMEOUT_SECONDS"] == str(config["idleTimeoutSeconds"])


def the_task_is_confined(graph: Graph) -> None:
    task = container(graph)
    assert task["readonlyRootFilesystem"] is True
    assert task["user"] == "1000:1000"
    assert "@sha256:" in task["image"]
    assert not {entry["name"] for entry in task["environment"]} & {
        entry["name"] for entry in task["secrets"]
    }
    for policy in graph.of_type("RolePolicy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            if statement["Resource"] == "*":
                assert statement["Sid"] in ("SignIn", "ExecChannel")


def everything_is_reachable_that_must_be(graph: Graph) -> None:
    """Each port is open from the load balancer to the tasks, at both ends, and each subnet of a
    task has its mount target.
    """
    for port in (4321, 8080):
        ends = [
            rule
            for rule in graph.resources.values()
            if "SecurityGroup" in rule.type and rule.inputs.get("fromPort") == port
        ]
        assert {rule.inputs["securityGroupId"] for rule in ends} == {
            "astro-live-alb-security-group-id",
            "astro-live-svc-security-group-id",
        }
    mounted = {target.inputs["subnetId"] for target in graph.of_type("MountTarget")}
    assert mounted == set(graph.one("Service").inputs["networkConfiguration"]["subnets"])
    assert {target.name for target in graph.of_type("MountTarget")} <= graph.one(
        "Service"
    ).dependencies


def container(graph: Graph) -> dict[str, Any]:
    (found,) = json.loads(graph.one("TaskDefinition").inputs["containerDefinitions"])
    assert isinstance(found, dict)
    return found
