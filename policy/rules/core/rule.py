"""What a rule is: an id, words for people, a configuration schema, and a function from a resource
(or a stack) to findings.

Rules are plain data and pure functions, so they can be listed, documented and tested without a
running policy pack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from .exemption import Exemption
from .findings import Finding, unjudged
from .joins import Stack
from .resource import Resource

__all__ = [
    "ClosingRule",
    "Finding",
    "Level",
    "Resource",
    "ResourceRule",
    "Rule",
    "Schema",
    "Settings",
    "Severity",
    "Spared",
    "Stack",
    "StackRule",
    "number",
    "texts",
    "unjudged",
]

Level: TypeAlias = Literal["mandatory", "advisory", "disabled"]
Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
Schema: TypeAlias = Mapping[str, object]
Settings: TypeAlias = Mapping[str, object]

WHEN_UNKNOWN: Schema = {
    "type": "string",
    "enum": ["advisory", "mandatory", "ignore"],
    "default": "advisory",
    "description": (
        "What to do about a value that is not known before the update: warn, count it as a"
        " violation, or keep silent."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What resource rules and stack rules have in common."""

    id: str
    """Kebab-case; names the rule in configuration, reports and exemptions."""

    title: str
    """What holds when the rule is met, as a short sentence."""

    reason: str
    """Why it matters: what breaks or who gets in."""

    fix: str
    """What to change, in the terms of a Pulumi program."""

    link: str
    """The AWS or upstream page behind the rule."""

    severity: Severity
    level: Level

    properties: Mapping[str, Schema] = field(default_factory=dict)
    """JSON schema of each setting; every one has a default that holds without any configuration."""

    when_unknown: Literal["advisory", "mandatory", "ignore"] = "advisory"
    """Default of the `whenUnknown` setting."""

    sense: Callable[[Settings], Iterable[str]] | None = None
    """Problems of settings that fit their schemas one by one and make no sense together, each
    beginning with the setting.
    """

    shares: Rule | None = None
    """A rule that this one completes: its settings hold here too, whether or not it is switched off
    itself.
    """

    @property
    def schema(self) -> dict[str, dict[str, object]]:
        """All settings with their JSON schemas."""
        own = {name: dict(schema) for name, schema in self.properties.items()}
        return {**own, "whenUnknown": {**WHEN_UNKNOWN, "default": self.when_unknown}}

    def settings(
        self, config: Mapping[str, object] | None = None, shared: Settings | None = None
    ) -> Settings:
        """The settings in force: those of the rule that this one completes, its own defaults, then
        what was configured for it.

        The engine fills defaults in too, but a bare analyzer does not.
        """
        if self.shares and shared is None:
            shared = self.shares.settings()
        return {**(shared or {}), **self._defaults, **(config or {})}

    @cached_property
    def _defaults(self) -> Settings:
        return {name: schema["default"] for name, schema in self.schema.items()}


def number(settings: Settings, name: str) -> int:
    """A setting that its schema declares as an integer."""
    return int(settings[name])  # type: ignore[call-overload, no-any-return]


def texts(settings: Settings, name: str) -> tuple[str, ...]:
    """A setting that its schema declares as a list of strings."""
    return tuple(settings[name])  # type: ignore[arg-type]


ResourceCheck: TypeAlias = Callable[[Resource, Settings], Iterable[Finding]]
StackCheck: TypeAlias = Callable[[Stack, Settings], Iterable[Finding]]
Remedy: TypeAlias = Callable[[Resource, Settings], Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """Judges each resource before it is created or updated, so a violation stops the update."""

    types: frozenset[str] | None
    """Type tokens the rule is about; `None` for every resource."""

    check: ResourceCheck
    remedy: Remedy | None = None
    """Properties to set so that the rule is met; used only under the opt-in enforcement level
    `remediate`.
    """


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """Judges all resources together after they were processed: it blocks at preview, and only
    reports during an update.
    """

    check: StackCheck


Spared: TypeAlias = Mapping[Exemption, tuple[str, ...]]
"""Every exemption, and the messages that it kept from being reported."""


@dataclass(frozen=True, kw_only=True)
class ClosingRule(Rule):
    """Reports on the run itself, after every other rule has judged the stack. Nothing is exempt
    from it.
    """

    check: Callable[[Stack, Settings, Spared], Iterable[Finding]]
