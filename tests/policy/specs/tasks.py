"""File systems, tasks, registries, logs and access."""

from __future__ import annotations

from typing import Final

from policy.harness import UNKNOWN, Secret
from tests.policy.complying import (
    ABSENT,
    ACCESS_POINT,
    BUCKET_BLOCK,
    CLUSTER,
    EGRESS,
    FILE_SYSTEM,
    FILE_SYSTEM_POLICY,
    GROUP,
    KEY,
    LOG_GROUP,
    REPOSITORY,
    REPOSITORY_POLICY,
    ROLE_POLICY,
    SERVICE,
    SUBNET,
    TABLE,
    TASK,
    TLS_ONLY,
    but,
    policy,
)
from tests.policy.specs.base import NO_UNKNOWN, ONE_TEXT, ONE_VALUE, TASK_RULES, Spec

ASSUMED: Final = {"Effect": "Allow", "Action": "sts:AssumeRole"}
"""A statement of a role's trust policy, to which a principal is added."""

TASKS: Final = (
    Spec(
        rule="efs-encrypted-at-rest",
        type=FILE_SYSTEM,
        violate=({"encrypted": False},),
        absent={"encrypted": ABSENT},
        unknown={"encrypted": UNKNOWN},
        beside=ONE_VALUE,
        secret={"encrypted": Secret(False)},
    ),
    Spec(
        rule="efs-encrypted-in-transit",
        type=TASK,
        violate=(
            {"volumes[0].efsVolumeConfiguration.transitEncryption": "DISABLED"},
            {"volumes[0].efsVolumeConfiguration.authorizationConfig.iam": "DISABLED"},
            {"volumes[0].efsVolumeConfiguration.authorizationConfig.accessPointId": ABSENT},
            {"volumes[0].efsVolumeConfiguration.authorizationConfig": ABSENT},
        ),
        absent={"volumes[0].efsVolumeConfiguration.transitEncryption": ABSENT},
        unknown={"volumes[0].efsVolumeConfiguration.transitEncryption": UNKNOWN},
        beside={
            "volumes[0].efsVolumeConfiguration.transitEncryption": UNKNOWN,
            "volumes[0].efsVolumeConfiguration.authorizationConfig.iam": "DISABLED",
        },
        secret={"volumes[0].efsVolumeConfiguration.transitEncryption": Secret("DISABLED")},
    ),
    Spec(
        rule="efs-file-system-policy",
        type=FILE_SYSTEM_POLICY,
        violate=(
            {
                "policy": policy(
                    {**TLS_ONLY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
                )
            },
            {"policy": policy({**TLS_ONLY, "Principal": {"AWS": "arn:aws:iam::1:root"}})},
            {"policy": policy({**TLS_ONLY, "Action": "elasticfilesystem:ClientWrite"})},
            {"policy": "not JSON"},
        ),
        absent={"policy": ABSENT},
        unknown={"policy": UNKNOWN},
        beside=ONE_TEXT,
        secret={"policy": Secret(policy())},
        also=frozenset({"no-public-policy"}),
    ),
    Spec(
        rule="efs-access-point-user",
        type=ACCESS_POINT,
        violate=(
            {"posixUser.uid": 0},
            {"posixUser.gid": 0},
            {"posixUser.secondaryGids": [0]},
            {"rootDirectory.path": "/"},
            {"rootDirectory.path": "//"},
            {"rootDirectory": ABSENT},
            {"rootDirectory.creationInfo.ownerUid": 0},
            {"rootDirectory.creationInfo.permissions": "0777"},
        ),
        absent={"posixUser": ABSENT},
        unknown={"posixUser": UNKNOWN},
        beside={"posixUser.gid": UNKNOWN, "posixUser.uid": 0},
        secret={"posixUser": Secret({"uid": 0, "gid": 1000})},
    ),
    Spec(
        rule="task-user",
        type=TASK,
        violate=(
            {"container.user": "root"},
            {"container.user": "0"},
            {"container.user": "0:0"},
            {"container.user": "00"},
            {"container.user": "1000:0"},
            {"container.user": "root:1000"},
            {"container.user": ""},
        ),
        absent={"container.user": ABSENT},
        unknown={"containerDefinitions": UNKNOWN},
        beside=ONE_TEXT,
        secret={
            "containerDefinitions": Secret(
                but(TASK, {"container.user": "0"})["containerDefinitions"]
            )
        },
        also=TASK_RULES,
    ),
    Spec(
        rule="task-privileges",
        type=TASK,
        violate=(
            {"container.privileged": True},
            {"container.linuxParameters.capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE"]}},
            {"container.linuxParameters.capabilities": {"drop": ["NET_RAW"]}},
            {"container.linuxParameters.devices": [{"hostPath": "/dev/sda"}]},
            {"container.dockerSecurityOptions": ["apparmor:unconfined"]},
            {"networkMode": "host"},
            {"networkMode": "bridge"},
            {"pidMode": "host"},
            {"ipcMode": "host"},
            {"enableFaultInjection": True},
            {"volumes[0].hostPath": "/var/run/docker.sock"},
        ),
        absent={"container.linuxParameters": ABSENT},
        unknown={"containerDefinitions": UNKNOWN},
        beside={"containerDefinitions": UNKNOWN, "networkMode": "host"},
        secret={"pidMode": Secret("host")},
        also=TASK_RULES,
    ),
    Spec(
        rule="task-read-only-root",
        type=TASK,
        violate=({"container.readonlyRootFilesystem": False},),
        absent={"container.readonlyRootFilesystem": ABSENT},
        unknown={"containerDefinitions": UNKNOWN},
        beside=ONE_TEXT,
        secret={
            "containerDefinitions": Secret(
                but(TASK, {"container.readonlyRootFilesystem": False})["containerDefinitions"]
            )
        },
        also=TASK_RULES,
    ),
    Spec(
        rule="task-logging",
        type=TASK,
        violate=(
            {"container.logConfiguration.logDriver": "none"},
            {"container.logConfiguration.options": {}},
        ),
        absent={"container.logConfiguration": ABSENT},
        unknown={"containerDefinitions": UNKNOWN},
        beside=ONE_TEXT,
        secret={
            "containerDefinitions": Secret(
                but(TASK, {"container.logConfiguration": {}})["containerDefinitions"]
            )
        },
        also=TASK_RULES,
    ),
    Spec(
        rule="task-plain-secrets",
        type=TASK,
        violate=(
            {"container.environment": [{"name": "API_TOKEN", "value": "correct horse"}]},
            {"container.environment": [{"name": "db_password", "value": "hunter2"}]},
            {"container.environment": [{"name": "SIGNING_KEYS", "value": '[{"kid": "k1"}]'}]},
            {"container.environment": [{"name": "HARMLESS", "value": "AKIAIOSFODNN7EXAMPLE"}]},
            {
                "container.environment": [
                    {"name": "DATABASE", "value": "postgres://user:pass@db/sites"}
                ]
            },
            {"container.environment": [{"name": "DB_PASS", "value": "hunter2"}]},
            {"container.environment": [{"name": "JWT_KEY", "value": "hunter2-hunter2"}]},
            {"container.environment": [{"name": "SETTING", "value": "q7Rk2LmX9vTz4BnW8cYp1DsF"}]},
            {"container.command": ["--key", "-----BEGIN PRIVATE KEY-----"]},
            {"container.dockerLabels": {"ci": "ghp_0123456789abcdefghijklmnopqrstuvwxyz"}},
        ),
        absent={"container.environment": ABSENT, "container.secrets": ABSENT},
        absent_passes=True,
        unknown={"containerDefinitions": UNKNOWN},
        beside=ONE_TEXT,
        secret={
            "containerDefinitions": Secret(
                but(
                    TASK,
                    {"container.environment": [{"name": "API_TOKEN", "value": "correct horse"}]},
                )["containerDefinitions"]
            )
        },
        also=TASK_RULES,
    ),
    Spec(
        rule="no-plain-secrets",
        type="aws:lambda/function:Function",
        violate=(
            {"environment": {"variables": {"DB_PASS": "correct horse"}}},
            {"description": "AKIAIOSFODNN7EXAMPLE"},
        ),
        absent={},
        absent_passes=True,
        unknown=NO_UNKNOWN,
        beside={"environment": {"variables": {"URL": UNKNOWN, "DB_PASS": "correct horse"}}},
        secret={"environment": Secret({"variables": {"DB_PASS": "correct horse"}})},
        asks=False,
    ),
    Spec(
        rule="service-no-shell",
        type=SERVICE,
        violate=({"enableExecuteCommand": True}, {"enableExecuteCommand": "true"}),
        absent={"enableExecuteCommand": ABSENT},
        absent_passes=True,
        unknown={"enableExecuteCommand": UNKNOWN},
        beside=ONE_VALUE,
        secret={"enableExecuteCommand": Secret(True)},
    ),
    Spec(
        rule="task-image-digest",
        type=TASK,
        violate=({"container.image": "live:latest"}, {"container.image": "live@sha256:abc"}),
        absent={"container.image": ABSENT},
        unknown={"containerDefinitions": UNKNOWN},
        beside=ONE_TEXT,
        secret={
            "containerDefinitions": Secret(
                but(TASK, {"container.image": "live:latest"})["containerDefinitions"]
            )
        },
        also=TASK_RULES,
    ),
    Spec(
        rule="ecr-scan-on-push",
        type=REPOSITORY,
        violate=({"imageScanningConfiguration.scanOnPush": False},),
        absent={"imageScanningConfiguration": ABSENT},
        unknown={"imageScanningConfiguration": UNKNOWN},
        beside=ONE_VALUE,
        secret={"imageScanningConfiguration": Secret({"scanOnPush": False})},
    ),
    Spec(
        rule="ecr-immutable-tags",
        type=REPOSITORY,
        violate=(
            {"imageTagMutability": "MUTABLE"},
            {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"},
        ),
        absent={"imageTagMutability": ABSENT},
        unknown={"imageTagMutability": UNKNOWN},
        beside=ONE_VALUE,
        secret={"imageTagMutability": Secret("MUTABLE")},
    ),
    Spec(
        rule="log-retention",
        type=LOG_GROUP,
        violate=({"retentionInDays": 0}, {"retentionInDays": 3653}),
        absent={"retentionInDays": ABSENT},
        unknown={"retentionInDays": UNKNOWN},
        beside=ONE_VALUE,
        secret={"retentionInDays": Secret(0)},
    ),
    Spec(
        rule="iam-least-privilege",
        type=ROLE_POLICY,
        violate=(
            {"policy": policy({"Effect": "Allow", "Action": "*", "Resource": "*"})},
            {
                "policy": policy(
                    {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::sites/*"}
                )
            },
            {"policy": policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})},
            {
                "policy": policy(
                    {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::sites/*"}
                )
            },
            {"policy": "{"},
        ),
        absent={"policy": ABSENT},
        absent_passes=True,  # no rights at all
        unknown={"policy": UNKNOWN},
        beside=ONE_TEXT,
        secret={"policy": Secret(policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))},
    ),
    Spec(
        rule="policy-third-parties",
        type="aws:iam/role:Role",
        level="advisory",
        violate=(
            {
                "assumeRolePolicy": policy(
                    {**ASSUMED, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
                )
            },
            {"assumeRolePolicy": policy({**ASSUMED, "Principal": {"AWS": "123456789012"}})},
        ),
        absent={"assumeRolePolicy": policy()},
        absent_passes=True,  # nobody is trusted
        unknown="no-public-policy asks for a policy that is not known yet",
        beside=ONE_TEXT,
        secret={
            "assumeRolePolicy": Secret(policy({**ASSUMED, "Principal": {"AWS": "123456789012"}}))
        },
    ),
    Spec(
        rule="no-public-share",
        type="aws:ec2/amiLaunchPermission:AmiLaunchPermission",
        violate=({"group": "all"},),
        absent={"accountId": "210987654321"},
        absent_passes=True,  # an account is named
        unknown={"group": UNKNOWN},
        beside=ONE_VALUE,
        secret={"group": Secret("all")},
    ),
    Spec(
        rule="no-public-policy",
        type=REPOSITORY_POLICY,
        violate=(
            {
                "policy": policy(
                    {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
                )
            },
            {
                "policy": policy(
                    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:BatchGetImage"}
                )
            },
            {
                "policy": policy(
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": ["arn:aws:iam::1:root", "*"]},
                        "Action": "ecr:BatchGetImage",
                    }
                )
            },
            {
                "policy": policy(
                    {
                        "Effect": "Allow",
                        "NotPrincipal": {"AWS": "arn:aws:iam::1:root"},
                        "Action": "ecr:BatchGetImage",
                    }
                )
            },
        ),
        absent={"policy": ABSENT},
        absent_passes=True,  # no policy, no access from outside
        unknown={"policy": UNKNOWN},
        beside=ONE_TEXT,
        secret={
            "policy": Secret(
                policy({"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"})
            )
        },
    ),
    Spec(
        rule="no-public-bucket",
        type=BUCKET_BLOCK,
        violate=({"blockPublicAcls": False}, {"restrictPublicBuckets": False}),
        absent={"blockPublicPolicy": ABSENT},
        unknown={"ignorePublicAcls": UNKNOWN},
        beside={"ignorePublicAcls": UNKNOWN, "blockPublicAcls": False},
        secret={"blockPublicAcls": Secret(False)},
    ),
    Spec(
        rule="no-opaque-resource",
        type="aws:cloudformation/stack:Stack",
        violate=({},),
        absent={},
        unknown=NO_UNKNOWN,
        beside=NO_UNKNOWN,
        secret=NO_UNKNOWN,
    ),
    Spec(
        rule="security-group-egress",
        type=EGRESS,
        level="advisory",
        violate=(
            {"ipProtocol": "-1", "fromPort": ABSENT, "toPort": ABSENT},
            {"ipProtocol": "udp"},
            {"fromPort": 0, "toPort": 65535},
            {"toPort": 444},
            {"cidrIpv4": "8.0.0.0/8", "fromPort": 22, "toPort": 22},
            {"cidrIpv4": "not a network", "fromPort": 22, "toPort": 22},
            {"cidrIpv4": ABSENT, "cidrIpv6": "::/0", "ipProtocol": "-1"},
        ),
        absent={"cidrIpv4": ABSENT},
        absent_passes=True,
        unknown={"cidrIpv4": UNKNOWN},
        beside={"cidrIpv4": UNKNOWN, "cidrIpv6": "::/0", "ipProtocol": "-1"},
        secret={"ipProtocol": Secret("-1")},
    ),
    Spec(
        rule="security-group-egress",
        type=GROUP,
        level="advisory",
        violate=(
            {
                "egress": [
                    {
                        "description": "all",
                        "protocol": "-1",
                        "fromPort": 0,
                        "toPort": 0,
                        "cidrBlocks": ["0.0.0.0/0"],
                    }
                ]
            },
        ),
        absent={},
        absent_passes=True,
        unknown={
            "egress": [
                {
                    "description": "a",
                    "protocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "cidrBlocks": UNKNOWN,
                }
            ]
        },
        beside=ONE_VALUE,
        secret={
            "egress": Secret(
                [
                    {
                        "description": "a",
                        "protocol": "-1",
                        "fromPort": 0,
                        "toPort": 0,
                        "ipv6CidrBlocks": ["::/0"],
                    }
                ]
            )
        },
    ),
    Spec(
        rule="security-group-descriptions",
        type=GROUP,
        level="advisory",
        violate=(
            {"description": ""},
            {"description": "Managed by Pulumi"},
            {"ingress[0].description": ABSENT},
        ),
        absent={"description": ABSENT},
        unknown={"description": UNKNOWN},
        beside={"description": UNKNOWN, "ingress[0].description": ABSENT},
        secret={"description": Secret("")},
    ),
    Spec(
        rule="security-group-descriptions",
        type=EGRESS,
        level="advisory",
        violate=({"description": ""},),
        absent={"description": ABSENT},
        unknown={"description": UNKNOWN},
        beside=ONE_VALUE,
        secret={"description": Secret("")},
    ),
    Spec(
        rule="no-default-vpc",
        type="aws:ec2/defaultVpc:DefaultVpc",
        violate=({},),
        absent={},
        unknown=NO_UNKNOWN,
        beside=NO_UNKNOWN,
        secret=NO_UNKNOWN,
    ),
    Spec(
        rule="subnet-auto-assign",
        type=SUBNET,
        violate=({"mapPublicIpOnLaunch": True}, {"assignIpv6AddressOnCreation": True}),
        absent={"mapPublicIpOnLaunch": ABSENT, "assignIpv6AddressOnCreation": ABSENT},
        absent_passes=True,
        unknown={"mapPublicIpOnLaunch": UNKNOWN},
        beside={"mapPublicIpOnLaunch": UNKNOWN, "assignIpv6AddressOnCreation": True},
        secret={"mapPublicIpOnLaunch": Secret(True)},
        level="advisory",
    ),
    Spec(
        rule="kms-key-rotation",
        type=KEY,
        violate=(
            {"enableKeyRotation": False},
            {"enableKeyRotation": False, "customerMasterKeySpec": "SYMMETRIC_DEFAULT"},
            {"customerMasterKeySpec": "RSA_2048"},
        ),
        absent={"enableKeyRotation": ABSENT},
        unknown={"enableKeyRotation": UNKNOWN},
        beside=ONE_VALUE,
        secret={"enableKeyRotation": Secret(False)},
    ),
    Spec(
        rule="service-platform-version",
        type=SERVICE,
        violate=({"platformVersion": "1.3.0"}, {"platformVersion": "1.4.0"}),
        absent={},
        absent_passes=True,
        unknown={"platformVersion": UNKNOWN},
        beside=ONE_VALUE,
        secret={"platformVersion": Secret("1.3.0")},
    ),
    Spec(
        rule="ecs-container-insights",
        type=CLUSTER,
        level="advisory",
        violate=({"settings[0].value": "disabled"}, {"settings": []}),
        absent={"settings": ABSENT},
        unknown={"settings": UNKNOWN},
        beside=ONE_VALUE,
        secret={"settings": Secret([{"name": "containerInsights", "value": "disabled"}])},
    ),
    Spec(
        rule="table-point-in-time-recovery",
        type=TABLE,
        level="advisory",
        violate=(
            {"pointInTimeRecovery.enabled": False},
            {"pointInTimeRecovery": {}},
            {
                "replicas": [
                    {
                        "regionName": "eu-west-1",
                        "deletionProtectionEnabled": True,
                        "pointInTimeRecovery": False,
                    }
                ]
            },
            {"replicas": [{"regionName": "eu-west-1", "deletionProtectionEnabled": True}]},
        ),
        absent={"pointInTimeRecovery": ABSENT},
        unknown={"pointInTimeRecovery.enabled": UNKNOWN},
        beside={
            "pointInTimeRecovery": UNKNOWN,
            "replicas": [{"regionName": "eu-west-1", "deletionProtectionEnabled": True}],
        },
        secret={"pointInTimeRecovery": Secret({"enabled": False})},
    ),
    Spec(
        rule="table-deletion-protection",
        type=TABLE,
        level="advisory",
        violate=(
            {"deletionProtectionEnabled": False},
            {"replicas": [{"regionName": "eu-west-1", "pointInTimeRecovery": True}]},
        ),
        absent={"deletionProtectionEnabled": ABSENT},
        unknown={"deletionProtectionEnabled": UNKNOWN},
        beside={
            "deletionProtectionEnabled": UNKNOWN,
            "replicas": [{"regionName": "eu-west-1", "pointInTimeRecovery": True}],
        },
        secret={"deletionProtectionEnabled": Secret(False)},
    ),
)
