"""Policies are judged by what they mean: patterns by what they match, conditions by whom they keep
out (S18, S19).
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pulumi_aws
import pytest

from policy.harness import Analyzer
from policy.rules.core import actions
from policy.rules.identities import is_policy_property
from tests.policy.complying import FILE_SYSTEM_POLICY, TLS_ONLY, policy
from tests.policy.conftest import resource
from tests.policy.peers import sdk

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
SITES = "arn:aws:s3:::sites/*"
ACCOUNT = "123456789012"


def spoken(
    pack: Analyzer, type_: str, document: dict[str, Any] | str, prop: str = "policy"
) -> set[str]:
    """Rules of access that refuse the document."""
    text = (
        document
        if isinstance(document, str)
        else json.dumps({"Version": "2012-10-17", "Statement": [document]})
    )
    found = pack.analyze(resource(type_, **{prop: text}))
    return {
        each.policy
        for each in found
        if each.policy in ("iam-least-privilege", "no-public-policy") and each.level == "mandatory"
    }


def allow(action: Any, on: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


# Rights

TOO_MUCH = [
    allow("*"),
    allow("*:*"),
    allow("s3:*", SITES),
    allow("S3:*", SITES),
    allow("s3:?*", SITES),
    allow("s3:**", SITES),
    allow("s3:*Object", SITES),
    allow("s3:Put*", SITES),
    allow("*:GetObject", SITES),
    allow("iam:PassRol*"),
    allow("iam:PassRole"),
    allow("iam:passrole"),
    allow("iam:PassRole", "arn:aws:iam::123456789012:role/*"),
    allow("iam:PassRole", "arn:aws:iam::*:role/*"),
    allow(
        "iam:PassRole",
        Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    ),
    allow("secretsmanager:Get*"),
    allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:*"),
    allow("ssm:GetParameter*"),
    allow("s3:GetObject", "arn:*:*:*"),
    allow("s3:GetObject", "arn:aws:s3:::*"),
    allow("s3:GetObject", "arn:aws:s3:::*/*"),
    allow("s3:GetObject", "**"),
    allow(["ecr:GetAuthorizationToken", "s3:GetObject"]),
    allow("s3:GetObject", ["arn:aws:s3:::sites/*", "*"]),
    allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}),
    allow("s3:GetObject", Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}),
    allow("s3:GetObject", Condition={"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1234"}}),
    allow("s3:GetObject", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1234"}}),
    allow(
        "s3:GetObject",
        Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
    ),
    allow("s3:GetObject", Condition={"StringLike": {"aws:PrincipalArn": "*"}}),
    allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
    allow(
        "s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}}
    ),
    allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1234"}}),
    allow("s3:DeleteObject", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
    allow(
        "iam:PassRole",
        Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/live"}},
    ),
    allow("iam:PassRole", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    allow("iam:PassRole", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
    allow(
        "ecs:RunTask",
        Condition={"ArnLike": {"ecs:cluster": f"arn:aws:ecs:eu-central-1:{ACCOUNT}:cluster/*"}},
    ),
    allow("ec2:AuthorizeSecurityGroupIngress", Condition={"StringLike": {"ec2:VpcID": "vpc-*"}}),
    *(
        allow(action, Condition={operator: {key: value}})
        for action, operator, key, value in (
            ("sts:AssumeRole", "StringEquals", "sts:ExternalId", "0123456789"),
            (
                "iam:AttachRolePolicy",
                "ArnEquals",
                "ec2:SourceInstanceARN",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0123456789abcdef0",
            ),
            (
                "iam:PutRolePolicy",
                "ArnEquals",
                "lambda:SourceFunctionArn",
                f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:x",
            ),
            (
                "iam:AttachRolePolicy",
                "ArnEquals",
                "iam:PolicyARN",
                "arn:aws:iam::aws:policy/AdministratorAccess",
            ),
            ("iam:AttachRolePolicy", "ArnLike", "iam:PolicyARN", "arn:aws:iam::aws:policy/Admin*"),
            (
                "iam:AttachRolePolicy",
                "ArnLike",
                "iam:PolicyARN",
                f"arn:aws:iam::{ACCOUNT}:policy/Administrator*",
            ),
            (
                "iam:PutRolePolicy",
                "StringEquals",
                "iam:PermissionsBoundary",
                "arn:aws:iam::aws:policy/AdministratorAccess",
            ),
            (
                "eks:AssociateAccessPolicy",
                "ArnEquals",
                "eks:policyArn",
                "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            ),
            (
                "eks:CreateAccessEntry",
                "ArnEquals",
                "eks:principalArn",
                f"arn:aws:iam::{ACCOUNT}:role/live",
            ),
            (
                "sts:AssumeRoot",
                "ArnEquals",
                "sts:TaskPolicyArn",
                "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
            ),
            (
                "cloudformation:CreateStack",
                "ArnEquals",
                "cloudformation:RoleArn",
                f"arn:aws:iam::{ACCOUNT}:role/admin",
            ),
            (
                "emr-containers:StartJobRun",
                "ArnEquals",
                "emr-containers:ExecutionRoleArn",
                f"arn:aws:iam::{ACCOUNT}:role/admin",
            ),
            (
                "secretsmanager:RotateSecret",
                "ArnEquals",
                "secretsmanager:RotationLambdaARN",
                f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:x",
            ),
            (
                "secretsmanager:GetSecretValue",
                "StringLike",
                "secretsmanager:VersionId",
                "a???????-*",
            ),
            (
                "iam:PassRole",
                "ArnLike",
                "iam:AssociatedResourceArn",
                f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-*",
            ),
        )
    ),
    *(
        allow(action, f"arn:aws:{on}")
        for action, on in (
            ("secretsmanager:GetSecretValue", "secretsmanager:*:*:secret:*-??????"),
            ("secretsmanager:GetSecretValue", f"secretsmanager:eu-central-1:{ACCOUNT}:secret:*-*"),
            ("kms:Decrypt", "kms:*:*:key/*-*"),
            ("kms:Decrypt", f"kms:eu-central-1:{ACCOUNT}:key/????????-*"),
            ("ec2:TerminateInstances", "ec2:*:*:instance/i-*"),
            ("ec2:TerminateInstances", f"ec2:eu-central-1:{ACCOUNT}:instance/i-0*"),
            ("ec2:AuthorizeSecurityGroupIngress", "ec2:*:*:security-group/sg-*"),
            ("ec2:DeleteVolume", "ec2:*:*:volume/vol-?????????????????"),
            ("elasticfilesystem:ClientRootAccess", "elasticfilesystem:*:*:file-system/fs-*"),
        )
    ),
    *(
        allow(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:{on}")
        for action, on in (
            ("AttachRolePolicy", "role/self"),
            ("PutRolePolicy", "role/self"),
            ("UpdateAssumeRolePolicy", "role/self"),
            ("CreatePolicyVersion", "policy/live"),
            ("putuserpolicy", "user/me"),
            ("AttachGroupPolicy", "group/*"),
        )
    ),
    allow(
        "iam:PutRolePolicy",
        f"arn:aws:iam::{ACCOUNT}:role/self",
        Condition={"StringEquals": {"aws:ResourceTag/team": "live"}},
    ),
    allow(
        "iam:AttachRolePolicy",
        f"arn:aws:iam::{ACCOUNT}:role/self",
        Condition={"ArnLike": {"iam:PolicyARN": "*"}},
    ),
    *(
        allow("kms:Decrypt", Condition={"StringLike": {"kms:ResourceAliases": each}})
        for each in ("alias/*", "alias/?*", "alias/aws/*")
    ),
    {"Effect": "Allow", "NotAction": "iam:*", "Resource": SITES},
    {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": SITES},
    {"effect": "Allow", "action": "s3:*", "resource": SITES},
    {"Action": "s3:*", "Resource": SITES},
    allow("translate:GetTerminology"),
    allow("glue:GetDatabase", f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/*"),
    allow("notaservice:*", SITES),
    allow("s3:NotAnAction"),
]

_SEND = '"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"'
_OWN = f'"Principal": {{"AWS": "{ACCOUNT}"}}'
TWICE = [
    f'{{"Statement": [{{{_SEND}, "Principal": "*", {_OWN}}}]}}',
    f'{{"Statement": [{{{_SEND}, {_OWN}, "principal": "*"}}]}}',
    f'{{"Statement": [{{{_SEND}, "Principal": "*"}}], "Statement": []}}',
    f'{{"Statement": [{{{_SEND}, "Principal": "*"}}], "statement": []}}',
    f'{{"Statement": [{{{_SEND}, {_OWN}, "Effect": "Deny"}}]}}',
    (
        f'{{"Statement": [{{{_SEND}, {_OWN}, "Condition": {{"StringLike": {{"aws:SourceArn": "a",'
        ' "aws:sourcearn": "*"}}}]}'
    ),
]


@pytest.mark.parametrize("document", TWICE)
@pytest.mark.parametrize(
    ("type_", "prop"),
    [
        ("aws:sqs/queuePolicy:QueuePolicy", "policy"),
        ("aws:iam/policy:Policy", "policy"),
        ("aws:iam/role:Role", "assumeRolePolicy"),
        ("aws:iam/role:Role", "inline"),
    ],
)
def test_a_key_named_twice_is_refused(pack: Analyzer, document: str, type_: str, prop: str) -> None:
    """A reader takes the first of the two or the last; in one object they may differ in case."""
    properties = (
        {"inlinePolicies": [{"name": "p", "policy": document}]}
        if prop == "inline"
        else {prop: document}
    )
    messages = [
        each.message
        for each in pack.analyze(resource(type_, **properties))
        if each.policy == "iam-least-privilege"
    ]
    assert any("twice in one object" in each for each in messages)


ENOUGH = [
    allow(["s3:GetObject", "s3:PutObject"], SITES),
    allow("s3:Get*", SITES),
    allow(
        "ecs:UpdateService",
        Condition={
            "ArnEquals": {"ecs:cluster": f"arn:aws:ecs:eu-central-1:{ACCOUNT}:cluster/live"}
        },
    ),
    allow("ec2:StartInstances", Condition={"StringEquals": {"aws:ResourceTag/team": "live"}}),
    allow(
        "ec2:CreateSubnet",
        Condition={
            "ArnEquals": {
                "ec2:Vpc": f"arn:aws:ec2:eu-central-1:{ACCOUNT}:vpc/vpc-0123456789abcdef0"
            }
        },
    ),
    allow(
        "secretsmanager:GetSecretValue",
        Condition={"StringEquals": {"secretsmanager:SecretId": "live/db"}},
    ),
    allow(
        "iam:AttachRolePolicy",
        Condition={"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/live"}},
    ),
    allow(
        "iam:AttachRolePolicy",
        Condition={"ArnLike": {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/live-*"}},
    ),
    allow(
        "iam:PutRolePolicy",
        Condition={
            "StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/bounds"}
        },
    ),
    allow(
        "iam:AttachRolePolicy",
        f"arn:aws:iam::{ACCOUNT}:role/live",
        Condition={"ArnEquals": {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/live"}},
    ),
    allow(
        ["iam:GetRole", "iam:DetachRolePolicy", "iam:TagRole"], f"arn:aws:iam::{ACCOUNT}:role/live"
    ),
    *(
        allow("kms:Decrypt", Condition={"StringLike": {"kms:ResourceAliases": each}})
        for each in ("alias/live-*", "alias/db*")
    ),
    allow("kms:Decrypt", Condition={"StringEquals": {"kms:ResourceAliases": "alias/aws/s3"}}),
    allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/live-task"),
    allow(
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:live-*",
    ),
    allow(
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:live/db-??????",
    ),
    allow("kms:Decrypt", f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1f0e2d3c-*"),
    allow("ec2:TerminateInstances", f"arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/i-0f1e2d3c*"),
    allow(
        "elasticfilesystem:ClientMount",
        f"arn:aws:elasticfilesystem:eu-central-1:{ACCOUNT}:file-system/fs-0123456789abcdef0",
    ),
    allow("logs:PutLogEvents", f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/live:log-stream:*"),
    allow(["polly:SynthesizeSpeech", "translate:TranslateText", "comprehend:DetectEntities"]),
    allow(
        "glue:GetDatabase",
        [f"arn:aws:glue:eu-west-1:{ACCOUNT}:{each}" for each in ("catalog", "database/live")],
    ),
    allow("ec2:Describe*"),
    allow("elasticloadbalancing:Describe*"),
    {"Effect": "Deny", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
]

ONLY_ON_EVERYTHING = """
    acm:ListCertificates application-autoscaling:DescribeScalableTargets autoscaling:DescribeAutoScalingGroups
    cloudformation:ListStacks cloudwatch:GetMetricData cloudwatch:GetMetricStatistics cloudwatch:ListMetrics cloudwatch:PutMetricData
    ec2:DescribeInstances ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DescribeVpcs ecr:GetAuthorizationToken
    ecs:DescribeTaskDefinition ecs:ListClusters ecs:ListTaskDefinitions elasticloadbalancing:DescribeLoadBalancers
    elasticloadbalancing:DescribeTargetHealth iam:ListRoles kms:CreateKey kms:ListAliases kms:ListKeys logs:DescribeLogGroups
    route53:ListHostedZones s3:ListAllMyBuckets secretsmanager:GetRandomPassword secretsmanager:ListSecrets
    servicediscovery:ListNamespaces ssm:DescribeParameters ssmmessages:CreateControlChannel ssmmessages:OpenDataChannel
    sts:GetCallerIdentity tag:GetResources xray:PutTelemetryRecords xray:PutTraceSegments
