"""Resource properties as plain Python data, with values that are not known before the update as one
explicit marker.

A value is unknown at preview when it comes from a resource that is still to be created. A rule must
not stumble over one, or it would lose the violations that it has not reached yet. So the marker is
an ordinary value, and `place.Place` turns it into an outcome.

Numbers arrive as floats, because the engine sends properties as protobuf structs; `encoding` makes
whole ones integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias


class Unknown(Enum):
    """The type of `UNKNOWN`: a value that exists, but not before the update has run."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError(
            "an unknown value is neither true nor false; compare it with `is UNKNOWN` first"
        )

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that must not be shown. Rules see its content; a remediation and the local stack keep
    the wrapper.
    """

    value: Any

    def __repr__(self) -> str:
        return "<secret>"


@dataclass(frozen=True)
class ResourceReference:
    """A resource passed as a value."""

    urn: str
    id: Any = None


Value: TypeAlias = "bool | float | str | Unknown | list[Value] | dict[str, Value] | object | None"
"""A property: plain data, `UNKNOWN`, a `Secret`, or a `ResourceReference`."""

Properties: TypeAlias = dict[str, Value]


def transform(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with `change` applied to every leaf, secrets and unknowns included, containers
    rebuilt.
    """
    if isinstance(value, Mapping):
        return {name: transform(item, change) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [transform(item, change) for item in value]
    return change(value)


def reveal(value: Any) -> Any:
    """`value` without its secret wrappers, at any depth. For judging, never for printing."""
    return transform(value, lambda leaf: reveal(leaf.value) if isinstance(leaf, Secret) else leaf)


def has_unknown(value: Value) -> bool:
    """Whether an unknown stands anywhere inside `value`."""
    if isinstance(value, Mapping):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(each) for each in value)
    return has_unknown(value.value) if isinstance(value, Secret) else value is UNKNOWN


def leaves(value: Value) -> Iterator[Value]:
    """Everything inside `value` that is neither a list nor an object."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def as_list(value: Value) -> list[Value]:
    """`value` as a list: absent is empty, and a single value stands for a list of one (an unknown
    list for one unknown).
    """
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_dict(value: Value) -> Properties:
    """`value` when it is an object, else an empty one. Check for `UNKNOWN` before."""
    return value if isinstance(value, dict) else {}


def integer(value: Value) -> int | None:
    """A whole number from a float, an int or the decimal text that some AWS types use for numbers;
    `None` for anything else.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if math.isfinite(value) and value == int(value) else None
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            return None
    return None


def boolean(value: Value) -> bool | None:
    """A boolean, also from the text `true` or `false`; `None` for anything else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    return None
