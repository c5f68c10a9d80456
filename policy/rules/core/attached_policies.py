"""Policies that are attached by name: AWS's own, and access policies of EKS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from .actions import is_wild, pattern
from .place import Place
from .rule import Finding, Resource

REASONS: Final = {
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
ATTACHED: Final = frozenset(
    {"policyArn", "managedPolicyArn", "managedPolicyArns", "policyArns", "guardrailPolicyArns"}
)
"""Properties that attach policies by ARN."""


@cache
def _powerful() -> dict[str, str]:
    """AWS's managed policies that give more than a task should have, and why, as
    scripts/gen_managed_policies.py found them.
    """
    content: dict[str, dict[str, str]] = json.loads(
        Path(__file__).with_name("managed_policies.json").read_text(encoding="utf-8")
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
        return f"{name}, which {REASONS[_powerful().get(name, 'rights')]}"
    return f"{name}, which {REASONS['rights']}" if _WIDE_NAMES.fullmatch(name) else ""


def may_be_powerful(arn: str) -> bool:
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


def attached(place: Place, *, attaches: bool = False) -> Iterable[Finding]:
    """Findings about the ARNs of policies inside a property; `attaches` where the property is there
    for them.
    """
    if place.unknown:
        if attaches:
            yield place.question()
    elif isinstance(place.value, dict):
        for key in place.value:
            yield from attached(place.at(key), attaches=key in ATTACHED)
    elif isinstance(place.value, list):
        for each in place.each():
            yield from attached(each, attaches=attaches)
    elif isinstance(place.value, str) and (excess := _excess(place.value.strip())):
        yield Finding(
            message=(
                f"{place} is {excess}; allowed are policies that give the rights that are needed,"
                " by name"
            )
        )


def whole_cluster(resource: Resource) -> Iterable[Finding]:
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


def customer_managed(resource: Resource) -> Iterable[Finding]:
    """Policies of the customer's own that a permission set names without their ARN."""
    for prop in ("customerManagedPolicyReference", "customerManagedPolicyReferences"):
        for reference in resource.at(prop).each():
            yield from reference.at("name").must(
                lambda name: not _WIDE_NAMES.fullmatch(str(name)),
                "a policy that gives the rights that are needed, by name",
                default="",
            )
