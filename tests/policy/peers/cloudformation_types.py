"""What CloudFormation's types are in Pulumi's AWS provider, where the two cut a resource
differently.

Names that differ only in spelling are matched by the SDK's own classes (`sdk.fit`); here stands
what was moved, split or wrapped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from policy.harness import UNKNOWN

from . import sdk
from .declared import Identity

Properties = dict[str, Any]
Parts = Iterator[tuple[str, Properties]]


def translate(kind: str, properties: Properties, identity: Identity) -> Parts:
    """The Pulumi resources that one CloudFormation resource is."""
    if kind in _SPECIAL:
        yield from _SPECIAL[kind](properties, identity)
        return
    token = _TOKENS.get(kind) or _guess(kind)
    if token:
        yield token, _renamed(properties, _RENAMED.get(kind, {}))


def _guess(kind: str) -> str:
    parts = kind.split("::")
    if len(parts) != 3 or parts[0] != "AWS":
        return ""
    module, name = parts[1].lower(), parts[2]
    candidates = (
        f"aws_{module}_{sdk.snake(name)}",
        f"aws_{sdk.snake(name)}" if module == "ec2" else "",
    )
    return next((token for each in candidates if (token := sdk.token(each))), "")


def text(document: Any) -> Any:
    """A document as JSON text; unknown when any part is."""
    if document is None or isinstance(document, str) or document is UNKNOWN:
        return document
    try:
        return json.dumps(document)
    except TypeError:
        return UNKNOWN


def _renamed(properties: Properties, names: dict[str, str]) -> Properties:
    renamed = {names.get(key, key): value for key, value in properties.items()}
    return {
        key: text(value) if _DOCUMENT.search(key) and isinstance(value, dict) else value
        for key, value in renamed.items()
    }


_DOCUMENT: Final = re.compile(r"(?i)policy(document|text)?$")

_TOKENS: Final = {
    "AWS::ECS::Cluster": "aws:ecs/cluster:Cluster",
    "AWS::EFS::AccessPoint": "aws:efs/accessPoint:AccessPoint",
    "AWS::EFS::MountTarget": "aws:efs/mountTarget:MountTarget",
    "AWS::EC2::VPC": "aws:ec2/vpc:Vpc",
    "AWS::EC2::SubnetRouteTableAssociation": "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "AWS::KMS::Key": "aws:kms/key:Key",
    "AWS::Logs::LogGroup": "aws:cloudwatch/logGroup:LogGroup",
    "AWS::Logs::ResourcePolicy": "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "AWS::S3::BucketPolicy": "aws:s3/bucketPolicy:BucketPolicy",
    "AWS::SecretsManager::ResourcePolicy": "aws:secretsmanager/secretPolicy:SecretPolicy",
    "AWS::SecretsManager::RotationSchedule": "aws:secretsmanager/secretRotation:SecretRotation",
    "AWS::SQS::QueuePolicy": "aws:sqs/queuePolicy:QueuePolicy",
    "AWS::SNS::TopicPolicy": "aws:sns/topicPolicy:TopicPolicy",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "aws:lb/listenerRule:ListenerRule",
    "AWS::Lambda::Permission": "aws:lambda/permission:Permission",
    "AWS::Lambda::Url": "aws:lambda/functionUrl:FunctionUrl",
    "AWS::IAM::AccessKey": "aws:iam/accessKey:AccessKey",
    "AWS::Elasticsearch::Domain": "aws:elasticsearch/domain:Domain",
    "AWS::OpenSearchService::Domain": "aws:opensearch/domain:Domain",
    "AWS::SecretsManager::Secret": "aws:secretsmanager/secret:Secret",
    "AWS::ECR::PublicRepository": "aws:ecrpublic/repository:Repository",
    "AWS::ApiGateway::RestApi": "aws:apigateway/restApi:RestApi",
    "AWS::AutoScaling::LaunchConfiguration": "aws:ec2/launchConfiguration:LaunchConfiguration",
    "AWS::Serverless::Function": "aws:lambda/function:Function",
}

_RENAMED: Final[dict[str, dict[str, str]]] = {
    "AWS::ECS::Cluster": {"ClusterSettings": "settings", "ClusterName": "name"},
    "AWS::KMS::Key": {
        "KeyPolicy": "policy",
        "KeySpec": "customerMasterKeySpec",
        "Enabled": "isEnabled",
    },
    "AWS::Logs::LogGroup": {"LogGroupName": "name"},
    "AWS::S3::BucketPolicy": {"PolicyDocument": "policy"},
    "AWS::SecretsManager::ResourcePolicy": {"ResourcePolicy": "policy", "SecretId": "secretArn"},
    "AWS::SecretsManager::RotationSchedule": {"RotationLambdaARN": "rotationLambdaArn"},
    "AWS::SQS::QueuePolicy": {"PolicyDocument": "policy", "Queues": "queueUrl"},
    "AWS::SNS::TopicPolicy": {"PolicyDocument": "policy", "Topics": "arn"},
    "AWS::Lambda::Permission": {
        "FunctionName": "function",
        "PrincipalOrgID": "principalOrgId",
        "FunctionUrlAuthType": "functionUrlAuthType",
    },
    "AWS::Lambda::Url": {"AuthType": "authorizationType", "TargetFunctionArn": "functionName"},
    "AWS::EC2::VPCEndpoint": {"PolicyDocument": "policy"},
    "AWS::Glacier::Vault": {"AccessPolicy": "accessPolicy"},
    "AWS::Elasticsearch::Domain": {"AccessPolicies": "accessPolicies"},
}


# Security groups


def _rule(rule: Any) -> Any:
    if not isinstance(rule, dict):
        return rule
    renamed = {
        "protocol": rule.get("IpProtocol"),
        "fromPort": rule.get("FromPort"),
        "toPort": rule.get("ToPort"),
        "description": rule.get("Description"),
    }
    for theirs, ours in (
        ("CidrIp", "cidrBlocks"),
        ("CidrIpv6", "ipv6CidrBlocks"),
        ("SourcePrefixListId", "prefixListIds"),
        ("DestinationPrefixListId", "prefixListIds"),
        ("SourceSecurityGroupId", "securityGroups"),
        ("DestinationSecurityGroupId", "securityGroups"),
        ("SourceSecurityGroupName", "securityGroups"),
    ):
        if rule.get(theirs) is not None:
            renamed[ours] = [rule[theirs]]
    return {key: value for key, value in renamed.items() if value is not None}


def _security_group(properties: Properties, _: Identity) -> Parts:
    body: Properties = {
        "description": properties.get("GroupDescription"),
        "vpcId": properties.get("VpcId"),
    }
    for theirs, ours in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
        if theirs in properties:
            rules = properties[theirs]
            body[ours] = (
                [_rule(each) for each in rules] if isinstance(rules, list) else [_rule(rules)]
            )
    yield "aws:ec2/securityGroup:SecurityGroup", body


def _group_rule(token: str) -> Callable[[Properties, Identity], Parts]:
    def run(properties: Properties, _: Identity) -> Parts:
        names = {
            "GroupId": "securityGroupId",
            "GroupName": "securityGroupId",
            "CidrIp": "cidrIpv4",
            "SourceSecurityGroupId": "referencedSecurityGroupId",
            "DestinationSecurityGroupId": "referencedSecurityGroupId",
            "SourcePrefixListId": "prefixListId",
            "DestinationPrefixListId": "prefixListId",
        }
        yield token, _renamed(properties, names)

    return run


def _acl_entry(properties: Properties, _: Identity) -> Parts:
    ports = properties.get("PortRange") or {}
    body = {
        **_renamed(properties, {"NetworkAclId": "networkAclId"}),
        "fromPort": ports.get("From"),
        "toPort": ports.get("To"),
    }
    body.pop("PortRange", None)
    yield "aws:ec2/networkAclRule:NetworkAclRule", body


# Load balancers


def _attributes(value: Any) -> dict[str, Any]:
    return {
        str(each.get("Key")): each.get("Value") for each in value or [] if isinstance(each, dict)
    }


_BALANCER_ATTRIBUTES: Final = {
    "idle_timeout.timeout_seconds": "idleTimeout",
    "routing.http.drop_invalid_header_fields.enabled": "dropInvalidHeaderFields",
    "routing.http.desync_mitigation_mode": "desyncMitigationMode",
    "deletion_protection.enabled": "enableDeletionProtection",
    "waf.fail_open.enabled": "enableWafFailOpen",
    "load_balancing.cross_zone.enabled": "enableCrossZoneLoadBalancing",
}


def _balancer(properties: Properties, _: Identity) -> Parts:
    attributes = _attributes(properties.get("LoadBalancerAttributes"))
    body = {
        ours: attributes[theirs]
        for theirs, ours in _BALANCER_ATTRIBUTES.items()
        if theirs in attributes
    }
    if "access_logs.s3.enabled" in attributes:
        body["accessLogs"] = {
            "enabled": attributes["access_logs.s3.enabled"],
            "bucket": attributes.get("access_logs.s3.bucket"),
            "prefix": attributes.get("access_logs.s3.prefix"),
        }
    body["internal"] = properties.get("Scheme") == "internal"
    if "Type" in properties:
        body["loadBalancerType"] = properties["Type"]
    for name in ("SecurityGroups", "Subnets", "Name"):
        if name in properties:
            body[name] = properties[name]
    yield "aws:lb/loadBalancer:LoadBalancer", body


def _listener(properties: Properties, _: Identity) -> Parts:
    actions = [
        {
            **{key: value for key, value in each.items() if not key.endswith("Config")},
            **{
                key.removesuffix("Config"): value
                for key, value in each.items()
                if key.endswith("Config")
            },
        }
        for each in properties.get("DefaultActions") or []
        if isinstance(each, dict)
    ]
    body = {**properties, "DefaultActions": [_without_oidc(each) for each in actions]}
    certificates = body.pop("Certificates", None)
    if certificates:
        body["certificateArn"] = certificates[0].get("CertificateArn")
    yield "aws:lb/listener:Listener", body


def _without_oidc(action: Properties) -> Properties:
    forward = action.get("Forward")
    if isinstance(forward, dict) and "TargetGroups" in forward:
        groups = [
            {"arn": each.get("TargetGroupArn"), "weight": each.get("Weight")}
            for each in forward["TargetGroups"]
        ]
        return {**action, "Forward": {"targetGroups": groups}}
    return action


def _target_group(properties: Properties, _: Identity) -> Parts:
    attributes = _attributes(properties.get("TargetGroupAttributes"))
    body = {
        key: value
        for key, value in properties.items()
        if not key.startswith("HealthCheck") and key != "TargetGroupAttributes"
    }
    names = {
        "HealthCheckEnabled": "enabled",
        "HealthCheckIntervalSeconds": "interval",
        "HealthCheckPath": "path",
        "HealthCheckPort": "port",
        "HealthCheckProtocol": "protocol",
        "HealthCheckTimeoutSeconds": "timeout",
    }
    check = {ours: properties[theirs] for theirs, ours in names.items() if theirs in properties}
    if check:
        body["healthCheck"] = check
    if "stickiness.enabled" in attributes:
        body["stickiness"] = {
            "enabled": attributes["stickiness.enabled"],
            "type": attributes.get("stickiness.type", "lb_cookie"),
            "cookieDuration": attributes.get("stickiness.lb_cookie.duration_seconds"),
        }
    yield "aws:lb/targetGroup:TargetGroup", body


def _classic(properties: Properties, _: Identity) -> Parts:
    listeners = [
        {
            "lbPort": each.get("LoadBalancerPort"),
            "lbProtocol": each.get("Protocol"),
            "instancePort": each.get("InstancePort"),
            "instanceProtocol": each.get("InstanceProtocol") or each.get("Protocol"),
            "sslCertificateId": each.get("SSLCertificateId"),
        }
        for each in properties.get("Listeners") or []
        if isinstance(each, dict)
    ]
    body: Properties = {"listeners": listeners, "internal": properties.get("Scheme") == "internal"}
    logs = properties.get("AccessLoggingPolicy")
    if isinstance(logs, dict):
        body["accessLogs"] = {"enabled": logs.get("Enabled"), "bucket": logs.get("S3BucketName")}
    if "CrossZone" in properties:
        body["crossZoneLoadBalancing"] = properties["CrossZone"]
    if "SecurityGroups" in properties:
        body["securityGroups"] = properties["SecurityGroups"]
    yield "aws:elb/loadBalancer:LoadBalancer", body


# ECS


def _camel(value: Any) -> Any:
    """Container definitions in the API's own spelling; what users name themselves stays."""
    if isinstance(value, list):
        return [_camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        _CONTAINER_NAMES.get(key, key[:1].lower() + key[1:]): (
            each if key in ("Options", "DockerLabels") else _camel(each)
        )
        for key, each in value.items()
    }


