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

from ..refusals import allowed, shown_of, unknown

Json = dict[str, Any]
NESTED: Final = frozenset({"items", "prefixItems", "properties", "additionalProperties", "$ref"})


class Shape:
    """Of one tool's arguments."""

    def __init__(self, input_schema: Json) -> None:
        self._required: list[str] = input_schema["required"]
        self._schemas: dict[str, Json] = input_schema["properties"]
        self._members = {
            name: jsonschema.Draft202012Validator(_flat(schema))
            for name, schema in self._schemas.items()
        }

    def refusal(self, arguments: Mapping[str, Any]) -> str | None:
        """What is wrong with the arguments; None: nothing that can be seen here."""
        for name in self._required:
            if name not in arguments:
                return f"the argument `{name}` is missing; it must be {self._allowed(name)}"
        for name, value in arguments.items():
            if name not in self._members:
                return unknown("the argument", name, self._members, "this tool")
            if not self._members[name].is_valid(value):
                given = shown_of([name], value, self._schemas[name])
                return f"the argument `{name}` must be {self._allowed(name)}; got {given}"
        return None

    def _allowed(self, name: str) -> str:
        return allowed(_flat(self._schemas[name]))


def _flat(schema: Json) -> Json:
    """Without what is within a list or an object."""
    flat = {key: value for key, value in schema.items() if key not in NESTED}
    for key in ("anyOf", "oneOf", "allOf"):
        if key in flat:
            flat[key] = [_flat(each) for each in flat[key]]
    return flat
