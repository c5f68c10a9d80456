"""The containers that a resource runs: of task definitions, of tasks on every instance, and of
batch jobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

from .documents import Container, containers, document, opened
from .findings import Finding
from .place import Place
from .resource import Resource
from .types import (
    DAEMON_TASK_DEFINITION,
    EVENT_TARGET,
    JOB_DEFINITION,
    PIPE,
    SCHEDULE,
    SERVICE,
    TASK_DEFINITION,
    TASK_SET,
)
from .values import UNKNOWN, Properties, Value, as_dict, boolean

RUN_CONTAINERS: Final[Mapping[str, tuple[str, ...]]] = {
    TASK_DEFINITION: ("containerDefinitions",),
    DAEMON_TASK_DEFINITION: ("containerDefinitions",),
    JOB_DEFINITION: ("containerProperties", "ecsProperties", "nodeProperties", "eksProperties"),
}
"""Type to the properties that hold its containers."""

LAUNCHES: Final[Mapping[str, str]] = {
    SERVICE: "",
    TASK_SET: "",
    EVENT_TARGET: "ecsTarget",
    SCHEDULE: "target.ecsParameters",
    PIPE: "targetParameters.ecsTaskParameters",
}
"""Types that start tasks in the network, and the object that says how."""


def launched(resource: Resource, name: str) -> list[Place]:
    """A property of what starts tasks, wherever its type has it; none where nothing
    starts a task.
    """
    around = LAUNCHES.get(resource.type, "")
    return (
        [each.at(name) for each in resource.at().within(around) if each.value is not None]
        if around
        else [resource.at(name)]
    )


def each_container(
    check: Callable[[Place], Iterable[Finding]], resource: Resource
) -> Iterator[Finding]:
    """What `check` finds in each container that a resource runs; one question when they are not
    known yet.
    """
    for prop in RUN_CONTAINERS[resource.type]:
        definitions = resource.at(prop)
        if definitions.value is None and resource.type == JOB_DEFINITION:
            continue  # a job has one of these properties
        read = partial(_read, resource.type, prop)
        found = yield from opened(definitions, read, "allowed is a JSON list of containers")
        for each in found or ():
            yield from check(
                Place(
                    subject=f"{resource.name}: container {each.name!r}", path="", value=each.props
                )
            )


def on_windows(resource: Resource) -> bool:
    """Whether a task runs Windows, where ECS takes no user, no capabilities and no read-only root:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/windows-considerations.html"""
    family = resource.at("runtimePlatform", "operatingSystemFamily").value
    return isinstance(family, str) and family.upper().startswith("WINDOWS")


def _read(type_: str, prop: str, value: Value) -> list[Container]:
    if type_ == TASK_DEFINITION:
        return containers(value)
    if type_ == DAEMON_TASK_DEFINITION:
        return containers(_singular(value))
    value = document(value)
    found = list(_pods(value)) if prop == "eksProperties" else list(_with_image(value))
    return containers(found)


_PLURALS: Final = {
    "environments": "environment",
    "commands": "command",
    "adds": "add",
    "drops": "drop",
    "entryPoints": "entryPoint",
}


def _singular(value: Value) -> Value:
    """Containers as the SDK's own types have them, in ECS's spelling."""
    if isinstance(value, list):
        return [_singular(each) for each in value if each is not UNKNOWN]
    if isinstance(value, dict):
        return {
            _PLURALS.get(key, key): each if key == "options" else _singular(each)
            for key, each in value.items()
        }
    return value


def _with_image(value: Value) -> Iterator[Properties]:
    """Every object with an image, at whatever depth of a job's properties."""
    if isinstance(value, dict):
        if any(key.lower() == "image" for key in value):
            yield value
        else:
            value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _with_image(each)


def _pods(value: Value) -> Iterator[Properties]:
    """The containers of a pod, said as ECS says it."""
    pod = as_dict(as_dict(value).get("podProperties"))
    for each in (*(pod.get("containers") or ()), *(pod.get("initContainers") or ())):  # type: ignore[misc]
        container = as_dict(each)
        security = as_dict(container.get("securityContext"))
        nobody = "nobody" if boolean(security.get("runAsNonRoot")) is True else None
        yield {
            "name": container.get("name"),
            "image": container.get("image"),
            "user": nobody if security.get("runAsUser") is None else security["runAsUser"],
            "privileged": security.get("privileged"),
            "readonlyRootFilesystem": security.get("readOnlyRootFileSystem"),
        }
