"""One resource of each judged type that meets every rule of the pack, and a way to change a copy of
it.
"""

from __future__ import annotations

import copy
import json
import re
from typing import Any, Final

LB: Final = "aws:lb/loadBalancer:LoadBalancer"
LISTENER: Final = "aws:lb/listener:Listener"
TARGETS: Final = "aws:lb/targetGroup:TargetGroup"
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SERVICE: Final = "aws:ecs/service:Service"
TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
FILE_SYSTEM: Final = "aws:efs/fileSystem:FileSystem"
FILE_SYSTEM_POLICY: Final = "aws:efs/fileSystemPolicy:FileSystemPolicy"
ACCESS_POINT: Final = "aws:efs/accessPoint:AccessPoint"
REPOSITORY: Final = "aws:ecr/repository:Repository"
BUCKET_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
LISTENER_RULE: Final = "aws:lb/listenerRule:ListenerRule"
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
NETWORK_ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
PREFIX_LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"
REPOSITORY_POLICY: Final = "aws:ecr/repositoryPolicy:RepositoryPolicy"

KEY: Final = "aws:kms/key:Key"
CLUSTER: Final = "aws:ecs/cluster:Cluster"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
VPC: Final = "aws:ec2/vpc:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
TABLE: Final = "aws:dynamodb/table:Table"

ABSENT: Final = object()
"""In `but`: leave the property out."""

_DIGEST: Final = "0123456789abcdef" * 4

CONTAINER: Final[dict[str, Any]] = {
    "name": "astro",
    "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/live@sha256:{_DIGEST}",
    "user": "1000:1000",
    "privileged": False,
    "readonlyRootFilesystem": True,
    "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
    "environment": [
        {"name": "NODE_ENV", "value": "development"},
        {"name": "ASTRO_LIVE_SESSION_PORT", "value": "4321"},
    ],
    "secrets": [
        {
            "name": "API_TOKEN",
            "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token",
        }
    ],
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "live"}},
}


def policy(*statements: dict[str, Any]) -> str:
    """An IAM policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


TLS_ONLY: Final = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}

COMPLYING: Final[dict[str, dict[str, Any]]] = {
    LB: {
        "loadBalancerType": "application",
        "internal": False,
        "securityGroups": ["sg-1"],
        "idleTimeout": 3600,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "xffHeaderProcessingMode": "append",
        "enableDeletionProtection": True,
        "accessLogs": {"enabled": True, "bucket": "logs"},
    },
    LISTENER: {
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/1",
        "defaultActions": [
            {
                "type": "fixed-response",
                "fixedResponse": {"contentType": "text/plain", "statusCode": "404"},
            }
        ],
    },
    TARGETS: {
        "targetType": "ip",
        "port": 4321,
        "protocol": "HTTP",
        "protocolVersion": "HTTP1",
        "stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 3600},
        "healthCheck": {
            "enabled": True,
            "path": "/health/ready",
            "matcher": "200",
            "interval": 30,
            "timeout": 10,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    },
    GROUP: {
        "vpcId": "vpc-1",
        "description": "tasks",
        "ingress": [
            {
                "description": "sessions",
                "protocol": "tcp",
                "fromPort": 4321,
                "toPort": 4321,
                "cidrBlocks": ["10.0.0.0/8"],
            }
        ],
    },
    EGRESS: {
        "securityGroupId": "sg-1",
        "description": "AWS",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "0.0.0.0/0",
    },
    KEY: {"enableKeyRotation": True},
    SUBNET: {
        "vpcId": "vpc-1",
        "cidrBlock": "10.0.0.0/24",
        "mapPublicIpOnLaunch": False,
        "assignIpv6AddressOnCreation": False,
    },
    TABLE: {
        "hashKey": "pk",
        "rangeKey": "sk",
        "attributes": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
        "ttl": {"enabled": True, "attributeName": "expires"},
        "pointInTimeRecovery": {"enabled": True},
        "deletionProtectionEnabled": True,
    },
    CLUSTER: {"settings": [{"name": "containerInsights", "value": "enabled"}]},
    DEFAULT_GROUP: {"vpcId": "vpc-1", "ingress": [], "egress": []},
    SERVICE: {
        "launchType": "FARGATE",
        "enableExecuteCommand": False,
        "networkConfiguration": {
            "subnets": ["subnet-1"],
            "securityGroups": ["sg-1"],
            "assignPublicIp": False,
        },
    },
    TASK: {
        "family": "live",
        "networkMode": "awsvpc",
        "containerDefinitions": json.dumps([CONTAINER]),
        "volumes": [
            {
                "name": "sites",
                "efsVolumeConfiguration": {
                    "fileSystemId": "fs-1",
                    "transitEncryption": "ENABLED",
                    "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
                },
            }
        ],
    },
    FILE_SYSTEM: {"encrypted": True},
    FILE_SYSTEM_POLICY: {"fileSystemId": "fs-1", "policy": policy(TLS_ONLY)},
    ACCESS_POINT: {
        "fileSystemId": "fs-1",
        "posixUser": {"uid": 1000, "gid": 1000},
        "rootDirectory": {
            "path": "/sites",
            "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "0750"},
        },
    },
    REPOSITORY: {
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
    },
    BUCKET_BLOCK: {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    LOG_GROUP: {"retentionInDays": 30},
    LISTENER_RULE: {
        "listenerArn": "arn:l",
        "conditions": [{"pathPattern": {"values": ["/session/*"]}}],
        "actions": [
            {
                "type": "forward",
                "forward": {
                    "targetGroups": [{"arn": "arn:a", "weight": 1}, {"arn": "arn:b", "weight": 1}],
                    "stickiness": {"enabled": True, "duration": 3600},
                },
            }
        ],
    },
    FUNCTION_URL: {"functionName": "f", "authorizationType": "AWS_IAM"},
    NETWORK_ACL: {
        "vpcId": "vpc-1",
        "ingress": [
            {
                "ruleNo": 1,
                "action": "allow",
                "protocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "cidrBlock": "10.0.0.0/8",
            }
        ],
    },
    PREFIX_LIST: {"addressFamily": "IPv4", "maxEntries": 1, "entries": [{"cidr": "10.0.0.0/8"}]},
    ROLE_POLICY: {
        "role": "live",
        "policy": policy(
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::sites/*"}
        ),
    },
    REPOSITORY_POLICY: {
        "repository": "live",
        "policy": policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "ecr:BatchGetImage",
            }
        ),
    },
}


def but(type_: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The complying properties of a type with some paths (`a.b[0].c`) set, or left out with
    `ABSENT`.

    A path that starts with `container.` reaches into the JSON text of the container definition.
    """
    properties = copy.deepcopy(COMPLYING[type_])
    container = copy.deepcopy(CONTAINER)
    for path, value in changes.items():
        if path.startswith("container."):
            _set(container, path.removeprefix("container."), value)
            properties["containerDefinitions"] = json.dumps([container])
        else:
            _set(properties, path, value)
    return properties


def _set(target: Any, path: str, value: object) -> None:
    steps = [
        int(step[1:-1]) if step.startswith("[") else step
        for step in re.findall(r"\[\d+\]|[^.\[\]]+", path)
    ]
    for step in steps[:-1]:
        target = target[step]
    if value is ABSENT:
        del target[steps[-1]]
    else:
        target[steps[-1]] = value
