"""Whether the arguments of a tool's call have the shape that its schema says.

Only what the call needs to become a request is looked at: names, and the types of single values.
What is within a list or an object is judged by the API, which stops at its limits. `jsonschema`
knows none: it tries each alternative of each member, and needs half a minute for 10,000 empty
objects in a list of 1,000 at most, in which the gateway answers nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jsonschema

Json = dict[str, Any]
NESTED: Final = frozenset({"items", "prefixItems", "properties", "additionalProperties", "$ref"})
SHOWN: Final = 60


class Shape:
    """Of one tool's arguments."""

    def __init__(self, input_schema: Json) -> None:
        self._required: list[str] = input_schema["required"]
        self._members = {
            name: jsonschema.Draft202012Validator(_flat(schema))
            for name, schema in input_schema["properties"].items()
        }

    def refusal(self, arguments: Mapping[str, Any]) -> str | None:
        """What is wrong with the arguments; None: nothing that can be seen here."""
        for name in self._required:
            if name not in arguments:
                return f"{name!r} is a required property"
        for name, value in arguments.items():
            if name not in self._members:
                return (
                    f"there is no argument {name[:SHOWN]!r}; there are {', '.join(self._members)}"
                )
            for error in self._members[name].iter_errors(value):
                return f"argument {name!r}: {_shown(error)}"
        return None


def _flat(schema: Json) -> Json:
    """Without what is within a list or an object."""
    flat = {key: value for key, value in schema.items() if key not in NESTED}
    for key in ("anyOf", "oneOf", "allOf"):
        if key in flat:
            flat[key] = [_flat(each) for each in flat[key]]
    return flat


def _shown(error: jsonschema.ValidationError) -> str:
    """jsonschema's own message has the whole value in it."""
    value = error.instance
    given = (
        f"{type(value).__name__} of {len(value)}"
        if isinstance(value, list | dict)
        else repr(value[:SHOWN] if isinstance(value, str) else value)[: SHOWN + 2]
    )
    return (
        f"{given} is not allowed; allowed is {error.validator} {str(error.validator_value)[:200]}"
    )
