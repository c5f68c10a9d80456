"""Shares and grants that are not policy documents: none is for everyone (S18)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from .core.documents import document, opened
from .core.place import be_empty, be_false, be_set
from .core.rule import Finding, Resource, ResourceRule, Settings
from .core.values import Value, as_list

_Check: TypeAlias = Callable[[Resource], Iterable[Finding]]

_ACCOUNT: Final = re.compile(r"\d{12}")
_EVERYONE: Final = re.compile(r"all|everyone|iam_allowed_principals|.*[*?].*", re.IGNORECASE)


def _named(value: Value) -> bool:
    """Whether every principal, one or a list, is a name."""
    return all(
        isinstance(each, str) and not _EVERYONE.fullmatch(each.strip()) for each in as_list(value)
    )


def _is_account(value: Value) -> bool:
    return isinstance(value, str) and bool(_ACCOUNT.fullmatch(value.strip()))


def _must(
    prop: str, hold: Callable[[Value], bool], allowed: str, *, default: Value = None
) -> _Check:
    return lambda resource: resource.at(*prop.split(".")).must(hold, allowed, default=default)


def _accounts(prop: str) -> _Check:
    """A list of account ids, of which each is judged."""

    def check(resource: Resource) -> Iterator[Finding]:
        for each in resource.at(prop).each():
            yield from each.must(_is_account, "the id of an account")

    return check


def _always(what: str) -> _Check:
    return lambda resource: [
        Finding(message=f"{resource.name} is {what}; allowed is a private one")
    ]


def _event_bus(resource: Resource) -> Iterator[Finding]:
    condition = resource.at("condition")
    if condition.unknown or (
        be_set(condition.value) and condition.at("key").value == "aws:PrincipalOrgID"
    ):
        return
    yield from resource.at("principal").must(
        _named, "the id of an account, or a condition on aws:PrincipalOrgID"
    )


def _built_images(resource: Resource) -> Iterator[Finding]:
    for region in resource.at("distributions").each():
        permission = region.at("amiDistributionConfiguration", "launchPermission")
        yield from permission.at("userGroups").must(
            be_empty, "accounts and organizations by name, as 'all' is everyone"
        )


def _collections(resource: Resource) -> Iterator[Finding]:
    """Data access policies of OpenSearch Serverless, a JSON list of rules with their principals."""
    policy = resource.at("policy")
    rules = yield from opened(policy, document, "allowed is a JSON list of rules with principals")
    for rule in replace(policy, value=rules).each():
        yield from rule.at("Principal").must(_named, "a list of principals by name")


_PRINCIPAL: Final = (_named, "a principal by name")

SHARES: Final[Mapping[str, _Check]] = {
    "aws:cloudwatch/eventPermission:EventPermission": _event_bus,
    "aws:cognito/identityPool:IdentityPool": _must(
        "allowUnauthenticatedIdentities",
        be_false,
        "false, as everyone gets credentials of AWS otherwise",
        default=False,
    ),
    "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment": _must(
        "roles.unauthenticated", be_empty, "none, as everyone gets credentials of AWS otherwise"
    ),
    "aws:codebuild/project:Project": _must(
        "projectVisibility",
        lambda value: value == "PRIVATE",
        "'PRIVATE', as everyone sees builds and logs otherwise",
        default="PRIVATE",
    ),
    "aws:ec2/amiLaunchPermission:AmiLaunchPermission": _must(
        "group", be_empty, "an account or organization, as 'all' is everyone"
    ),
    "aws:ec2/networkInterfacePermission:NetworkInterfacePermission": _must(
        "awsAccountId", _is_account, "the id of an account"
    ),
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": _must(
        "accountId", _is_account, "the id of an account"
    ),
    "aws:ecrpublic/repository:Repository": _always("a repository that everyone may pull from"),
    "aws:eks/accessEntry:AccessEntry": _must("principalArn", *_PRINCIPAL),
    "aws:imagebuilder/distributionConfiguration:DistributionConfiguration": _built_images,
    "aws:kms/grant:Grant": _must("granteePrincipal", *_PRINCIPAL),
    "aws:lakeformation/permissions:Permissions": _must("principal", *_PRINCIPAL),
    "aws:opensearch/serverlessAccessPolicy:ServerlessAccessPolicy": _collections,
    "aws:rds/clusterSnapshot:ClusterSnapshot": _accounts("sharedAccounts"),
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": _accounts("sharedAccounts"),
    "aws:rds/snapshot:Snapshot": _accounts("sharedAccounts"),
    "aws:rds/snapshotCopy:SnapshotCopy": _accounts("sharedAccounts"),
    "aws:signer/signingProfilePermission:SigningProfilePermission": _must("principal", *_PRINCIPAL),
}
"""Type to what keeps it from being for everyone."""


def _check(resource: Resource, _: Settings) -> Iterable[Finding]:
    return SHARES[resource.type](resource)


NO_PUBLIC_SHARE = ResourceRule(
    id="no-public-share",
    title="Nothing is shared with everyone",
    reason=(
        "An image, a snapshot, an event bus or an identity pool that is shared with 'all' is open"
        " to every AWS account, or to everyone on the internet, without a policy document that"
        " says so."
    ),
    fix="name the accounts, the organization or the principals that it is shared with",
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-1",
    severity="high",
    level="mandatory",
    types=frozenset(SHARES),
    check=_check,
)

RULES = (NO_PUBLIC_SHARE,)
