"""Between our types and the messages of Pulumi's analyzer protocol, with the marks that the engine puts on special values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages

from .config_schema import PolicyInfo
from .model import UNKNOWN, Diagnostic, PackInfo, Resource, Secret

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (a marker, not a secret)
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Pulumi's signatures of special values: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go"""

_LEVELS: Final = {0: "advisory", 1: "mandatory", 2: "disabled", 3: "remediate"}
LEVEL_NUMBERS: Final = {name: number for number, name in _LEVELS.items()}
_SEVERITIES: Final = {0: "", 1: "low", 2: "medium", 3: "high", 4: "critical"}
_KINDS: Final = {0: "", 1: "resource", 2: "stack"}


def to_wire(value: object) -> Any:
    """A property in the form the engine sends: JSON with signatures for unknowns, secrets, assets and archives."""
    if value is UNKNOWN:
        return _UNKNOWN_STRING
    if isinstance(value, Secret):
        return {_SIGNATURE: _SECRET_SIGNATURE, "value": to_wire(value.value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_wire(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [to_wire(each) for each in value]
    for attribute in ("path", "text", "uri", "assets"):
        if hasattr(value, attribute):
            signature = _ARCHIVE if "Archive" in type(value).__name__ else _ASSET
            return {_SIGNATURE: signature, attribute: to_wire(getattr(value, attribute))}
    raise TypeError(f"a property of type {type(value).__name__} cannot be sent to a policy pack; resolve outputs first, or use UNKNOWN")


def from_wire(value: object) -> object:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET_SIGNATURE:
            return Secret(from_wire(value["value"]))
        return {key: from_wire(each) for key, each in value.items()}
    if isinstance(value, list):
        return [from_wire(each) for each in value]
    return UNKNOWN if value == _UNKNOWN_STRING else value


def struct(properties: Mapping[str, object]) -> struct_pb2.Struct:
    # As in the engine, keys that start with two underscores are internal at the top level (and only there).
    struct = struct_pb2.Struct()
    struct.update({key: to_wire(value) for key, value in properties.items() if not key.startswith("__")})
    return struct


def _options(resource: Resource) -> messages.AnalyzerResourceOptions:
    return messages.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=list(resource.ignore_changes),
        parent=resource.parent or "",
        customTimeouts=messages.AnalyzerResourceOptions.CustomTimeouts(),
    )


def _provider(resource: Resource) -> messages.AnalyzerProviderResource | None:
    provider = resource.provider
    if provider is None:
        return None
    return messages.AnalyzerProviderResource(
        urn=provider.urn, type=provider.type, name=provider.name, properties=struct(provider.properties)
    )


def analyze_request(resource: Resource) -> messages.AnalyzeRequest:
    return messages.AnalyzeRequest(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=struct(resource.properties),
        options=_options(resource),
        provider=_provider(resource),
    )


def stack_resource(resource: Resource) -> messages.AnalyzerResource:
    dependencies = {
        name: messages.AnalyzerPropertyDependencies(urns=list(urns)) for name, urns in resource.property_dependencies.items() if urns
    }
    return messages.AnalyzerResource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=struct(resource.properties),
        options=_options(resource),
        provider=_provider(resource),
        parent=resource.parent or "",
        dependencies=list(resource.dependencies),
        propertyDependencies=dependencies,
    )


def diagnostic(message: messages.AnalyzeDiagnostic) -> Diagnostic:
    return Diagnostic(
        policy=message.policyName,
        pack=message.policyPackName,
        level=_LEVELS[message.enforcementLevel],
        message=message.message,
        description=message.description,
        urn=message.urn,
        severity=_SEVERITIES[message.severity],
    )


def pack_info(message: messages.AnalyzerInfo) -> PackInfo:
    policies = [
        PolicyInfo(
            name=each.name,
            title=each.displayName,
            description=each.description,
            level=_LEVELS[each.enforcementLevel],
            kind=_KINDS[each.policy_type],
            severity=_SEVERITIES[each.severity],
            fix=each.remediation_steps,
            url=each.url,
            schema=json_format.MessageToDict(each.configSchema.properties),
            required=tuple(each.configSchema.required),
        )
        for each in message.policies
    ]
    return PackInfo(name=message.name, version=message.version, policies=tuple(policies))
