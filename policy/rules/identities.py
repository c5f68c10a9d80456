"""Rights: policies give the actions that are needed, by name, on the resources that are needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from .core.actions import (
    covers_every,
    is_everything,
    is_routine,
    is_too_wide,
    is_wild,
    matching,
)
from .core.attached_policies import (
    ATTACHED,
    REASONS,
    attached,
    customer_managed,
    may_be_powerful,
    whole_cluster,
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
    yield from whole_cluster(resource)
    yield from customer_managed(resource)
    if resource.type.startswith("aws:"):
        for prop in resource.props:
            if prop not in ("permissionsBoundary", "tags", "tagsAll"):
                yield from attached(resource.at(prop), attaches=prop in ATTACHED)


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
        statement.get("condition"), may_be_powerful
    ):
        return  # `_resources` speaks of everything
    if found := [each for each in actions if each.lower() in _ESCALATING]:
        message = (
            f"{place} allows {', '.join(map(shown, found))}, which {REASONS['rights']}, up to"
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
    if narrows_resources(statement.get("condition"), may_be_powerful):
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
