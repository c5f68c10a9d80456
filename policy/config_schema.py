"""Policy-pack configuration as the engine treats it: defaults from each policy's JSON schema, then the given values, then validation.

The engine does this before it calls `Configure`; an analyzer on its own sees `{}` and would run without its settings.
Semantics follow Pulumi's `ReconcilePolicyPackConfig`, with one addition: a name that is no policy of the pack is an error here, where the
engine would silently enforce nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LEVELS: Final = ("advisory", "mandatory", "remediate", "disabled")

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (Mapping,),
    "array": (list, tuple),
    "string": (str,),
    "integer": (int, float),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_ANNOTATIONS: Final = frozenset({"default", "description", "title", "examples"})


class PolicyConfigError(ValueError):
    """The configuration names an unknown policy, or a value does not fit the policy's schema. The message lists every problem."""


@dataclass(frozen=True, kw_only=True)
class PolicyInfo:
    """What the pack says about one policy."""

    name: str
    title: str
    description: str
    level: str
    """One of `LEVELS`, before configuration."""

    kind: str
    """`resource` or `stack`."""

    severity: str
    """`low`, `medium`, `high`, `critical`, or empty."""

    fix: str
    url: str
    schema: Mapping[str, Mapping[str, object]]
    """Setting to its JSON schema."""

    required: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PolicyConfig:
    """What is in force for one policy."""

    level: str
    properties: Mapping[str, object]


def reconcile(policies: Sequence[PolicyInfo], config: Mapping[str, object] | None) -> dict[str, PolicyConfig]:
    """The configuration in force for each policy. Raises `PolicyConfigError` with every problem found."""
    given = dict(config or {})
    given.pop("environments", None)  # references to ESC environments, which only the engine can open
    problems = []
    names = {policy.name for policy in policies}
    for name in sorted(set(given) - names - {"all"}):
        problems.append(f"{name} is no policy of this pack; known are {', '.join(sorted(names))}")
    everywhere = _level(given.get("all"), "all", problems)
    result = {}
    for policy in policies:
        value = given.get(policy.name, {})
        level = _level(value, policy.name, problems) or everywhere or policy.level
        own = {key: each for key, each in value.items() if key != "enforcementLevel"} if isinstance(value, Mapping) else {}
        defaults = {key: schema["default"] for key, schema in policy.schema.items() if "default" in schema}
        properties = {**defaults, **own}
        schema = {"type": "object", "properties": policy.schema, "required": policy.required}
        problems += [f"{policy.name}: {problem}" for problem in validate(properties, schema)]
        result[policy.name] = PolicyConfig(level=level, properties=properties)
    if problems:
        raise PolicyConfigError("policy configuration: " + "; ".join(problems))
    return result


def _level(value: object, name: str, problems: list[str]) -> str | None:
    level = value.get("enforcementLevel") if isinstance(value, Mapping) else value
    if level is None:
        return None
    if level not in LEVELS:
        problems.append(f"{name}: enforcement level is {level!r}; allowed is one of {', '.join(LEVELS)}")
        return None
    return str(level)


def validate(value: object, schema: Mapping[str, object], path: str = "") -> list[str]:
    """Problems of `value` under the part of JSON schema that policy packs use. A keyword outside that part raises `NotImplementedError`."""
    problems: list[str] = []
    here = path or "(root)"
    for keyword, argument in schema.items():
        match keyword:
            case "type":
                kinds = [argument] if isinstance(argument, str) else list(argument)  # type: ignore[call-overload]
                if not any(_is(value, kind) for kind in kinds):
                    return [f"{here} is {value!r}; allowed is {' or '.join(kinds)}"]
            case "enum":
                if value not in list(argument):  # type: ignore[call-overload]
                    problems.append(f"{here} is {value!r}; allowed is one of {', '.join(map(str, argument))}")  # type: ignore[call-overload]
            case "minimum":
                if _is(value, "number") and value < argument:  # type: ignore[operator]
                    problems.append(f"{here} is {value}; allowed is at least {argument}")
            case "maximum":
                if _is(value, "number") and value > argument:  # type: ignore[operator]
                    problems.append(f"{here} is {value}; allowed is at most {argument}")
            case "minLength":
                if isinstance(value, str) and len(value) < int(argument):  # type: ignore[call-overload]
                    problems.append(f"{here} is {value!r}; allowed are at least {argument} characters")
            case "pattern":
                if isinstance(value, str) and not re.search(str(argument), value):
                    problems.append(f"{here} is {value!r}; allowed is text that matches {argument}")
            case "items":
                if isinstance(value, list | tuple):
                    for index, each in enumerate(value):
                        problems += validate(each, argument, f"{path}[{index}]")  # type: ignore[arg-type]
            case "properties":
                if isinstance(value, Mapping):
                    for name, sub in argument.items():  # type: ignore[attr-defined]
                        if name in value:
                            problems += validate(value[name], sub, f"{path}.{name}" if path else name)
            case "required":
                if isinstance(value, Mapping):
                    problems += [f"{here} lacks {name}" for name in argument if name not in value]  # type: ignore[attr-defined]
            case "additionalProperties":
                if argument is False and isinstance(value, Mapping):
                    known = schema.get("properties", {})
                    problems += [f"{here} has the unknown property {name}" for name in value if name not in known]  # type: ignore[operator]
            case _ if keyword not in _ANNOTATIONS:
                raise NotImplementedError(f"JSON schema keyword {keyword!r} at {here}")
    return problems


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool) and kind in ("integer", "number"):
        return False
    if kind == "integer" and isinstance(value, float) and not value.is_integer():
        return False
    return isinstance(value, _TYPES[kind])
