"""The examples in TypeScript and YAML: written from what the Python program declares, so that the
three cannot differ.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ..rules.core.spelling import camel
from ..rules.core.values import leaves
from .catalog import example
from .recording import Declared, declare


@dataclass(frozen=True)
class Translations:
    """One example in the other languages."""

    typescript: str
    yaml: str


@functools.cache
def translations(rule: str, verdict: str) -> Translations:
    """The example of a rule. Raises `LookupError` when there is none."""
    declared = _ordered(declare(example(rule, verdict).program))
    names = _names(declared)
    return Translations(typescript=_typescript(declared, names), yaml=_yaml(declared, names))


def _ordered(declared: list[Declared]) -> list[Declared]:
    """Each after those that it names, else by type and name: Pulumi registers resources in whatever
    order their inputs are ready.
    """
    left = sorted(declared, key=lambda each: (each.inputs.type, each.inputs.name))
    identities = {
        each.inputs.urn: {str(each.outputs.properties.get(output)) for output in ("id", "arn")}
        for each in left
    }
    done: list[Declared] = []
    while left:
        waiting = {identity for each in left for identity in identities[each.inputs.urn]}
        unready = {_key_of(each) for each in left}
        free = [
            each
            for each in left
            if not waiting & set(map(str, leaves(dict(each.inputs.properties))))
            and not unready & set(each.waits_for)
        ]
        ready = (free or left)[0]
        left.remove(ready)
        done.append(ready)
    return done


def _key_of(declared: Declared) -> str:
    return f"{declared.inputs.type}::{declared.inputs.name}"


def _waits(declared: list[Declared], each: Declared, names: dict[str, str]) -> list[str]:
    """Names of the resources that one waits for beyond those that its properties name."""
    return [names[other.inputs.urn] for other in declared if _key_of(other) in each.waits_for]


def _names(declared: list[Declared]) -> dict[str, str]:
    """URN to the name that the translated programs give a resource."""
    names: dict[str, str] = {}
    for each in declared:
        kind = each.inputs.type.rsplit(":", 1)[-1]
        name = camel(re.sub(r"[^A-Za-z0-9]+", "_", each.inputs.name))
        if name in names.values():
            name += kind
        names[each.inputs.urn] = name
    return names


@dataclass(frozen=True)
class _Reference:
    """A property that is another resource's output."""

    name: str
    output: str


def _resolved(value: Any, declared: list[Declared], names: dict[str, str]) -> Any:
    """Values with references in place of the ids and ARNs that the mocks gave, and documents in
    place of JSON texts.
    """
    if isinstance(value, dict):
        return {key: _resolved(each, declared, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, declared, names) for each in value]
    if isinstance(value, str):
        for each in declared:
            for output in ("id", "arn"):
                if value == each.outputs.properties.get(output):
                    return _Reference(names[each.inputs.urn], output)
        if value[:1] in ("{", "["):
            return _Document(json.loads(value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


@dataclass(frozen=True)
class _Document:
    """A JSON text."""

    content: Any


# YAML


def _yaml(declared: list[Declared], names: dict[str, str]) -> str:
    resources: dict[str, Any] = {}
    for each in declared:
        properties = {
            key: _plain(_resolved(value, declared, names))
            for key, value in each.inputs.properties.items()
        }
        waits = [f"${{{name}}}" for name in _waits(declared, each, names)]
        resources[names[each.inputs.urn]] = {
            "type": _short(each.inputs.type),
            **({"properties": properties} if properties else {}),
            **({"options": {"dependsOn": waits}} if waits else {}),
        }
    return yaml.safe_dump(
        {"resources": resources}, sort_keys=False, width=100, allow_unicode=True
    ).strip()


def _plain(value: Any) -> Any:
    if isinstance(value, _Reference):
        return f"${{{value.name}.{value.output}}}"
    if isinstance(value, _Document):
        return {"fn::toJSON": value.content}
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _short(token: str) -> str:
    """`aws:lb/loadBalancer:LoadBalancer` to `aws:lb:LoadBalancer`."""
    return re.sub(r"/[^:]*", "", token)


# TypeScript

_INDENT: Final = "    "


def _typescript(declared: list[Declared], names: dict[str, str]) -> str:
    used = {
        each
        for resource in declared
        for each in _references(_resolved(dict(resource.inputs.properties), declared, names))
    }
    used |= {name for each in declared for name in _waits(declared, each, names)}
    lines = []
    for each in declared:
        package, module, kind = _short(each.inputs.type).split(":")
        name = names[each.inputs.urn]
        properties = _resolved(dict(each.inputs.properties), declared, names)
        arguments = f", {_expression(properties, '')}" if properties else ""
        if waits := _waits(declared, each, names):
            arguments += f", {{ dependsOn: [{', '.join(waits)}] }}"
        target = f"const {name} = " if name in used else ""
        lines.append(f'{target}new {package}.{module}.{kind}("{each.inputs.name}"{arguments});')
    return "\n".join(lines)


def _references(value: Any) -> set[str]:
    if isinstance(value, _Reference):
        return {value.name}
    if isinstance(value, dict):
        return {name for each in value.values() for name in _references(each)}
    return (
        {name for each in value for name in _references(each)} if isinstance(value, list) else set()
    )


def _expression(value: Any, indent: str) -> str:
    if isinstance(value, _Reference):
        return f"{value.name}.{value.output}"
    if isinstance(value, _Document):
        return f"JSON.stringify({_expression(value.content, indent)})"
    inner = indent + _INDENT
    if isinstance(value, dict):
        if not value:
            return "{}"
        fields = "".join(
            f"{inner}{_key(key)}: {_expression(each, inner)},\n" for key, each in value.items()
        )
        return f"{{\n{fields}{indent}}}"
    if isinstance(value, list):
        flat = f"[{', '.join(_expression(each, indent) for each in value)}]"
        if len(flat) <= 80 and "\n" not in flat:
            return flat
        return (
            "[\n"
            + "".join(f"{inner}{_expression(each, inner)},\n" for each in value)
            + f"{indent}]"
        )
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_]\w*", key) else json.dumps(key)
