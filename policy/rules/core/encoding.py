"""Property values on the wire: protobuf structs to plain Python and back, with unknowns and secrets
as distinct values.

Pulumi encodes what JSON cannot say by signature keys inside objects and by sentinel strings
(https://pulumi-developer-docs.readthedocs.io/latest/developer-docs/architecture/deployment-schema.html).
Programs, providers and policy packs send the same structs, so one representation serves the rules,
their test harness and the local stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import struct_pb2

from .values import UNKNOWN, ResourceReference, Secret, Value

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a type mark, not a credential)
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"

UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What language SDKs send for an unknown of any type: `pulumi.runtime.rpc.UNKNOWN`."""

UNKNOWN_SENTINELS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


def from_struct(struct: struct_pb2.Struct, *, judged: bool = False) -> dict[str, Any]:
    """The properties in `struct`. Whole numbers come back as `int`.

    With `judged` they come as rules see them: secrets without their wrapper, and without the
    engine's own `__defaults` at any depth.
    """
    return {
        name: _from_value(value, judged)
        for name, value in struct.fields.items()
        if not (judged and name == "__defaults")
    }


def _from_value(value: struct_pb2.Value, judged: bool) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_SENTINELS else value.string_value
    if kind == "number_value":
        return int(value.number_value) if value.number_value.is_integer() else value.number_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_from_value(item, judged) for item in value.list_value.values]
    if kind == "struct_value":
        return _from_object(value.struct_value, judged)
    return None


def _from_object(struct: struct_pb2.Struct, judged: bool) -> Value:
    fields = from_struct(struct, judged=judged)
    signature = fields.get(SIGNATURE)
    if signature == SECRET:
        return fields.get("value") if judged else Secret(fields.get("value"))
    if signature == RESOURCE:
        return ResourceReference(str(fields["urn"]), fields.get("id"))
    if signature == OUTPUT:
        value = fields.get("value", UNKNOWN)
        return Secret(value) if fields.get("secret") and not judged else value
    return fields


def to_struct(properties: Mapping[str, Any], *, secrets: bool = True) -> struct_pb2.Struct:
    """`properties` as a struct. With `secrets=False` secret values go out without their wrapper."""
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        struct.fields[name].CopyFrom(_to_value(value, secrets))
    return struct


def _to_value(value: Any, secrets: bool) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, Secret):
        return _to_value(
            {SIGNATURE: SECRET, "value": value.value} if secrets else value.value, secrets
        )
    if isinstance(value, ResourceReference):
        reference = {SIGNATURE: RESOURCE, "urn": value.urn}
        return _to_value(reference if value.id is None else {**reference, "id": value.id}, secrets)
    if isinstance(value, Mapping):
        return struct_pb2.Value(
            struct_value=to_struct({str(key): each for key, each in value.items()}, secrets=secrets)
        )
    if isinstance(value, list | tuple):
        return struct_pb2.Value(
            list_value=struct_pb2.ListValue(values=[_to_value(item, secrets) for item in value])
        )
    for attribute in ("path", "text", "uri", "assets"):
        if hasattr(value, attribute):
            signature = ARCHIVE if "Archive" in type(value).__name__ else ASSET
            return _to_value({SIGNATURE: signature, attribute: getattr(value, attribute)}, secrets)
    raise TypeError(
        f"a property of type {type(value).__name__} cannot be sent to Pulumi; resolve outputs"
        " first, or use UNKNOWN"
    )
