"""Every property of a deployed stack, sorted: what must be refused when flipped, what is harmless,
what is not covered.

Properties are named `type path`, where `[]` stands for any element of a list and `:` for the
content of a JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Change = Callable[[Any, "World"], Any]
"""From the old value to the flipped one."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Identities of the stack that a flip may point to."""

    public_subnet: str
    public_route_tables: tuple[str, ...]
    internet_gateway: str
    plain_listener: str
    task_group: str
    execution_role: str
    open_front_door: bool
    """The stack's sources are the internet, so that a flip of a port opens it."""


GONE: Final = object()
"""Take the property away."""

WORLD: Final = "0.0.0.0/0"


def to(value: Any) -> Change:
    return lambda _old, _world: value


def unless(spared: Any, value: Any) -> Change:
    """Flip to `value`, except where the property is `spared`: there the flip means nothing."""
    return lambda old, _world: old if old == spared else value


def only(where: Any, value: Any) -> Change:
    """Flip to `value` where the property is `where`."""
    return lambda old, _world: value if old == where else old


def when_open(value: Any) -> Change:
    """Flip where the front door's sources are the internet."""
    return lambda old, world: value if world.open_front_door else old


def when_in(parts: tuple[str, ...], value: Any) -> Change:
    """Flip a text that has one of these parts; the others have a condition that narrows them."""
    return lambda old, _world: value if any(part in old for part in parts) else old


def point_to(attribute: str) -> Change:
    return lambda _old, world: getattr(world, attribute)


