"""Tasks: what runs a stranger's site runs as nobody in particular, with nothing to write to and
nothing to read (S19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from .core.containers import LAUNCHES, RUN_CONTAINERS, each_container, launched, on_windows
from .core.display import show
from .core.place import Place, be_empty, be_false, be_one_of, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.switches import judged, switches
from .core.types import (
    DAEMON,
    DAEMON_TASK_DEFINITION,
    JOB_DEFINITION,
    SCHEDULE,
    STATE_MACHINE,
    TASK_DEFINITION,
)
from .core.values import Value, as_dict, as_list, integer

_PARAMETERS: Final = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html"
)


# User


def _user(container: Place) -> Iterable[Finding]:
    return container.at("user").must(_is_not_root, "a user other than root, as '1000:1000'")


def _is_not_root(user: Value) -> bool:
    parts = str(user).strip().split(":") if user is not None else [""]
    return not any(part.strip().lower() in ("", "root") or integer(part) == 0 for part in parts)


TASK_USER = ResourceRule(
    id="task-user",
    title="Containers run as a user other than root",
    reason=(
        "A dev server runs whatever the site asks for. As root it owns the container; what is not"
        " named falls back to the image's user."
    ),
    fix="set 'user': '1000:1000' in the container definition",
    link=_PARAMETERS + "#container_definition_security",
    severity="high",
    level="mandatory",
    types=frozenset(RUN_CONTAINERS),
    check=lambda resource, _: () if on_windows(resource) else each_container(_user, resource),
)

# Privilege


def _privilege(container: Place) -> Iterable[Finding]:
    yield from container.at("privileged").must(be_false, "false", default=False)
    linux = container.at("linuxParameters")
    if as_list(linux.at("capabilities", "add").value):
        yield Finding(
            message=f"{container}: capabilities.add gives capabilities back; allowed is none"
        )
    if as_list(linux.at("devices").value):
        yield Finding(
            message=(
                f"{container}: linuxParameters.devices names devices of the host; allowed is none"
            )
        )
    for volume in as_list(container.at("volumes").value):
        if as_dict(as_dict(volume).get("host")):
            yield Finding(
                message=f"{container}: volumes has a directory of the host; allowed is none"
            )
    for option in as_list(container.at("dockerSecurityOptions").value):
        if str(option).lower().replace("=", ":") != "no-new-privileges":
            yield Finding(
                message=(
                    f"{container}: dockerSecurityOptions has {show(option)}; allowed is"
                    " 'no-new-privileges'"
                )
            )


def _capabilities(container: Place) -> Iterable[Finding]:
    dropped = container.at("linuxParameters", "capabilities", "drop")
    if "ALL" not in [str(each).upper() for each in as_list(dropped.value)]:
        yield Finding(message=f"{container}: capabilities.drop lacks 'ALL'; allowed is ['ALL']")


def _privileges(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type == TASK_DEFINITION:
        yield from _namespaces(resource)
    if resource.type == JOB_DEFINITION:
        pod = resource.at("eksProperties", "podProperties")
        for switch in ("hostNetwork", "shareProcessNamespace"):
            # AWS gives a pod of a job the network of its node unless told otherwise
            default = switch == "hostNetwork"
            if not pod.unknown and pod.value is not None:
                yield from pod.at(switch).must(be_false, "false", default=default)
    for path in (
        "volumes.hostPath",
        "volumes.hosts.sourcePath",
        "eksProperties.podProperties.volumes.hostPath",
    ):
        for volume in resource.at().within(path):
            if not volume.unknown:
                yield from volume.must(be_empty, "no directory of the host")
    for options in resource.at().within("volumes.dockerVolumeConfiguration.driverOpts"):
        if not options.unknown:
            yield from options.at("o").must(
                _binds_nothing, "no 'bind', which mounts a directory of the host"
            )
            yield from options.at("device").must(
                lambda device: not str(device or "").startswith("/"), "no path or disk of the host"
            )
    yield from each_container(_privilege, resource)
    if resource.type != JOB_DEFINITION and not on_windows(
        resource
    ):  # jobs have no capabilities to drop
        yield from each_container(_capabilities, resource)


def _binds_nothing(options: Value) -> bool:
    """Whether mount options, with commas between them, have no bind mount among them."""
    return not {"bind", "rbind"} & {each.strip().lower() for each in str(options or "").split(",")}


def _namespaces(task: Resource) -> Iterable[Finding]:
    for prop, safe in (
        ("networkMode", ("awsvpc",)),
        ("pidMode", (None, "task")),
        ("ipcMode", (None, "none", "task")),
    ):
        yield from task.at(prop).must(be_one_of(*safe), " or ".join(map(show, safe)))
    yield from task.at("enableFaultInjection").must(be_false, "false", default=False)


TASK_PRIVILEGES = ResourceRule(
    id="task-privileges",
    title="Containers have no privileges on their host",
    reason=(
        "Capabilities, host namespaces and host directories are ways out of the container for code"
        " that a site brings along."
    ),
    fix=(
        "set 'privileged': false and 'linuxParameters': {'capabilities': {'drop': ['ALL']}}, and"
        " network_mode='awsvpc'"
    ),
    link=_PARAMETERS + "#container_definition_linuxparameters",
    severity="high",
    level="mandatory",
    types=frozenset(RUN_CONTAINERS),
    check=_privileges,
)

# Read-only root


def _read_only(container: Place) -> Iterable[Finding]:
    return container.at("readonlyRootFilesystem").must(be_true, "true")


TASK_READ_ONLY_ROOT = ResourceRule(
    id="task-read-only-root",
    title="Containers have a read-only root file system",
    reason=(
        "What a site's code cannot write to, it cannot leave behind for the next session: no"
        " changed binary, no changed dev server."
    ),
    fix="set 'readonlyRootFilesystem': true and mount volumes where the container has to write",
    link=_PARAMETERS + "#container_definition_storage",
    severity="medium",
    level="mandatory",
    types=frozenset(RUN_CONTAINERS),
    check=lambda resource, _: () if on_windows(resource) else each_container(_read_only, resource),
)

# Logging


def _logging(container: Place) -> Iterable[Finding]:
    config = container.at("logConfiguration")
    driver = config.at("logDriver")
    yield from driver.must(
        lambda name: str(name or "none").lower() != "none", "a driver that keeps logs, as 'awslogs'"
    )
    if str(driver.value).lower() == "awslogs" and config.at("options", "awslogs-group").value in (
        None,
        "",
    ):
        yield Finding(
            message=(
                f"{container}: logConfiguration.options lacks 'awslogs-group'; allowed is the name"
                " of a log group"
            )
        )


TASK_LOGGING = ResourceRule(
    id="task-logging",
    title="Containers send their logs somewhere",
    reason=(
        "A task's disk goes with the task. Without a log driver a crash or an abuse leaves nothing"
        " to look at."
    ),
    fix="set 'logConfiguration' with logDriver 'awslogs' and its group, region and stream prefix",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
    severity="medium",
    level="mandatory",
    types=frozenset({TASK_DEFINITION, DAEMON_TASK_DEFINITION}),
    check=lambda resource, _: each_container(_logging, resource),
)

# Shell


def _shell(resource: Resource, _: Settings) -> Iterable[Finding]:
    for place in launched(resource, "enableExecuteCommand"):
        yield from place.must(be_false, "false", default=False)
    for prop in _CALLS.get(resource.type, ()):
        call = resource.at(*prop.split("."))
        for path, value in switches(call.value, {"enableexecutecommand"}, call.path):
            yield from judged(
                replace(call, path=path, value=value), be_false, "false", default=False
            )


_CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    STATE_MACHINE: ("definition",),
    SCHEDULE: ("target.input",),
}
"""Types that call ECS by themselves, and the documents that say with what."""


SERVICE_NO_SHELL = ResourceRule(
    id="service-no-shell",
    title="Nobody opens a shell in a running task",
    reason=(
        "ECS Exec gives every caller a shell beside each session of the task, with the task's files"
        " and credentials, past sign-in and access logs. It also needs a writable root file system."
    ),
    fix=(
        "leave enable_execute_command at False; exempt the service for the time of an investigation"
    ),
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
    severity="medium",
    level="mandatory",
    types=frozenset({DAEMON, STATE_MACHINE, *LAUNCHES}),
    check=_shell,
)

RULES = (TASK_USER, TASK_PRIVILEGES, TASK_READ_ONLY_ROOT, TASK_LOGGING, SERVICE_NO_SHELL)
