"""What an evasion is, and the disguises that change how it is written and not what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from policy.harness import UNKNOWN, Analyzer, Diagnostic, Resource, Secret
from tests.policy.scenes import one

__all__ = [
    "DISGUISES",
    "Evasion",
    "Outcome",
    "alone",
    "diagnose",
    "moved",
    "one",
    "outcome",
    "scene",
]

OPEN_FRONT_DOOR: Final = {"no-public-port": {"frontDoorCidrs": ["0.0.0.0/0", "::/0"]}}
"""The configuration under which evasions are judged: everyone may reach the front door, and nothing
else.
"""


@dataclass(frozen=True, kw_only=True)
class Evasion:
    """Resources that break a rule's title."""

    family: str
    name: str
    resources: tuple[Resource, ...]
    rules: frozenset[str]
    """Any one of these has to refuse."""

    closed: bool = False
    """Judged with a front door that nobody on the internet may use."""


def scene(
    family: str, rules: str, name: str, *resources: Resource, closed: bool = False
) -> Evasion:
    """An evasion of several resources; `rules` are words."""
    return Evasion(
        family=family, name=name, resources=resources, rules=frozenset(rules.split()), closed=closed
    )


def alone(family: str, rules: str, name: str, type_: str, /, **properties: Any) -> Evasion:
    """An evasion of one resource, otherwise as good as resources of its type get."""
    return scene(family, rules, name, one(type_, "subject", **properties))


# Disguises


def _deep(change: Callable[[Any], Any]) -> Callable[[Resource], Resource]:
    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: walk(each) for key, each in value.items()}
        if isinstance(value, list):
            return [walk(each) for each in value]
        return change(value)

    return lambda each: replace(
        each, properties={key: walk(value) for key, value in each.properties.items()}
    )


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _switch_as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _secret(value: Any) -> Any:
    return value if value is UNKNOWN or isinstance(value, Secret) else Secret(value)


def _beside_unknown(each: Resource) -> Resource:
    """An unknown before the first element of every list of objects, and a property that nobody
    knows yet.
    """

    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: walk(inner) for key, inner in value.items()}
        if isinstance(value, list) and value and all(isinstance(inner, Mapping) for inner in value):
            return [UNKNOWN, *map(walk, value)]
        return value

    return replace(
        each,
        properties={
            **{key: walk(value) for key, value in each.properties.items()},
            "tags": UNKNOWN,
        },
    )


_ALIASES: Final = {
    "aws:lb/": "aws:elasticloadbalancingv2/",
    "aws:elb/": "aws:elasticloadbalancing/",
}


def _alias(each: Resource) -> Resource:
    type_ = each.type
    for name, other in _ALIASES.items():
        type_ = type_.replace(name, other)
    return replace(each, type=type_)


def _in_component(each: Resource) -> Resource:
    tail = each.urn.rsplit("::", 2)
    return replace(
        each,
        urn=f"{tail[0]}::my:own:Component${tail[1]}::{tail[2]}",
        parent=f"{tail[0]}::my:own:Component::outer",
    )


def _unnamed(each: Resource) -> Resource:
    """Outputs without name and ARN, as some resources have them."""
    return replace(
        each,
        properties={key: value for key, value in each.properties.items() if key not in ("name",)},
    )


DISGUISES: Final[Mapping[str, Callable[[Resource], Resource]]] = {
    "secret": _deep(_secret),
    "numbers as text": _deep(_number_as_text),
    "switches as text": _deep(_switch_as_text),
    "beside an unknown": _beside_unknown,
    "former type name": _alias,
    "inside a component": _in_component,
    "without a name": _unnamed,
}


_ANOTHER_THING: Final = {"rules around the default": {"beside an unknown"}}
"""Families of which a disguise makes something else: a condition that is not known yet may narrow a
rule.
"""


def moved(evasion: Evasion, disguises: Sequence[str], where: str) -> tuple[Resource, ...]:
    """The resources in disguise, under separate URNs: the pack remembers what it saw by URN."""
    urns: dict[str, str] = {}
    found = []
    for each in evasion.resources:
        changed = each
        for name in disguises:
            if name not in _ANOTHER_THING.get(evasion.family, ()):
                changed = DISGUISES[name](changed)
        urns[each.urn] = changed.urn.replace("::SCENE::", f"::{where}::")
        found.append(changed)
    return tuple(
        replace(
            each,
            urn=each.urn.replace("::SCENE::", f"::{where}::"),
            property_dependencies={
                prop: [urns[urn] for urn in sources]
                for prop, sources in each.property_dependencies.items()
            },
            dependencies=[urns[urn] for urn in each.dependencies],
        )
        for each in found
    )


# Judgement

Outcome = str
"""`refused`, `advised` or `silent`."""


def diagnose(analyzer: Analyzer, resources: Sequence[Resource]) -> list[Diagnostic]:
    found = [each for answer in analyzer.analyze_all(resources) for each in answer]
    return found + analyzer.analyze_stack(resources)


def outcome(
    analyzer: Analyzer, evasion: Evasion, resources: Sequence[Resource], *, any_rule: bool = False
) -> Outcome:
    """What the rules that the evasion is about say, or (`any_rule`) any rule."""
    levels = {
        each.level
        for each in diagnose(analyzer, resources)
        if any_rule or each.policy in evasion.rules
    }
    return "refused" if "mandatory" in levels else "advised" if levels else "silent"
