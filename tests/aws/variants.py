"""The stacks that are judged: every shipped one, and one per option that changes what
is declared.
"""

from __future__ import annotations

import os
import pickle
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest import mock

from local.engine import Deployment, deploy
from tests.components.harness import STAGED

Overrides = dict[str, object]

ACCOUNT: Final = "123456789012"

PARTITIONS: Final = {"eu-central-1": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}
"""One region of each partition that runs the service."""


def _uuid(service: str, kind: str, region: str) -> str:
    return f"arn:{PARTITIONS[region]}:{service}:{region}:{ACCOUNT}:{kind}/12345678-1234-1234-1234-123456789012"


def _git_secret(region: str, name: str) -> str:
    arn = f"arn:{PARTITIONS[region]}:secretsmanager:{region}:{ACCOUNT}"
    return f"{arn}:secret:git/{name}-AbCdEf"


def in_region(region: str) -> Overrides:
    """What every stack needs in `region`: its certificate lies there."""
    return {
        "aws:region": region,
        "certificateArn": _uuid("acm", "certificate", region),
        "hostedZoneId": "",
    }


def options(region: str) -> dict[str, tuple[str, Overrides]]:
    """Stack and config of each option, by name."""
    arn = f"arn:{PARTITIONS[region]}"
    existing: Overrides = {
        "vpcId": "vpc-0123456789abcdef0",
        "publicSubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        "privateSubnetIds": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
        "egress": "nat",
    }
    oidc: Overrides = {
        "signIn": "oidc",
        "oidcIssuer": "https://login.example.com",
        "oidcAuthorizationEndpoint": "https://login.example.com/authorize",
        "oidcTokenEndpoint": "https://login.example.com/token",
        "oidcUserInfoEndpoint": "https://login.example.com/userinfo",
        "oidcClientId": "astro-live",
        "oidcClientSecret": {"secure": "v1:…"},
    }
    cognito: Overrides = {
        "signIn": "cognito",
        "cognitoUserPoolArn": f"{arn}:cognito-idp:{region}:{ACCOUNT}:userpool/{region}_EXAMPLE12",
        "cognitoClientId": "1example23456789",
        "cognitoDomain": "astro-live",
    }
    return {
        "endpoints": ("dev", {"egress": "endpoints", "executeCommand": True}),
        "existing-vpc": ("dev", existing),
        "dual-stack": (
            "dev",
            {
                **existing,
                "ipAddressType": "dualstack",
                "ingressCidrs": ["203.0.113.0/24", "2001:db8::/32"],
            },
        ),
        "internal": ("dev", {"internal": True, "ingressCidrs": ["10.0.0.0/8"]}),
        "spot": ("dev", {"capacity": "spot"}),
        "mixed": ("dev", {"capacity": "mixed", "arch": "x86_64"}),
        "oidc": ("dev", oidc),
        "cognito": ("dev", cognito),
        "own-key": ("dev", {"kmsKeyArn": _uuid("kms", "key", region)}),
        "git-secrets": (
            "dev",
            {
                "egress": "endpoints",
                "gitSecretNames": [
                    f"acme=https://github.com/acme={_git_secret(region, 'acme')}",
                    f"acme=https://git.example.com={_git_secret(region, 'acme')}",
                    f"other=https://github.com/other={_git_secret(region, 'other')}",
                ],
                "gitSecretKeyArns": [_uuid("kms", "key", region)],
            },
        ),
        "replica": ("dev", {"efsReplicaRegion": REPLICA[region]}),
        "issued": (
            "prod",
            {"hostedZoneId": "Z0123456789EXAMPLE", "certificateArn": "", "firewall": True},
        ),
        "pinned": ("dev", {"imageDigest": "sha256:" + "ab" * 32, "egress": "nat"}),
        "production": (
            "dev",
            {
                "nodeEnv": "production",
                "efsThroughput": "bursting",
                "efsArchiveAfterDays": 0,
                "efsBackups": False,
            },
        ),
        "topic": (
            "prod",
            {
                "alarmEmail": "",
                "alarmTopicArn": f"{arn}:sns:{region}:{ACCOUNT}:on-call",
                "accessLogs": False,
            },
        ),
        "platform": (
            "prod",
            {
                "tags": {"CostCenter": "web", "team:name": "live @ web"},
                "permissionsBoundaryArn": f"{arn}:iam::{ACCOUNT}:policy/teams/boundary",
                "iamPath": "/apps/live/",
                "namePrefix": "acme-editor",
                "flowLogs": "all",
                "apiIngressSecurityGroups": ["sg-0123456789abcdef2", "sg-0123456789abcdef3"],
                "apiIngressCidrs": [
                    "203.0.113.0/25",
                    "203.0.113.128/26",
                    "198.51.100.0/24",
                    "192.0.2.0/24",
                    "192.0.2.7/32",
                ],
            },
        ),
        "reuse": (
            "prod",
            {
                **existing,
                "listenerArn": (
                    f"{arn}:elasticloadbalancing:{region}:{ACCOUNT}:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
                ),
                "rulePriorityOffset": 200,
                "clusterArn": f"{arn}:ecs:{region}:{ACCOUNT}:cluster/shared",
                "fileSystemId": "fs-0123456789abcdef0",
                "fileSystemSecurityGroupId": "sg-0123456789abcdef1",
                "fileSystemPath": "/teams/web",
                "repositoryName": "teams/web/live",
                "certificateArn": "",
                "firewall": False,
            },
        ),
        "host": (
            "prod",
            {"routing": "host", "hostedZoneId": "Z0123456789EXAMPLE", "certificateArn": ""},
        ),
        "protected": ("dev", {"taskProtectionMinutes": 120}),
        "restoring": (
            "dev",
            {
                "restoreRoleArn": f"{arn}:iam::{ACCOUNT}:role/teams/restore",
                "fileSystemRevision": "2",
            },
        ),
        "zones": ("dev", {"availabilityZoneNames": [f"{region}b", f"{region}a"]}),
    }


