"""How a setting is declared, and what its declaration tells.

Pydantic checks values and describes types; this module adds names and words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

VARIABLE_PREFIX: Final = "ASTRO_LIVE_"
UNFIT: Final = "unfit"
"""Type of the error that a `Shape` raises inside pydantic."""

Kind = Literal["string", "integer", "boolean", "array", "object"]
KIND_WORDS: Final[Mapping[Kind, str]] = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list of texts",
    "object": "texts by name",
}


@dataclass(frozen=True)
class Shape:
    """What a value must look like beyond its type; used as `Annotated[str, Shape(…)]`."""

    allowed: str
    """In words: "an https origin without a path"."""
    check: Callable[[Any], bool]
    """Whether the value fits. A `ValueError` counts as no."""
    example: str = ""
    fix: Callable[[Any], str] | None = None
    """How to correct a refused value ("write 10.0.0.0/8"); an empty text leaves it to the general
    advice.
    """
    pattern: str = ""
    """Expression that a text, or each text of a list, matches as a whole, where that is all of the
    check.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return AfterValidator(self._accept).__get_pydantic_core_schema__(source, handler)

    def _accept(self, value: Any) -> Any:
        try:
            fits = self.check(value)
        except (ValueError, RecursionError):
            fits = False
        if not fits:
            fix = self.fix(value) if self.fix else ""
            raise PydanticCustomError(UNFIT, "does not fit", {"fix": fix})
        return value


def one_of(choices: Sequence[Any]) -> Shape:
    """One of `choices` that come from a table; where they are few, `Literal` says the same."""
    *most, last = map(str, choices)
    if isinstance(choices[0], str):
        return Shape(f"one of {', '.join((*most, last))}", choices.__contains__)
    return Shape(f"{', '.join(most)} or {last}", choices.__contains__)


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What a declaration says besides its type."""

    group: str
    unit: str
    variable: str
    secret: bool
    late: bool


def setting(
    default: Any = ...,
    help: str = "",
    *,
    group: str = "",
    within: tuple[int, int] | None = None,
    unit: str = "",
    variable: str = "",
    secret: bool = False,
    late: bool = False,
) -> Any:
    """Declare a setting.

    `default`: `...` makes it required; an empty text or list means "not set". `help`: one or two
    sentences. `group`: heading in the reference. `within`: smallest and largest number, in `unit`.
    `variable`: environment variable, where it is not `ASTRO_LIVE_{NAME}`. `secret`: never shown,
    and only encrypted in a stack. `late`: another resource may yield it during a deployment.
    """
    low, high = within or (None, None)
    field: FieldInfo = Field(default, description=help, ge=low, le=high, repr=not secret)
    words = _Words(group=group, unit=unit, variable=variable, secret=secret, late=late)
    field.metadata.append(words)
    return field


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A declared setting, as readers and writers see it."""

    name: str
    """Python name: `max_sessions`."""
    kind: Kind
    required: bool
    default: Any
    """None for a required setting."""
    help: str
    group: str
    allowed: str
    """What is allowed, in words, without the kind; empty where the kind says it all."""
    secret: bool
    late: bool
    is_path: bool
    variable: str
    """Environment variable: `ASTRO_LIVE_MAX_SESSIONS`."""

    @classmethod
    def of(cls, name: str, field: FieldInfo, schema: Mapping[str, Any]) -> Setting:
        """The view of pydantic's `field`, with its JSON schema."""
        words = next(entry for entry in field.metadata if isinstance(entry, _Words))
        return cls(
            name=name,
            kind=schema["type"],
            required=field.is_required(),
            default=None if field.is_required() else field.default,
            help=field.description or "",
            group=words.group,
            allowed=_allowed(field, schema, words.unit),
            secret=words.secret,
            late=words.late,
            is_path=field.annotation is Path,
            variable=words.variable or VARIABLE_PREFIX + name.upper(),
        )

    @property
    def key(self) -> str:
        """Stack key without its namespace: `maxSessions`."""
        first, *rest = self.name.split("_")
        return first + "".join(map(str.capitalize, rest))

    @property
    def description(self) -> str:
        """What is allowed, in words, with the kind."""
        if self.kind in ("string", "boolean") or not self.allowed:
            return self.allowed or KIND_WORDS[self.kind]
        return f"{KIND_WORDS[self.kind]}: {self.allowed}"


def _allowed(field: FieldInfo, schema: Mapping[str, Any], unit: str) -> str:
    shape = next((entry for entry in field.metadata if isinstance(entry, Shape)), None)
    if shape:
        return f"{shape.allowed}, such as {shape.example}" if shape.example else shape.allowed
    if choices := schema.get("enum"):
        return f"one of {', '.join(map(str, choices))}"
    if "minimum" in schema:
        return f"{schema['minimum']}-{schema['maximum']}" + (f" {unit}" if unit else "")
    return ""