MUTATIONS: Final[Mapping[str, tuple[Change, ...]]] = {
    "aws:cloudwatch/logGroup:LogGroup retentionInDays": (to(0), to(GONE)),
    "aws:dynamodb/table:Table hashKey": (to("id"), to(GONE)),
    "aws:dynamodb/table:Table rangeKey": (to("kind"), to(GONE)),
    "aws:dynamodb/table:Table pointInTimeRecovery.enabled": (to(False), to(GONE)),
    "aws:dynamodb/table:Table ttl.attributeName": (to("until"), to(GONE)),
    "aws:dynamodb/table:Table ttl.enabled": (to(False), to(GONE)),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup ingress": (
        to([{"protocol": "-1", "self": True}]),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup egress": (
        to([{"protocol": "-1", "cidrBlocks": [WORLD]}]),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup vpcId": (to("vpc-another"),),
    "aws:ec2/route:Route natGatewayId": (point_to("internet_gateway"),),
    "aws:ec2/routeTableAssociation:RouteTableAssociation routeTableId": (
        lambda old, world: (
            old if old in world.public_route_tables else world.public_route_tables[0]
        ),
    ),
    "aws:ec2/securityGroup:SecurityGroup description": (to("ingress"),),  # see `special`
    "aws:ec2/flowLog:FlowLog vpcId": (to("vpc-another"),),
    "aws:ecr/repository:Repository imageScanningConfiguration.scanOnPush": (to(False), to(GONE)),
    "aws:ecr/repository:Repository imageTagMutability": (to("MUTABLE"), to(GONE)),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy repository": (to("another"),),
    "aws:ecs/cluster:Cluster settings[].value": (to("disabled"), to(GONE)),
    "aws:ecs/service:Service platformVersion": (to("1.3.0"),),
    "aws:ecs/service:Service enableExecuteCommand": (to(True),),
    "aws:ecs/service:Service networkConfiguration.assignPublicIp": (to(True),),
    "aws:ecs/service:Service networkConfiguration.securityGroups[]": (to(GONE),),
    "aws:ecs/service:Service networkConfiguration.subnets[]": (point_to("public_subnet"),),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].image": (to("live:latest"),),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].linuxParameters.capabilities.drop[]": (
        to(GONE),
        to("NET_RAW"),
    ),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].logConfiguration.logDriver": (
        to("none"),
        to(GONE),
    ),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].logConfiguration.options.awslogs-group": (
        to(GONE),
    ),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].privileged": (to(True),),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].readonlyRootFilesystem": (
        to(False),
        to(GONE),
    ),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].user": (
        to("0:0"),
        to("root"),
        to(GONE),
    ),
    "aws:ecs/taskDefinition:TaskDefinition containerDefinitions:[].environment[].name": (
        to("SESSION_SECRET"),
    ),  # see `special`
    "aws:ecs/taskDefinition:TaskDefinition enableFaultInjection": (to(True),),
    "aws:ecs/taskDefinition:TaskDefinition networkMode": (to("host"), to("bridge")),
    "aws:ecs/taskDefinition:TaskDefinition volumes[].efsVolumeConfiguration.authorizationConfig.accessPointId": (
        to(GONE),
    ),
    "aws:ecs/taskDefinition:TaskDefinition volumes[].efsVolumeConfiguration.authorizationConfig.iam": (
        to("DISABLED"),
        to(GONE),
    ),
    "aws:ecs/taskDefinition:TaskDefinition volumes[].efsVolumeConfiguration.transitEncryption": (
        to("DISABLED"),
        to(GONE),
    ),
    "aws:efs/backupPolicy:BackupPolicy backupPolicy.status": (to("DISABLED"), to(GONE)),
    "aws:efs/backupPolicy:BackupPolicy fileSystemId": (to("fs-another"),),
    "aws:efs/accessPoint:AccessPoint posixUser.gid": (to(0),),
    "aws:efs/accessPoint:AccessPoint posixUser.uid": (to(0),),
    "aws:efs/accessPoint:AccessPoint rootDirectory.creationInfo.ownerGid": (to(0),),
    "aws:efs/accessPoint:AccessPoint rootDirectory.creationInfo.ownerUid": (to(0),),
    "aws:efs/accessPoint:AccessPoint rootDirectory.creationInfo.permissions": (to("0777"),),
    "aws:efs/accessPoint:AccessPoint rootDirectory.path": (to("/"), to(GONE)),
    "aws:efs/fileSystem:FileSystem encrypted": (to(False), to(GONE)),
    "aws:efs/fileSystemPolicy:FileSystemPolicy policy:.Statement[].Condition.Bool.aws:SecureTransport": (
        to("true"),
        to(GONE),
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy policy:.Statement[].Action": (
        to("elasticfilesystem:ClientWrite"),
    ),
    "aws:efs/fileSystemPolicy:FileSystemPolicy policy:.Statement[].Effect": (to("Allow"),),
    "aws:efs/mountTarget:MountTarget securityGroups[]": (to(GONE),),
    "aws:efs/mountTarget:MountTarget subnetId": (point_to("public_subnet"),),
    "aws:iam/role:Role assumeRolePolicy:.Statement[].Principal.Service": (
        to(GONE),
    ),  # see `special`
    "aws:ecs/taskDefinition:TaskDefinition taskRoleArn": (point_to("execution_role"),),
    "aws:iam/rolePolicy:RolePolicy policy:.Statement[].Action": (
        to("*"),
        to("iam:PassRol*"),
        to("secretsmanager:Put*"),
    ),
    "aws:iam/rolePolicy:RolePolicy policy:.Statement[].Action[]": (
        to("*"),
        to("elasticfilesystem:*"),
        to("s3:?*"),
    ),
    "aws:iam/rolePolicy:RolePolicy policy:.Statement[].Resource": (
        when_in((":ecr:", ":logs:"), "*"),
        when_in((":ecr:", ":logs:"), "arn:*:*:*"),
    ),
    "aws:iam/rolePolicy:RolePolicy policy:.Statement[].Resource[]": (
        to("*"),
        to("arn:aws:secretsmanager:*:*:secret:*"),
    ),
    "aws:lb/listener:Listener certificateArn": (to(GONE),),
    "aws:lb/listener:Listener defaultActions[].fixedResponse.statusCode": (to("200"),),
    "aws:lb/listener:Listener defaultActions[].redirect.protocol": (to("HTTP"), to("#{protocol}")),
    "aws:lb/listener:Listener defaultActions[].type": (to("forward"),),
    "aws:lb/listener:Listener port": (to(4321),),
    "aws:lb/listener:Listener protocol": (only("HTTPS", "HTTP"),),
    "aws:lb/listener:Listener sslPolicy": (to("ELBSecurityPolicy-2016-08"), to(GONE)),
    "aws:lb/listener:Listener defaultActions[].redirect.port": (to("4321"),),
    "aws:lb/listenerRule:ListenerRule conditions[].pathPattern.values[]": (
        # the API's rule may be narrowed by addresses as well
        lambda old, _world: old if old.startswith("/api") else "/*",
        lambda old, _world: old if old.startswith("/api") else "*",
    ),
    "aws:lb/listenerRule:ListenerRule listenerArn": (point_to("plain_listener"),),
    "aws:lb/loadBalancer:LoadBalancer accessLogs.bucket": (to(""),),
    "aws:lb/loadBalancer:LoadBalancer accessLogs.enabled": (to(False),),
    "aws:lb/loadBalancer:LoadBalancer desyncMitigationMode": (to("monitor"),),
    "aws:lb/loadBalancer:LoadBalancer dropInvalidHeaderFields": (to(False), to(GONE)),
    "aws:lb/loadBalancer:LoadBalancer enableDeletionProtection": (to(False),),
    "aws:lb/loadBalancer:LoadBalancer enableWafFailOpen": (to(True),),
    "aws:lb/loadBalancer:LoadBalancer idleTimeout": (to(60), to(GONE), to(4001)),
    "aws:lb/loadBalancer:LoadBalancer securityGroups[]": (to(GONE),),
    "aws:lb/loadBalancer:LoadBalancer xffHeaderProcessingMode": (to("preserve"),),
    "aws:lb/targetGroup:TargetGroup healthCheck.enabled": (to(False),),
    "aws:lb/targetGroup:TargetGroup healthCheck.interval": (to(300),),
    "aws:lb/targetGroup:TargetGroup healthCheck.matcher": (to("200-499"),),
    "aws:lb/targetGroup:TargetGroup healthCheck.path": (to("/"), to(GONE)),
    "aws:lb/targetGroup:TargetGroup healthCheck.timeout": (to(30),),
    "aws:lb/targetGroup:TargetGroup healthCheck.unhealthyThreshold": (to(10),),
    "aws:lb/targetGroup:TargetGroup protocolVersion": (to("HTTP2"), to("GRPC")),
    "aws:lb/targetGroup:TargetGroup stickiness.cookieDuration": (to(60),),
    "aws:lb/targetGroup:TargetGroup stickiness.enabled": (to(False),),
    "aws:lb/targetGroup:TargetGroup stickiness.type": (to("app_cookie"), to(GONE)),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock bucket": (to("another"),),
    "aws:s3/bucketPolicy:BucketPolicy policy:.Statement[].Effect": (only("Deny", "Allow"),),
    "aws:s3/bucketPolicy:BucketPolicy policy:.Statement[].Principal.Service": (
        to(GONE),
    ),  # see `special`
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock blockPublicAcls": (to(False), to(GONE)),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock blockPublicPolicy": (
        to(False),
        to(GONE),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock ignorePublicAcls": (
        to(False),
        to(GONE),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock restrictPublicBuckets": (
        to(False),
        to(GONE),
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule fromPort": (to(0),),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule toPort": (to(65535),),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule ipProtocol": (to("-1"), to("udp")),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule referencedSecurityGroupId": (
        to(WORLD),
    ),  # see `special`
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule cidrIpv4": (
        lambda old, world: old if world.open_front_door else WORLD,
        lambda old, world: old if world.open_front_door else "2000::/3",
        lambda old, world: old if world.open_front_door else "8.8.8.8/32",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule referencedSecurityGroupId": (
        to(WORLD),
    ),  # see `special`
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule fromPort": (when_open(0),),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule toPort": (when_open(65535),),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ipProtocol": (
        when_open("-1"),
        when_open("udp"),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule securityGroupId": (
        lambda old, world: world.task_group if world.open_front_door else old,
    ),
}
"""What must be refused. Flips that mean nothing in a stack return the old value and do
not count.
"""


