"""Rights: policies give the actions that are needed, by name, on the resources that are needed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from .core.actions import (
    covers_every,
    is_everything,
    is_routine,
    is_too_wide,
    is_wild,
    matching,
    pattern,
)
from .core.conditions import limits_policies, narrows_resources, open_to
from .core.documents import DocumentError, policies, statements, words
from .core.place import Place
from .core.reading import UnreadableError, read_yaml
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.values import UNKNOWN, Properties, Value, as_dict, as_list

_NOT_RIGHTS: Final = frozenset(
    {
        "aws:organizations/policy:Policy",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:vpc/endpointPolicy:EndpointPolicy",
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
    }
)
"""Their documents are limits: they give nobody a right, and AWS's own default for each is to allow
everything.
"""

_POLICY_TYPES: Final = re.compile(r"aws:iam/(policy|(role|user|group)Policy|role):")


def documents(resource: Resource) -> Iterator[tuple[str, Value]]:
    """Every policy document of a resource and where it is; `UNKNOWN` for one that is
    not known yet.
    """
    if not resource.type.startswith("aws:") or resource.type in _NOT_RIGHTS:
        return
    for prop, value in resource.props.items():
        if value is UNKNOWN and (
            is_policy_property(resource.type, prop) or (resource.type, prop) in _API_DOCUMENTS
        ):
            yield prop, UNKNOWN
        if prop == "inlinePolicies":
            for index, each in enumerate(as_list(value)):
                if each is UNKNOWN or as_dict(each).get("policy") is UNKNOWN:
                    yield f"inlinePolicies[{index}]", UNKNOWN
        try:
            yield from policies(
                _described(value) if (resource.type, prop) in _API_DOCUMENTS else value, prop
            )
        except DocumentError:
            yield prop, value


_API_DOCUMENTS: Final = frozenset(
    {("aws:apigateway/restApi:RestApi", "body"), ("aws:apigateway/restApiPut:RestApiPut", "body")}
)
"""OpenAPI documents, JSON or YAML, which may carry the API's resource policy:
https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html"""


def _described(body: Value) -> Value:
    """The resource policy inside an OpenAPI document, nothing when it has none. Raises
    `DocumentError` where nobody can read it.
    """
    content = read_yaml(body) if isinstance(body, str) else body  # JSON is YAML
    return {
        key: each
        for key, each in as_dict(content).items()
        if str(key).lower() == "x-amazon-apigateway-policy"
    }


_POLICY_PROPERTY: Final = re.compile(
    r"policy|\w+PolicyDocument|policyDocument|policyText|assumeRolePolicy|\w*accessPolic(y|ies)|\w*resourcePolicy|inlinePolic(y|ies)|\w*keyPolicy",
    re.IGNORECASE,
)
_OTHER_POLICIES: Final = re.compile(
    r"lifecycle|autoscaling|backup|dlm/|scalingPolicy|signaling|waf|securityPolicy|networkfirewall|fms/|cloudfront|cachePolicy|elb/|lb/|alb/"
    r"|emr|batch/|controltower|route53|budgets|quicksight|shield|iot/topic|cognito/userPool:|globalaccelerator|verifiedpermissions",
    re.IGNORECASE,
)
"""Types with policies of another kind: for scaling, retention, caching, routing."""


def is_policy_property(type_: str, prop: str) -> bool:
    """Whether a property of this name holds an access policy, as far as a name can say."""
    return bool(_POLICY_PROPERTY.fullmatch(prop)) and not _OTHER_POLICIES.search(type_)


def readable(document: Value) -> list[Properties]:
    """The statements of a document; none of one that is not valid JSON, which is reported once."""
    try:
        return list(statements(document))
    except DocumentError:
        return []


def each_statement(
    resource: Resource,
    check: Callable[[str, Properties], Iterable[Finding]],
    asks: Callable[[str], bool],
) -> Iterator[Finding]:
    """What `check` finds in each statement of each document of a resource, and a question about a
    document that is not known yet where `asks` says so of its place. A text that is not valid JSON
    has no statements: it is reported by one rule.
    """
    for path, value in documents(resource):
        place = Place(subject=resource.name, path=path, value=value)
        if place.unknown:
            if asks(path):
                yield place.question()
            continue
        for index, statement in enumerate(readable(value)):
            yield from check(f"{place} statement {index}", statement)


def _rights(resource: Resource, _: Settings) -> Iterable[Finding]:
    holds_rights = bool(_POLICY_TYPES.match(resource.type))
    yield from each_statement(
        resource,
        lambda place, statement: _statement(resource.type, place, statement),
        lambda path: holds_rights and path != "assumeRolePolicy",
    )
    if _POLICY_TYPES.match(resource.type):
        yield from _malformed(resource)
    yield from _ambiguous(resource)
    yield from _whole_cluster(resource)
    yield from _customer_managed(resource)
    if resource.type.startswith("aws:"):
        for prop in resource.props:
            if prop not in ("permissionsBoundary", "tags", "tagsAll"):
                yield from _managed(resource.at(prop), attaches=prop in _ATTACHED)


def _whole_cluster(resource: Resource) -> Iterable[Finding]:
    """An access policy of EKS that is for namespaces, given for all of them."""
    policy, scope = resource.at("policyArn"), resource.at("accessScope", "type")
    found = (
        _WHOLE_CLUSTER.fullmatch(policy.value.strip()) if isinstance(policy.value, str) else None
    )
    if found:
        allowed = f"'namespace' with {found[1]}, which reads every secret"
        yield from scope.must(lambda kind: str(kind).lower() == "namespace", allowed)
        for namespace in resource.at("accessScope", "namespaces").each():
            yield from namespace.must(
                lambda name: isinstance(name, str) and not is_wild(name), "a namespace by name"
            )


def _customer_managed(resource: Resource) -> Iterable[Finding]:
    """Policies of the customer's own that a permission set names without their ARN."""
    for prop in ("customerManagedPolicyReference", "customerManagedPolicyReferences"):
        for reference in resource.at(prop).each():
            yield from reference.at("name").must(
                lambda name: not _WIDE_NAMES.fullmatch(str(name)),
                "a policy that gives the rights that are needed, by name",
                default="",
            )


