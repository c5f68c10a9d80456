"""Resource properties as plain Python data, with values unknown at preview as one explicit marker.

Pulumi's policy SDK wraps properties in proxies that raise as soon as an unknown value is touched; a rule that meets one half-way
would lose the violations it has not reached yet. So the whole tree is unwrapped once, before any rule runs, and a rule decides by
itself what an `UNKNOWN` means for it.

Numbers arrive as floats, because the engine sends properties as protobuf structs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, TypeAlias

from pulumi_policy.proxy import UnknownValueError


class Unknown(Enum):
    """The type of `UNKNOWN`: a value that exists, but not before the update has run."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false; compare it with `is UNKNOWN` first")


UNKNOWN: Final = Unknown.UNKNOWN

Value: TypeAlias = "bool | float | str | Unknown | list[Value] | dict[str, Value] | object | None"
"""A property: plain data, `UNKNOWN`, or an opaque object (Pulumi's assets and archives)."""

Properties: TypeAlias = dict[str, Value]


def plain(proxy: Mapping[str, object]) -> Properties:
    """Unwrap the SDK's proxies. The engine's own `__defaults` bookkeeping is dropped at every depth."""
    return {key: _element(proxy, key) for key in proxy if key != "__defaults"}


def _element(container: Mapping[str, object] | Sequence[object], key: str | int) -> Value:
    try:
        return _plain_value(container[key])  # type: ignore[index]
    except UnknownValueError:
        return UNKNOWN


def _plain_value(value: object) -> Value:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        # by index, because slices and iteration of the SDK's list proxy treat unknowns differently
        return [_element(value, index) for index in range(len(value))]
    return value


def has_unknown(value: Value) -> bool:
    """Whether an unknown stands anywhere inside `value`."""
    if value is UNKNOWN:
        return True
    if isinstance(value, dict):
        return any(has_unknown(each) for each in value.values())
    return isinstance(value, list) and any(has_unknown(each) for each in value)


def as_list(value: Value) -> list[Value]:
    """`value` as a list: absent is empty, and a single value stands for a list of one (an unknown list for one unknown)."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_dict(value: Value) -> Properties:
    """`value` when it is an object, else an empty one. Check for `UNKNOWN` before."""
    return value if isinstance(value, dict) else {}


def objects(value: Value) -> Iterator[Properties | Unknown]:
    """The elements of a list of objects; anything that is not an object counts as unknown, never as absent."""
    for each in as_list(value):
        yield each if isinstance(each, dict) else UNKNOWN


def integer(value: Value) -> int | None:
    """A whole number from a float, an int or the decimal text that some AWS types use for numbers; `None` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if value == int(value) else None
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


_WORDS: Final = re.compile(
    "HTTP|HTTPS|TCP|UDP|TLS|TCP_UDP|HTTP1|HTTP2|GRPC|http|https|http1|http2|grpc|application|network|gateway|ip|instance|alb|lambda"
    "|lb_cookie|app_cookie|source_ip|source_ip_dest_ip|source_ip_dest_ip_proto|defensive|strictest|monitor|append|preserve|remove"
    "|forward|redirect|fixed-response|authenticate-cognito|authenticate-oidc|ENABLED|DISABLED|enabled|disabled|true|false|True|False"
    "|MUTABLE|IMMUTABLE|MUTABLE_WITH_EXCLUSION|IMMUTABLE_WITH_EXCLUSION|awsvpc|bridge|host|none|task|awslogs|json-file|root|root:root"
)
_HARMLESS: Final = re.compile(r"ELBSecurityPolicy-[A-Za-z0-9-]{1,60}|[0-9]{1,5}(?:[-,:][0-9]{1,5})*|/?")
"""Names of AWS's TLS policies, small numbers (ports, codes, permissions, user ids), the root path and nothing at all."""


def show(value: Value) -> str:
    """A value for a message. Secrets arrive as plain text without a mark, so a text is shown only when it is one of AWS's own words."""
    if value is None:
        return "not set"
    if value is UNKNOWN:
        return "not known yet"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value) if value == int(value) else value)
    if isinstance(value, str):
        return repr(value) if _WORDS.fullmatch(value) or _HARMLESS.fullmatch(value) else f"a text of {len(value)} characters"
    return "a list" if isinstance(value, list) else "an object"
