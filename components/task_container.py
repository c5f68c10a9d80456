"""The task's one container, as ECS reads it. Pure but for Pulumi's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from contract.api import LIVE_PATH
from contract.hmr import HmrContract
from contract.settings.session import SessionSettings
from contract.settings.task import TaskSettings

CONTAINER = "astro"
SITES_DIRECTORY = str(TaskSettings.declared()["sites_dir"].default)
SCRATCH_DIRECTORY = str(TaskSettings.declared()["scratch_dir"].default)
OPEN_FILES = 65536
"""Two descriptors per WebSocket, so room for more sockets than one task's memory holds."""

WRITABLE = {"scratch": SCRATCH_DIRECTORY, "tmp": "/tmp"}  # noqa: S108 a volume of the task's own
"""Volumes on the task's own disk, by name: the root file system is read-only."""
EXEC_WRITABLE = {"ssm-lib": "/var/lib/amazon", "ssm-log": "/var/log/amazon"}
"""What the agent of ECS Exec writes to, and would fail without on a read-only root."""

LIVENESS_PROBE = (
    "import sys, urllib.request as r; sys.exit(0 if r.urlopen('http://127.0.0.1:{port}{path}',"
    " timeout=5).status == 200 else 1)"
)
"""The image has Python and no curl."""


def writable_volumes(*, execute_command: bool) -> dict[str, str]:
    """Volumes on the task's own disk, name to directory."""
    return {**WRITABLE, **(EXEC_WRITABLE if execute_command else {})}


def container_definition(
    *,
    contract: HmrContract,
    image: pulumi.Input[str],
    user: str,
    environment: Mapping[str, pulumi.Input[str]],
    secrets: Mapping[str, pulumi.Input[str]],
    stop_timeout_seconds: int,
    execute_command: bool,
    log_group: pulumi.Input[str],
    region: pulumi.Input[str],
) -> dict[str, Any]:
    """The container as a member of `containerDefinitions`.

    `environment` is added to the contract's and may not repeat it; `secrets` maps variables to the
    ARNs that ECS resolves.
    """
    variables = {
        **environment,
        **contract.environment(),
        TaskSettings.variable("sites_dir"): SITES_DIRECTORY,
        TaskSettings.variable("scratch_dir"): SCRATCH_DIRECTORY,
        SessionSettings.variable("stop_timeout_seconds"): str(stop_timeout_seconds),
    }
    mounts = {"sites": SITES_DIRECTORY, **writable_volumes(execute_command=execute_command)}
    ports = {"sessions": contract.session_port, "api": contract.api_port}
    return {
        "name": CONTAINER,
        "image": image,
        "essential": True,
        "user": user,
        "privileged": False,
        "readonlyRootFilesystem": True,
        "stopTimeout": stop_timeout_seconds,
        # The gateway's first process is the container's init and reaps orphans. ECS's own init
        # would stand in front of it as the same user, with every secret in an environment that code
        # in a session could read.
        "linuxParameters": {"initProcessEnabled": False, "capabilities": {"drop": ["ALL"]}},
        "ulimits": [{"name": "nofile", "softLimit": OPEN_FILES, "hardLimit": OPEN_FILES}],
        "portMappings": [
            {"name": name, "containerPort": port, "hostPort": port, "protocol": "tcp"}
            for name, port in ports.items()
        ],
        "environment": [
            {"name": name, "value": value} for name, value in sorted(variables.items())
        ],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in sorted(secrets.items())],
        "mountPoints": [
            {"sourceVolume": name, "containerPath": path, "readOnly": False}
            for name, path in mounts.items()
        ],
        "healthCheck": {
            "command": [
                "CMD",
                "python",
                "-c",
                LIVENESS_PROBE.format(port=contract.api_port, path=LIVE_PATH),
            ],
            "interval": 30,
            "timeout": 10,
            "retries": 3,
            "startPeriod": 60,
        },
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": region,
                "awslogs-stream-prefix": CONTAINER,
                # A log that cannot be delivered must not stall live editing.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }
