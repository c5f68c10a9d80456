"""Access policies: no wildcard rights, no resource for everyone, nothing built behind the pack's back (S12, S18)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .core.display import show
from .core.documents import DocumentError, statements, words
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts, unjudged
from .core.values import UNKNOWN, Properties, Value, as_dict, as_list, boolean

_ROLE: Final = "aws:iam/role:Role"
_POLICIES: Final = frozenset(
    {
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/userPolicy:UserPolicy",
        "aws:iam/groupPolicy:GroupPolicy",
    }
)
_ATTACHMENTS: Final = frozenset(
    {
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/policyAttachment:PolicyAttachment",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    }
)
_POWERFUL: Final = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")


def _documents(resource: Resource) -> Iterator[tuple[str, Value]]:
    """The identity policies inside a resource and where they stand."""
    if resource.type in _POLICIES:
        yield "policy", resource.props.get("policy")
    elif resource.type == _ROLE:
        for index, each in enumerate(as_list(resource.props.get("inlinePolicies"))):
            yield f"inlinePolicies[{index}]", UNKNOWN if each is UNKNOWN else as_dict(each).get("policy")


def _rights(resource: Resource, _: Settings) -> Iterable[Finding]:
    for place, value in _documents(resource):
        if value is UNKNOWN:
            yield unjudged(f"{resource.name}: {place} is not known yet")
            continue
        if value is None:
            continue
        try:
            for index, statement in enumerate(statements(value)):
                yield from _statement(f"{resource.name}: {place} statement {index}", statement)
        except DocumentError as error:
            yield Finding(message=f"{resource.name}: {place} {error}; allowed is a policy document")
    for prop in ("policyArn", "managedPolicyArns"):
        for arn in as_list(resource.props.get(prop)):
            if isinstance(arn, str) and arn.rsplit("/", 1)[-1] in _POWERFUL:
                yield Finding(message=f"{resource.name}: {prop} is {arn.rsplit('/', 1)[-1]}; allowed are rights that the task needs")


_ACTION: Final = re.compile(r"[a-z0-9-]{1,40}:[A-Za-z*?]{1,60}|\*")


def _shown(action: str) -> str:
    return action if _ACTION.fullmatch(action) else "of a name that is none"


def _statement(place: str, statement: Properties) -> Iterable[Finding]:
    if statement.get("Effect") != "Allow":
        return
    for prop in ("NotAction", "NotResource"):
        if prop in statement:
            yield Finding(message=f"{place} allows everything but what {prop} names; allowed is a list of what is needed")
    for action in words(statement.get("Action")):
        service, _, name = action.partition(":")
        if action == "*" or name == "*" or service == "*":
            yield Finding(message=f"{place} allows action {_shown(action)}; allowed are the actions that are needed, by name")
    if "*" in words(statement.get("Resource")):
        risky = [action for action in words(statement.get("Action")) if action not in _NEEDS_ANY_RESOURCE and "*" not in action]
        if risky and not statement.get("Condition"):
            yield Finding(
                message=f"{place} allows {', '.join(map(_shown, risky))} on every resource; allowed are the resources that are needed"
            )


_NEEDS_ANY_RESOURCE: Final = frozenset(
    {
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
)
"""Actions for which AWS knows no narrower resource: https://docs.aws.amazon.com/service-authorization/latest/reference/"""

LEAST_PRIVILEGE = ResourceRule(
    id="iam-least-privilege",
    title="Roles have the rights they need, by name",
    reason="Code that a site brings along runs in the task. What the task's role may do, that code may do.",
    fix="name actions and resources one by one; put a condition where AWS knows no narrower resource",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    severity="high",
    level="mandatory",
    spec="S12",
    types=_POLICIES | _ATTACHMENTS | {_ROLE},
    check=_rights,
)

# Everyone

_RESOURCE_POLICY_PROPERTIES: Final = ("assumeRolePolicy", "policy", "resourcePolicy", "accessPolicies")


def _everyone(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not resource.type.startswith("aws:") or resource.type in _POLICIES:
        return
    for prop in _RESOURCE_POLICY_PROPERTIES:
        value = resource.props.get(prop)
        if value is UNKNOWN and (resource.type == _ROLE or resource.type.endswith("Policy")):
            yield unjudged(f"{resource.name}: {prop} is not known yet")
        if not isinstance(value, str | dict):
            continue
        try:
            found = list(statements(value))
        except DocumentError:
            continue  # not every property of these names is an access policy
        for index, statement in enumerate(found):
            principal = statement.get("Principal")
            public = principal == "*" or any("*" in words(each) for each in as_dict(principal).values())
            if statement.get("Effect") == "Allow" and (public or "NotPrincipal" in statement) and not statement.get("Condition"):
                place = f"{resource.name}: {prop} statement {index}"
                yield Finding(message=f"{place} allows everyone; allowed is a named principal or a condition")


NO_PUBLIC_POLICY = ResourceRule(
    id="no-public-policy",
    title="No resource policy admits everyone",
    reason="A role, registry, file system or secret whose policy names the principal '*' is open to every AWS account.",
    fix="name the principals, or add a condition that narrows them down",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    severity="high",
    level="mandatory",
    spec="S12",
    types=None,
    check=_everyone,
)

# Behind the pack's back

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

# Buckets

_BLOCKS: Final = frozenset(
    {"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"}
)
_BUCKETS: Final = frozenset(
    {"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"}
)
_BLOCK_SWITCHES: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _buckets(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type in _BUCKETS:
        if str(resource.props.get("acl")).startswith("public-"):
            yield Finding(message=f"{resource.name}: acl is public; allowed is 'private'")
        return
    for prop in _BLOCK_SWITCHES:
        value = resource.props.get(prop)
        if value is UNKNOWN:
            yield unjudged(f"{resource.name}: {prop} is not known yet")
        elif boolean(value) is not True:
            yield Finding(message=f"{resource.name}: {prop} is {show(value)}; allowed is true")


NO_PUBLIC_BUCKET = ResourceRule(
    id="no-public-bucket",
    title="No bucket is public",
    reason="Access logs say who opened whose session, with addresses and times. They lie in a bucket.",
    fix="set all four switches of the bucket's public access block to True, and no public ACL",
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    severity="high",
    level="mandatory",
    spec="S11 S19",
    types=_BLOCKS | _BUCKETS,
    check=_buckets,
)

RULES = (LEAST_PRIVILEGE, NO_PUBLIC_POLICY, NO_PUBLIC_BUCKET, NO_OPAQUE_RESOURCE)