_CONTAINER_NAMES: Final = {"ReadonlyRootFilesystem": "readonlyRootFilesystem"}


def _task_definition(properties: Properties, _: Identity) -> Parts:
    body = {
        key: value
        for key, value in properties.items()
        if key not in ("ContainerDefinitions", "Volumes")
    }
    if "ContainerDefinitions" in properties:
        body["containerDefinitions"] = text(_camel(properties["ContainerDefinitions"]))
    volumes = []
    for each in properties.get("Volumes") or []:
        volume: Properties = {"name": each.get("Name")}
        if isinstance(each.get("Host"), dict):
            volume["hostPath"] = each["Host"].get("SourcePath")
        efs = each.get("EFSVolumeConfiguration")
        if isinstance(efs, dict):
            volume["efsVolumeConfiguration"] = _camel(
                {**efs, "FileSystemId": efs.get("FilesystemId", efs.get("FileSystemId"))}
            )
            authorization = volume["efsVolumeConfiguration"].get("authorizationConfig")
            if isinstance(authorization, dict) and "iAM" in authorization:
                authorization["iam"] = authorization.pop("iAM")
        volumes.append(volume)
    if volumes:
        body["volumes"] = volumes
    yield "aws:ecs/taskDefinition:TaskDefinition", body


def _service(properties: Properties, _: Identity) -> Parts:
    body = dict(properties)
    network = (properties.get("NetworkConfiguration") or {}).get("AwsvpcConfiguration")
    if isinstance(network, dict):
        public = network.get("AssignPublicIp")
        body["NetworkConfiguration"] = {**network, "AssignPublicIp": public == "ENABLED"}
    role = body.pop("Role", None)
    if role is not None:
        body["iamRole"] = role
    yield "aws:ecs/service:Service", body


