"""How the AWS provider creates each type that the program declares: the requests of `CREATES`, in
order.

The table is read off the provider's own order of calls
(https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service); names follow from
the API models. A type that is in neither `CREATES` nor `NOT_AWS` is an error, and so is an input
that no request takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.aws.attributes import LISTENER, LOAD_BALANCER, TARGET_GROUP, attributes, consumed
from tests.aws.cloudformation import PROVIDER
from tests.aws.requests import INLINE, Calls, Create, Properties

REGION: Final = "eu-central-1"
"""Where everything is created."""

NOT_AWS: Final = {
    "docker:index/image:Image": "pushed by Docker; `tests/release` pushes it to moto's registry",
    "aws:acm/certificateValidation:CertificateValidation": "the provider only waits",
    "pulumi:index:Stash": "kept by the engine",
    "awsx:ec2:Vpc": "a component; its children are created",
}

_ELB = "elbv2"


def _switches(operation: str, id_: str, at: str, *names: str) -> Any:
    """One request for each attribute that is a boolean: EC2 takes one at a time."""

    def calls(inputs: Properties, response: Properties) -> Calls:
        for name in names:
            if name in inputs:
                identifier = next(iter(response.values()))[at]
                yield (
                    operation,
                    {
                        id_: identifier,
                        name[0].upper() + name[1:]: {"Value": inputs[name]},
                    },
                )

    return calls


def _attach(inputs: Properties, response: Properties) -> Calls:
    yield (
        "attach_internet_gateway",
        {
            "VpcId": inputs["vpcId"],
            "InternetGatewayId": response["InternetGateway"]["InternetGatewayId"],
        },
    )


ANYWHERE: Final = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


def _without_egress(_: Properties, response: Properties) -> Calls:
    """A new group lets everything out; the provider takes that away."""
    yield (
        "revoke_security_group_egress",
        {
            "GroupId": response["GroupId"],
            "IpPermissions": ANYWHERE,
        },
    )


def _closed(inputs: Properties, response: Properties) -> Calls:
    """The default group exists with the VPC; the provider takes away its rules."""
    (group,) = response["SecurityGroups"]
    for way, rules in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        if group[rules]:
            yield (
                f"revoke_security_group_{way}",
                {
                    "GroupId": group["GroupId"],
                    "IpPermissions": group[rules],
                },
            )
    pairs = [{"Key": key, "Value": value} for key, value in inputs["tags"].items()]
    yield "create_tags", {"Resources": [group["GroupId"]], "Tags": pairs}


def _default_group(inputs: Properties) -> Properties:
    named = {"vpc-id": inputs["vpcId"], "group-name": "default"}
    return {"Filters": [{"Name": name, "Values": [value]} for name, value in named.items()]}


def _permission(inputs: Properties) -> Properties:
    described = {"Description": inputs["description"]} if inputs.get("description") else {}
    sources = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
    }
    (source,) = (name for name in sources if inputs.get(name) is not None)
    kind, member = sources[source]
    permission = {"IpProtocol": inputs["ipProtocol"], kind: [{member: inputs[source], **described}]}
    permission |= {
        name[0].upper() + name[1:]: int(inputs[name])
        for name in ("fromPort", "toPort")
        if name in inputs
    }
    return {"GroupId": inputs["securityGroupId"], "IpPermissions": [permission]}


_RULE = frozenset(
    {"securityGroupId", "ipProtocol", "fromPort", "toPort", "description"}
    | {"cidrIpv4", "cidrIpv6", "referencedSecurityGroupId", "prefixListId"}
)


def _balancer(inputs: Properties, response: Properties) -> Calls:
    arn = response["LoadBalancers"][0]["LoadBalancerArn"]
    yield (
        "modify_load_balancer_attributes",
        {
            "LoadBalancerArn": arn,
            "Attributes": attributes(inputs, LOAD_BALANCER),
        },
    )


def _target_group(inputs: Properties, response: Properties) -> Calls:
    arn = response["TargetGroups"][0]["TargetGroupArn"]
    yield (
        "modify_target_group_attributes",
        {
            "TargetGroupArn": arn,
            "Attributes": attributes(inputs, TARGET_GROUP),
        },
    )


def _listener(inputs: Properties, response: Properties) -> Calls:
    if pairs := attributes(inputs, LISTENER):
        arn = response["Listeners"][0]["ListenerArn"]
        yield "modify_listener_attributes", {"ListenerArn": arn, "Attributes": pairs}


def _certificates(inputs: Properties) -> Properties:
    arn = inputs.get("certificateArn")
    return {"Certificates": [{"CertificateArn": arn}]} if arn else {}


def _conditions(inputs: Properties) -> Properties:
    fields = {"pathPattern": "path-pattern", "hostHeader": "host-header", "sourceIp": "source-ip"}
    return {
        "Conditions": [
            {
                "Field": fields[name],
                f"{name[0].upper()}{name[1:]}Config": {"Values": content["values"]},
            }
            for condition in inputs["conditions"]
            for name, content in condition.items()
        ]
    }


def _change(inputs: Properties) -> Properties:
    record: Properties = {"Name": inputs["name"], "Type": inputs["type"]}
    if "records" in inputs:
        record |= {
            "TTL": inputs["ttl"],
            "ResourceRecords": [{"Value": value} for value in inputs["records"]],
        }
    for alias in inputs.get("aliases", ()):
        zone, health = alias["zoneId"], alias["evaluateTargetHealth"]
        record["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": zone,
            "EvaluateTargetHealth": health,
        }
    action = "UPSERT" if inputs.get("allowOverwrite") else "CREATE"
    return {
        "HostedZoneId": inputs["zoneId"],
        "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    }


def _service(inputs: Properties) -> Properties:
    network = inputs["networkConfiguration"]
    breaker = inputs["deploymentCircuitBreaker"]
    return {
        "deploymentConfiguration": {
            "maximumPercent": inputs["deploymentMaximumPercent"],
            "minimumHealthyPercent": inputs["deploymentMinimumHealthyPercent"],
            "deploymentCircuitBreaker": {
                "enable": breaker["enable"],
                "rollback": breaker["rollback"],
            },
        },
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": network["subnets"],
                "securityGroups": network["securityGroups"],
                "assignPublicIp": "ENABLED" if network["assignPublicIp"] else "DISABLED",
            }
        },
    }


_SERVICE = frozenset(
    {
        "networkConfiguration",
        "deploymentMaximumPercent",
        "deploymentMinimumHealthyPercent",
        "deploymentCircuitBreaker",
    }
)


def _file_system(inputs: Properties, response: Properties) -> Calls:
    if policies := inputs.get("lifecyclePolicies"):
        names = {"transitionToIa": "TransitionToIA"}
        pairs = [
            {names.get(name, name[0].upper() + name[1:]): value for name, value in policy.items()}
            for policy in policies
        ]
        yield (
            "put_lifecycle_configuration",
            {
                "FileSystemId": response["FileSystemId"],
                "LifecyclePolicies": pairs,
            },
        )


def _table(inputs: Properties) -> Properties:
    keys = {"HASH": inputs["hashKey"], "RANGE": inputs["rangeKey"]}
    return {
        "AttributeDefinitions": [
            {"AttributeName": each["name"], "AttributeType": each["type"]}
            for each in inputs["attributes"]
        ],
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for kind, name in keys.items()],
        **_own_key(inputs, "KMSMasterKeyId", "Enabled"),
    }


def _own_key(inputs: Properties, key: str, enabled: str) -> Properties:
    own = inputs["serverSideEncryption"]
    return {
        "SSESpecification": (
            {enabled: True, "SSEType": "KMS", key: own["kmsKeyArn"]}
            if own["enabled"]
            else {enabled: False}
        )
    }


def _table_options(inputs: Properties, _: Properties) -> Calls:
    name, ttl = inputs["name"], inputs["ttl"]
    specification = {"Enabled": ttl["enabled"], "AttributeName": ttl["attributeName"]}
    yield "update_time_to_live", {"TableName": name, "TimeToLiveSpecification": specification}
    recovery = {"PointInTimeRecoveryEnabled": inputs["pointInTimeRecovery"]["enabled"]}
    yield (
        "update_continuous_backups",
        {
            "TableName": name,
            "PointInTimeRecoverySpecification": recovery,
        },
    )


def _retention(inputs: Properties, _: Properties) -> Calls:
    yield (
        "put_retention_policy",
        {
            "logGroupName": inputs["name"],
            "retentionInDays": int(inputs["retentionInDays"]),
        },
    )


def _bucket_tags(inputs: Properties, _: Properties) -> Calls:
    pairs = [{"Key": key, "Value": value} for key, value in inputs["tags"].items()]
    yield "put_bucket_tagging", {"Bucket": inputs["bucket"], "Tagging": {"TagSet": pairs}}


def _bucket_lifecycle(inputs: Properties) -> Properties:
    rules = [
        {
            "ID": rule["id"],
            "Status": rule["status"],
            "Filter": {"Prefix": rule["filter"]["prefix"]},
            "Expiration": {"Days": int(rule["expiration"]["days"])},
            "AbortIncompleteMultipartUpload": {
                "DaysAfterInitiation": int(
                    rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
                )
            },
        }
        for rule in inputs["rules"]
    ]
    return {"LifecycleConfiguration": {"Rules": rules}}


def _bucket_encryption(inputs: Properties) -> Properties:
    (rule,) = inputs["rules"]
    default = {"SSEAlgorithm": rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"]}
    return {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        }
    }


def _ec2(operation: str, tagged: str, /, **more: Any) -> Create:
    return Create(service="ec2", operation=operation, tagged=tagged, **more)


def _make(
    service: str, operation: str, /, *, names: Mapping[str, str] | None = None, **more: Any
) -> Create:
    return Create(service=service, operation=operation, names=names or {}, **more)


CREATES: Final[dict[str, Create]] = {
    "aws:ec2/vpc:Vpc": _ec2(
        "create_vpc",
        "vpc",
        built=frozenset({"enableDnsSupport", "enableDnsHostnames"}),
        then=_switches(
            "modify_vpc_attribute", "VpcId", "VpcId", "enableDnsSupport", "enableDnsHostnames"
        ),
        gives={"id": "Vpc.VpcId"},
    ),
    "aws:ec2/internetGateway:InternetGateway": _ec2(
        "create_internet_gateway",
        "internet-gateway",
        built=frozenset({"vpcId"}),
        then=_attach,
        gives={"id": "InternetGateway.InternetGatewayId"},
    ),
    "aws:ec2/subnet:Subnet": _ec2(
        "create_subnet",
        "subnet",
        built=frozenset({"mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"}),
        then=_switches(
            "modify_subnet_attribute",
            "SubnetId",
            "SubnetId",
            "mapPublicIpOnLaunch",
            "assignIpv6AddressOnCreation",
        ),
        gives={"id": "Subnet.SubnetId"},
    ),
    "aws:ec2/routeTable:RouteTable": _ec2(
        "create_route_table", "route-table", gives={"id": "RouteTable.RouteTableId"}
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _ec2("associate_route_table", ""),
    "aws:ec2/route:Route": _ec2("create_route", ""),
    "aws:ec2/eip:Eip": _ec2(
        "allocate_address",
        "elastic-ip",
        build=lambda _: {"Domain": "vpc"},
        gives={"id": "AllocationId"},
    ),
    "aws:ec2/natGateway:NatGateway": _ec2(
        "create_nat_gateway", "natgateway", gives={"id": "NatGateway.NatGatewayId"}
    ),
    "aws:ec2/securityGroup:SecurityGroup": _ec2(
        "create_security_group",
        "security-group",
        names={"name": "GroupName"},
        left_out={"revokeRulesOnDelete": PROVIDER},
        then=_without_egress,
        gives={"id": "GroupId"},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2(
        "describe_security_groups",
        "",
        build=_default_group,
        built=frozenset({"vpcId", "tags"}),
        left_out={
            **dict.fromkeys(("ingress", "egress"), "empty: rules that are taken away"),
            "revokeRulesOnDelete": PROVIDER,
        },
        then=_closed,
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ec2(
        "authorize_security_group_ingress", "security-group-rule", build=_permission, built=_RULE
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _ec2(
        "authorize_security_group_egress", "security-group-rule", build=_permission, built=_RULE
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2(
        "create_vpc_endpoint", "vpc-endpoint", gives={"id": "VpcEndpoint.VpcEndpointId"}
    ),
    "aws:ec2/flowLog:FlowLog": _ec2(
        "create_flow_logs",
        "vpc-flow-log",
        names={"iamRoleArn": "DeliverLogsPermissionArn"},
        build=lambda inputs: {"ResourceIds": [inputs["vpcId"]], "ResourceType": "VPC"},
        built=frozenset({"vpcId"}),
    ),
    "aws:lb/loadBalancer:LoadBalancer": _make(
        _ELB,
        "create_load_balancer",
        names={"loadBalancerType": "Type"},
        build=lambda inputs: {
            "Scheme": "internal" if inputs.get("internal") else "internet-facing"
        },
        built=frozenset({"internal", *consumed(LOAD_BALANCER)}),
        then=_balancer,
        gives={
            "arn": "LoadBalancers[0].LoadBalancerArn",
            "dnsName": "LoadBalancers[0].DNSName",
            "zoneId": "LoadBalancers[0].CanonicalHostedZoneId",
        },
    ),
    "aws:lb/targetGroup:TargetGroup": _make(
        _ELB,
        "create_target_group",
        names={
            "healthCheck": INLINE,
            "healthCheck.enabled": "HealthCheckEnabled",
            "healthCheck.path": "HealthCheckPath",
            "healthCheck.port": "HealthCheckPort",
            "healthCheck.protocol": "HealthCheckProtocol",
            "healthCheck.interval": "HealthCheckIntervalSeconds",
            "healthCheck.timeout": "HealthCheckTimeoutSeconds",
            "healthCheck.healthyThreshold": "HealthyThresholdCount",
            "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
            "healthCheck.matcher": "Matcher",
        },
        built=frozenset(consumed(TARGET_GROUP)),
        left_out=dict.fromkeys(
            ("lambdaMultiValueHeadersEnabled", "proxyProtocolV2"), "for other kinds of targets"
        ),
        then=_target_group,
        gives={"arn": "TargetGroups[0].TargetGroupArn"},
    ),
    "aws:lb/listener:Listener": _make(
        _ELB,
        "create_listener",
        names={
            "defaultActions.redirect": "RedirectConfig",
            "defaultActions.fixedResponse": "FixedResponseConfig",
        },
        build=_certificates,
        built=frozenset({"certificateArn", *consumed(LISTENER)}),
        then=_listener,
        gives={"arn": "Listeners[0].ListenerArn"},
    ),
    "aws:lb/listenerRule:ListenerRule": _make(
        _ELB,
        "create_rule",
        names={
            "actions.authenticateOidc": "AuthenticateOidcConfig",
            "actions.authenticateCognito": "AuthenticateCognitoConfig",
        },
        build=_conditions,
        built=frozenset({"conditions"}),
    ),
    "aws:acm/certificate:Certificate": _make(
        "acm", "request_certificate", gives={"arn": "CertificateArn"}
    ),
    "aws:route53/record:Record": _make(
        "route53",
        "change_resource_record_sets",
        build=_change,
        built=frozenset({"name", "type", "zoneId", "ttl", "records", "aliases", "allowOverwrite"}),
    ),
    "aws:wafv2/webAcl:WebAcl": _make(
        "wafv2",
        "create_web_acl",
        names={
            "visibilityConfig.cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled",
            "rules.visibilityConfig.cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled",
        },
        gives={"arn": "Summary.ARN"},
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _make("wafv2", "associate_web_acl"),
    "aws:ecs/cluster:Cluster": _make(
        "ecs", "create_cluster", names={"name": "clusterName"}, gives={"arn": "cluster.clusterArn"}
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": _make(
        "ecs",
        "put_cluster_capacity_providers",
        names={
            "clusterName": "cluster",
            "defaultCapacityProviderStrategies": "defaultCapacityProviderStrategy",
        },
        # A member that the request must have, if only as an empty list.
        build=lambda inputs: (
            {}
            if inputs.get("defaultCapacityProviderStrategies")
            else {"defaultCapacityProviderStrategy": []}
        ),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": _make(
        "ecs",
        "register_task_definition",
        left_out=dict.fromkeys(("skipDestroy", "trackLatest"), PROVIDER),
        gives={"arn": "taskDefinition.taskDefinitionArn"},
    ),
    "aws:ecs/service:Service": _make(
        "ecs",
        "create_service",
        names={"name": "serviceName", "capacityProviderStrategies": "capacityProviderStrategy"},
        build=_service,
        built=_SERVICE,
        left_out=dict.fromkeys(("waitForSteadyState", "forceNewDeployment"), PROVIDER),
        gives={"arn": "service.serviceArn"},
    ),
    "aws:appautoscaling/target:Target": _make(
        "application-autoscaling", "register_scalable_target"
    ),
    "aws:appautoscaling/policy:Policy": _make(
        "application-autoscaling", "put_scaling_policy", names={"name": "PolicyName"}
    ),
    "aws:ecr/repository:Repository": _make(
        "ecr",
        "create_repository",
        names={"name": "repositoryName", "encryptionConfigurations": "encryptionConfiguration"},
        left_out={"forceDelete": PROVIDER},
        gives={"arn": "repository.repositoryArn", "repositoryUrl": "repository.repositoryUri"},
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _make(
        "ecr",
        "put_lifecycle_policy",
        names={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
    ),
    "aws:efs/fileSystem:FileSystem": _make(
        "efs",
        "create_file_system",
        built=frozenset({"lifecyclePolicies"}),
        left_out={"protection": "a separate request where replication is turned off"},
        then=_file_system,
        gives={"id": "FileSystemId", "arn": "FileSystemArn"},
    ),
    "aws:efs/mountTarget:MountTarget": _make(
        "efs", "create_mount_target", gives={"id": "MountTargetId"}
    ),
    "aws:efs/accessPoint:AccessPoint": _make(
        "efs", "create_access_point", gives={"id": "AccessPointId", "arn": "AccessPointArn"}
    ),
    "aws:efs/backupPolicy:BackupPolicy": _make("efs", "put_backup_policy"),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _make("efs", "put_file_system_policy"),
    "aws:efs/replicationConfiguration:ReplicationConfiguration": _make(
        "efs", "create_replication_configuration", names={"destination": "Destinations"}
    ),
    "aws:iam/role:Role": _make(
        "iam",
        "create_role",
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        left_out={"forceDetachPolicies": PROVIDER},
        gives={"arn": "Role.Arn"},
    ),
    "aws:iam/rolePolicy:RolePolicy": _make(
        "iam",
        "put_role_policy",
        names={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    ),
    "aws:secretsmanager/secret:Secret": _make(
        "secretsmanager",
        "create_secret",
        left_out={
            "recoveryWindowInDays": "given when the secret is deleted",
            "forceOverwriteReplicaSecret": PROVIDER,
        },
        gives={"id": "ARN", "arn": "ARN"},
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": _make("secretsmanager", "put_secret_value"),
    "aws:cloudwatch/logGroup:LogGroup": _make(
        "logs",
        "create_log_group",
        names={"name": "logGroupName"},
        built=frozenset({"retentionInDays"}),
        left_out={"skipDestroy": PROVIDER},
        then=_retention,
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _make(
        "logs",
        "put_metric_filter",
        names={
            "name": "filterName",
            "pattern": "filterPattern",
            "metricTransformation": "metricTransformations",
            "metricTransformation.name": "metricName",
            "metricTransformation.namespace": "metricNamespace",
            "metricTransformation.value": "metricValue",
        },
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _make(
        "cloudwatch", "put_metric_alarm", names={"name": "AlarmName"}
    ),
    "aws:cloudwatch/dashboard:Dashboard": _make("cloudwatch", "put_dashboard"),
    "aws:dynamodb/table:Table": _make(
        "dynamodb",
        "create_table",
        names={"name": "TableName"},
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
        then=_table_options,
        gives={"arn": "TableDescription.TableArn"},
    ),
    "aws:sns/topic:Topic": _make("sns", "create_topic", gives={"arn": "TopicArn"}),
    "aws:sns/topicSubscription:TopicSubscription": _make(
        "sns",
        "subscribe",
        names={"topic": "TopicArn"},
        left_out=dict.fromkeys(
            ("confirmationTimeoutInMinutes", "endpointAutoConfirms", "rawMessageDelivery"), PROVIDER
        ),
    ),
    "aws:s3/bucket:Bucket": _make(
        "s3",
        "create_bucket",
        build=lambda _: {"CreateBucketConfiguration": {"LocationConstraint": REGION}},
        built=frozenset({"tags"}),
        left_out={"forceDestroy": PROVIDER},
        then=_bucket_tags,
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _make("s3", "put_bucket_policy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _make(
        "s3",
        "put_public_access_block",
        build=lambda inputs: {
            "PublicAccessBlockConfiguration": {
                name[0].upper() + name[1:]: value
                for name, value in inputs.items()
                if name != "bucket"
            }
        },
        built=frozenset(
            {"restrictPublicBuckets", "ignorePublicAcls", "blockPublicAcls", "blockPublicPolicy"}
        ),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _make(
        "s3",
        "put_bucket_ownership_controls",
        build=lambda inputs: {
            "OwnershipControls": {"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]}
        },
        built=frozenset({"rule"}),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _make(
        "s3", "put_bucket_encryption", build=_bucket_encryption, built=frozenset({"rules"})
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _make(
        "s3",
        "put_bucket_lifecycle_configuration",
        build=_bucket_lifecycle,
        built=frozenset({"rules"}),
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": _make(
        "servicediscovery", "create_private_dns_namespace"
    ),
    "aws:servicediscovery/service:Service": _make(
        "servicediscovery",
        "create_service",
        left_out={"forceDestroy": PROVIDER},
        gives={"id": "Service.Id", "arn": "Service.Arn"},
    ),
}