def _malformed(resource: Resource) -> Iterable[Finding]:
    for document in (resource.at("policy"), resource.at("assumeRolePolicy")):
        if document.unknown or document.value is None:
            continue
        try:
            list(statements(document.value))
        except DocumentError as error:
            yield Finding(message=f"{document} {error}; allowed is a policy document")


def _ambiguous(resource: Resource) -> Iterable[Finding]:
    """Other policies, inline ones among them, that name a key twice, which one reader takes for
    another policy than the next one, or that go beyond the bounds of a reader; and documents that
    may carry a policy and cannot be read.
    """
    for prop, value in resource.props.items():
        if (resource.type, prop) in _API_DOCUMENTS and isinstance(value, str):
            try:
                read_yaml(value)
            except DocumentError as error:
                yield Finding(
                    message=(
                        f"{resource.name}: {prop} {error}; allowed is an OpenAPI document, as it"
                        " may carry a policy"
                    )
                )
    for path, value in documents(resource):
        if path in ("policy", "assumeRolePolicy") and _POLICY_TYPES.match(resource.type):
            continue  # see `_malformed`
        try:
            list(statements({} if value is UNKNOWN else value))
        except DocumentError as error:
            if isinstance(error, UnreadableError) or "twice" in str(error):
                yield Finding(
                    message=f"{resource.name}: {path} {error}; allowed is a policy document"
                )


_ACTION: Final = re.compile(r"[a-z0-9-]{1,40}:[A-Za-z0-9*?]{1,80}|\*", re.IGNORECASE)


def shown(action: str) -> str:
    """An action for a message; a text that is not an action may be a secret."""
    return action if _ACTION.fullmatch(action) else "of a name that is not valid"


