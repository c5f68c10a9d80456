"""Tasks: what runs a stranger's site runs as nobody in particular, with nothing to write to and nothing to read (S19)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .core.display import show
from .core.documents import Container, DocumentError, containers
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts, unjudged
from .core.types import SERVICE, TASK_DEFINITION, TASK_SET
from .core.values import UNKNOWN, Value, as_dict, as_list, boolean, integer

_PARAMETERS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html"


def _each_container(check: Callable[[str, Container], Iterable[Finding]], resource: Resource) -> Iterator[Finding]:
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
    check=lambda resource, _: _each_container(_user, resource),
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
    yield from _each_container(_privilege, resource)


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
    check=lambda resource, _: _each_container(_read_only, resource),
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
    check=lambda resource, _: _each_container(_logging, resource),
)

# Secrets

_SECRET_SETTINGS: Final[dict[str, Schema]] = {
    "namePattern": {
        "type": "string",
        "format": "regex",
        "default": r"SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE_?KEY|SIGNING_?KEY|ACCESS_?KEY|API_?KEY|AUTH_?KEY|CONNECTION_?STRING",
        "description": "Regular expression, without regard to case, of variable names that hold secrets.",
    },
    "allowedNames": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Variables that match by name and hold no secret all the same.",
    },
}

_SECRET_VALUES: Final = (
    ("an AWS access key id", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")),
    (
        "a token of GitHub, GitLab, npm, Slack or Stripe",
        re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|npm_|xox[abprs]-|sk_live_)[A-Za-z0-9_-]{16,}"),
    ),
    ("a password in an address", re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@", re.IGNORECASE)),
)

_HARMLESS: Final = re.compile(r"(?:true|false|yes|no|on|off|none|[\d.]{1,12}(?:ms|s|m|h|d)?|arn:[^\s]+|/[^\s]*|)", re.IGNORECASE)
"""Switches, counts, times, ARNs and paths: a variable named after a secret that only says where it is or how long it lives."""


def _secrets(resource: Resource, settings: Settings) -> Iterable[Finding]:
    names = re.compile(str(settings["namePattern"]), re.IGNORECASE)
    allowed = frozenset(texts(settings, "allowedNames"))

    def check(place: str, container: Container) -> Iterable[Finding]:
        for index, each in enumerate(map(as_dict, as_list(container.props.get("environment")))):
            name, value = str(each.get("name")), each.get("value")
            if not names.search(name) or name in allowed or (isinstance(value, str) and _HARMLESS.fullmatch(value.strip())):
                continue
            variable = _identifier(name, index)
            yield Finding(message=f"{place}: environment variable {variable} holds a secret; allowed is a reference in 'secrets'")
        for path, text in _texts(container.props, ""):
            for kind, pattern in _SECRET_VALUES:
                if pattern.search(text):
                    yield Finding(message=f"{place}: {path} holds {kind} in plain text; allowed is a reference in 'secrets'")

    yield from _each_container(check, resource)


def _identifier(name: Value, index: int) -> str:
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,100}", name) else f"[{index}]"


def _texts(value: Value, path: str) -> Iterator[tuple[str, str]]:
    """Every text inside a container definition; an environment variable goes by its name."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            name = as_dict(each).get("name")
            yield from _texts(each, f"{path}.{_identifier(name, index)}" if name else f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value


TASK_PLAIN_SECRETS = ResourceRule(
    id="task-plain-secrets",
    title="No secret stands in a task definition in plain text",
    reason=(
        "A task definition is readable for everyone who may describe it, stays for ever as a revision, and its environment is inherited by "
        "every process of the container. Values are never printed here."
    ),
    fix="store the value in Secrets Manager or SSM and name its ARN under 'secrets' (valueFrom) of the container",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
    severity="high",
    level="mandatory",
    spec="S9 S12 S19",
    properties=_SECRET_SETTINGS,
    types=frozenset({TASK_DEFINITION}),
    check=_secrets,
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
        "ECS Exec gives whoever may call it a shell beside every session of the task, with the task's files and credentials, past sign-in "
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

RULES = (TASK_USER, TASK_PRIVILEGES, TASK_READ_ONLY_ROOT, TASK_LOGGING, TASK_PLAIN_SECRETS, SERVICE_NO_SHELL)
