"""Pulumi's AWS resources as CloudFormation resources, so that AWS's published schemas can judge
them.

Names follow from the schema itself: `vpcId` is `VpcId`, at every depth. `TARGETS` holds, per type,
what differs. A property that neither the schema nor the table knows is an error, and so is a type
that is in neither `TARGETS` nor `NOT_AWS`: nothing is judged by being left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.aws.attributes import LISTENER, LOAD_BALANCER, TARGET_GROUP, attributes, consumed

Properties = dict[str, Any]


class UnmappedError(LookupError):
    """A type or property that has no counterpart yet: add it to `TARGETS`, with a reason where it
    is left out.
    """


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a Pulumi type is in CloudFormation."""

    type: str
    rename: Mapping[str, str] = field(default_factory=dict)
    """Pulumi's path to CloudFormation's name at that place: `{"conditions.pathPattern":
    "PathPatternConfig"}`.
    """
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Inputs without a counterpart, and why."""
    build: Callable[[Properties], Properties] | None = None
    """Properties that are put together from several inputs."""
    built: frozenset[str] = frozenset()
    """Inputs that `build` takes."""
    under: str = ""
    """A part that Pulumi has as a separate resource: the property of `type` that holds it."""


PROVIDER: Final = "how the provider works, never sent to AWS"
OTHER_RESOURCE: Final = "a separate resource in CloudFormation"
NAMES_PARENT: Final = "names the resource that this is a part of"


def _part(type_: str, under: str, *parents: str, **more: Any) -> Target:
    return Target(type=type_, under=under, left_out=dict.fromkeys(parents, NAMES_PARENT), **more)


def _table(inputs: Properties) -> Properties:
    keys, own, ttl = (
        {"HASH": inputs["hashKey"], "RANGE": inputs["rangeKey"]},
        inputs["serverSideEncryption"],
        inputs["ttl"],
    )
    return {
        "AttributeDefinitions": [
            {"AttributeName": each["name"], "AttributeType": each["type"]}
            for each in inputs["attributes"]
        ],
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for kind, name in keys.items()],
        "TimeToLiveSpecification": {
            "AttributeName": ttl["attributeName"],
            "Enabled": ttl["enabled"],
        },
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": inputs["pointInTimeRecovery"]["enabled"]
        },
        "SSESpecification": (
            {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": own["kmsKeyArn"]}
            if own["enabled"]
            else {"SSEEnabled": False}
        ),
    }


def _load_balancer(inputs: Properties) -> Properties:
    return {
        "Scheme": "internal" if inputs.get("internal") else "internet-facing",
        "LoadBalancerAttributes": attributes(inputs, LOAD_BALANCER),
    }


def _target_group(inputs: Properties) -> Properties:
    check = inputs["healthCheck"]
    return {
        "TargetGroupAttributes": attributes(inputs, TARGET_GROUP),
        "HealthCheckEnabled": check["enabled"],
        "HealthCheckPath": check["path"],
        "HealthCheckPort": check["port"],
        "HealthCheckProtocol": check["protocol"],
        "HealthCheckIntervalSeconds": check["interval"],
        "HealthCheckTimeoutSeconds": check["timeout"],
        "HealthyThresholdCount": check["healthyThreshold"],
        "UnhealthyThresholdCount": check["unhealthyThreshold"],
        "Matcher": {"HttpCode": check["matcher"]},
    }


def _listener(inputs: Properties) -> Properties:
    certificate = inputs.get("certificateArn")
    found = {"Certificates": [{"CertificateArn": certificate}]} if certificate else {}
    return {
        **found,
        **({"ListenerAttributes": pairs} if (pairs := attributes(inputs, LISTENER)) else {}),
    }


def _conditions(inputs: Properties) -> Properties:
    """One condition per kind; Pulumi leaves the kind's name to the member that is set."""
    fields = {
        "pathPattern": ("path-pattern", "PathPatternConfig"),
        "hostHeader": ("host-header", "HostHeaderConfig"),
        "sourceIp": ("source-ip", "SourceIpConfig"),
    }
    conditions = []
    for condition in inputs["conditions"]:
        for name, value in condition.items():
            if name not in fields:
                raise UnmappedError(f"aws:lb/listenerRule:ListenerRule has a condition {name}")
            conditions.append(
                {"Field": fields[name][0], fields[name][1]: {"Values": value["values"]}}
            )
    return {"Conditions": conditions}


