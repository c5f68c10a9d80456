"""Policy-pack configuration as the engine treats it: defaults from each policy's JSON schema, then
the given values, then validation.

The engine does this before it calls `Configure`; an analyzer on its own sees `{}` and would run
without its settings. Semantics follow Pulumi's `ReconcilePolicyPackConfig`. Names that the pack
does not know go to the pack, as the engine sends them: this pack refuses them
(`rules/core/config.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .rules.core.config import meant, no_settings_for_all, schema_problems
from .rules.core.protocol import LEVELS

_NOT_POLICIES: Final = ("all", "environments")
"""`environments` refers to ESC environments, which only the engine can open."""


class PolicyConfigError(ValueError):
    """The configuration names an unknown policy, or a value does not fit the policy's schema. The
    message lists every problem.
    """


@dataclass(frozen=True, kw_only=True)
class PolicyInfo:
    """What the pack says about one policy."""

    name: str
    title: str
    description: str
    level: str
    """`mandatory`, `advisory`, `remediate` or `disabled`, before configuration."""

    kind: str
    """`resource` or `stack`."""

    severity: str
    """`low`, `medium`, `high`, `critical`, or empty."""

    fix: str
    url: str
    schema: Mapping[str, Mapping[str, object]]
    """Setting to its JSON schema."""


@dataclass(frozen=True, kw_only=True)
class PolicyConfig:
    """What is in force for one policy."""

    level: str
    properties: Mapping[str, object]


def reconcile(
    policies: Sequence[PolicyInfo], config: Mapping[str, object] | None
) -> dict[str, PolicyConfig]:
    """The configuration for each policy and for each other name in `config`. Raises
    `PolicyConfigError` for levels that do not exist.
    """
    given = {name: value for name, value in (config or {}).items() if name != "environments"}
    problems: list[str] = []
    everywhere = _level(given.get("all"), "all", problems)
    if for_all := _settings(given.get("all")):
        problems.append(no_settings_for_all(for_all))
    problems += [
        f"{name} is null; allowed is an enforcement level, or an object of settings"
        for name in given
        if given[name] is None
    ]
    result = {}
    for policy in policies:
        value = given.get(policy.name)
        defaults = {
            key: schema["default"] for key, schema in policy.schema.items() if "default" in schema
        }
        level = _level(value, policy.name, problems) or everywhere or policy.level
        result[policy.name] = PolicyConfig(level=level, properties={**defaults, **_settings(value)})
    for name in given.keys() - result.keys() - set(_NOT_POLICIES):
        level = _level(given[name], name, problems) or everywhere or "mandatory"
        result[name] = PolicyConfig(level=level, properties=_settings(given[name]))
    if problems:
        raise PolicyConfigError(f"policy configuration: {'; '.join(problems)}")
    return result


def validate(policies: Iterable[PolicyInfo], settings: Mapping[str, PolicyConfig]) -> None:
    """Raises `PolicyConfigError` unless the settings fit the schemas, for a pack that does not look
    itself.
    """
    problems = [
        problem
        for policy in policies
        for problem in schema_problems(policy.name, settings[policy.name].properties, policy.schema)
    ]
    if problems:
        raise PolicyConfigError(f"policy configuration: {'; '.join(problems)}")


def _settings(value: object) -> dict[str, object]:
    return (
        {key: each for key, each in value.items() if key != "enforcementLevel"}
        if isinstance(value, Mapping)
        else {}
    )


def _level(value: object, name: str, problems: list[str]) -> str | None:
    level = value.get("enforcementLevel") if isinstance(value, Mapping) else value
    if level is None:
        return None
    if not isinstance(level, str):
        problems.append(
            f"{name} is {level!r}; allowed is an enforcement level ({', '.join(sorted(LEVELS))}),"
            " or an object of settings"
        )
        return None
    if level not in LEVELS:
        problems.append(
            f"{name}: the enforcement level is {level!r}, which does not exist;"
            f" {meant(level, LEVELS)}"
        )
        return None
    return level
