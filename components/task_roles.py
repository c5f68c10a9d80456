"""Roles of a task and their policies, each statement as narrow as AWS allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.base import Component

Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RoleOptions:
    """What a platform team prescribes for every role."""

    path: str | None = None
    """IAM path, `/apps/`; None is the root."""
    permissions_boundary_arn: pulumi.Input[str] | None = None
    """Policy that bounds what a role may ever do."""


def create_role(
    owner: Component,
    key: str,
    description: str,
    tags: dict[str, str] | None = None,
    *,
    options: RoleOptions | None = None,
    service: str = "ecs-tasks.amazonaws.com",
) -> aws.iam.Role:
    """A role that `service` may assume; by default that of ECS tasks."""
    options = options or RoleOptions()
    role = aws.iam.Role(
        owner.child_name(key),
        description=description,
        assume_role_policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": service},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
        path=options.path,
        permissions_boundary=options.permissions_boundary_arn,
        tags=tags or {},
        opts=owner.child_options(),
    )
    owner.expose(**{key: role})
    return role


def allow(owner: Component, key: str, role: aws.iam.Role, statements: list[Statement]) -> None:
    """Attach `statements` to `role` as an inline policy."""
    policy = aws.iam.RolePolicy(
        owner.child_name(key),
        role=role.id,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
        opts=owner.child_options(),
    )
    owner.expose(**{key: policy})


def execution_statements(
    repository_arn: pulumi.Input[str],
    log_group_arn: pulumi.Input[str],
    secret_arns: tuple[pulumi.Input[str], ...],
) -> list[Statement]:
    """What ECS needs to start the task."""
    return [
        # AWS offers no narrower resource for the registry's sign-in.
        {
            "Sid": "SignIn",
            "Effect": "Allow",
            "Action": "ecr:GetAuthorizationToken",
            "Resource": "*",
        },
        {
            "Sid": "PullImage",
            "Effect": "Allow",
            "Action": [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            "Resource": repository_arn,
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": pulumi.Output.concat(log_group_arn, ":log-stream:*"),
        },
        {
            "Sid": "ReadSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": list(secret_arns),
        },
    ]


def mount_statements(
    file_system_arn: pulumi.Input[str], access_point_arn: pulumi.Input[str]
) -> list[Statement]:
    """Mount and write the file system, through its access point alone."""
    return [
        {
            "Sid": "MountSites",
            "Effect": "Allow",
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": file_system_arn,
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": access_point_arn}},
        }
    ]


def protection_statements(cluster_arn: pulumi.Input[str]) -> list[Statement]:
    """A task with live sessions protects itself from scale-in and deployments, and gives the
    protection back.
    """
    tasks = pulumi.Output.from_input(cluster_arn).apply(
        lambda arn: arn.replace(":cluster/", ":task/") + "/*"
    )
    return [
        {
            "Sid": "ProtectTasks",
            "Effect": "Allow",
            "Action": ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
            "Resource": tasks,
            "Condition": {"ArnEquals": {"ecs:cluster": cluster_arn}},
        }
    ]


def exec_statements() -> list[Statement]:
    """The message channel of ECS Exec. AWS knows no narrower resource for it."""
    channels = (
        "CreateControlChannel",
        "CreateDataChannel",
        "OpenControlChannel",
        "OpenDataChannel",
    )
    return [
        {
            "Sid": "ExecChannel",
            "Effect": "Allow",
            "Action": [f"ssmmessages:{name}" for name in channels],
            "Resource": "*",
        }
    ]


def git_secret_statements(secret_arns: tuple[str, ...]) -> list[Statement]:
    """Read the secrets that calls about Git may name: these, and no others."""
    return [
        {
            "Sid": "ReadGitSecrets",
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": list(secret_arns),
        }
    ]


def decrypt_statements(
    kms_key_arn: pulumi.Input[str] | list[pulumi.Input[str]],
    region: pulumi.Input[str],
    dns_suffix: pulumi.Input[str],
) -> list[Statement]:
    """Read secrets under an own key, or several, only through Secrets Manager.

    `dns_suffix` is the partition's: `amazonaws.com`, in China `amazonaws.com.cn`.
    """
    service = pulumi.Output.concat("secretsmanager.", region, ".", dns_suffix)
    return [
        {
            "Sid": "DecryptSecrets",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": kms_key_arn,
            "Condition": {"StringEquals": {"kms:ViaService": service}},
        }
    ]
