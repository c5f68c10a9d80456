"""Tasks: what runs a stranger's site runs as nobody in particular, with nothing to write to and nothing to read (S19)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .core.display import show
from .core.documents import DocumentError, containers
from .core.place import Place, be_empty, be_false, be_one_of, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.types import SERVICE, TASK_DEFINITION, TASK_SET
from .core.values import Value, as_list, integer

_PARAMETERS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html"


def each_container(check: Callable[[Place], Iterable[Finding]], resource: Resource) -> Iterator[Finding]:
    """What `check` finds in each container of a task definition; one question when they are not known yet."""
    definitions = resource.at("containerDefinitions")
    if definitions.unknown:
        yield definitions.question()
        return
    try:
        found = containers(definitions.value)
    except DocumentError as error:
        yield Finding(message=f"{definitions} {error}; allowed is a JSON list of containers")
        return
    for each in found:
        yield from check(Place(subject=f"{resource.name}: container {each.name!r}", path="", value=each.props))


# User


def _user(container: Place) -> Iterable[Finding]:
    return container.at("user").must(_is_not_root, "a user other than root, as '1000:1000'")


def _is_not_root(user: Value) -> bool:
    parts = str(user).strip().split(":") if user is not None else [""]
    return not any(part.strip().lower() in ("", "root") or integer(part) == 0 for part in parts)


TASK_USER = ResourceRule(
    id="task-user",
    title="Containers run as a user other than root",
    reason="A dev server runs whatever the site asks for. As root it owns the container; what is not named falls back to the image's user.",
    fix="set 'user': '1000:1000' in the container definition",
    link=_PARAMETERS + "#container_definition_security",
    severity="high",
    level="mandatory",
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, _: each_container(_user, resource),
)

# Privilege


def _privilege(container: Place) -> Iterable[Finding]:
    yield from container.at("privileged").must(be_false, "false", default=False)
    linux = container.at("linuxParameters")
    capabilities = linux.at("capabilities")
    if as_list(capabilities.at("add").value):
        yield Finding(message=f"{container}: capabilities.add gives capabilities back; allowed is none")
    if "ALL" not in [str(each).upper() for each in as_list(capabilities.at("drop").value)]:
        yield Finding(message=f"{container}: capabilities.drop lacks 'ALL'; allowed is ['ALL']")
    if as_list(linux.at("devices").value):
        yield Finding(message=f"{container}: linuxParameters.devices names devices of the host; allowed is none")
    for option in as_list(container.at("dockerSecurityOptions").value):
        if str(option).lower().replace("=", ":") != "no-new-privileges":
            yield Finding(message=f"{container}: dockerSecurityOptions has {show(option)}; allowed is 'no-new-privileges'")


def _privileges(resource: Resource, _: Settings) -> Iterable[Finding]:
    for prop, safe in (("networkMode", ("awsvpc",)), ("pidMode", (None, "task")), ("ipcMode", (None, "none", "task"))):
        yield from resource.at(prop).must(be_one_of(*safe), " or ".join(map(show, safe)))
    yield from resource.at("enableFaultInjection").must(be_false, "false", default=False)
    for volume in resource.at("volumes").each():
        if not volume.unknown:
            yield from volume.at("hostPath").must(be_empty, "no directory of the host")
    yield from each_container(_privilege, resource)


TASK_PRIVILEGES = ResourceRule(
    id="task-privileges",
    title="Containers have no privileges on their host",
    reason="Capabilities, host namespaces and host directories are ways out of the container for code that a site brings along.",
    fix="set 'privileged': false and 'linuxParameters': {'capabilities': {'drop': ['ALL']}}, and network_mode='awsvpc'",
    link=_PARAMETERS + "#container_definition_linuxparameters",
    severity="high",
    level="mandatory",
    types=frozenset({TASK_DEFINITION}),
    check=_privileges,
)

# Read-only root


def _read_only(container: Place) -> Iterable[Finding]:
    return container.at("readonlyRootFilesystem").must(be_true, "true")


TASK_READ_ONLY_ROOT = ResourceRule(
    id="task-read-only-root",
    title="Containers have a read-only root file system",
    reason="What a site's code cannot write to, it cannot leave behind for the next session: no changed binary, no changed dev server.",
    fix="set 'readonlyRootFilesystem': true and mount volumes where the container has to write",
    link=_PARAMETERS + "#container_definition_storage",
    severity="medium",
    level="mandatory",
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, _: each_container(_read_only, resource),
)

# Logging


def _logging(container: Place) -> Iterable[Finding]:
    config = container.at("logConfiguration")
    driver = config.at("logDriver")
    yield from driver.must(lambda name: name not in (None, "none"), "a driver that keeps logs, as 'awslogs'")
    if driver.value == "awslogs" and config.at("options", "awslogs-group").value in (None, ""):
        yield Finding(message=f"{container}: logConfiguration.options lacks 'awslogs-group'; allowed is the name of a log group")


TASK_LOGGING = ResourceRule(
    id="task-logging",
    title="Containers send their logs somewhere",
    reason="A task's disk goes with the task. Without a log driver a crash or an abuse leaves nothing to look at.",
    fix="set 'logConfiguration' with logDriver 'awslogs' and its group, region and stream prefix",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
    severity="medium",
    level="mandatory",
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, _: each_container(_logging, resource),
)

# Shell


def _shell(resource: Resource, _: Settings) -> Iterable[Finding]:
    return resource.at("enableExecuteCommand").must(be_false, "false", default=False)


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
    types=frozenset({SERVICE, TASK_SET}),
    check=_shell,
)

RULES = (TASK_USER, TASK_PRIVILEGES, TASK_READ_ONLY_ROOT, TASK_LOGGING, SERVICE_NO_SHELL)