def _service(inputs: Properties) -> Properties:
    registry = inputs.get("serviceRegistries")
    return {
        **({"ServiceRegistries": [{"RegistryArn": registry["registryArn"]}]} if registry else {}),
        "DeploymentConfiguration": {
            "MaximumPercent": inputs["deploymentMaximumPercent"],
            "MinimumHealthyPercent": inputs["deploymentMinimumHealthyPercent"],
            "DeploymentCircuitBreaker": {
                name.capitalize(): value
                for name, value in inputs["deploymentCircuitBreaker"].items()
            },
        },
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": inputs["networkConfiguration"]["subnets"],
                "SecurityGroups": inputs["networkConfiguration"]["securityGroups"],
                "AssignPublicIp": (
                    "ENABLED" if inputs["networkConfiguration"]["assignPublicIp"] else "DISABLED"
                ),
            }
        },
    }


def _pairs(value: Mapping[str, Any], key: str) -> list[Properties]:
    return [{key: name, "Value": str(item)} for name, item in value.items()]


def _record(inputs: Properties) -> Properties:
    found: Properties = {}
    if "ttl" in inputs:
        found["TTL"] = str(inputs["ttl"])
    if "aliases" in inputs:
        (alias,) = inputs["aliases"]
        found["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
        }
    return found


def _repository(inputs: Properties) -> Properties:
    (encryption,) = inputs["encryptionConfigurations"]
    return {
        "EncryptionConfiguration": {
            name[0].upper() + name[1:]: value for name, value in encryption.items()
        }
    }


def _bucket_rules(inputs: Properties) -> Properties:
    rules = []
    for rule in inputs["rules"]:
        abort = rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
        rules.append(
            {
                "Id": rule["id"],
                "Status": rule["status"],
                "Prefix": rule["filter"]["prefix"],
                "ExpirationInDays": rule["expiration"]["days"],
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": abort},
            }
        )
    return {"LifecycleConfiguration": {"Rules": rules}}


def _filter(inputs: Properties) -> Properties:
    metric = inputs["metricTransformation"]
    names = {
        "namespace": "MetricNamespace",
        "name": "MetricName",
        "value": "MetricValue",
        "unit": "Unit",
    }
    return {"MetricTransformations": [{names[name]: value for name, value in metric.items()}]}


def _lifecycle_policy(inputs: Properties) -> Properties:
    return {"LifecyclePolicy": {"LifecyclePolicyText": inputs["policy"]}}


def _encryption(inputs: Properties) -> Properties:
    (rule,) = inputs["rules"]
    algorithm = rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"]
    rules = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": rules}}


def _bucket_part(**more: Any) -> Target:
    return Target(type="AWS::S3::Bucket", left_out={"bucket": NAMES_PARENT}, **more)


_ELB = "AWS::ElasticLoadBalancingV2"
_RULE = {"securityGroupId": "GroupId", "cidrIpv4": "CidrIp"}
_NO_TAGS = {"tags": "CloudFormation cannot tag it"}

