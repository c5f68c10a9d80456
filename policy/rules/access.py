"""Nothing is built behind the pack's back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts

_OPAQUE: Final = (
    "aws:cloudformation/stack:Stack",
    "aws:cloudformation/stackSet:StackSet",
    "aws:cloudformation/stackInstances:StackInstances",
    "aws:cloudcontrol/resource:Resource",
    "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
    "command:",
    "pulumi-nodejs:dynamic",
    "pulumi-python:dynamic",
    "aws-native:",
)

_OPAQUE_SETTINGS: Final[dict[str, Schema]] = {
    "opaqueTypes": {
        "type": "array",
        "items": {"type": "string"},
        "default": list(_OPAQUE),
        "description": "Beginnings of type tokens whose effect these rules cannot see.",
    },
}


def _opaque(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if resource.type.startswith(texts(settings, "opaqueTypes")):
        yield Finding(
            message=f"{resource.name} is a {resource.type}, whose effect no rule here can judge; allowed are resources of the AWS provider"
        )


NO_OPAQUE_RESOURCE = ResourceRule(
    id="no-opaque-resource",
    title="Nothing is built where the rules cannot see it",
    reason="A template, a cloud-control document, a script or another provider can open the very ports that every other rule keeps shut.",
    fix="declare it with resources of the AWS provider, or exempt it with a reason and a date",
    link="https://www.pulumi.com/docs/insights/policy/",
    severity="medium",
    level="mandatory",
    spec="S18",
    properties=_OPAQUE_SETTINGS,
    types=None,
    check=_opaque,
)

RULES = (NO_OPAQUE_RESOURCE,)
