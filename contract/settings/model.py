"""`Settings`: a class of settings, each checked by itself and then all together.

Pydantic does the checking. This module turns what it finds, for every setting at once, into
problems that name setting, value, what is allowed and the fix.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from contract.settings.declaration import Setting
from contract.settings.problems import NOT_SET, SECRET, InvalidSettings, Names, Problem, Problems

Rule = Callable[..., Problems]
"""What must hold between settings. Its parameters are names of settings, and `names`; it yields
problems. It runs when all of its settings are valid by themselves."""

AnySettings = TypeVar("AnySettings", bound="Settings")


class Settings(BaseModel):
    """Base of every class of settings: frozen, strict, no unknown names.

    Constructing one checks all values; `failure` lists every problem.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    rules: ClassVar[tuple[Rule, ...]] = ()
    """Rules that this class adds to those of its bases."""
    failure: ClassVar[type[InvalidSettings]] = InvalidSettings
    """What the constructor raises."""

    if not TYPE_CHECKING:  # a type checker takes the signature from the fields

        def __init__(self, **values: Any) -> None:
            reading = read(type(self), values, Source())
            if reading.problems:
                raise self.failure(reading.problems)
            super().__init__(**values)

    @model_validator(mode="before")
    @classmethod
    def _without_defaults(cls, values: Any) -> Any:
        """A default given explicitly is as good as none: a shape may not admit it ("")."""
        return {name: value for name, value in values.items() if not cls._is_default(name, value)}

    @classmethod
    def _is_default(cls, name: str, value: object) -> bool:
        if name not in cls.model_fields:
            return False
        default = cls.model_fields[name].default
        return type(value) is type(default) and bool(value == default)

    @classmethod
    def declared(cls) -> dict[str, Setting]:
        """The settings of this class, by Python name, in the order of their declaration."""
        return _declared(cls)

    @classmethod
    def variable(cls, name: str) -> str:
        """Environment variable of the setting with this Python name. A `KeyError` when there is
        none.
        """
        return cls.declared()[name].variable

    @classmethod
    def all_rules(cls) -> tuple[Rule, ...]:
        """Rules of the class and of its bases."""
        return tuple(
            rule for base in reversed(cls.__mro__) for rule in base.__dict__.get("rules", ())
        )

    def environment_of(self, part: type[Settings]) -> dict[str, str]:
        """The values of `part`'s settings, which this class has too, as environment variables.

        What is not set is left out.
        """
        entries = part.declared().items()
        texts = {entry.variable: to_text(getattr(self, name)) for name, entry in entries}
        return {variable: text for variable, text in texts.items() if text}


def to_text(value: object) -> str:
    """A value as an environment variable holds it; the entries of a list are separated
    by spaces.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, tuple) else str(value)


@functools.cache
def _declared(cls: type[Settings]) -> dict[str, Setting]:
    schemas = cls.model_json_schema()["properties"]
    fields = cls.model_fields.items()
    return {name: Setting.of(name, field, schemas[name]) for name, field in fields}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where values come from, as far as an error has to say it. As it is: keyword arguments."""

    name: Callable[[Setting], str] = lambda entry: entry.name
    shown: Mapping[str, str] = field(default_factory=dict)
    """Values as they were written, by Python name."""
    advice: Callable[[Setting], str] = lambda entry: f"correct {entry.name}"
    """How to correct a setting about which nothing better is known."""


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[AnySettings]):
    """What was found: values, and what is wrong."""

    cls: type[AnySettings]
    values: dict[str, Any]
    """Valid values and defaults, by Python name. A setting with a problem is not among them."""
    names: dict[str, str]
    """Python name → the name by which the source knows the setting."""
    problems: list[Problem]

    def settings(self) -> AnySettings:
        """The settings. Raises the class's `failure` when there are problems."""
        if self.problems:
            raise self.cls.failure(self.problems)
        return self.cls.model_construct(**self.values)


def read(
    cls: type[AnySettings],
    values: Mapping[str, Any],
    source: Source,
    *,
    late: Mapping[str, Any] | None = None,
    beside: Reading[Any] | None = None,
) -> Reading[AnySettings]:
    """Check `values`, then the rules between them.

    `late` holds what only the deployment knows: it counts as given and is not checked. `beside` was
    read from the same source and takes part in the rules.
    """
    late = late or {}
    declared = cls.declared()
    faults = {name: fault for name, fault in _faults(cls, values).items() if name not in late}
    good = {name: entry.default for name, entry in declared.items() if not entry.required}
    good |= {**values, **late}
    good = {name: value for name, value in good.items() if name not in faults}
    problems = [
        _problem(entry, values, faults[name], source)
        for name, entry in declared.items()
        if name in faults
    ]
    problems += [_unknown(cls, name) for name in faults if name not in declared]
    names = {name: source.name(entry) for name, entry in declared.items()}
    if beside:
        problems += contradictions(
            cls.all_rules(), {**beside.values, **good}, {**beside.names, **names}
        )
    else:
        problems += contradictions(cls.all_rules(), good, names)
    return Reading(cls=cls, values=good, names=names, problems=problems)


def _faults(cls: type[Settings], values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What pydantic refuses: the context of the first error of each setting, by Python name."""
    try:
        BaseModel.__init__(cls.__new__(cls), **values)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return {str(entry["loc"][0]): entry.get("ctx", {}) for entry in reversed(found)}
    return {}


def contradictions(
    rules: tuple[Rule, ...], values: Mapping[str, Any], names: Names
) -> list[Problem]:
    """What the rules find among `values`; a rule that needs another setting does not run."""
    problems: list[Problem] = []
    for rule in rules:
        needed = [name for name in inspect.signature(rule).parameters if name != "names"]
        if all(name in values for name in needed):
            problems += rule(names=names, **{name: values[name] for name in needed})
    return problems


def _problem(
    entry: Setting, values: Mapping[str, Any], fault: Mapping[str, Any], source: Source
) -> Problem:
    value = NOT_SET
    if entry.name in values:
        value = SECRET if entry.secret else source.shown.get(entry.name, repr(values[entry.name]))
    return Problem(
        key=source.name(entry),
        value=value,
        allowed=entry.description,
        fix=f"{fault['fix']} in {source.name(entry)}" if fault.get("fix") else source.advice(entry),
    )


def _unknown(cls: type[Settings], name: str) -> Problem:
    known = ", ".join(cls.model_fields)
    return Problem(key=name, value="given", allowed=f"only {known}", fix=f"remove {name}")