REPLICA: Final = {
    "eu-central-1": "eu-west-1",
    "us-gov-west-1": "us-gov-east-1",
    "cn-north-1": "cn-northwest-1",
}

SHIPPED: Final = ("dev", "prod", "local")


shared: Path | None = None
"""Folder in which the processes of one test run leave their previews for each other; None in a run
of one process.
"""


@cache
def preview(region: str, name: str) -> Deployment:
    """A shipped stack or an option, previewed in `region`; once per test run."""
    file = shared / f"{region}-{name}.preview" if shared else None
    if file and file.is_file():
        found: Deployment = pickle.loads(file.read_bytes())
        return found
    made = _preview(region, name)
    if file:
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(made))
        part.replace(file)
    return made


def _preview(region: str, name: str) -> Deployment:
    stack, config = (name, {}) if name in SHIPPED else options(region)[name]
    with mock.patch(
        "components.docker_image.stage", return_value=STAGED
    ):  # reading the checkout takes a quarter of the time
        return deploy(stack, config={**in_region(region), **config})


DEPENDS_ON_THE_REGION: Final = (
    "dev",
    "prod",
    "endpoints",
    "oidc",
    "cognito",
    "own-key",
    "replica",
    "restoring",
    "issued",
    "topic",
)
"""What names a region, a partition or an address of AWS; the others declare the same everywhere."""


def names(region: str) -> tuple[str, ...]:
    """The shipped stacks and options that are judged in `region`: all of them in the first one."""
    return (
        (*SHIPPED, *options(region)) if region == next(iter(PARTITIONS)) else DEPENDS_ON_THE_REGION
    )


def custom(deployment: Deployment) -> list[Any]:
    """The resources that a provider creates."""
    return [resource for resource in deployment.resources if resource.custom]