# EFS, ECR


def _file_system(properties: Properties, identity: Identity) -> Parts:
    names = ("Encrypted", "KmsKeyId", "PerformanceMode", "ThroughputMode", "AvailabilityZoneName")
    yield (
        "aws:efs/fileSystem:FileSystem",
        {key: properties[key] for key in names if key in properties},
    )
    if "FileSystemPolicy" in properties:
        yield (
            "aws:efs/fileSystemPolicy:FileSystemPolicy",
            {"fileSystemId": identity.id, "policy": text(properties["FileSystemPolicy"])},
        )
    if isinstance(properties.get("BackupPolicy"), dict):
        yield (
            "aws:efs/backupPolicy:BackupPolicy",
            {
                "fileSystemId": identity.id,
                "backupPolicy": {"status": properties["BackupPolicy"].get("Status")},
            },
        )


def _repository(properties: Properties, identity: Identity) -> Parts:
    body = {
        key: value
        for key, value in properties.items()
        if key not in ("RepositoryPolicyText", "LifecyclePolicy")
    }
    yield (
        "aws:ecr/repository:Repository",
        _renamed(body, {"EncryptionConfiguration": "encryptionConfigurations"}),
    )
    if "RepositoryPolicyText" in properties:
        yield (
            "aws:ecr/repositoryPolicy:RepositoryPolicy",
            {"repository": identity.id, "policy": text(properties["RepositoryPolicyText"])},
        )
    if isinstance(properties.get("LifecyclePolicy"), dict):
        policy = properties["LifecyclePolicy"].get("LifecyclePolicyText")
        yield (
            "aws:ecr/lifecyclePolicy:LifecyclePolicy",
            {
                "repository": identity.id,
                "policy": text(policy),
            },
        )