def _statement(type_: str, place: str, statement: Properties) -> Iterable[Finding]:
    if str(statement.get("effect")).lower() == "deny":
        return
    for name, prop in (("notaction", "NotAction"), ("notresource", "NotResource")):
        if name in statement:
            yield Finding(
                message=(
                    f"{place} allows everything but what {prop} names; allowed is a list of what is"
                    " needed"
                )
            )
    actions = words(statement.get("action"))
    if not _is_key_owner(type_, statement):
        for action in filter(is_too_wide, actions):
            if (
                type_.startswith("aws:kms/")
                and _KEY_ADMINISTRATION.fullmatch(action)
                and not open_to(statement)
            ):
                # what AWS's console writes for a key's administrators: it is about this one key
                continue
            message = (
                f"{place} allows action {shown(action)}, which is more than reading; allowed are"
                " the actions that are needed, by name"
            )
            yield Finding(message=message)
    if "principal" in statement or "notprincipal" in statement:
        return  # in a resource's own policy, `*` is that resource
    named = [each for each in actions if not is_too_wide(each)]
    yield from _resources(place, statement, named)
    yield from _escalation(place, statement, named)


def _escalation(place: str, statement: Properties, actions: list[str]) -> Iterable[Finding]:
    """Actions that give an identity every right, the holder's own among them, however
    it is named.
    """
    if all(map(is_everything, words(statement.get("resource")))) or limits_policies(
        statement.get("condition"), _may_be_powerful
    ):
        return  # `_resources` speaks of everything
    if found := [each for each in actions if each.lower() in _ESCALATING]:
        message = (
            f"{place} allows {', '.join(map(shown, found))}, which {_REASONS['rights']}, up to"
            " every right"
        )
        yield Finding(
            message=(
                f"{message}; allowed is a condition on iam:PolicyARN or iam:PermissionsBoundary"
                " that names one"
            )
        )


_ESCALATING: Final = frozenset(
    f"iam:{action}".lower()
    for action in """AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreatePolicyVersion DeleteRolePermissionsBoundary
    DeleteUserPermissionsBoundary PutGroupPolicy PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy
    SetDefaultPolicyVersion UpdateAssumeRolePolicy""".split()  # noqa: SIM905 (a table to read)
)
"""Actions on one role, user, group or policy that decide what it may do, or who takes it."""