""".split()  # noqa: SIM905 (a table to read, not code)
"""Actions that AWS's documentation lists without a resource type, or that its managed policies give
on `*`.
"""


@pytest.mark.parametrize("statement", TOO_MUCH, ids=json.dumps)
def test_too_much_is_refused(pack: Analyzer, statement: dict[str, Any]) -> None:
    """In whatever words."""
    assert "iam-least-privilege" in spoken(pack, ROLE_POLICY, statement)


@pytest.mark.parametrize("statement", ENOUGH, ids=json.dumps)
def test_what_is_needed_passes(pack: Analyzer, statement: dict[str, Any]) -> None:
    """Names, patterns that read below a name, and conditions that narrow."""
    assert spoken(pack, ROLE_POLICY, statement) == set()


@pytest.mark.parametrize("action", ONLY_ON_EVERYTHING)
def test_an_action_without_narrower_resource_may_have_everything(
    pack: Analyzer, action: str
) -> None:
    """There is no way to write it better."""
    assert spoken(pack, ROLE_POLICY, allow(action)) == set()


def test_patterns_mean_what_they_match() -> None:
    """Case and wildcards as IAM reads them; an action of a service that AWS does not list matches
    nothing.
    """
    assert {each.name for each in actions.matching("IAM:passrol*")} == {"PassRole"}
    assert {each.name for each in actions.matching("secretsmanager:GetSecretValu?")} == {
        "GetSecretValue"
    }
    assert len(actions.matching("s3:?*")) == len(actions.of_service("s3"))
    assert actions.matching("s4:*") == ()


@pytest.mark.parametrize(
    "arn",
    [
        "AdministratorAccess",
        "PowerUserAccess",
        "IAMFullAccess",
        "AmazonS3FullAccess",
        "job-function/SystemAdministrator",
    ],
)
@pytest.mark.parametrize("prop", ["managedPolicyArns", "policyArn"])
def test_managed_policies_with_power_are_refused(pack: Analyzer, arn: str, prop: str) -> None:
    """Wherever they are attached, in every partition."""
    type_ = (
        ROLE if prop == "managedPolicyArns" else "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    )
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        value: Any = f"arn:{partition}:iam::aws:policy/{arn}"
        found = pack.analyze(
            resource(type_, "subject", **{prop: [value] if prop.endswith("s") else value})
        )
        assert "iam-least-privilege" in {each.policy for each in found}


# Who is admitted


def admit(principal: Any, action: str = "ecr:BatchGetImage", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


GITHUB = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
_SUB = "token.actions.githubusercontent.com:sub"

NARROW_NOBODY: list[tuple[str, str, Any]] = [
    ("StringEquals", "aws:username", "admin"),
    ("StringEquals", "aws:PrincipalTag/team", "dev"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
    ("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
    ("StringLike", "aws:SourceVpc", "vpc-*"),
    ("StringLike", "aws:SourceVpce", "vpce-*"),
    ("StringLike", "aws:SourceVpce", ["vpce-1234", "vpce-0*"]),
    ("StringLike", "aws:SourceAccount", "1234*"),
    ("StringLike", "aws:PrincipalOrgID", "o-a*"),
    ("StringLike", "aws:PrincipalOrgPaths", "o-a*"),
    ("StringLike", "aws:userid", "AROA*"),
    ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalOrgID}"),
    ("StringEquals", "aws:SourceVpc", "${aws:SourceVpc}"),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/a"),
    ("IpAddress", "aws:SourceIp", [f"{first}.0.0.0/8" for first in range(256)]),
    ("IpAddress", "aws:SourceIp", [f"{first}.0.0.0/8" for first in range(1, 224, 2)]),
    ("IpAddress", "aws:SourceIp", ["8.0.0.0/8", "9.0.0.0/32"]),
    ("IpAddress", "aws:SourceIp", ["2a00::/32", "2a02::/32"]),
]
"""Who: any account's user of that name, or its service. Where: everyone's networks, or what the
caller says of itself.
"""

OPEN = [
    admit("*"),
    admit({"AWS": "*"}),
    admit({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "*"]}),
    admit({"AWS": "arn:aws:iam::*:root"}),
    admit({"AWS": "arn:aws:iam::*:role/live"}),
    admit({"CanonicalUser": "*"}),
    admit({"Service": "*"}),
    admit({"Federated": "*"}),
    {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "ecr:BatchGetImage",
    },
    admit("*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
    admit("*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
    admit("*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
    admit("*", Condition={"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1234"}}),
    admit("*", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}),
    admit("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/live"}}),
    admit("*", Condition={"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
    admit("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}),
    *(admit("*", Condition={operator: {key: value}}) for operator, key, value in NARROW_NOBODY),
    admit("*", Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
    admit(GITHUB, "sts:AssumeRoleWithWebIdentity"),
    admit(
        GITHUB,
        "sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}
        },
    ),
    admit(GITHUB, "sts:AssumeRoleWithWebIdentity", Condition={"StringLike": {_SUB: "repo:*"}}),
    admit(
        GITHUB,
        "sts:AssumeRoleWithWebIdentity",
        Condition={"StringLike": {_SUB: "workflow:deploy:repo:us/site"}},
    ),
]

NAMED = [
    admit({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    admit({"AWS": ACCOUNT}),
    admit({"Service": "ecs-tasks.amazonaws.com"}),
    admit("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}),
    admit("*", Condition={"StringEquals": {"AWS:SourceAccount": ACCOUNT}}),
    admit(
        "*", Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:jobs"}}
    ),
    admit("*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    admit(
        "*",
        Condition={
            "IpAddress": {"aws:SourceIp": ["8.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "2a00::/32"]}
        },
    ),
    admit("*", Condition={"StringLike": {"aws:userid": "AROAEXAMPLEID12345678:*"}}),
    admit(
        "*",
        Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1234567890/r-ab12/ou-*"}},
    ),
    admit("*", Condition={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}),
    admit(
        GITHUB, "sts:AssumeRoleWithWebIdentity", Condition={"StringLike": {_SUB: "repo:us/site:*"}}
    ),
    {**admit("*"), "Effect": "Deny"},
]


@pytest.mark.parametrize("statement", OPEN, ids=json.dumps)
def test_open_to_everyone_is_refused(pack: Analyzer, statement: dict[str, Any]) -> None:
    """A condition excuses only when it says who or from where."""
    assert "no-public-policy" in spoken(pack, REPOSITORY_POLICY, statement)


@pytest.mark.parametrize("statement", NAMED, ids=json.dumps)
def test_named_principals_pass(pack: Analyzer, statement: dict[str, Any]) -> None:
    """By name, account, organisation, source or network."""
    assert spoken(pack, REPOSITORY_POLICY, statement) == set()


def test_a_trust_policy_is_a_resource_policy(pack: Analyzer) -> None:
    """A role that everyone may assume is everyone's."""
    assert "no-public-policy" in spoken(
        pack, ROLE, admit("*", "sts:AssumeRole"), "assumeRolePolicy"
    )


