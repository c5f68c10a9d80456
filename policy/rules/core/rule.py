"""What a rule is: an id, words for people, a configuration schema, and a function from a resource (or a stack) to findings.

Rules are plain data and pure functions, so they can be listed, documented and tested without a running policy pack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .values import Properties

Level: TypeAlias = Literal["mandatory", "advisory", "disabled"]
Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
Schema: TypeAlias = Mapping[str, object]
Settings: TypeAlias = Mapping[str, object]

WHEN_UNKNOWN: Schema = {
    "type": "string",
    "enum": ["advisory", "mandatory", "ignore"],
    "default": "advisory",
    "description": "What to do about a value that is not known before the update: warn, count it as a violation, or keep silent.",
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as a rule sees it. At resource level `props` are its inputs, at stack level its outputs."""

    type: str
    name: str
    urn: str
    props: Properties
    parent: str = ""
    """URN of the parent, empty at the root."""

    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Stack level: property name to the URNs it was made from. The only way to join resources whose ids are not known yet."""

    dependencies: tuple[str, ...] = ()
    """Stack level: URNs of every resource this one waits for."""

    inputs: Properties | None = None
    """Stack level: what the program asked for, when this resource was analysed on its own before; outputs may hold more than that."""

    @property
    def asked(self) -> Properties:
        """The inputs where they are known, else the outputs."""
        return self.props if self.inputs is None else self.inputs


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with one resource, or one thing that cannot be judged yet."""

    message: str
    """Subject, found value and what is allowed, as one sentence without its full stop."""

    urn: str = ""
    """Stack level: the resource to blame; empty blames the stack."""

    known: bool = True
    """False: a value is not known before the update, so this is no violation but an open question."""


def unjudged(message: str, urn: str = "") -> Finding:
    """A finding that says what could not be judged."""
    return Finding(message=message, urn=urn, known=False)


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
    spec: str
    """Ids of the specification this rule answers to."""

    properties: Mapping[str, Schema] = field(default_factory=dict)
    """JSON schema of each setting; every one has a default that holds without any configuration."""

    when_unknown: Literal["advisory", "mandatory", "ignore"] = "advisory"
    """Default of the `whenUnknown` setting."""

    @property
    def schema(self) -> dict[str, dict[str, object]]:
        """All settings with their JSON schemas."""
        own = {name: dict(schema) for name, schema in self.properties.items()}
        return {**own, "whenUnknown": {**WHEN_UNKNOWN, "default": self.when_unknown}}

    def settings(self, config: Mapping[str, object] | None = None) -> Settings:
        """The settings in force: defaults, then what was configured. The engine fills defaults in too, but a bare analyzer does not."""
        return {**{name: schema["default"] for name, schema in self.schema.items()}, **(config or {})}


def number(settings: Settings, name: str) -> int:
    """A setting that its schema declares as an integer."""
    return int(settings[name])  # type: ignore[call-overload, no-any-return]


def texts(settings: Settings, name: str) -> tuple[str, ...]:
    """A setting that its schema declares as a list of strings."""
    return tuple(settings[name])  # type: ignore[arg-type]


ResourceCheck: TypeAlias = Callable[[Resource, Settings], Iterable[Finding]]
StackCheck: TypeAlias = Callable[[list[Resource], Settings], Iterable[Finding]]
Remedy: TypeAlias = Callable[[Resource, Settings], Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """Judges each resource before it is created or updated, so a violation stops the update."""

    types: frozenset[str] | None
    """Type tokens the rule is about; `None` for every resource."""

    check: ResourceCheck
    remedy: Remedy | None = None
    """Properties to set so that the rule is met; used only under the opt-in enforcement level `remediate`."""


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """Judges all resources together after they were processed: it blocks at preview, and only reports during an update."""

    check: StackCheck
