"""Nothing is built where the rules cannot see it: what a type of resource builds is known, or it is refused (S18)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts
from .core.sdk import known_types, present_name

_TEMPLATE: Final = "builds what a template says"
_ELSEWHERE: Final = "builds load balancers, groups and roles that are not resources of the stack"
_CODE: Final = "runs code while the stack is updated"

OPAQUE: Final[Mapping[str, str]] = {
    r"aws:cloudformation/.*": _TEMPLATE,
    r"aws:cloudcontrol/.*": "builds what a document says",
    r"aws:serverlessrepository/.*": _TEMPLATE,
    r"aws:servicecatalog/provisionedProduct:.*": _TEMPLATE,
    r"aws:sagemaker/project:.*": _TEMPLATE,
    r"aws:cfg/(conformancePack|organizationConformancePack):.*": _TEMPLATE,
    r"aws:ssm/quicksetupConfigurationManager:.*": _TEMPLATE,
    r"aws:controltower/.*": _TEMPLATE,
    r"aws:datapipeline/.*": "builds what a pipeline's definition says",
    r"aws:ecs/expressGatewayService:.*": _ELSEWHERE,
    r"aws:elasticbeanstalk/(environment|configurationTemplate):.*": _ELSEWHERE,
    r"aws:eks/capability:.*": _ELSEWHERE,
    r"aws:fms/policy:.*": "puts security groups and network ACLs into accounts",
    r"aws:lambda/invocation:.*": _CODE,
    r"aws:(lambdamicrovms/.*|lambda/(microvmsImage|coreNetworkConnector):.*)": "has its own connections, which no rule here reads yet",
}
"""Types of the AWS provider whose effect the rules cannot see, as patterns, and why."""

HARMLESS_PROVIDERS: Final = ("archive", "cloudinit", "docker", "docker-build", "null", "random", "std", "time", "tls")
"""Providers that reach neither AWS's network nor its IAM: they make values, keys, files and images."""

_SETTINGS: Final[dict[str, Schema]] = {
    "harmlessProviders": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "default": list(HARMLESS_PROVIDERS),
        "description": (
            "Names of providers that reach neither AWS's network nor its IAM: their resources need no rules. Replaces the default list."
        ),
    },
}


def _opaque(resource: Resource, settings: Settings) -> Iterable[Finding]:
    package = resource.type.split(":")[0]
    if package != "aws":
        # A component has no provider: what it builds are separate resources, each judged by itself.
        if resource.provider and package != "pulumi" and package not in texts(settings, "harmlessProviders"):
            yield _refused(resource, f"of the provider {package!r}, whose effect no rule here can judge")
        elif re.fullmatch(r"pulumi-(python|nodejs):dynamic.*", resource.type):
            yield _refused(resource, "of a dynamic provider, which is code")
        return
    for pattern, why in OPAQUE.items():
        if re.fullmatch(pattern, resource.type):
            yield _refused(resource, f"which {why}")
            return
    if present_name(resource.type) not in known_types():
        yield _refused(resource, "a type that these rules do not know; a newer version of the pack may")


def _refused(resource: Resource, why: str) -> Finding:
    message = f"{resource.name} is a {resource.type}, {why}; allowed are known resources of the AWS provider and of harmless ones"
    return Finding(message=message)


NO_OPAQUE_RESOURCE = ResourceRule(
    id="no-opaque-resource",
    title="Nothing is built where the rules cannot see it",
    reason=(
        "A template, a cloud-control document, a script or another provider can open the very ports that every other rule keeps shut. "
        "So a resource is let through when its type is known, not when nothing is known against it."
    ),
    fix=(
        "declare it with resources of the AWS provider, name its provider in no-opaque-resource.harmlessProviders if it reaches neither "
        "AWS's network nor its IAM, or exempt it with a reason and a date"
    ),
    link="https://www.pulumi.com/docs/insights/policy/",
    severity="medium",
    level="mandatory",
    properties=_SETTINGS,
    types=None,
    check=_opaque,
)

RULES = (NO_OPAQUE_RESOURCE,)