# IAM


def _inline(properties: Properties) -> list[Properties]:
    found = properties.get("Policies")
    return [
        {"name": each.get("PolicyName"), "policy": text(each.get("PolicyDocument"))}
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict)
    ]


def _role(properties: Properties, _: Identity) -> Parts:
    body = {
        "assumeRolePolicy": text(properties.get("AssumeRolePolicyDocument")),
        "managedPolicyArns": properties.get("ManagedPolicyArns"),
        "inlinePolicies": _inline(properties),
        "name": properties.get("RoleName"),
        "path": properties.get("Path"),
        "policy": text(
            properties.get("PolicyDocument")
        ),  # which a role has not, but some fixtures give it
    }
    yield (
        "aws:iam/role:Role",
        {key: value for key, value in body.items() if value not in (None, [])},
    )


def _holder(kind: str) -> Callable[[Properties, Identity], Parts]:
    """A user or group: its inline policies and attachments are separate resources in Pulumi."""

    def run(properties: Properties, identity: Identity) -> Parts:
        lower = kind.lower()
        yield (
            f"aws:iam/{lower}:{kind}",
            {
                "name": properties.get(f"{kind}Name"),
                "path": properties.get("Path"),
            },
        )
        for each in _inline(properties):
            yield (
                f"aws:iam/{lower}Policy:{kind}Policy",
                {
                    lower: identity.id,
                    "policy": each["policy"],
                },
            )
        for arn in properties.get("ManagedPolicyArns") or []:
            yield (
                f"aws:iam/{lower}PolicyAttachment:{kind}PolicyAttachment",
                {
                    lower: identity.id,
                    "policyArn": arn,
                },
            )
        if isinstance(properties.get("LoginProfile"), dict):
            yield "aws:iam/userLoginProfile:UserLoginProfile", {"user": identity.id}
        if properties.get("Groups"):
            yield (
                "aws:iam/userGroupMembership:UserGroupMembership",
                {
                    "user": identity.id,
                    "groups": properties["Groups"],
                },
            )

    return run