def test_the_account_owns_its_keys(pack: Analyzer) -> None:
    """AWS's default key policy passes; the same right for another principal does not."""
    owner = admit({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*", Resource="*")
    assert spoken(pack, KEY, owner) == set()
    assert spoken(pack, KEY, {**owner, "Principal": {"AWS": ACCOUNT}}) == set()
    assert spoken(
        pack, KEY, {**owner, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/live"}}
    ) == {"iam-least-privilege"}


def test_a_document_that_is_no_json_is_refused(pack: Analyzer) -> None:
    """What cannot be read may say anything."""
    assert "no-public-policy" in spoken(
        pack, REPOSITORY_POLICY, '{"Statement": [{"Effect": "Allow",}]}'
    )


# Wherever a document stands

_LIMITS = ("vpcEndpoint", "organizations/policy", "endpointPolicy")
"""Their documents take rights away."""


_TEXT_ARGUMENT = re.compile(
    r"^ +(\w+): (?:Optional\[)?pulumi\.Input\[(?:Optional\[)?(?:Union\[)?(?:_builtins\.str|Any)",
    re.MULTILINE,
)


def _policy_fields() -> list[tuple[str, str]]:
    """Every text argument of the SDK's resources whose name says that it is an access policy; read
    as text, as importing takes a minute.
    """
    fields = []
    root = Path(pulumi_aws.__file__).parent
    for token, (package, name) in sorted(sdk.registered().items()):
        file = root.joinpath(*package.split(".")[1:], f"{sdk.snake(name)}.py")
        for python in (
            sorted(set(_TEXT_ARGUMENT.findall(file.read_text(encoding="utf-8"))))
            if file.is_file()
            else ()
        ):
            prop = re.sub(r"_(\w)", lambda found: found[1].upper(), python)
            if is_policy_property(token, prop) and not any(each in token for each in _LIMITS):
                fields.append((token, prop))
    return fields


def test_every_policy_field_of_the_sdk_is_judged(pack: Analyzer) -> None:
    """A new version's resources with a policy are judged from the day they exist."""
    fields = _policy_fields()
    assert len(fields) > 60
    document = policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
    identity = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    answers = pack.analyze_all([resource(token, **{prop: document}) for token, prop in fields])
    rights = pack.analyze_all([resource(token, **{prop: identity}) for token, prop in fields])
    for (token, prop), open_, wide in zip(fields, answers, rights, strict=True):
        rules = {each.policy for each in open_}
        assert "iam-least-privilege" in {each.policy for each in wide}, f"{token}.{prop}"
        assert "no-public-policy" in rules or token.startswith("aws:iam/"), f"{token}.{prop}"


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("aws:sqs/queue:Queue", {"policy": policy(admit("*", "sqs:SendMessage"))}),
        ("aws:apigateway/restApi:RestApi", {"policy": policy(admit("*", "execute-api:Invoke"))}),
        ("aws:elasticsearch/domain:Domain", {"accessPolicies": policy(admit("*", "es:ESHttpGet"))}),
        ("aws:iam/role:Role", {"inlinePolicies": [{"name": "a", "policy": policy(allow("s3:*"))}]}),
        ("aws:transfer/user:User", {"policy": policy(allow("s3:*"))}),
        ("aws:s3/bucket:Bucket", {"policy": {"Statement": [admit("*", "s3:GetObject")]}}),
        (
            "aws:secretsmanager/secret:Secret",
            {"policy": policy(admit("*", "secretsmanager:GetSecretValue"))},
        ),
    ],
)
def test_documents_inside_other_resources_are_judged(
    pack: Analyzer, type_: str, properties: dict[str, Any]
) -> None:
    """As text, as an object, in a list."""
    found = {
        each.policy
        for each in pack.analyze(resource(type_, **properties))
        if each.level == "mandatory"
    }
    assert found & {"iam-least-privilege", "no-public-policy"}


# EFS


@pytest.mark.parametrize(
    "changes",
    [
        {
            "Condition": {
                "Bool": {"aws:SecureTransport": "false", "aws:MultiFactorAuthPresent": "false"}
            }
        },
        {
            "Condition": {
                "Bool": {"aws:SecureTransport": "false"},
                "StringEquals": {"aws:SourceVpc": "vpc-1"},
            }
        },
        {"Condition": {"Bool": {"aws:SecureTransport": ["false", "true"]}}},
        {"Condition": {"Null": {"aws:SecureTransport": "false"}}},
        {"Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
    ],
)
def test_a_denial_that_holds_only_sometimes_is_none(
    pack: Analyzer, changes: dict[str, Any]
) -> None:
    """A further condition lets plain connections through where it does not hold."""
    found = {
        each.policy
        for each in pack.analyze(
            resource(FILE_SYSTEM_POLICY, policy=policy({**TLS_ONLY, **changes}))
        )
    }
    assert "efs-file-system-policy" in found


def test_the_catalog_of_actions_is_current() -> None:
    """The list of AWS's actions comes with a package that is updated daily; an old one would call
    new actions unknown.
    """
    assert inspect.getmodule(actions._DATA) is not None
    assert len(actions.of_service("ecs")) > 50
