"""Who is admitted: no policy of a resource admits everyone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.conditions import narrows, open_to
from .core.documents import words
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, texts
from .core.values import Properties, as_dict
from .identities import documents, each_statement

_IDENTITY_POLICIES: Final = re.compile(r"aws:iam/(policy|(role|user|group)Policy):")


def _everyone(resource: Resource, _: Settings) -> Iterable[Finding]:
    if _IDENTITY_POLICIES.match(resource.type):
        return
    yield from each_statement(
        resource, _statement, lambda path: not path.startswith("inlinePolicies")
    )
    for path, value in documents(resource):
        if isinstance(value, str):
            yield Finding(
                message=f"{resource.name}: {path} is not valid JSON; allowed is a policy document"
            )


def _statement(place: str, statement: Properties) -> Iterable[Finding]:
    if str(statement.get("effect")).lower() == "deny":
        return
    if whom := open_to(statement):
        yield Finding(
            message=(
                f"{place} admits {whom}; allowed is a named principal, or a condition that says who"
                " or from where"
            )
        )


NO_PUBLIC_POLICY = ResourceRule(
    id="no-public-policy",
    title="No resource policy admits everyone",
    reason=(
        "A role, registry, file system, queue or secret whose policy names the principal '*' is"
        " open to every AWS account. A condition excuses that only when it says who may come or"
        " from where; 'aws:SecureTransport' does not. An identity provider such as GitHub signs"
        " tokens for all its customers: only the subject says whose."
    ),
    fix=(
        "name the principals, or add a condition with a fixed value: aws:PrincipalOrgID,"
        " aws:SourceArn or aws:SourceVpce; for a web identity the subject (for GitHub"
        " 'repo:organization/repository:*') or an audience of this application"
    ),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    severity="high",
    level="mandatory",
    types=None,
    check=_everyone,
)

# Third parties

_SETTINGS: Final[dict[str, Schema]] = {
    "ownAccounts": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[0-9]{12}$"},
        "default": [],
        "description": (
            "Ids of the organization's own accounts: roles may trust them without an external id."
        ),
    },
}

_ACCOUNT: Final = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?")
_CALLER: Final = re.compile(
    r"sts:(externalid|sourceidentity)|aws:(multifactorauthpresent|multifactorauthage|principal\w+(/.+)?|username|via\w+)"
)
_DEPUTIES: Final = frozenset(
    f"{service}.amazonaws.com"
    for service in """apigateway budgets cloudtrail cloudwatch codestar-notifications config costalerts events iot s3 scheduler ses
    sns""".split()  # noqa: SIM905 (a table to read, not code)
)
"""Services that call a topic, a queue, a bucket or a key for any of their customers, and whose
pages in AWS's documentation ask for `aws:SourceArn` or `aws:SourceAccount`.
"""
_SOURCE: Final = re.compile(r"kms:(encryptioncontext:.+|calleraccount)")


def _third_parties(resource: Resource, settings: Settings) -> Iterable[Finding]:
    own = frozenset(texts(settings, "ownAccounts"))
    if resource.type == _PERMISSION:
        yield from _permitted_account(resource, own)
    trust = resource.type == "aws:iam/role:Role"
    if not trust and (
        _IDENTITY_POLICIES.match(resource.type) or resource.type.startswith("aws:iam/")
    ):
        return
    check = (lambda place, each: _trusted_accounts(place, each, own)) if trust else _deputies
    yield from each_statement(
        resource, check, lambda _: False
    )  # `no-public-policy` asks for a policy that is not known yet


_PERMISSION: Final = "aws:lambda/permission:Permission"


def _permitted_account(permission: Resource, own: frozenset[str]) -> Iterable[Finding]:
    """A permission to call a function for everybody of an account."""
    principal, organization = permission.at("principal"), permission.at("principalOrgId")
    account = (
        _ACCOUNT.fullmatch(principal.value.strip()) if isinstance(principal.value, str) else None
    )
    if (
        account
        and account[1] not in own
        and not organization.unknown
        and organization.value is None
    ):
        yield principal.wrong(
            "a role or user by name, principalOrgId, or an account of ownAccounts",
            found=f"everyone of account {account[1]}",
        )


def _trusted_accounts(place: str, statement: Properties, own: frozenset[str]) -> Iterable[Finding]:
    """Statements of a role's trust policy that admit everybody of an account."""
    keys = [
        key.lower()
        for lines in as_dict(statement.get("condition")).values()
        for key in as_dict(lines)
    ]
    if str(statement.get("effect")).lower() == "deny" or any(
        _CALLER.fullmatch(key) for key in keys
    ):
        return
    for kind, value in as_dict(statement.get("principal")).items():
        for each in words(value) if kind.lower() == "aws" else ():
            account = _ACCOUNT.fullmatch(each.strip())
            if account and account[1] not in own:
                yield Finding(
                    message=(
                        f"{place} lets everyone of account {account[1]} who may assume roles take"
                        " this one; allowed is a role or user by name, a condition on"
                        " sts:ExternalId or aws:MultiFactorAuthPresent, or an account of"
                        " ownAccounts"
                    )
                )


def _deputies(place: str, statement: Properties) -> Iterable[Finding]:
    """Statements of a resource's policy that admit a service on behalf of every customer."""
    if str(statement.get("effect")).lower() == "deny" or narrows(
        statement.get("condition"), _SOURCE
    ):
        return
    for kind, value in as_dict(statement.get("principal")).items():
        for each in words(value) if kind.lower() == "service" else ():
            if each.lower() in _DEPUTIES:
                yield Finding(
                    message=(
                        f"{place} admits {each} for every account; allowed is a condition on"
                        " aws:SourceArn or aws:SourceAccount"
                    )
                )


NAMED_THIRD_PARTIES = ResourceRule(
    id="policy-third-parties",
    title="Policies say on whose behalf accounts and services come",
    reason=(
        "An account that serves many customers, or a service of AWS, can be led by one customer to"
        " the resources of another (the confused deputy). An external id, or the source's ARN or"
        " account, says on whose behalf the call is. Roles that services assume are not asked for"
        " one: a role is passed to a service within its own account only."
    ),
    fix=(
        "add a condition on sts:ExternalId to the trust of another account, and on aws:SourceArn or"
        " aws:SourceAccount to that of a service"
    ),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    severity="medium",
    level="advisory",
    properties=_SETTINGS,
    types=None,
    check=_third_parties,
)

RULES = (NO_PUBLIC_POLICY, NAMED_THIRD_PARTIES)