def special(kind: str, properties: dict[str, Any], path: str) -> bool:
    """Flips that are more than one value: do them to `properties` and say so."""
    if kind == "aws:ec2/securityGroup:SecurityGroup" and path == "description":
        properties["ingress"] = [
            {"protocol": "tcp", "fromPort": 4321, "toPort": 4321, "cidrBlocks": [WORLD]}
        ]
        return True
    if kind.startswith("aws:vpc/securityGroup") and path == "referencedSecurityGroupId":
        if properties.pop("referencedSecurityGroupId", None) is not None:
            properties["cidrIpv4"] = WORLD
        return True
    if path == "natGatewayId":
        return False
    return False


# (pattern of `type path`, reason)

HARMLESS: Final[tuple[tuple[str, str], ...]] = (
    (r"(astro-live:|awsx:).*", "components: their children are judged"),
    (r"docker:.*", "how the image is built; what runs is judged by its digest"),
    (
        r"aws:(cloudwatch/(dashboard|logMetricFilter|metricAlarm)|sns/|appautoscaling/).*",
        "observability and scaling",
    ),
    (
        r"aws:(route53|acm)/.*",
        "names and certificates; that a certificate is there is judged on the listener",
    ),
    (
        r"\S+ (name|.*[nN]ame|description|alarmDescription|family|path|bucket|dashboardName)",
        "names and descriptions",
    ),
    (r"\S+ .*:\.(Version|Statement\[\]\.Sid)", "names inside policies"),
    (
        r"\S+ skipDestroy|\S+ .*forceDestroy|\S+ .*recoveryWindowInDays|\S+ .*Overwrite.*",
        "what happens on deletion",
    ),
    (r"aws:cloudwatch/logGroup:LogGroup .*", "retention is the one property that is judged"),
    (
        r"aws:ec2/(internetGateway|natGateway|vpc|eip|routeTable|subnet):.*",
        "the network's shape; who is in which subnet is judged",
    ),
    (
        r"aws:ec2/route:Route (destination.*|routeTableId|gatewayId)",
        "judged by where tasks and mount targets stand",
    ),
    (
        r"aws:ec2/routeTableAssociation:RouteTableAssociation subnetId",
        "judged by where tasks and mount targets stand",
    ),
    (
        (
            r"aws:ec2/(securityGroup:SecurityGroup vpcId|(securityGroup|defaultSecurityGroup):\S+"
            r" revokeRulesOnDelete)"
        ),
        "no bearing on who is admitted",
    ),
    (
        r"aws:ec2/(flowLog:FlowLog|vpcEndpoint:VpcEndpoint) .*",
        "a record of traffic, and a way out to one service",
    ),
    (
        r"aws:dynamodb/table:Table (attributes.*|billingMode)",
        "AWS refuses attributes that are no keys; the mode is what it costs",
    ),
    (
        r"aws:dynamodb/table:Table serverSideEncryption.*",
        "AWS encrypts either way; the key's owner is not judged",
    ),
    (r"aws:ecr/lifecyclePolicy:LifecyclePolicy policy:.*", "which old images go"),
    (
        r"aws:ecr/repository:Repository forceDelete",
        "whether a removed stack takes its images along",
    ),
    (
        r"aws:ecr/repository:Repository encryptionConfigurations.*",
        "AWS encrypts either way; the key's owner is not judged",
    ),
    (r"aws:ecs/(cluster|clusterCapacityProviders):.*", "observability and capacity"),
    (
        r"aws:ecs/service:Service"
        r" (availabilityZone|capacity|cluster|deployment|desired|enableEcsManagedTags|forceNewDeployment|healthCheck"
        r"|loadBalancers|platformVersion|propagateTags|scheduling|taskDefinition|waitFor|launchType).*",
        "how the service is run",
    ),
    (
        r"aws:ecs/taskDefinition:TaskDefinition"
        r" (containerDefinitions:\[\]\.(essential|healthCheck.*|linuxParameters\.initProcessEnabled"
        r"|logConfiguration\.options\.(?!awslogs-group).*|mountPoints.*|portMappings.*|secrets.*|stopTimeout|ulimits.*|environment\[\]\.value)"
        r"|cpu|memory|ephemeralStorage.*|requiresCompatibilities.*|runtimePlatform.*|trackLatest|.*RoleArn"
        r"|volumes\[\]\.(efsVolumeConfiguration\.fileSystemId|name|configureAtLaunch))",
        (
            "how the task is run; secrets are references, and what is in the environment is judged"
            " by its name"
        ),
    ),
    (
        r"aws:efs/(accessPoint:AccessPoint|mountTarget:MountTarget) fileSystemId",
        "which file system is meant",
    ),
    (r"aws:ec2/flowLog:FlowLog .*", "where flow logs go; that there are some is judged"),
    (r"aws:ec2/vpcEndpoint:VpcEndpoint .*", "a private way to AWS"),
    (
        (
            r"aws:efs/fileSystem:FileSystem"
            r" (lifecyclePolicies.*|performanceMode|throughputMode|.*[tT]hroughput.*)"
        ),
        "performance and cost",
    ),
    (
        (
            r"aws:efs/fileSystemPolicy:FileSystemPolicy"
            r" (fileSystemId|policy:\.Statement\[\]\.Resource)"
        ),
        "which file system the policy is for",
    ),
    (
        (
            r"aws:iam/role:Role"
            r" (forceDetachPolicies|maxSessionDuration|assumeRolePolicy:.*(Action|Effect))"
        ),
        "how the role is assumed by ECS",
    ),
    (
        r"aws:iam/rolePolicy:RolePolicy (role|policy:\.Statement\[\]\.Effect)",
        "to deny takes rights away",
    ),
    (
        r"aws:lb/listener:Listener "
        r"(defaultActions\[\]\.(fixedResponse\.(contentType|messageBody)|redirect\.(port|statusCode))|loadBalancerArn|routing.*)",
        "wording",
    ),
    (
        r"aws:lb/listenerRule:ListenerRule (actions.*|conditions.*|priority)",
        "which path goes where; what is behind it signs people in by itself",
    ),
    (
        r"aws:lb/loadBalancer:LoadBalancer"
        r" (clientKeepAlive|enableCrossZone.*|enableHttp2|enableTlsVersion.*|enableXff.*|internal"
        r"|ipAddressType|loadBalancerType|preserveHostHeader|subnets\[\])",
        "how the load balancer is run",
    ),
    (
        r"aws:lb/targetGroup:TargetGroup"
        r" (deregistrationDelay|healthCheck\.(healthyThreshold|port|protocol)|ipAddressType|lambda.*"
        r"|port|protocol|proxyProtocolV2|slowStart|targetType|vpcId|loadBalancing.*)",
        "how targets are reached",
    ),
    (r"aws:secretsmanager/.*", "secrets are made by the program and never judged"),
    (
        r"aws:s3/(bucket|bucketLifecycleConfiguration|bucketOwnershipControls|bucketPublicAccessBlock):.*",
        "the bucket's shape",
    ),
    (r"aws:vpc/securityGroup(In|E)gressRule:\S+ description", "wording"),
)

