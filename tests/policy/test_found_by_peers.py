"""What other packs' fixtures showed, as small cases: faults that this pack passed, and good cases
that it refused.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy.harness import Analyzer
from policy.rules.core.secrecy import looks_random
from tests.policy.complying import NETWORK_ACL, policy
from tests.policy.conftest import resource

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PERMISSION = "aws:lambda/permission:Permission"
LAYER = "aws:lambda/layerVersionPermission:LayerVersionPermission"
INSTANCE = "aws:ec2/instance:Instance"
KMS = "aws:kms/key:Key"
ADMINISTRATOR = {"AWS": "arn:aws:iam::123456789012:role/keys"}
S3 = {"action": "lambda:InvokeFunction", "function": "f", "principal": "s3.amazonaws.com"}
REDIRECT = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}


def key(action: str, principal: object) -> dict[str, Any]:
    return {
        "policy": policy(
            {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
        ),
        "enableKeyRotation": True,
    }


FAULTS = [
    (
        "no-public-port",
        INGRESS,
        {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22},
    ),
    (
        "no-public-port",
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": False}]},
    ),
    ("network-acl", NETWORK_ACL, {"ingress": [{"ruleNo": 1, "action": "allow", "protocol": "-1"}]}),
    ("no-public-entrance", PERMISSION, {**S3, "sourceArn": "arn:aws:s3:::sites"}),
    (
        "no-public-entrance",
        PERMISSION,
        {**S3, "sourceAccount": "123456789012", "action": "lambda:*"},
    ),
    (
        "no-public-entrance",
        LAYER,
        {
            "action": "lambda:GetLayerVersion",
            "layerName": "l",
            "principal": "*",
            "statementId": "s",
        },
    ),
    (
        "no-plain-secrets",
        INSTANCE,
        {"userData": "apt-get install awscli; export AWS_SECRET_ACCESS_KEY=abcdefgh12345678"},
    ),
    (
        "no-plain-secrets",
        INSTANCE,
        {"userData": "runcmd:\n - [sh, -c, 'echo export DB_PASSWORD=correct-horse >> ~/.bashrc']"},
    ),
    ("security-group-descriptions", "aws:ec2/securityGroup:SecurityGroup", {"description": "  "}),
    (
        "listener-https-redirect",
        "aws:lb/listener:Listener",
        {"port": 80, "protocol": "HTTP", "defaultActions": [REDIRECT, REDIRECT]},
    ),
    (
        "alb-request-integrity",
        "aws:elb/loadBalancer:LoadBalancer",
        {"desyncMitigationMode": "monitor", "internal": True},
    ),
    ("kms-key-rotation", KMS, {"customerMasterKeySpec": "RSA_2048", "enableKeyRotation": True}),
    ("iam-least-privilege", KMS, key("kms:*", ADMINISTRATOR)),
    ("iam-least-privilege", KMS, key("kms:Put*", "*")),
]

GOOD = [
    (
        "no-public-port",
        INGRESS,
        {
            "securityGroupId": "sg-1",
            "ipProtocol": "tcp",
            "fromPort": 1,
            "toPort": 1,
            "prefixListId": "pl-1",
        },
    ),
    (
        "no-public-entrance",
        PERMISSION,
        {**S3, "sourceArn": "arn:aws:s3:::sites", "sourceAccount": "123456789012"},
    ),
    (
        "no-public-entrance",
        LAYER,
        {
            "action": "lambda:GetLayerVersion",
            "layerName": "l",
            "principal": "*",
            "organizationId": "o-1",
        },
    ),
    (
        "no-public-entrance",
        LAYER,
        {"action": "lambda:GetLayerVersion", "layerName": "l", "principal": "123456789012"},
    ),
    ("no-plain-secrets", INSTANCE, {"userData": "echo hello; export NODE_ENV=production"}),
    ("kms-key-rotation", KMS, {"customerMasterKeySpec": "RSA_2048"}),
    ("iam-least-privilege", KMS, key("kms:Put*", ADMINISTRATOR)),
    (
        "iam-least-privilege",
        "aws:iam/policy:Policy",
        {
            "policy": policy(
                {
                    "Effect": "Allow",
                    "Action": "ec2:Describe*",
                    "Resource": "arn:aws:ec2:us-east-1:123456789012:instance/*",
                }
            )
        },
    ),
]


def _rules(pack: Analyzer, type_: str, properties: dict[str, Any]) -> set[str]:
    return {each.policy for each in pack.analyze(resource(type_, **properties))}


@pytest.mark.parametrize(
    ("rule", "type_", "properties"), FAULTS, ids=lambda each: json.dumps(each)[:60]
)
def test_fault_is_reported(
    pack: Analyzer, rule: str, type_: str, properties: dict[str, Any]
) -> None:
    """By the rule that is about it."""
    assert rule in _rules(pack, type_, properties)


@pytest.mark.parametrize(
    ("rule", "type_", "properties"), GOOD, ids=lambda each: json.dumps(each)[:60]
)
def test_good_case_passes(
    pack: Analyzer, rule: str, type_: str, properties: dict[str, Any]
) -> None:
    """The rule has nothing to say."""
    assert rule not in _rules(pack, type_, properties)


def test_words_in_camel_case_are_not_random() -> None:
    """Names of resources are words; keys are not."""
    assert not looks_random("MACHINE", "MySuperCoolFortyCharLongStateMachineName", 3.3)
    assert looks_random("MACHINE", "qXvPzLmWkTrBnYcJdHsGfAeUoIqXvPzL", 3.3)
