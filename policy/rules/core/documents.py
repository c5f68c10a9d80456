"""JSON documents inside properties: container definitions and IAM policies arrive as text, and as
one unknown when any part is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from .findings import Finding
from .place import Place
from .reading import (
    DocumentError,
    Pairs,
    UnreadableError,
    every,
    folded,
    may_say,
    read_json,
    twice,
    unique,
)
from .values import Properties, Value, as_dict, as_list

__all__ = [
    "Container",
    "DocumentError",
    "containers",
    "document",
    "opened",
    "policies",
    "statements",
    "words",
]


Opened = TypeVar("Opened")


def document(value: Value, pairs: Pairs = unique) -> Value:
    """The content of a JSON text; any other value as it is. Raises `DocumentError`."""
    return read_json(value, pairs) if isinstance(value, str) else value


def opened(
    place: Place, read: Callable[[Value], Opened], otherwise: str
) -> Generator[Finding, None, Opened | None]:
    """What `read` finds at a place, for `yield from`; None after a question about a value that is
    not known, or after a finding about one that `read` refuses with a `DocumentError`, which ends
    with `otherwise`.
    """
    if place.unknown:
        yield place.question()
        return None
    try:
        return read(place.value)
    except DocumentError as error:
        yield Finding(message=f"{place} {error}; {otherwise}")
        return None


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a task definition."""

    name: str
    props: Properties


def containers(value: Value) -> list[Container]:
    """The containers of a known `containerDefinitions`, keys in ECS's spelling. Raises
    `DocumentError` when it is not a JSON list of objects, or when an object names a key twice: the
    provider merges the two, and a rule would see one of them.
    """
    content = document(value)
    if (
        not isinstance(content, list)
        or not content
        or not all(isinstance(each, dict) for each in content)
    ):
        raise DocumentError("is not a list of containers")
    spelled = [as_dict(_spelled(each)) for each in content]
    return [
        Container(name=_name(each.get("name"), index), props=each)
        for index, each in enumerate(spelled)
    ]


_ECS_KEYS: Final = {
    name.casefold(): name
    for name in """
    add appProtocol capabilities command condition containerName containerPath containerPort
    containerPortRange cpu credentialSpecs credentialsParameter dependsOn devices
    disableNetworking dnsSearchDomains dnsServers dockerLabels dockerSecurityOptions drop
    enabled entryPoint environment environmentFiles essential extraHosts firelensConfiguration
    hardLimit healthCheck hostPath hostPort hostname ignoredExitCodes image initProcessEnabled
    interactive interval ipAddress links linuxParameters logConfiguration logDriver
    maxComputePercent maxSwap memory memoryReservation mountOptions mountPoints name namespace
    nvidiaMps options permissions portMappings privileged protocol pseudoTerminal readOnly
    readonlyRootFilesystem repositoryCredentials resourceRequirements restartAttemptPeriod
    restartPolicy retries secretOptions secrets sharedMemorySize sharingStrategy size softLimit
    sourceContainer sourceVolume startPeriod startTimeout stopTimeout swappiness systemControls
    timeout tmpfs type ulimits user value valueFrom versionConsistency volumesFrom
    workingDirectory
    """.split()  # noqa: SIM905 (a table to read, not code)
}
"""Every key of a container definition, by its folded spelling. The provider reads the JSON without
regard to case, as Go does:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

_FREE_KEYS: Final = frozenset({"dockerLabels", "options"})
"""Maps whose keys belong to their author."""


def _spelled(value: Value) -> Value:
    """A value with the keys of its objects in ECS's spelling. Raises `DocumentError` for a key in
    two spellings.
    """
    if isinstance(value, list):
        return [_spelled(each) for each in value]
    if not isinstance(value, dict):
        return value
    names = [_ECS_KEYS.get(key.casefold(), key) for key in value]
    if len(set(names)) < len(names):
        raise DocumentError(f"names {twice(names)} twice in one object")
    pairs = zip(names, value.values(), strict=True)
    return {name: each if name in _FREE_KEYS else _spelled(each) for name, each in pairs}


def _name(value: Value, index: int) -> str:
    """A container's name, or its index where the name is none
    (https://docs.aws.amazon.com/AmazonECS: letters, digits, - and _).
    """
    return (
        value
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,255}", value)
        else f"[{index}]"
    )


def statements(value: Value) -> Iterator[Properties]:
    """The statements of an IAM policy, element names in lower case. Raises `DocumentError`, also
    when an object names a key twice, in any case: IAM and a rule may each take another of the two.
    """
    content = document(value, folded)
    if not isinstance(content, dict):
        raise DocumentError("is not a policy document")
    for each in as_list(_lowered(content).get("statement")):
        if isinstance(each, dict):
            yield _lowered(each)


def _lowered(value: Properties) -> Properties:
    return unique([(key.lower(), each) for key, each in value.items()])


def words(value: Value) -> list[str]:
    """Actions, resources or principals of a statement: one text or a list of them."""
    return [each for each in as_list(value) if isinstance(each, str)]


def policies(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every policy document inside a property, whatever its name: where it is, and the document;
    its text where that is not valid JSON, or names a key twice.
    """
    if isinstance(value, dict):
        if any(key.lower() == "statement" for key in value):
            yield path, value
            return
        for key, each in value.items():
            yield from policies(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from policies(each, f"{path}[{index}]")
    elif isinstance(value, str) and may_say(value, _MAY_BE_POLICY):
        yield from _inside(value, path)


def _inside(text: str, path: str) -> Iterator[tuple[str, Value]]:
    """The policies of a text that may be a JSON document."""
    try:
        content = document(text, every)
    except UnreadableError:
        yield path, text
        return
    except DocumentError:
        if _MAY_BE_POLICY.search(text) and text.lstrip().startswith("{"):
            yield path, text
        return
    if any(_has_statement(each) for each in as_list(content)):
        yield path, content if _is_clear(text, folded) else text
    else:
        inner = [each for each in policies(content, path) if _is_policy(each[1])]
        yield from inner if _is_clear(text, unique) else [(path, text)] * bool(inner)


def _has_statement(value: Value) -> bool:
    return any(key.lower() == "statement" for key in as_dict(value))


def _is_clear(text: str, pairs: Pairs) -> bool:
    """Whether no object of a JSON text names a key twice."""
    try:
        read_json(text, pairs)
    except DocumentError:
        return False
    return True


def _is_policy(value: Value) -> bool:
    """Whether an object deep in another document is a policy, as in the call of a state machine: a
    schema may have a `statement` too.
    """
    if not isinstance(value, dict):
        return True
    inner = as_list(next((each for key, each in value.items() if key.lower() == "statement"), None))
    return all(
        isinstance(each, dict) and any(key.lower() == "effect" for key in each) for each in inner
    )


_MAY_BE_POLICY: Final = re.compile(r"statement", re.IGNORECASE)
