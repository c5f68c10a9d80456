"""Secrets in plain text: in the environment of tasks, and in whatever else starts code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .core.containers import each_container
from .core.place import Place
from .core.plain_text import (
    SCRIPTS,
    Named,
    decoded,
    identifier,
    named_texts,
    opened,
    script_problem,
    unknown_texts,
)
from .core.reading import UnreadableError
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts, unjudged
from .core.secrecy import is_meant_for_browsers, is_secret_by_name, looks_random
from .core.secret_formats import WEB_TOKEN, format_of
from .core.secret_names import is_public_by_name
from .core.types import TASK_DEFINITION
from .core.values import Value

_SETTINGS: Final[dict[str, Schema]] = {
    "namePattern": {
        "type": "string",
        "format": "regex",
        "default": "",
        "description": (
            "Regular expression, without regard to case, of further variable names that hold"
            " secrets."
        ),
    },
    "allowedNames": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$"},
        "default": [],
        "description": "Names, in full, of variables that look like secrets and hold none.",
    },
    "leastEntropy": {
        "type": "number",
        "minimum": 0,
        "maximum": 8,
        "default": 3.3,
        "description": (
            "Bits per character from which a long run of mixed characters counts as random; 8 turns"
            " this off."
        ),
    },
}


_BY_NAME: Final = "holds a secret"


def _variable(name: str, value: str, settings: Settings) -> str:
    """What is wrong with a variable; empty when nothing is."""
    if name in texts(settings, "allowedNames"):
        return ""
    more = str(settings["namePattern"])
    if is_secret_by_name(name, value) or (
        more and value.strip() and re.search(more, name, re.IGNORECASE)
    ):
        return _BY_NAME
    if not format_of(value) and looks_random(name, value, float(str(settings["leastEntropy"]))):
        return "holds a random text, as keys and tokens are"
    return ""


def _problem(found: Named, settings: Settings) -> str:
    """What is wrong with a text that may have a name; empty when nothing is."""
    if found.problem:
        return found.problem
    kind = format_of(found.text)
    public = is_meant_for_browsers(found.name, found.text) or (
        kind == WEB_TOKEN and any(map(is_public_by_name, found.path.split(".")))
    )
    if kind and not public and found.name not in texts(settings, "allowedNames"):
        return f"holds {kind} in plain text"
    return _variable(found.name, found.text, settings) if found.name and not public else ""


def _scripts(value: Value, key: str, path: str) -> Iterator[tuple[str, str]]:
    """Scripts and command lines inside a property, each with its place. The words of a command are
    judged one by one and together.
    """
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _scripts(each, name, f"{path}.{identifier(name, 0)}" if path else name)
    elif isinstance(value, list):
        words = [each for each in value if isinstance(each, str)]
        if SCRIPTS.fullmatch(key) and words:
            yield from ((path, each) for each in (*words, " ".join(words)))
        for index, each in enumerate(value):
            if not isinstance(each, str):
                yield from _scripts(each, key, f"{path}[{index}]")
    elif isinstance(value, str):
        try:
            content = opened(decoded(value) if SCRIPTS.fullmatch(key) else value)
        except UnreadableError:
            return  # reported where its texts are
        if content is not None:
            yield from _scripts(content, "", path)
        elif SCRIPTS.fullmatch(key):
            yield path, value


def _plain(value: Value, key: str, path: str, settings: Settings) -> Iterator[tuple[str, str]]:
    """Place and problem of every secret inside a property, each place once."""
    found: dict[str, str] = {}
    for each in named_texts(value, key, path):
        if (problem := _problem(each, settings)) and not any(
            each.path.startswith(known) for known in found
        ):
            found[each.path] = problem
    for place, script in _scripts(value, key, path):
        problem = script_problem(script) or format_of(decoded(script))
        if problem and not any(known.startswith(place) for known in found):
            found[place] = f"holds {problem} in plain text"
    yield from found.items()


def _container(container: Place, settings: Settings) -> Iterable[Finding]:
    for key in container.value if isinstance(container.value, dict) else ():
        for path, problem in _plain(container.at(key).value, key, key, settings):
            yield Finding(
                message=f"{container}: {path} {problem}; allowed is a reference in 'secrets'"
            )


TASK_PLAIN_SECRETS = ResourceRule(
    id="task-plain-secrets",
    title="No task definition holds a secret in plain text",
    reason=(
        "A task definition is readable for everyone who may describe it, stays for ever as a"
        " revision, and its environment is inherited by every process of the container. A secret is"
        " known by its name, by a provider's format or by its randomness, in variables, options of"
        " logs, labels, commands and JSON or YAML inside a text. Values are never printed here."
    ),
    fix=(
        "store the value in Secrets Manager or SSM and name its ARN under 'secrets' (valueFrom) of"
        " the container"
    ),
    link=(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html"
    ),
    severity="high",
    level="mandatory",
    properties=_SETTINGS,
    types=frozenset({TASK_DEFINITION}),
    check=lambda resource, settings: each_container(
        lambda container: _container(container, settings), resource
    ),
)

# Other resources

_MADE_FOR_SECRETS: Final = re.compile(
    r"aws:(secretsmanager/secretVersion|acm/certificate|iam/(serverCertificate|signingCertificate)|iot/(ca)?certificate|kms/ciphertext|ec2/keyPair|rds/"
    r"|ecs/taskDefinition|dms/certificate|cloudfront/publicKey|glue/connection|transfer/sshKey|ssm/parameter)"
)
"""Resources that take a secret where it belongs (or that have a separate rule)."""

_PAIRS: Final = {"aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": ("key", "value")}
"""Resources that are one name and its value: the properties that hold them."""

_IMAGES: Final = re.compile(r"docker(-build)?:.*[iI]mage")
_PARAMETER: Final = "aws:ssm/parameter:Parameter"


def _elsewhere(resource: Resource, settings: Settings) -> Iterable[Finding]:
    allowed = "allowed is a reference to Secrets Manager or SSM"
    if resource.type == _PARAMETER:
        yield from _parameter(resource, settings)
    elif resource.type in _PAIRS:
        name, value = (resource.at(prop).value for prop in _PAIRS[resource.type])
        for _, problem in _plain({identifier(name, 0): value}, "variables", "", settings):
            yield Finding(message=f"{resource.at(_PAIRS[resource.type][1])} {problem}; {allowed}")
    elif _IMAGES.match(resource.type):
        allowed = "allowed is a build secret, which is not kept in the image"
        for build in (resource.at("build", "args"), resource.at("buildArgs")):
            for path, problem in _plain(build.value, "args", build.path, settings):
                yield Finding(message=f"{resource.name}: {path} {problem}; {allowed}")
    elif resource.type.startswith("aws:") and not _MADE_FOR_SECRETS.match(resource.type):
        keys = _keys_of_item(resource)
        for prop, value in resource.props.items():
            for path, problem in _plain(value, prop, prop, settings):
                if path in keys and problem == _BY_NAME:
                    continue
                yield Finding(message=f"{resource.name}: {path} {problem}; {allowed}")
            for path in unknown_texts(value, prop, prop):
                yield unjudged(f"{resource.name}: {path} is not known yet")


def _keys_of_item(resource: Resource) -> frozenset[str]:
    """Places of the attributes by which DynamoDB finds an item. A key is called `key` or `token`
    without being a secret.
    """
    if resource.type != "aws:dynamodb/tableItem:TableItem":
        return frozenset()
    names = (resource.at(prop).value for prop in ("hashKey", "rangeKey"))
    return frozenset(f"item.{identifier(name, 0)}" for name in names if name)


def _parameter(resource: Resource, settings: Settings) -> Iterator[Finding]:
    """A parameter of Systems Manager that is not encrypted: its name says what the value is."""
    kind = resource.at("type")
    name = identifier(
        str(resource.asked.get("name") or resource.name).strip("/").replace("/", "_"), 0
    )
    for prop in ("value", "insecureValue"):
        value = resource.at(prop).value
        if not isinstance(value, str) or (prop == "value" and kind.value == "SecureString"):
            continue
        for path, problem in _plain({name: value}, "variables", "", settings):
            if kind.unknown and prop == "value":
                yield kind.question()
            else:
                place = f"{resource.name}: {prop}{path.removeprefix(name)}"
                yield Finding(
                    message=f"{place} {problem}; allowed is a parameter of type 'SecureString'"
                )


NO_PLAIN_SECRETS = ResourceRule(
    id="no-plain-secrets",
    title="No resource holds a secret in plain text",
    reason=(
        "Environments of functions and builds, user data, overrides of schedules, arguments of jobs"
        " and image builds and unencrypted parameters are readable for everyone who may describe"
        " the resource, and they stay in the state of the stack. Values are never printed here."
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
