"""Config keys declared once, as fields of a frozen dataclass: type, default, what is allowed, help. Pure; knows no Pulumi.

A field made by `key(...)` is read from the config key of the same name in camelCase. `read` collects every bad key before it fails,
so that a person corrects them in one go.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeVar

REQUIRED: Final = dataclasses.MISSING
SPEC: Final = "config-key"

T = TypeVar("T")
KeyType = Literal["string", "integer", "boolean", "array"]
PYTHON_TYPES: Final[dict[str, KeyType]] = {"str": "string", "int": "integer", "bool": "boolean", "tuple[str, ...]": "array"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Problem:
    """One bad key."""

    key: str
    value: str
    """As the person wrote it; `<secret>` for a secret, `not set` for a missing one."""
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key} is {self.value}; allowed: {self.allowed}. Fix: {self.fix}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spec:
    """What a key admits."""

    help: str
    """One or two sentences with the unit."""
    group: str
    allowed: str
    """What is allowed, in words."""
    check: Callable[[Any], bool]
    fix: str
    secret: bool = False


def key(
    *,
    help: str,
    group: str,
    default: Any = REQUIRED,
    choices: Sequence[str] | None = None,
    within: tuple[int, int] | None = None,
    unit: str = "",
    pattern: str | None = None,
    example: str = "",
    allowed: str = "",
    check: Callable[[Any], bool] | None = None,
    fix: str = "",
    secret: bool = False,
) -> Any:
    """Declare a key. Exactly one of `choices`, `within` (inclusive, in `unit`), `pattern` (for a string, or each entry of an array)
    and `check` says what is allowed; a boolean needs none. An empty string always means "not set" where it is the default."""
    tests: list[Callable[[Any], bool]] = [check] if check else []
    if choices:
        allowed = allowed or "one of " + ", ".join(choices)
        tests.append(lambda value: value in choices)
    if within:
        allowed = allowed or f"{within[0]}-{within[1]}{' ' + unit if unit else ''}"
        tests.append(lambda value: within[0] <= value <= within[1])
    if pattern:
        compiled = re.compile(pattern)
        tests.append(lambda value: all(map(compiled.fullmatch, [value] if isinstance(value, str) else value)))
    if example:
        allowed = f"{allowed}, such as {example}" if allowed else f"a text such as {example}"

    def accepts(value: Any) -> bool:
        return (default == value and type(default) is type(value)) or all(test(value) for test in tests)

    spec = Spec(help=help, group=group, allowed=allowed, check=accepts, fix=fix, secret=secret)
    return dataclasses.field(default=default, metadata={SPEC: spec})


def given(value: object) -> bool:
    """Whether a key has a value: neither the empty text or list, nor absent. A value that only the deployment knows is given."""
    return bool(value) if value is None or isinstance(value, str | tuple) else True


def camel_case(name: str) -> str:
    """`idle_timeout_seconds` → `idleTimeoutSeconds`."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def fields(cls: type[Any]) -> dict[str, dataclasses.Field[Any]]:
    """Fields that are config keys, by key."""
    return {camel_case(field.name): field for field in dataclasses.fields(cls) if SPEC in field.metadata}


def key_type(field: dataclasses.Field[Any]) -> KeyType:
    """The key's type in Pulumi's config schema. `Literal` types are strings."""
    return PYTHON_TYPES.get(str(field.type), "string")


def read(cls: type[T], lookup: Callable[[str], object], present: Iterable[str], *, stack: str) -> tuple[dict[str, Any], list[Problem]]:
    """Values of all keys by field name, and a `Problem` for each bad, missing or misspelt one.

    `lookup` returns a key's raw value or None; `present` are the keys that the stack sets.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    known = fields(cls)
    for name, field in known.items():
        spec: Spec = field.metadata[SPEC]
        raw = lookup(name)
        if raw is None:
            if field.default is REQUIRED:
                problems.append(Problem(key=name, value="not set", allowed=spec.allowed, fix=spec.fix or _set(stack, name)))
            else:
                values[field.name] = field.default
            continue
        try:
            value = parse(raw, key_type(field))
            accepted = bool(spec.check(value))
        except ValueError:
            accepted = False
        if accepted:
            values[field.name] = value
        else:
            shown = "<secret>" if spec.secret else _as_written(raw, key_type(field))
            problems.append(Problem(key=name, value=shown, allowed=describe(field), fix=spec.fix or _set(stack, name)))
    for name in sorted(set(present) - known.keys()):
        close = difflib.get_close_matches(name, known, n=1)
        fix = f"write {close[0]}" if close else f"remove it from Pulumi.{stack}.yaml; docs/config.md lists the keys"
        problems.append(Problem(key=name, value="set", allowed="only keys that this program knows", fix=fix))
    return values, problems


def describe(field: dataclasses.Field[Any]) -> str:
    """What the key allows, in words, with its type."""
    words = {"string": "a text", "integer": "a whole number", "boolean": "true or false", "array": "a list of texts"}[key_type(field)]
    allowed: str = field.metadata[SPEC].allowed
    if key_type(field) in ("string", "boolean") or not allowed:
        return allowed or words
    return f"{words}: {allowed}"


def parse(raw: object, kind: KeyType) -> Any:
    """The typed value of a raw one, which may be typed already or be its text. Raises `ValueError` when it does not fit."""
    if kind == "string" and isinstance(raw, str):
        return raw
    value = json.loads(raw) if isinstance(raw, str) else raw
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "array" and isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return tuple(value)
    raise ValueError(f"{raw!r} is no {kind}")


def _as_written(raw: object, kind: KeyType) -> str:
    """A raw value as it stands in the stack's file."""
    return raw if isinstance(raw, str) and kind != "string" else json.dumps(raw)


def _set(stack: str, name: str) -> str:
    return f"set it in Pulumi.{stack}.yaml, or: pulumi config set {name} <value> --stack {stack}"
