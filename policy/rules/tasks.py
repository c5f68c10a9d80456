"""Tasks: what runs a stranger's site runs as nobody in particular, with nothing to write to and nothing to read (S19)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .core.display import show
from .core.documents import Container, DocumentError, containers
from .core.rule import Finding, Resource, ResourceRule, Settings, unjudged
from .core.types import SERVICE, TASK_DEFINITION, TASK_SET
from .core.values import UNKNOWN, as_dict, as_list, boolean, integer

_PARAMETERS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html"


def each_container(check: Callable[[str, Container], Iterable[Finding]], resource: Resource) -> Iterator[Finding]:
    value = resource.props.get("containerDefinitions")
    try:
        found = containers(value)
    except DocumentError as error:
        yield Finding(message=f"{resource.name}: containerDefinitions {error}; allowed is a JSON list of containers")
        return
    if found is UNKNOWN:
        yield unjudged(f"{resource.name}: containerDefinitions is not known yet")
        return
    for each in found:
        yield from check(f"{resource.name}: container {each.name!r}", each)


# User


def _user(place: str, container: Container) -> Iterable[Finding]:
    value = container.props.get("user")
    parts = str(value).strip().split(":") if value is not None else [""]
    if any(part.strip().lower() in ("", "root") or integer(part) == 0 for part in parts):
        yield Finding(message=f"{place}: user is {show(value)}; allowed is a user other than root, as '1000:1000'")


TASK_USER = ResourceRule(
    id="task-user",
    title="Containers run as a user other than root",
    reason="A dev server runs whatever the site asks for. As root it owns the container; what is not named falls back to the image's user.",
    fix="set 'user': '1000:1000' in the container definition",
    link=_PARAMETERS + "#container_definition_security",
    severity="high",
    level="mandatory",
    spec="S12 S19",
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, _: each_container(_user, resource),
)

# Privilege


def _privilege(place: str, container: Container) -> Iterable[Finding]:
    props = container.props
    if props.get("privileged") is not None and boolean(props.get("privileged")) is not False:
        yield Finding(message=f"{place}: privileged is {show(props.get('privileged'))}; allowed is false")
    linux = as_dict(props.get("linuxParameters"))
    capabilities = as_dict(linux.get("capabilities"))
    if as_list(capabilities.get("add")):
        yield Finding(message=f"{place}: capabilities.add gives capabilities back; allowed is none")
    if "ALL" not in [str(each).upper() for each in as_list(capabilities.get("drop"))]:
        yield Finding(message=f"{place}: capabilities.drop lacks 'ALL'; allowed is ['ALL']")
    if as_list(linux.get("devices")):
        yield Finding(message=f"{place}: linuxParameters.devices names devices of the host; allowed is none")
    for option in as_list(props.get("dockerSecurityOptions")):
        if str(option).lower().replace("=", ":") != "no-new-privileges":
            yield Finding(message=f"{place}: dockerSecurityOptions has {show(option)}; allowed is 'no-new-privileges'")


def _privileges(resource: Resource, _: Settings) -> Iterable[Finding]:
    for prop, safe in (("networkMode", ("awsvpc",)), ("pidMode", (None, "task")), ("ipcMode", (None, "none", "task"))):
        value = resource.props.get(prop)
        if value is UNKNOWN:
            yield unjudged(f"{resource.name}: {prop} is not known yet")
        elif value not in safe:
            allowed = " or ".join(show(each) for each in safe)
            yield Finding(message=f"{resource.name}: {prop} is {show(value)}; allowed is {allowed}")
    if resource.props.get("enableFaultInjection") not in (None, False, UNKNOWN):
        yield Finding(message=f"{resource.name}: enableFaultInjection is set; allowed is false")
    for index, volume in enumerate(as_list(resource.props.get("volumes"))):
        path = as_dict(volume).get("hostPath")
        if path is not None:
            yield Finding(message=f"{resource.name}: volumes[{index}].hostPath is {show(path)}; allowed is no directory of the host")
    yield from each_container(_privilege, resource)


TASK_PRIVILEGES = ResourceRule(
    id="task-privileges",
    title="Containers have no privileges on their host",
    reason="Capabilities, host namespaces and host directories are ways out of the container for code that a site brings along.",
    fix="set 'privileged': false and 'linuxParameters': {'capabilities': {'drop': ['ALL']}}, and network_mode='awsvpc'",
    link=_PARAMETERS + "#container_definition_linuxparameters",
    severity="high",
    level="mandatory",
    spec="S12 S19",
    types=frozenset({TASK_DEFINITION}),
    check=_privileges,
)

# Read-only root


def _read_only(place: str, container: Container) -> Iterable[Finding]:
    value = container.props.get("readonlyRootFilesystem")
    if boolean(value) is not True:
        yield Finding(message=f"{place}: readonlyRootFilesystem is {show(value)}; allowed is true")


TASK_READ_ONLY_ROOT = ResourceRule(
    id="task-read-only-root",
    title="Containers have a read-only root file system",
    reason="What a site's code cannot write to, it cannot leave behind for the next session: no changed binary, no changed dev server.",
    fix="set 'readonlyRootFilesystem': true and mount volumes where the container has to write",
    link=_PARAMETERS + "#container_definition_storage",
    severity="medium",
    level="mandatory",
    spec="S12 S19",
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, _: each_container(_read_only, resource),
)

# Logging


def _logging(place: str, container: Container) -> Iterable[Finding]:
    config = as_dict(container.props.get("logConfiguration"))
    driver = config.get("logDriver")
    if driver in (None, "none"):
        yield Finding(message=f"{place}: logConfiguration.logDriver is {show(driver)}; allowed is a driver that keeps logs, as 'awslogs'")
    elif driver == "awslogs" and as_dict(config.get("options")).get("awslogs-group") in (None, ""):
        yield Finding(message=f"{place}: logConfiguration.options lacks 'awslogs-group'; allowed is the name of a log group")


TASK_LOGGING = ResourceRule(
    id="task-logging",
    title="Containers send their logs somewhere",
    reason="A task's disk goes with the task. Without a log driver a crash or an abuse leaves nothing to look at.",
    fix="set 'logConfiguration' with logDriver 'awslogs' and its group, region and stream prefix",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
    severity="medium",
    level="mandatory",
    spec="S12 S19",
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, _: each_container(_logging, resource),
)

# Shell


def _shell(resource: Resource, _: Settings) -> Iterable[Finding]:
    value = resource.props.get("enableExecuteCommand")
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: enableExecuteCommand is not known yet")
    elif value is not None and boolean(value) is not False:
        yield Finding(message=f"{resource.name}: enableExecuteCommand is {show(value)}; allowed is false")


SERVICE_NO_SHELL = ResourceRule(
    id="service-no-shell",
    title="Nobody opens a shell in a running task",
    reason=(
        "ECS Exec gives every caller a shell beside each session of the task, with the task's files and credentials, past sign-in "
        "and access logs. It also needs a writable root file system."
    ),
    fix="leave enable_execute_command at False; exempt the service for the time of an investigation",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
    severity="medium",
    level="mandatory",
    spec="S9 S12",
    types=frozenset({SERVICE, TASK_SET}),
    check=_shell,
)

RULES = (TASK_USER, TASK_PRIVILEGES, TASK_READ_ONLY_ROOT, TASK_LOGGING, SERVICE_NO_SHELL)
