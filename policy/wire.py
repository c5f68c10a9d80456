"""Between our types and the messages of Pulumi's analyzer protocol."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages

from .config_schema import PolicyInfo
from .model import Diagnostic, PackInfo, Resource
from .rules.core.encoding import to_struct
from .rules.core.protocol import KIND_NAMES, LEVEL_NAMES, SEVERITY_NAMES


def struct(properties: Mapping[str, object]) -> struct_pb2.Struct:
    # As in the engine, keys that start with two underscores are internal at the top level (and only
    # there).
    return to_struct({key: value for key, value in properties.items() if not key.startswith("__")})


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
        urn=provider.urn,
        type=provider.type,
        name=provider.name,
        properties=struct(provider.properties),
    )


def analyze_request(resource: Resource, *, internal: bool = False) -> messages.AnalyzeRequest:
    """`internal`: with the properties that the engine keeps for itself, as when it asks for
    remediation.
    """
    return messages.AnalyzeRequest(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=to_struct(resource.properties) if internal else struct(resource.properties),
        options=_options(resource),
        provider=_provider(resource),
    )


def stack_resource(resource: Resource) -> messages.AnalyzerResource:
    dependencies = {
        name: messages.AnalyzerPropertyDependencies(urns=list(urns))
        for name, urns in resource.property_dependencies.items()
        if urns
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
        level=LEVEL_NAMES[message.enforcementLevel],
        message=message.message,
        description=message.description,
        urn=message.urn,
        severity=SEVERITY_NAMES[message.severity],
    )


def pack_info(message: messages.AnalyzerInfo) -> PackInfo:
    policies = [
        PolicyInfo(
            name=each.name,
            title=each.displayName,
            description=each.description,
            level=LEVEL_NAMES[each.enforcementLevel],
            kind=KIND_NAMES[each.policy_type],
            severity=SEVERITY_NAMES[each.severity],
            fix=each.remediation_steps,
            url=each.url,
            schema=json_format.MessageToDict(each.configSchema.properties),
        )
        for each in message.policies
    ]
    return PackInfo(name=message.name, version=message.version, policies=tuple(policies))