TARGETS: Final[dict[str, Target]] = {
    "aws:ec2/vpc:Vpc": Target(type="AWS::EC2::VPC"),
    "aws:ec2/internetGateway:InternetGateway": Target(
        type="AWS::EC2::InternetGateway", left_out={"vpcId": OTHER_RESOURCE}
    ),
    "aws:ec2/subnet:Subnet": Target(type="AWS::EC2::Subnet"),
    "aws:ec2/routeTable:RouteTable": Target(type="AWS::EC2::RouteTable"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Target(
        type="AWS::EC2::SubnetRouteTableAssociation"
    ),
    "aws:ec2/route:Route": Target(type="AWS::EC2::Route"),
    "aws:ec2/eip:Eip": Target(type="AWS::EC2::EIP"),
    "aws:ec2/natGateway:NatGateway": Target(type="AWS::EC2::NatGateway"),
    "aws:ec2/securityGroup:SecurityGroup": Target(
        type="AWS::EC2::SecurityGroup",
        rename={"name": "GroupName", "description": "GroupDescription"},
        left_out={"revokeRulesOnDelete": PROVIDER},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Target(
        type="AWS::EC2::SecurityGroupIngress",
        rename={
            **_RULE,
            "referencedSecurityGroupId": "SourceSecurityGroupId",
            "prefixListId": "SourcePrefixListId",
        },
        left_out=_NO_TAGS,
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Target(
        type="AWS::EC2::SecurityGroupEgress",
        rename={
            **_RULE,
            "referencedSecurityGroupId": "DestinationSecurityGroupId",
            "prefixListId": "DestinationPrefixListId",
        },
        left_out=_NO_TAGS,
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Target(type="AWS::EC2::VPCEndpoint"),
    "aws:ec2/flowLog:FlowLog": Target(
        type="AWS::EC2::FlowLog",
        rename={"vpcId": "ResourceId", "iamRoleArn": "DeliverLogsPermissionArn"},
        build=lambda _: {"ResourceType": "VPC"},
    ),
    "aws:lb/loadBalancer:LoadBalancer": Target(
        type=f"{_ELB}::LoadBalancer",
        rename={"loadBalancerType": "Type"},
        build=_load_balancer,
        built=frozenset({"internal", *consumed(LOAD_BALANCER)}),
    ),
    "aws:lb/targetGroup:TargetGroup": Target(
        type=f"{_ELB}::TargetGroup",
        build=_target_group,
        built=frozenset({"healthCheck", *consumed(TARGET_GROUP)}),
        left_out=dict.fromkeys(
            ("lambdaMultiValueHeadersEnabled", "proxyProtocolV2"), "for other kinds of targets"
        ),
    ),
    "aws:lb/listener:Listener": Target(
        type=f"{_ELB}::Listener",
        build=_listener,
        built=frozenset({"certificateArn", *consumed(LISTENER)}),
        left_out={**_NO_TAGS},
        rename={
            "defaultActions.redirect": "RedirectConfig",
            "defaultActions.fixedResponse": "FixedResponseConfig",
        },
    ),
    "aws:lb/listenerRule:ListenerRule": Target(
        type=f"{_ELB}::ListenerRule",
        build=_conditions,
        built=frozenset({"conditions"}),
        left_out={**_NO_TAGS},
        rename={
            "actions.authenticateOidc": "AuthenticateOidcConfig",
            "actions.authenticateCognito": "AuthenticateCognitoConfig",
        },
    ),
    "aws:acm/certificate:Certificate": Target(type="AWS::CertificateManager::Certificate"),
    "aws:route53/record:Record": Target(
        type="AWS::Route53::RecordSet",
        rename={"zoneId": "HostedZoneId", "records": "ResourceRecords"},
        build=_record,
        built=frozenset({"ttl", "aliases"}),
        left_out={"allowOverwrite": PROVIDER},
    ),
    "aws:wafv2/webAcl:WebAcl": Target(
        type="AWS::WAFv2::WebACL",
        rename={
            "visibilityConfig.cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled",
            "rules.visibilityConfig.cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled",
        },
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Target(type="AWS::WAFv2::WebACLAssociation"),
    "aws:ecs/cluster:Cluster": Target(
        type="AWS::ECS::Cluster", rename={"name": "ClusterName", "settings": "ClusterSettings"}
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Target(
        type="AWS::ECS::ClusterCapacityProviderAssociations",
        rename={"clusterName": "Cluster"},
        build=lambda inputs: {
            "DefaultCapacityProviderStrategy": inputs.get("defaultCapacityProviderStrategies", [])
        },
        built=frozenset({"defaultCapacityProviderStrategies"}),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Target(
        type="AWS::ECS::TaskDefinition",
        rename={
            "volumes.efsVolumeConfiguration": "EFSVolumeConfiguration",
            "volumes.efsVolumeConfiguration.fileSystemId": "FilesystemId",
            "volumes.efsVolumeConfiguration.authorizationConfig.iam": "IAM",
        },
        left_out=dict.fromkeys(("skipDestroy", "trackLatest"), PROVIDER),
    ),
    "aws:ecs/service:Service": Target(
        type="AWS::ECS::Service",
        rename={
            "name": "ServiceName",
            "enableEcsManagedTags": "EnableECSManagedTags",
            "capacityProviderStrategies": "CapacityProviderStrategy",
        },
        build=_service,
        built=frozenset(
            {
                "serviceRegistries",
                "networkConfiguration",
                "deploymentMaximumPercent",
                "deploymentMinimumHealthyPercent",
                "deploymentCircuitBreaker",
            }
        ),
        left_out=dict.fromkeys(("waitForSteadyState", "forceNewDeployment"), PROVIDER),
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": Target(
        type="AWS::ServiceDiscovery::PrivateDnsNamespace"
    ),
    "aws:servicediscovery/service:Service": Target(
        type="AWS::ServiceDiscovery::Service", left_out={"forceDestroy": PROVIDER}
    ),
    "aws:appautoscaling/target:Target": Target(
        type="AWS::ApplicationAutoScaling::ScalableTarget", left_out={**_NO_TAGS}
    ),
    "aws:appautoscaling/policy:Policy": Target(
        type="AWS::ApplicationAutoScaling::ScalingPolicy", rename={"name": "PolicyName"}
    ),
    "aws:ecr/repository:Repository": Target(
        type="AWS::ECR::Repository",
        rename={"name": "RepositoryName", "forceDelete": "EmptyOnDelete"},
        build=_repository,
        built=frozenset({"encryptionConfigurations"}),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Target(
        type="AWS::ECR::Repository",
        build=_lifecycle_policy,
        built=frozenset({"policy"}),
        left_out={"repository": NAMES_PARENT},
    ),
    "aws:efs/fileSystem:FileSystem": Target(
        type="AWS::EFS::FileSystem",
        rename={"tags": "FileSystemTags", "lifecyclePolicies.transitionToIa": "TransitionToIA"},
    ),
    "aws:efs/backupPolicy:BackupPolicy": _part("AWS::EFS::FileSystem", "", "fileSystemId"),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _part(
        "AWS::EFS::FileSystem", "", "fileSystemId", rename={"policy": "FileSystemPolicy"}
    ),
    "aws:efs/replicationConfiguration:ReplicationConfiguration": Target(
        type="AWS::EFS::FileSystem",
        build=lambda inputs: {
            "ReplicationConfiguration": {
                "Destinations": [{"Region": inputs["destination"]["region"]}]
            }
        },
        built=frozenset({"destination"}),
        left_out={"sourceFileSystemId": NAMES_PARENT},
    ),
    "aws:efs/mountTarget:MountTarget": Target(type="AWS::EFS::MountTarget"),
    "aws:efs/accessPoint:AccessPoint": Target(
        type="AWS::EFS::AccessPoint", rename={"tags": "AccessPointTags"}
    ),
    "aws:iam/role:Role": Target(
        type="AWS::IAM::Role",
        rename={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        left_out={"forceDetachPolicies": PROVIDER},
    ),
    "aws:iam/rolePolicy:RolePolicy": Target(
        type="AWS::IAM::RolePolicy",
        rename={"name": "PolicyName", "policy": "PolicyDocument", "role": "RoleName"},
    ),
    "aws:secretsmanager/secret:Secret": Target(
        type="AWS::SecretsManager::Secret",
        left_out={
            "recoveryWindowInDays": "given when the secret is deleted",
            "forceOverwriteReplicaSecret": PROVIDER,
        },
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Target(
        type="AWS::SecretsManager::Secret",
        left_out={"secretId": NAMES_PARENT, "versionStages": "CloudFormation sets no labels"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Target(
        type="AWS::Logs::LogGroup",
        rename={"name": "LogGroupName"},
        left_out={"skipDestroy": PROVIDER},
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Target(
        type="AWS::Logs::MetricFilter",
        rename={"name": "FilterName", "pattern": "FilterPattern"},
        build=_filter,
        built=frozenset({"metricTransformation"}),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Target(
        type="AWS::CloudWatch::Alarm",
        rename={"name": "AlarmName", "okActions": "OKActions"},
        build=lambda inputs: (
            {"Dimensions": _pairs(inputs["dimensions"], "Name")} if "dimensions" in inputs else {}
        ),
        built=frozenset({"dimensions"}),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Target(type="AWS::CloudWatch::Dashboard"),
    "aws:dynamodb/table:Table": Target(
        type="AWS::DynamoDB::Table",
        rename={"name": "TableName"},
        build=_table,
        built=frozenset(
            {
                "attributes",
                "hashKey",
                "rangeKey",
                "serverSideEncryption",
                "ttl",
                "pointInTimeRecovery",
            }
        ),
    ),
    "aws:sns/topic:Topic": Target(type="AWS::SNS::Topic", rename={"name": "TopicName"}),
    "aws:sns/topicSubscription:TopicSubscription": Target(
        type="AWS::SNS::Subscription", rename={"topic": "TopicArn"}
    ),
    "aws:s3/bucket:Bucket": Target(
        type="AWS::S3::Bucket", rename={"bucket": "BucketName"}, left_out={"forceDestroy": PROVIDER}
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Target(
        type="AWS::S3::BucketPolicy", rename={"policy": "PolicyDocument"}
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_part(
        under="PublicAccessBlockConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_part(
        build=lambda inputs: {
            "OwnershipControls": {"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]}
        },
        built=frozenset({"rule"}),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _bucket_part(build=_encryption, built=frozenset({"rules"}))
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_part(
        build=_bucket_rules, built=frozenset({"rules"})
    ),
}

NOT_AWS: Final = {
    "docker:index/image:Image": "built by Docker and pushed to the registry",
    "aws:acm/certificateValidation:CertificateValidation": (
        "the provider waits until ACM has issued the certificate"
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (
        "AWS makes it with the VPC; the provider takes its rules away"
    ),
    "pulumi:index:Stash": "kept by the engine",
    "awsx:ec2:Vpc": "a component; its children are judged",
}
"""Types that AWS never sees, and why."""


def convert(token: str, inputs: Mapping[str, Any], *, region: str) -> tuple[str, Properties]:
    """The CloudFormation type and properties of the Pulumi resource `token` with `inputs`. Raises
    `UnmappedError`.
    """
    target = TARGETS.get(token)
    if target is None:
        raise UnmappedError(f"{token} is in neither TARGETS nor NOT_AWS")
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, target.type).schema
    walker = _Walker(token, target, schema)
    rest = {
        name: value
        for name, value in inputs.items()
        if name not in target.built and name not in target.left_out
    }
    node = schema
    if target.under:
        node = walker.resolve(schema["properties"][target.under])
    properties = walker.object(rest, node, "")
    if target.under:
        properties = {target.under: properties}
    if target.build:
        properties |= target.build(dict(inputs))
    return target.type, properties


class _Walker:
    """Renames properties as the schema spells them."""

    def __init__(self, token: str, target: Target, schema: Mapping[str, Any]) -> None:
        self._token, self._target, self._schema = token, target, schema

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """`node`, or what its `$ref` names."""
        while "$ref" in node:
            found: Any = self._schema
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def object(self, value: Mapping[str, Any], node: Mapping[str, Any], path: str) -> Properties:
        node = self.resolve(node)
        members = dict(node.get("properties") or {})
        for choice in (*node.get("anyOf", ()), *node.get("oneOf", ())):
            members |= self.resolve(choice).get("properties") or {}
        found = {}
        for name, item in value.items():
            at = f"{path}.{name}".lstrip(".")
            known = self._target.rename.get(at) or _same(name, members)
            if known is None:
                raise UnmappedError(
                    f"{self._token} has {at}, which {self._target.type} does not know; known are"
                    f" {sorted(members)}"
                )
            if item is not None:
                found[known] = self.value(item, members.get(known, {}), at)
        return found

    def value(self, value: Any, node: Mapping[str, Any], path: str) -> Any:
        node = self.resolve(node)
        kinds = node.get("type", [])
        kinds = {kinds} if isinstance(kinds, str) else set(kinds)
        if isinstance(value, str) and value.startswith(("{", "[")) and kinds & {"object", "array"}:
            return self._loaded(json.loads(value), node, path)
        if isinstance(value, list):
            items = node.get("items", {})
            return [self.value(item, items, path) for item in value]
        if isinstance(value, Mapping):
            if kinds == {"array"}:
                return _pairs(value, "Key")
            return self.object(value, node, path) if node.get("properties") else dict(value)
        if kinds == {"string"} and isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if kinds == {"integer"} and isinstance(value, str) and value.isdigit():
            return int(value)
        return value

    def _loaded(self, value: Any, node: Mapping[str, Any], path: str) -> Any:
        """A property that Pulumi takes as JSON: a policy stays as it is, a list of objects is
        spelled as the schema spells it.
        """
        return self.value(value, node, path) if isinstance(value, list) else value


def _same(name: str, members: Mapping[str, Any]) -> str | None:
    return next((member for member in members if member.lower() == name.lower()), None)
