"""Examples of each message, made from its JSON Schema: the least that it may hold, and the most."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

WORST = "\x01"
"""Takes six bytes of JSON."""


def least(adapter: TypeAdapter[Any]) -> list[Any]:
    """One message of each type with the required fields only, each as short as it may be."""
    return [_value(schema, definitions, most=False) for schema, definitions in _messages(adapter)]


def most(adapter: TypeAdapter[Any]) -> list[Any]:
    """One message of each type with every field at its upper bound."""
    return [_value(schema, definitions, most=True) for schema, definitions in _messages(adapter)]


def _messages(adapter: TypeAdapter[Any]) -> list[tuple[Any, Any]]:
    schema = adapter.json_schema(by_alias=True)
    return [
        ({"$ref": reference}, schema["$defs"])
        for reference in schema["discriminator"]["mapping"].values()
    ]


def _value(schema: Any, definitions: Any, *, most: bool) -> Any:
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rpartition("/")[2]], definitions, most=most)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return max(schema["enum"], key=len) if most else schema["enum"][0]
    if "anyOf" in schema:
        return _value(
            next(option for option in schema["anyOf"] if option.get("type") != "null"),
            definitions,
            most=most,
        )
    match schema["type"]:
        case "object" if "properties" in schema:
            fields = (
                schema["properties"]
                if most
                else {*schema.get("required", ()), *({"type"} & schema["properties"].keys())}
            )
            return {
                name: _value(schema["properties"][name], definitions, most=most) for name in fields
            }
        case "object":
            longest, value = (
                schema["propertyNames"]["maxLength"],
                _value(schema["additionalProperties"], definitions, most=most),
            )
            return (
                {
                    f"{number:03}" + WORST * (longest - 3): value
                    for number in range(schema["maxProperties"])
                }
                if most
                else {}
            )
        case "array":
            count = schema["maxItems"] if most else schema.get("minItems", 0)
            return [_value(schema["items"], definitions, most=most)] * count
        case "string":
            return WORST * schema["maxLength"] if most else "x" * schema.get("minLength", 0)
        case "boolean":
            return most
        case _:
            return schema["maximum" if most else "minimum"]