GAPS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"aws:vpc/securityGroupEgressRule:.*",
        "to whom inside, and which addresses outside by HTTPS, is not judged",
    ),
    (
        r"aws:efs/fileSystemPolicy:FileSystemPolicy "
        r"policy:\.Statement\[\]\.(Action\[\]|Condition\.StringNotEquals.*|Principal\.AWS)",
        (
            "of the file system's policy only the refusal of plain connections is judged; the"
            " access point is judged in the task's volume"
        ),
    ),
    (
        r"aws:iam/rolePolicy:RolePolicy policy:\.Statement\[\]\.Condition.*",
        (
            "a condition beside a named resource may go; whether a named resource is the right one"
            " is not judged"
        ),
    ),
    (
        r"aws:s3/bucketPolicy:BucketPolicy policy:.*",
        "a log bucket's policy is judged for whom it admits and for wildcards",
    ),
    (
        r"aws:s3/bucketServerSideEncryptionConfiguration:.*",
        "S3 encrypts every object; the algorithm is not judged",
    ),
    (
        r"aws:dynamodb/table:Table deletionProtectionEnabled",
        (
            "advice only: the owners in it lapse within seconds, and removing a stack lifts"
            " the protection"
        ),
    ),
    (r"aws:wafv2/.*", "the firewall is optional and its rules are the owner's"),
    (r"aws:ecs/service:Service loadBalancers.*", "functional"),
)


def verdict_of(name: str) -> str:
    """`flip`, `harmless`, `gap`, or empty for a property that nobody has sorted yet."""
    if name in MUTATIONS:
        return "flip"
    for label, patterns in (("gap", GAPS), ("harmless", HARMLESS)):
        if any(re.fullmatch(pattern, name) for pattern, _ in patterns):
            return label
    return ""
