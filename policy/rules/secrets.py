"""Secrets in plain text: in the environment of tasks, and in whatever else starts code."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from .core.containers import each_container
from .core.place import Place
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts
from .core.secrecy import WEB_TOKEN, format_of, is_public_by_name, is_secret_by_name, looks_random
from .core.types import TASK_DEFINITION
from .core.values import Properties, Value, as_dict, as_list

_SETTINGS: Final[dict[str, Schema]] = {
    "namePattern": {
        "type": "string",
        "format": "regex",
        "default": "",
        "description": "Regular expression, without regard to case, of further variable names that hold secrets.",
    },
    "allowedNames": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "description": "Variables that look like secrets and hold none.",
    },
    "leastEntropy": {
        "type": "number",
        "minimum": 0,
        "maximum": 8,
        "default": 3.3,
        "description": "Bits per character from which a long run of mixed characters counts as random; 8 turns this off.",
    },
}

_Variables = Iterable[tuple[str, str]]


def _variable(name: str, value: str, settings: Settings) -> str:
    """What is wrong with a variable; empty when nothing is."""
    if name in texts(settings, "allowedNames"):
        return ""
    more = str(settings["namePattern"])
    if is_secret_by_name(name, value) or (more and value.strip() and re.search(more, name, re.IGNORECASE)):
        return "holds a secret"
    if not format_of(value) and looks_random(name, value, float(str(settings["leastEntropy"]))):
        return "holds a random text, as keys and tokens are"
    return ""


def identifier(name: Value, index: int) -> str:
    """A variable's name for a message, or its index where the name is none."""
    return name if isinstance(name, str) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,100}", name) else f"[{index}]"


def _texts(value: Value, path: str) -> Iterator[tuple[str, str]]:
    """Every text inside a value; an element of a list goes by its name."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            name = as_dict(each).get("name")
            # Only a text: a name that is not known yet is neither true nor false.
            yield from _texts(each, f"{path}.{identifier(name, index)}" if isinstance(name, str) else f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value


def _container(container: Place, settings: Settings) -> Iterable[Finding]:
    for index, each in enumerate(map(as_dict, as_list(container.at("environment").value))):
        name, value = str(each.get("name")), each.get("value")
        if problem := _variable(name, value, settings) if isinstance(value, str) else "":
            where = f"{container}: environment variable {identifier(name, index)}"
            yield Finding(message=f"{where} {problem}; allowed is a reference in 'secrets'")
    for path, text in _texts(container.value, ""):
        kind = format_of(text)
        if kind and not (kind == WEB_TOKEN and any(map(is_public_by_name, path.split(".")))):
            yield Finding(message=f"{container}: {path} holds {kind} in plain text; allowed is a reference in 'secrets'")


TASK_PLAIN_SECRETS = ResourceRule(
    id="task-plain-secrets",
    title="No task definition holds a secret in plain text",
    reason=(
        "A task definition is readable for everyone who may describe it, stays for ever as a revision, and its environment is inherited by "
        "every process of the container. A secret is known by its name, by a provider's format or by its randomness. Values are never "
        "printed here."
    ),
    fix="store the value in Secrets Manager or SSM and name its ARN under 'secrets' (valueFrom) of the container",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html",
    severity="high",
    level="mandatory",
    properties=_SETTINGS,
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, settings: each_container(lambda container: _container(container, settings), resource),
)

# Other resources

_MADE_FOR_SECRETS: Final = re.compile(
    r"aws:(secretsmanager/secretVersion|acm/certificate|iam/(serverCertificate|signingCertificate)|iot/|kms/ciphertext|ec2/keyPair|rds/"
    r"|ecs/taskDefinition|dms/certificate|cloudfront/publicKey|glue/connection|transfer/sshKey|ssm/parameter)"
)
"""Resources that take a secret where it belongs (or that have a separate rule)."""

_ENVIRONMENTS: Final = re.compile(
    r"variables|environment|environmentVariables|runtimeEnvironmentVariables|environmentVariable", re.IGNORECASE
)
_USER_DATA: Final = re.compile(r"userData|userDataBase64|customData", re.IGNORECASE)


def _variables(value: Value, key: str) -> Iterator[tuple[str, str]]:
    """Names and values of environments inside a property: maps, and lists of name and value."""
    if isinstance(value, dict):
        if _ENVIRONMENTS.fullmatch(key):
            yield from ((name, each) for name, each in value.items() if isinstance(each, str))
        for name, each in value.items():
            yield from _variables(each, name)
    elif isinstance(value, list):
        for each in map(as_dict, value):
            if _ENVIRONMENTS.fullmatch(key) and isinstance(each.get("value"), str) and _is_plain(each):
                yield str(each.get("name")), str(each["value"])
            yield from _variables(each, "")
    elif isinstance(value, str) and key == "containerProperties":
        try:
            yield from _variables(json.loads(value), "")
        except ValueError:
            return


def _is_plain(variable: Properties) -> bool:
    """CodeBuild's variables may be references to a store."""
    return variable.get("type") in (None, "PLAINTEXT")


def _decoded(text: str) -> str:
    """User data, which is often base64."""
    try:
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text


def _elsewhere(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if not resource.type.startswith("aws:") or _MADE_FOR_SECRETS.match(resource.type):
        return
    for prop, value in resource.props.items():
        for name, text in _variables(value, prop):
            if problem := _variable(name, text, settings):
                where = f"{resource.name}: {prop} variable {identifier(name, 0)}"
                yield Finding(message=f"{where} {problem}; allowed is a reference to Secrets Manager or SSM")
        for path, text in _texts(value, prop):
            plain = _decoded(text) if _USER_DATA.fullmatch(prop) else text
            if (kind := format_of(plain)) or (_USER_DATA.fullmatch(prop) and (kind := _exported(plain))):
                yield Finding(
                    message=f"{resource.name}: {path} holds {kind} in plain text; allowed is a reference to Secrets Manager or SSM"
                )


_EXPORT: Final = re.compile(
    r"(?:^|[;&|]|\b(?:export|env|set)\s)[ \t]*(?:export\s+)?([A-Za-z_]\w*)\s*[=:]\s*[\"']?(\$\([^)\n]*|`[^`\n]*|[^\s\"'#;&|]+)",
    re.MULTILINE,
)
"""`NAME=value` at the start of a command, or after `export` inside one, as in `echo export NAME=value >> ~/.bashrc`."""


_FETCHED: Final = re.compile(r"(?:\$\(|`)\s*(?!echo\b|printf\b)\w")
"""What a command brings at run time, as `$(aws secretsmanager …)`; `$(echo …)` brings what stands there."""


def _exported(script: str) -> str:
    """A variable of a script that holds a secret."""
    found = any(is_secret_by_name(name, value) for name, value in _EXPORT.findall(script) if not _FETCHED.match(value))
    return "a secret in a variable" if found else ""


NO_PLAIN_SECRETS = ResourceRule(
    id="no-plain-secrets",
    title="No resource holds a secret in plain text",
    reason=(
        "Environments of functions and builds, user data of instances and labels are readable for everyone who may describe the resource, "
        "and they stay in the state of the stack. Values are never printed here."
    ),
    fix="store the value in Secrets Manager or SSM and let the code read it with its role",
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html",
    severity="high",
    level="mandatory",
    properties=_SETTINGS,
    types=None,
    check=_elsewhere,
)

RULES = (TASK_PLAIN_SECRETS, NO_PLAIN_SECRETS)
