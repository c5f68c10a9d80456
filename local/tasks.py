"""The declared ECS service as processes on this machine.

A task definition's container becomes one process per task: its environment, its secrets from the
modelled Secrets Manager, its mount points as directories. The image's entry point is run from the
checkout. What a container runtime enforces (user, read-only root, memory limit) is not enforced
here.
"""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract.settings.task import TaskSettings
from local.balancer.declared import DeclarationError
from local.children import ROOT, Child
from local.engine import Deployment
from local.monitor import Resource
from local.values import reveal

ENTRY_POINT: Final = (sys.executable, "-m", "container.gateway")
"""What the image starts; see container/Dockerfile."""

BIND_ADDRESS: Final = TaskSettings.variable("bind_address")
PROCESSORS: Final = TaskSettings.variable("processors")
PEER_RANGE: Final = TaskSettings.variable("peer_range")
LOOPBACK: Final = "127.0.0.0/8"
"""Where all tasks are here."""
_PASSED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "TMPDIR",
)
"""What of this machine's environment a task needs to find programs and registries. Nothing else
enters, as in a container.
"""


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of the service, ready to start."""

    number: int
    address: str
    environment: Mapping[str, str]
    directories: tuple[Path, ...]
    ports: tuple[int, ...]
    stop_timeout_seconds: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """The declared service."""

    name: str
    tasks: tuple[Task, ...]
    ports: Mapping[str, int]
    """ARN of each target group to the port of its tasks."""
    make: Callable[[int, str], Task]
    """One more task, of this number and at this address, with separate disks."""
    sites: Path
    """Directory that stands for the EFS access point."""

    @property
    def targets(self) -> dict[str, list[tuple[str, int]]]:
        """ARN of each target group to address and port of the first tasks."""
        return targets(self, self.tasks)


def read(deployment: Deployment, directory: Path, first: str = "127.0.0.1") -> Service:
    """The deployment's service, its volumes under `directory`, its tasks on the loopback addresses
    from `first` on.

    Raises `DeclarationError` when there is not exactly one service, or a secret or volume cannot be
    resolved.
    """
    services = deployment.of_type("aws:ecs/service:Service")
    if len(services) != 1:
        raise DeclarationError(
            f"the local stack runs exactly one ECS service; the program declares {len(services)}"
        )
    service = services[0]
    properties = reveal(service.inputs)
    definition = deployment.by_output("arn", properties["taskDefinition"])
    if definition is None:
        raise DeclarationError(
            f"service {service.name} runs task definition {properties['taskDefinition']}, which is"
            " not in the stack"
        )
    container = _container(definition)
    count = int(properties.get("desiredCount", 1))
    values = {
        **_secret_values(deployment, service, container, directory / "secrets.json"),
        # On Fargate none shares processors with another.
        PROCESSORS: str(max(1, (os.cpu_count() or 1) // max(1, count))),
    }
    start_at = ipaddress.IPv4Address(first)
    tasks = tuple(
        _task(number, str(start_at + number), container, definition, values, directory)
        for number in range(count)
    )
    return Service(
        name=service.name,
        tasks=tasks,
        ports={
            each["targetGroupArn"]: int(each["containerPort"])
            for each in properties.get("loadBalancers") or []
        },
        make=lambda number, address: _task(
            number, address, container, definition, values, directory
        ),
        sites=_efs_directory(definition, directory),
    )


def targets(service: Service, running: Sequence[Task]) -> dict[str, list[tuple[str, int]]]:
    """ARN of each target group to address and port of these tasks."""
    return {arn: [(task.address, port) for task in running] for arn, port in service.ports.items()}


def start(task: Task, logs: Path) -> Child:
    """Start `task`; its log is `task-{number}.log` in `logs`."""
    for path in task.directories:
        path.mkdir(parents=True, exist_ok=True)
    return Child.start(
        f"task {task.number + 1}",
        ENTRY_POINT,
        environment=task.environment,
        log=logs / f"task-{task.number + 1}.log",
        cwd=ROOT,
    )


def _container(definition: Resource) -> dict[str, Any]:
    containers: list[dict[str, Any]] = json.loads(reveal(definition.inputs)["containerDefinitions"])
    if len(containers) != 1:
        raise DeclarationError(
            f"task definition {definition.name} has {len(containers)} containers; the local stack"
            " runs one per task"
        )
    return containers[0]


def _task(
    number: int,
    address: str,
    container: Mapping[str, Any],
    definition: Resource,
    values: Mapping[str, str],
    directory: Path,
) -> Task:
    mounts = _mounts(number, container, definition, directory)
    declared = {
        each["name"]: _local_path(each["value"], mounts)
        for each in container.get("environment") or []
    }
    home = directory / "tasks" / str(number + 1) / "home"
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environment |= {
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
        **declared,
        **values,
        BIND_ADDRESS: address,
    }
    if PEER_RANGE in environment:  # the VPC's, where these tasks are not
        environment[PEER_RANGE] = LOOPBACK
    return Task(
        number=number,
        address=address,
        environment=environment,
        directories=(home, *mounts.values()),
        ports=tuple(
            int(mapping["containerPort"]) for mapping in container.get("portMappings") or []
        ),
        stop_timeout_seconds=int(container.get("stopTimeout") or 30),
    )


def _mounts(
    number: int, container: Mapping[str, Any], definition: Resource, directory: Path
) -> dict[str, Path]:
    """Container path to local directory. EFS is shared by all tasks, other volumes are each task's
    own.
    """
    volumes = {volume["name"]: volume for volume in reveal(definition.inputs).get("volumes") or []}
    mounts = {}
    for point in container.get("mountPoints") or []:
        volume = volumes.get(point["sourceVolume"])
        if volume is None:
            raise DeclarationError(
                f"mount point {point['containerPath']} names the volume {point['sourceVolume']!r},"
                " which is not declared"
            )
        shared = "efsVolumeConfiguration" in volume
        mounts[point["containerPath"]] = (
            directory / "efs" if shared else directory / "tasks" / str(number + 1) / volume["name"]
        )
    return mounts


def _efs_directory(definition: Resource, directory: Path) -> Path:
    volumes = reveal(definition.inputs).get("volumes") or []
    if sum("efsVolumeConfiguration" in volume for volume in volumes) != 1:
        raise DeclarationError(
            f"task definition {definition.name} has to mount exactly one EFS file system"
        )
    return directory / "efs"


def _local_path(value: str, mounts: Mapping[str, Path]) -> str:
    """`value`, or the local directory when it is a container path on a mounted volume."""
    for path, local in mounts.items():
        if value == path or value.startswith(f"{path}/"):
            return str(local) + value[len(path) :]
    return value


def _secret_values(
    deployment: Deployment, service: Resource, container: Mapping[str, Any], file: Path
) -> dict[str, str]:
    """The container's secrets. As `ignoreChanges` has it, a value that an earlier run stored stays;
    `file` is the store.
    """
    stored: dict[str, str] = json.loads(file.read_text()) if file.is_file() else {}
    versions = {
        reveal(each.inputs)["secretId"]: each
        for each in deployment.of_type("aws:secretsmanager/secretVersion:SecretVersion")
    }
    found = {}
    for entry in container.get("secrets") or []:
        version = versions.get(_secret_arn(entry["valueFrom"]))
        if version is None:
            raise DeclarationError(
                f"service {service.name} takes {entry['name']} from {entry['valueFrom']}, which has"
                " no version in the stack"
            )
        value = str(reveal(version.inputs)["secretString"])
        if "secretString" in version.ignore_changes:
            value = stored.setdefault(version.urn, value)
        key = entry["valueFrom"].split(":")[7:8]
        found[entry["name"]] = str(json.loads(value)[key[0]]) if key and key[0] else value
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as store:
        json.dump(stored, store)
    return found


def _secret_arn(value_from: str) -> str:
    """The secret's own ARN: `valueFrom` may add a JSON key, version stage and version id to it."""
    return ":".join(value_from.split(":")[:7])


def addresses(tasks: Sequence[Task]) -> list[tuple[str, int]]:
    """Every address and port that the tasks will bind."""
    return [(task.address, port) for task in tasks for port in task.ports]