def _is_key_owner(type_: str, statement: Properties) -> bool:
    """AWS's default key policy: the account owns the key, and its IAM policies say who
    may use it.
    """
    principals = [
        each for value in as_dict(statement.get("principal")).values() for each in words(value)
    ]
    return (
        type_.startswith("aws:kms/")
        and bool(principals)
        and all(re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:root|\d{12}", each) for each in principals)
    )


_KEY_ADMINISTRATION: Final = re.compile(r"kms:[A-Za-z]{3,}\*", re.IGNORECASE)


def _resources(place: str, statement: Properties, actions: list[str]) -> Iterable[Finding]:
    if narrows_resources(statement.get("condition"), _may_be_powerful):
        return
    for resource in words(statement.get("resource")):
        everything = is_everything(resource)
        wide = [action for action in actions if _needs_less(action, resource, everything)]
        if wide:
            which = "every resource" if everything else "every resource of a type"
            message = f"{place} allows {', '.join(map(shown, wide))} on {which}"
            yield Finding(
                message=(
                    f"{message}; allowed are the resources that are needed, or a condition that"
                    " narrows them"
                )
            )


def _needs_less(action: str, resource: str, everything: bool) -> bool:
    """Whether AWS knows a narrower resource for an action, or for most of what a pattern matches,
    than `resource`.
    """
    found = matching(action)
    if not found:
        return everything and not is_wild(action)  # an action that AWS does not list
    found = tuple(each for each in found if not is_routine(each, everything=everything))
    if everything:
        return 2 * sum(bool(each.resources) for each in found) > len(found)
    covered = sum(
        any(covers_every(resource, template) for template in each.resources) for each in found
    )
    return 2 * covered > len(found)


# Policies that are attached by name

_REASONS: Final = {
    "rights": "may change who may do what",
    "opens": "may open networks or change what runs",
    "passes": "may hand any role to a service",
    "reads": "may read the data of every resource",
}
_WIDE_NAMES: Final = re.compile(
    r"AdministratorAccess[\w-]*|PowerUserAccess|IAMFullAccess", re.IGNORECASE
)
"""Names that mean the same in an account of the customer's own."""

_WIDE_PATTERN: Final = re.compile(r"\w*FullAccess\w*|\w+Administrator")
"""Names of AWS's own policies for a whole service or a person's job, those that are newer than the
list included.
"""

_POLICY_ARN: Final = re.compile(
    r"arn:aws[\w-]*:iam::(?P<account>aws|\d{12}):policy/(?:[\w+=,.@-]+/)*(?P<name>[\w+=,.@-]+)"
)
_CLUSTER_ADMIN: Final = re.compile(
    r"arn:aws[\w-]*:eks::aws:cluster-access-policy/(AmazonEKSClusterAdminPolicy)", re.IGNORECASE
)
_WHOLE_CLUSTER: Final = re.compile(
    r"arn:aws[\w-]*:eks::aws:cluster-access-policy/(AmazonEKS(?:Admin|Edit|AdminView)Policy|AmazonEKSSecretReaderPolicy)",
    re.IGNORECASE,
)
"""Access policies that read every secret of the namespaces they are given for:
https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html"""
_ATTACHED: Final = frozenset(
    {"policyArn", "managedPolicyArn", "managedPolicyArns", "policyArns", "guardrailPolicyArns"}
)
"""Properties that attach policies by ARN."""


@cache
def _powerful() -> dict[str, str]:
    """AWS's managed policies that give more than a task should have, and why, as
    scripts/gen_managed_policies.py found them.
    """
    content: dict[str, dict[str, str]] = json.loads(
        (Path(__file__).parent / "core" / "managed_policies.json").read_text(encoding="utf-8")
    )
    return content["policies"]


@cache
def _spelled() -> dict[str, str]:
    """The name of each of those policies by its lower case: IAM tells no two names
    apart by case.
    """
    return {name.lower(): name for name in _powerful()}


def _excess(arn: str) -> str:
    """What is wrong with a policy that is attached by its ARN: its name, and what it may do; empty
    for any other text.
    """
    if admin := _CLUSTER_ADMIN.fullmatch(arn):
        return f"{admin[1]}, which may do everything in the cluster"
    found = _POLICY_ARN.fullmatch(arn)
    if not found:
        return ""
    name = _spelled().get(found["name"].lower(), found["name"])
    if found["account"] == "aws" and (name in _powerful() or _WIDE_PATTERN.fullmatch(name)):
        return f"{name}, which {_REASONS[_powerful().get(name, 'rights')]}"
    return f"{name}, which {_REASONS['rights']}" if _WIDE_NAMES.fullmatch(name) else ""


def _may_be_powerful(arn: str) -> bool:
    """Whether an ARN, or a pattern of ARNs, is a policy that gives too much."""
    if not is_wild(arn):
        return bool(_excess(arn))
    matched = pattern(arn)
    names = {*_powerful(), "AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}
    account = (arn.split(":") + [""] * 5)[4]
    places = (
        f"arn:aws:iam::{account}:policy/{path}{name}"
        for name in names
        for path in ("", "job-function/", "service-role/")
    )
    return any(matched.fullmatch(each) for each in places)


def _managed(place: Place, *, attaches: bool = False) -> Iterable[Finding]:
    """Findings about the ARNs of policies inside a property; `attaches` where the property is there
    for them.
    """
    if place.unknown:
        if attaches:
            yield place.question()
    elif isinstance(place.value, dict):
        for key in place.value:
            yield from _managed(place.at(key), attaches=key in _ATTACHED)
    elif isinstance(place.value, list):
        for each in place.each():
            yield from _managed(each, attaches=attaches)
    elif isinstance(place.value, str) and (excess := _excess(place.value.strip())):
        yield Finding(
            message=(
                f"{place} is {excess}; allowed are policies that give the rights that are needed,"
                " by name"
            )
        )


LEAST_PRIVILEGE = ResourceRule(
    id="iam-least-privilege",
    title="Policies give the rights that are needed, by name",
    reason=(
        "Code that a site brings along runs in the task. What the task's role may do, that code may"
        " do. A pattern is judged by the actions that it matches, a resource by what it covers:"
        " 'iam:PassRol*' is 'iam:PassRole', 'arn:*:*:*' is '*'. Actions for which AWS knows no"
        " narrower resource may have '*'."
    ),
    fix=(
        "name actions and resources one by one; use wildcards in actions only where they read, and"
        " in resources only below a name"
    ),
    link=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
    ),
    severity="high",
    level="mandatory",
    types=None,
    check=_rights,
)

RULES = (LEAST_PRIVILEGE,)
