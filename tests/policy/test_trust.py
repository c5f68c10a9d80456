"""Who may assume a role, and on whose behalf (S12, S18)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy.harness import Analyzer
from tests.policy.scenes import one

ROLE = "aws:iam/role:Role"
GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
WEB = "sts:AssumeRoleWithWebIdentity"


def _provider(issuer: str) -> dict[str, str]:
    return {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"}


def _refused(
    pack: Analyzer, principal: Any, condition: dict[str, Any] | None, action: str = WEB, **more: Any
) -> set[tuple[str, str]]:
    pack.configure({})
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        **({"Condition": condition} if condition else {}),
        **more,
    }
    found = pack.analyze(
        one(
            ROLE,
            "r",
            assumeRolePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    )
    return {(each.policy, each.level) for each in found}


OPEN: tuple[tuple[Any, dict[str, Any] | None], ...] = (
    (_provider(GITHUB), None),
    (_provider(GITHUB), {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}),
    (_provider(GITHUB), {"StringLike": {f"{GITHUB}:sub": "*"}}),
    (_provider(GITHUB), {"StringLike": {f"{GITHUB}:sub": "repo:*"}}),
    (_provider(GITHUB), {"StringLike": {f"{GITHUB}:sub": "repo:acme*/site:*"}}),
    (_provider(GITHUB), {"StringLike": {f"{GITHUB}:sub": ["repo:acme/site:*", "repo:*/site:*"]}}),
    (
        _provider(GITHUB),
        {"StringEqualsIfExists": {f"{GITHUB}:sub": "repo:acme/site:ref:refs/heads/main"}},
    ),
    (
        _provider(GITHUB),
        {"ForAllValues:StringEquals": {f"{GITHUB}:sub": "repo:acme/site:ref:refs/heads/main"}},
    ),
    (_provider(GITHUB), {"StringNotLike": {f"{GITHUB}:sub": "repo:other/*"}}),
    (
        _provider(GITHUB),
        {"StringLike": {f"{GITHUB}:job_workflow_ref": "acme/shared/.github/workflows/x.yml@*"}},
    ),
    (_provider(GITHUB), {"StringEquals": {f"{GITHUB}:repository_visibility": "private"}}),
    (_provider("gitlab.com"), {"StringEquals": {"gitlab.com:aud": "https://gitlab.com"}}),
    (
        _provider("app.terraform.io"),
        {"StringEquals": {"app.terraform.io:aud": "aws.workload.identity"}},
    ),
    (_provider("ci.next-year.example"), None),
    (
        _provider("ci.next-year.example"),
        {"StringEquals": {"ci.next-year.example:aud": "sts.amazonaws.com"}},
    ),
    (_provider(EKS), {"StringEquals": {f"{EKS}:aud": "sts.amazonaws.com"}}),
    (_provider(EKS), {"StringLike": {f"{EKS}:sub": "system:serviceaccount:*:*"}}),
    ({"Federated": "cognito-identity.amazonaws.com"}, None),
    (
        {"Federated": "cognito-identity.amazonaws.com"},
        {
            "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:x"},
            "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
        },
    ),
    ({"aws": "*"}, None),
    (
        {"AWS": ["arn:aws:iam::123456789012:role/deploy", "*"]},
        {"StringEquals": {"sts:ExternalId": "x"}},
    ),
    ("*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
)
NARROW: tuple[tuple[Any, dict[str, Any] | None], ...] = (
    (_provider(GITHUB), {"StringLike": {f"{GITHUB}:sub": "repo:acme/site:*"}}),
    (_provider(GITHUB), {"StringEquals": {f"{GITHUB}:repository_owner": "acme"}}),
    (_provider(EKS), {"StringEquals": {f"{EKS}:sub": "system:serviceaccount:live:gateway"}}),
    (
        _provider("login.acme.example/tenant"),
        {"StringEquals": {"login.acme.example/tenant:aud": "astro-live"}},
    ),
    (
        _provider("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"),
        {"StringEquals": {"cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x:aud": "4h5"}},
    ),
    (
        {"Federated": "cognito-identity.amazonaws.com"},
        {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:x"}},
    ),
    (
        {"Federated": "arn:aws:iam::123456789012:saml-provider/acme"},
        {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    ),
    ({"Service": "ecs-tasks.amazonaws.com"}, None),
    ({"AWS": "arn:aws:iam::123456789012:role/deploy"}, None),
)


@pytest.mark.parametrize(("principal", "condition"), OPEN)
def test_a_role_that_strangers_may_assume_is_refused(
    pack: Analyzer, principal: Any, condition: dict[str, Any] | None
) -> None:
    """A missing, empty or wide condition."""
    assert ("no-public-policy", "mandatory") in _refused(pack, principal, condition)


@pytest.mark.parametrize(("principal", "condition"), NARROW)
def test_a_role_for_named_principals_is_let_through(
    pack: Analyzer, principal: Any, condition: dict[str, Any] | None
) -> None:
    """A subject, an audience of the application, a service, a role."""
    assert _refused(pack, principal, condition) == set()


@pytest.mark.parametrize("element", ["NotPrincipal", "notprincipal", "NOTPRINCIPAL"])
def test_everyone_but_somebody_is_everyone(pack: Analyzer, element: str) -> None:
    """In any spelling, as AWS reads the names of elements without regard to case."""
    pack.configure({})
    policy = json.dumps(
        {
            "statement": {
                "effect": "Allow",
                element: {"AWS": "arn:aws:iam::123456789012:root"},
                "action": "sts:AssumeRole",
            }
        }
    )
    assert "no-public-policy" in {
        each.policy for each in pack.analyze(one(ROLE, "r", assumeRolePolicy=policy))
    }


def test_an_account_is_asked_for_an_external_id(pack: Analyzer) -> None:
    """Unless it is one of the organization's own, or the caller has to be somebody."""
    account = {"AWS": "arn:aws:iam::123456789012:root"}
    asked = ("policy-third-parties", "advisory")
    assert asked in _refused(pack, account, None, "sts:AssumeRole")
    assert asked in _refused(pack, {"AWS": ["123456789012"]}, None, "sts:AssumeRole")
    for condition in (
        {"StringEquals": {"sts:ExternalId": "4711"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    ):
        assert _refused(pack, account, condition, "sts:AssumeRole") == set()
    pack.configure({"policy-third-parties": {"ownAccounts": ["123456789012"]}})
    trust = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}]}
    )
    assert pack.analyze(one(ROLE, "r", assumeRolePolicy=trust)) == []
    pack.configure({})


