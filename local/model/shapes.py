"""What AWS's API models say about a request: patterns, lengths, ranges and enumerations, from the
data that botocore carries.

botocore itself checks only required members, types and lower bounds before it sends a request; the
service refuses the rest. This walks Pulumi's inputs along a request's shape and reports what the
service would refuse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from local.values import Secret, Unknown

_SPACES: Final = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SIGNS: Final = r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2bff\u3001-\u303f"

JAVA: Final = {
    r"\p{L}": r"\w",
    r"\p{M}": "\u0300-\u036f",
    r"\p{N}": r"\d",
    r"\p{P}": _SIGNS,
    r"\p{S}": _SIGNS,
    r"\p{Zs}": _SPACES,
    r"\p{Z}": _SPACES,
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\p{Print}": "[ -~]",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010ffff",
    r"[\w-_]": r"[\w\-_]",
}
"""What AWS's patterns say in Java's expressions, and how Python's say it. Letters include `_`."""

INLINE: Final = ""
"""As a name in `Request.names`: the members of this object are members of the request itself."""


@dataclass(frozen=True)
class Refusal:
    """One value that AWS refuses."""

    path: str
    """Pulumi's path to it: `rootDirectory.path`."""
    reason: str
    """What is given and what is allowed."""

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """The operation that creates a resource."""

    service: str
    operation: str
    names: Mapping[str, str] = field(default_factory=dict)
    """Pulumi's path to the member's name, where they differ in more than case."""


def refusals(request: Request, inputs: Mapping[str, Any]) -> list[Refusal]:
    """What the operation refuses of `inputs`. Inputs that are no member of the request, or not
    known yet, are not judged.
    """
    shape = _model(request.service).operation_model(request.operation).input_shape
    return list(_walk(request, shape, inputs, ""))


def matches(pattern: str, value: str) -> bool:
    """Whether all of `value` matches a pattern as AWS writes it."""
    return _compiled(pattern).fullmatch(value) is not None


class Hidden(str):
    """A secret text: judged, but never shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "[secret]"


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in JAVA.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def _walk(request: Request, shape: Shape, value: Any, path: str) -> Iterator[Refusal]:
    if isinstance(value, Secret):
        value = Hidden(value.value) if isinstance(value.value, str) else value.value
    # Providers leave an empty map out of the request: no tags are not a list of tags that is too
    # short.
    if value is None or isinstance(value, Unknown) or value == {}:
        return
    match shape, _fitting(shape, value):
        case StructureShape(), Mapping() as members:
            for name, item in members.items():
                yield from _walk_member(request, shape, name, item, path)
        case ListShape(), list() as items:
            yield from _ranged(shape, len(items), path, "has", "entries")
            for index, item in enumerate(items):
                yield from _walk(request, shape.member, item, f"{path}[{index}]")
        case MapShape(), Mapping() as entries:
            yield from _ranged(shape, len(entries), path, "has", "entries")
            for key, item in entries.items():
                yield from _walk(request, shape.key, key, f"{path} key")
                yield from _walk(request, shape.value, item, f"{path}.{key}")
        case _, str() as text if shape.type_name == "string":
            yield from _text(shape, text, path)
        case _, int() | float() as number if shape.type_name in (
            "integer",
            "long",
            "double",
            "float",
        ):
            yield from _ranged(shape, number, path, "is", "")


def _walk_member(
    request: Request, shape: StructureShape, name: str, value: Any, path: str
) -> Iterator[Refusal]:
    at = f"{path}.{name}".lstrip(".")
    known = request.names.get(re.sub(r"\[\d+\]", "", at), name)
    if known == INLINE:
        for inner, item in value.items():
            yield from _walk_member(request, shape, inner, item, at)
        return
    member = next(
        (member for other, member in shape.members.items() if other.lower() == known.lower()), None
    )
    if member is not None:
        yield from _walk(request, member, value, at)


def _fitting(shape: Shape, value: Any) -> Any:
    """`value` in the form of `shape`: JSON is read, one object is a list of one or the reverse, a
    mapping is a list of pairs.
    """
    if isinstance(value, str) and isinstance(shape, ListShape | StructureShape):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(shape, StructureShape) and isinstance(value, list) and len(value) == 1:
        return value[0]
    if isinstance(shape, ListShape) and isinstance(value, Mapping):
        pair = isinstance(shape.member, StructureShape) and len(shape.member.members) == 2
        return (
            [dict(zip(shape.member.members, item, strict=True)) for item in value.items()]
            if pair
            else [value]
        )
    return value


def _ranged(shape: Shape, value: float, path: str, verb: str, unit: str) -> Iterator[Refusal]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        allowed = (
            f"at most {high}"
            if low is None
            else f"at least {low}"
            if high is None
            else f"{low}-{high}"
        )
        yield Refusal(path, f"{verb} {value:g}{f' {unit}' if unit else ''}; AWS allows {allowed}")


def _text(shape: Shape, value: str, path: str) -> Iterator[Refusal]:
    yield from _ranged(shape, len(value), path, "has", "characters")
    if shape.enum and value not in shape.enum:
        yield Refusal(path, f"is {value!r}; AWS allows {', '.join(shape.enum)}")
    if (pattern := shape.metadata.get("pattern")) and not matches(pattern, value):
        yield Refusal(path, f"is {value!r}; AWS allows {pattern}")
