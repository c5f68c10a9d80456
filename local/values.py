"""Property values on the wire: protobuf structs to plain Python and back, with unknowns and secrets as values of their own.

Pulumi encodes what JSON cannot say by signature keys inside objects and by sentinel strings
(https://pulumi-developer-docs.readthedocs.io/latest/developer-docs/architecture/deployment-schema.html). In process and over gRPC
the engine's clients send the same structs, so the resource model sees one representation in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a type mark, not a credential)
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN_SENTINELS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string, and what language SDKs send for any type
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown:
    """A value that is computed only when its resource is created."""

    _instance: Unknown | None = None

    def __new__(cls) -> Unknown:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "<unknown>"

    def __deepcopy__(self, _memo: dict[int, Any]) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that must not be shown."""

    value: Any

    def __repr__(self) -> str:
        return "<secret>"


@dataclass(frozen=True)
class ResourceReference:
    """A resource passed as a value."""

    urn: str
    id: Any = None


Properties = dict[str, Any]
"""Property names (camelCase) to str, bool, int, float, None, list, dict, `Unknown`, `Secret` or `ResourceReference`."""


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """The properties in `struct`. Whole numbers come back as `int`."""
    return {name: _from_value(value) for name, value in struct.fields.items()}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_SENTINELS else value.string_value
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _from_object(value.struct_value)
    return None


def _from_object(struct: struct_pb2.Struct) -> Any:
    fields = from_struct(struct)
    signature = fields.get(SIGNATURE)
    if signature == SECRET:
        return Secret(fields.get("value"))
    if signature == RESOURCE:
        return ResourceReference(fields["urn"], fields.get("id"))
    if signature == OUTPUT:
        value = fields.get("value", UNKNOWN)
        return Secret(value) if fields.get("secret") else value
    return fields


def to_struct(properties: Mapping[str, Any], *, secrets: bool = True) -> struct_pb2.Struct:
    """`properties` as a struct. With `secrets=False` secret values go out unwrapped, as the engine does to policy packs."""
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        struct.fields[name].CopyFrom(_to_value(value, secrets))
    return struct


def _to_value(value: Any, secrets: bool) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Secret):
        return _to_value({SIGNATURE: SECRET, "value": value.value} if secrets else value.value, secrets)
    if isinstance(value, ResourceReference):
        reference = {SIGNATURE: RESOURCE, "urn": value.urn}
        return _to_value(reference if value.id is None else {**reference, "id": value.id}, secrets)
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(value, secrets=secrets))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_value(item, secrets) for item in value]))
    raise TypeError(f"a property value of type {type(value).__name__} cannot be sent to Pulumi")


def transform(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` with `change` applied to every leaf, secrets and unknowns included, containers rebuilt."""
    if isinstance(value, Mapping):
        return {name: transform(item, change) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [transform(item, change) for item in value]
    return change(value)


def reveal(value: Any) -> Any:
    """`value` without its secret wrappers, at any depth. For use inside the model, never for printing."""
    return transform(value, lambda leaf: reveal(leaf.value) if isinstance(leaf, Secret) else leaf)


def redact(value: Any) -> Any:
    """`value` as JSON for reports: secrets become `"[secret]"`, unknowns `"[unknown]"`, references their URN."""

    def change(leaf: Any) -> Any:
        if isinstance(leaf, Secret):
            return "[secret]"
        if isinstance(leaf, Unknown):
            return "[unknown]"
        return leaf.urn if isinstance(leaf, ResourceReference) else leaf

    return transform(value, change)


def has_unknown(value: Any) -> bool:
    """Whether an unknown stands anywhere in `value`."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    if isinstance(value, Secret):
        return has_unknown(value.value)
    return isinstance(value, Unknown)