def _inline_policy(properties: Properties, _: Identity) -> Parts:
    document = text(properties.get("PolicyDocument"))
    users, groups = properties.get("Users") or [], properties.get("Groups") or []
    for user in users if isinstance(users, list) else [users]:
        yield "aws:iam/userPolicy:UserPolicy", {"user": user, "policy": document}
    for group in groups if isinstance(groups, list) else [groups]:
        yield "aws:iam/groupPolicy:GroupPolicy", {"group": group, "policy": document}
    if properties.get("Roles") or not (users or groups):
        roles = properties.get("Roles") or ["role"]
        for role in roles if isinstance(roles, list) else [roles]:
            yield "aws:iam/rolePolicy:RolePolicy", {"role": role, "policy": document}


def _managed_policy(properties: Properties, identity: Identity) -> Parts:
    yield (
        "aws:iam/policy:Policy",
        {
            "policy": text(properties.get("PolicyDocument")),
            "name": properties.get("ManagedPolicyName"),
        },
    )
    for user in properties.get("Users") or []:
        yield (
            "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            {
                "user": user,
                "policyArn": identity.arn,
            },
        )


# S3

_ACLS: Final = {
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "Private": "private",
    "LogDeliveryWrite": "log-delivery-write",
    "BucketOwnerRead": "bucket-owner-read",
    "BucketOwnerFullControl": "bucket-owner-full-control",
    "AwsExecRead": "aws-exec-read",
}