@pytest.mark.parametrize(
    ("service", "condition", "level"),
    [
        ("cloudfront.amazonaws.com", None, "mandatory"),
        (
            "cloudfront.amazonaws.com",
            {"StringEquals": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}},
            "",
        ),
        ("cloudtrail.amazonaws.com", None, "advisory"),
        ("cloudtrail.amazonaws.com", {"StringEquals": {"aws:SourceAccount": "123456789012"}}, ""),
        ("logdelivery.elasticloadbalancing.amazonaws.com", None, ""),
    ],
)
def test_a_service_is_asked_on_whose_behalf_it_comes(
    pack: Analyzer, service: str, condition: dict[str, Any] | None, level: str
) -> None:
    """Where AWS documents it; anyone's CloudFront distribution reads a bucket that admits
    CloudFront.
    """
    pack.configure({})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    }
    policy = json.dumps(
        {"Statement": [{**statement, **({"Condition": condition} if condition else {})}]}
    )
    found = pack.analyze(one("aws:s3/bucketPolicy:BucketPolicy", "b", bucket="b", policy=policy))
    assert {each.level for each in found} == ({level} if level else set())


@pytest.mark.parametrize("principal", ["999999999999", "arn:aws:iam::999999999999:root"])
def test_a_permission_for_an_account_is_asked_whose_it_is(pack: Analyzer, principal: str) -> None:
    """As a role's trust is: everybody of that account may call the function."""
    permission: dict[str, Any] = {
        "function": "f",
        "action": "lambda:InvokeFunction",
        "principal": principal,
    }

    def found(**more: Any) -> set[tuple[str, str]]:
        return {
            (each.policy, each.level)
            for each in pack.analyze(
                one("aws:lambda/permission:Permission", "p", **permission, **more)
            )
        }

    pack.configure({})
    assert found() == {("policy-third-parties", "advisory")}
    assert found(principalOrgId="o-1234567890") == set()
    pack.configure({"policy-third-parties": {"ownAccounts": ["999999999999"]}})
    assert found() == set()
    pack.configure({})
