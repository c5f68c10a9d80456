"""Evasions by running a container otherwise than as a service: on every instance, as a job, by an
event; and connections that are cut.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from policy.harness import UNKNOWN
from tests.policy.complying import CONTAINER, LISTENER, TARGETS, TASK

from .core import Evasion, alone

DAEMON_TASK: Final = "aws:ecs/daemonTaskDefinition:DaemonTaskDefinition"
JOB: Final = "aws:batch/jobDefinition:JobDefinition"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
SCHEDULE: Final = "aws:scheduler/schedule:Schedule"
PIPE: Final = "aws:pipes/pipe:Pipe"
BARE: Final[dict[str, Any]] = {"name": "x", "image": CONTAINER["image"]}
GOOD: Final[dict[str, Any]] = {**BARE, "user": "1000", "readonlyRootFilesystem": True}
FAULTS: Final = (
    ("root", {"user": "root"}, "task-user"),
    ("no user", {"user": None}, "task-user"),
    ("privileged", {"privileged": True}, "task-privileges"),
    ("writable root", {"readonlyRootFilesystem": False}, "task-read-only-root"),
    ("image by tag", {"image": "live:latest"}, "task-image-digest"),
)

SHAPES: Final[dict[str, tuple[str, str, Callable[[dict[str, Any]], Any]]]] = {
    "daemon": (
        DAEMON_TASK,
        "containerDefinitions",
        lambda container: [{**container, "environments": []}],
    ),
    "daemon beside an unknown container": (
        DAEMON_TASK,
        "containerDefinitions",
        lambda container: [UNKNOWN, container],
    ),
    "job": (JOB, "containerProperties", json.dumps),
    "job on ECS": (
        JOB,
        "ecsProperties",
        lambda container: json.dumps({"taskProperties": [{"containers": [container]}]}),
    ),
    "job of nodes": (
        JOB,
        "nodeProperties",
        lambda container: json.dumps(
            {"nodeRangeProperties": [{"targetNodes": "0:", "container": container}]}
        ),
    ),
    "job on EKS": (
        JOB,
        "eksProperties",
        lambda container: {
            "podProperties": {
                "hostNetwork": False,
                "containers": [
                    {
                        "name": container["name"],
                        "image": container["image"],
                        "securityContext": {
                            "runAsUser": {"root": 0, "1000": 1000}.get(str(container["user"])),
                            "privileged": container.get("privileged"),
                            "readOnlyRootFileSystem": container["readonlyRootFilesystem"],
                        },
                    }
                ],
            }
        },
    ),
}
HIDDEN: Final = [
    alone("other containers", rule, f"{shape}: {name}", type_, **{prop: made({**GOOD, **fault})})
    for shape, (type_, prop, made) in SHAPES.items()
    for name, fault, rule in FAULTS
]
MORE: Final = [
    alone("other containers", rule, name, type_, **properties)
    for rule, name, type_, properties in (
        (
            "task-privileges",
            "daemon with a capability",
            DAEMON_TASK,
            {
                "containerDefinitions": [
                    {
                        **GOOD,
                        "linuxParameters": {
                            "capabilities": {"drops": ["ALL"], "adds": ["SYS_ADMIN"]}
                        },
                    }
                ]
            },
        ),
        (
            "task-privileges",
            "daemon with a directory of the host",
            DAEMON_TASK,
            {
                "containerDefinitions": [GOOD],
                "volumes": [{"name": "root", "hosts": [{"sourcePath": "/"}]}],
            },
        ),
        ("task-logging", "daemon without logs", DAEMON_TASK, {"containerDefinitions": [GOOD]}),
        (
            "task-privileges",
            "job with a directory of the host",
            JOB,
            {
                "containerProperties": json.dumps(
                    {**GOOD, "volumes": [{"name": "root", "host": {"sourcePath": "/"}}]}
                )
            },
        ),
        (
            "task-privileges",
            "pod in the node's network",
            JOB,
            {"eksProperties": {"podProperties": {"containers": [BARE]}}},
        ),
        ("task-user", "job that is not JSON", JOB, {"containerProperties": "image: x"}),
        (
            "service-no-shell",
            "daemon with a shell",
            "aws:ecs/daemon:Daemon",
            {"enableExecuteCommand": True},
        ),
        (
            "service-no-shell",
            "task of an event with a shell",
            TARGET,
            {"ecsTarget": {"enableExecuteCommand": True}},
        ),
        (
            "service-no-shell",
            "scheduled task with a shell",
            SCHEDULE,
            {"target": {"ecsParameters": {"enableExecuteCommand": True}}},
        ),
        (
            "service-no-shell",
            "task of a pipe with a shell",
            PIPE,
            {"targetParameters": {"ecsTaskParameters": {"enableExecuteCommand": True}}},
        ),
        (
            "service-platform-version",
            "scheduled task on an old platform",
            SCHEDULE,
            {"target": {"ecsParameters": {"platformVersion": "1.3.0"}}},
        ),
    )
]

CONNECTIONS: Final = [
    alone("cut connections", rule, name, type_, **properties)
    for rule, name, type_, properties in (
        (
            "alb-idle-timeout",
            "TCP listener",
            LISTENER,
            {"protocol": "TCP", "tcpIdleTimeoutSeconds": 60},
        ),
        (
            "alb-idle-timeout",
            "gateway listener",
            LISTENER,
            {"protocol": "GENEVE", "tcpIdleTimeoutSeconds": 119},
        ),
        (
            "alb-idle-timeout",
            "TCP listener, too long",
            LISTENER,
            {"protocol": "TCP", "tcpIdleTimeoutSeconds": 6001},
        ),
        (
            "alb-idle-timeout",
            "classic balancer",
            "aws:elb/loadBalancer:LoadBalancer",
            {"internal": True, "securityGroups": ["sg-1"]},
        ),
        (
            "target-group-stickiness",
            "TCP targets",
            TARGETS,
            {"protocol": "TCP", "stickiness": None},
        ),
        (
            "target-group-stickiness",
            "TLS targets",
            TARGETS,
            {"protocol": "TLS", "stickiness": {"enabled": False, "type": "source_ip"}},
        ),
        ("target-group-stickiness", "TCP targets by cookie", TARGETS, {"protocol": "TCP"}),
        (
            "target-group-stickiness",
            "application cookie without a name",
            TARGETS,
            {"stickiness": {"enabled": True, "type": "app_cookie", "cookieDuration": 3600}},
        ),
        (
            "target-group-stickiness",
            "too long",
            TARGETS,
            {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 604_801}},
        ),
    )
]

CONNECTION_TARGETS: Final = [
    alone(
        "cut connections",
        "target-group-stickiness",
        f"{protocol} targets",
        TARGETS,
        protocol=protocol,
        stickiness=None,
    )
    for protocol in ("TCP_UDP", "QUIC", "TCP_QUIC", "tcp_udp")
]

HOST_VOLUMES: Final = [
    alone(
        "directories of the host",
        "task-privileges",
        name,
        TASK,
        volumes=[
            {"name": "v", "dockerVolumeConfiguration": {"driver": "local", "driverOpts": options}}
        ],
    )
    for name, options in (
        ("bind mount", {"type": "none", "o": "bind", "device": "/"}),
        ("bind mount among options", {"o": "ro, rbind", "device": "data"}),
        ("a disk", {"type": "ext4", "device": "/dev/nvme0n1p1"}),
    )
]

NO_LOGS: Final = alone(
    "logs",
    "task-logging",
    "no driver, in capitals",
    TASK,
    containerDefinitions=json.dumps([{**CONTAINER, "logConfiguration": {"logDriver": "NONE"}}]),
)

CONTAINER_EVASIONS: Final[list[Evasion]] = [
    *HIDDEN,
    *MORE,
    *CONNECTIONS,
    *CONNECTION_TARGETS,
    *HOST_VOLUMES,
    NO_LOGS,
]