def _bucket(properties: Properties, identity: Identity) -> Parts:
    body: Properties = {"bucket": properties.get("BucketName") or identity.id}
    if properties.get("AccessControl") in _ACLS:
        body["acl"] = _ACLS[properties["AccessControl"]]
    if isinstance(properties.get("WebsiteConfiguration"), dict):
        body["website"] = {"indexDocument": properties["WebsiteConfiguration"].get("IndexDocument")}
    yield "aws:s3/bucket:Bucket", body
    if isinstance(properties.get("PublicAccessBlockConfiguration"), dict):
        yield (
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            {"bucket": body["bucket"], **properties["PublicAccessBlockConfiguration"]},
        )


def _flow_log(properties: Properties, _: Identity) -> Parts:
    owner = {"VPC": "vpcId", "Subnet": "subnetId", "NetworkInterface": "eniId"}.get(
        str(properties.get("ResourceType")), "vpcId"
    )
    body = {
        key: value for key, value in properties.items() if key not in ("ResourceId", "ResourceType")
    }
    yield "aws:ec2/flowLog:FlowLog", {**body, owner: properties.get("ResourceId")}


def _launch_template(properties: Properties, _: Identity) -> Parts:
    data = properties.get("LaunchTemplateData") or {}
    body = _renamed(data, {}) if isinstance(data, dict) else {}
    yield "aws:ec2/launchTemplate:LaunchTemplate", body


def _cluster(properties: Properties, _: Identity) -> Parts:
    yield "aws:eks/cluster:Cluster", _renamed(properties, {"ResourcesVpcConfig": "VpcConfig"})


def _backup_selection(properties: Properties, _: Identity) -> Parts:
    selection = properties.get("BackupSelection")
    tags = [
        {
            "type": "STRINGEQUALS",
            "key": each.get("ConditionKey"),
            "value": each.get("ConditionValue"),
        }
        for each in (selection or {}).get("ListOfTags") or []
    ]
    yield (
        "aws:backup/selection:Selection",
        {
            "resources": (selection or {}).get("Resources") or [],
            "selectionTags": tags,
        },
    )


def _opaque(kind: str) -> Callable[[Properties, Identity], Parts]:
    def run(properties: Properties, _: Identity) -> Parts:
        yield kind, dict(properties)

    return run


_SPECIAL: Final[dict[str, Callable[[Properties, Identity], Parts]]] = {
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::SecurityGroupIngress": _group_rule(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    ),
    "AWS::EC2::SecurityGroupEgress": _group_rule(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    ),
    "AWS::EC2::NetworkAclEntry": _acl_entry,
    "AWS::Backup::BackupSelection": _backup_selection,
    "AWS::EC2::FlowLog": _flow_log,
    "AWS::EKS::Cluster": _cluster,
    "AWS::EC2::LaunchTemplate": _launch_template,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::ElasticLoadBalancing::LoadBalancer": _classic,
    "AWS::ECS::TaskDefinition": _task_definition,
    "AWS::ECS::Service": _service,
    "AWS::EFS::FileSystem": _file_system,
    "AWS::ECR::Repository": _repository,
    "AWS::IAM::Role": _role,
    "AWS::IAM::User": _holder("User"),
    "AWS::IAM::Group": _holder("Group"),
    "AWS::IAM::Policy": _inline_policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::S3::Bucket": _bucket,
    "AWS::CloudFormation::Stack": _opaque("aws:cloudformation/stack:Stack"),
}
