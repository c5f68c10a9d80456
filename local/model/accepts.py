"""What AWS accepts of each type: the operation whose API model says it, and the texts that the
model leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from local.model import texts
from local.model.shapes import INLINE, Refusal, Request, refusals
from local.model.texts import Text, texts_refused


@dataclass(frozen=True, kw_only=True)
class Accepts:
    """How the inputs of one type are judged."""

    request: Request | None = None
    texts: Mapping[str, Text] = field(default_factory=dict)
    """By path; lists on the way are crossed."""


def _of(
    service: str, operation: str, /, *, texts: Mapping[str, Text] | None = None, **names: str
) -> Accepts:
    """`names` are Pulumi's paths with `__` for the dots."""
    found = {path.replace("__", "."): name for path, name in names.items()}
    return Accepts(
        request=Request(service=service, operation=operation, names=found), texts=texts or {}
    )


_RULE: Final = Accepts(texts={"description": texts.SECURITY_GROUP})
_ELB: Final = "elbv2"

ACCEPTED: Final[dict[str, Accepts]] = {
    "aws:ec2/securityGroup:SecurityGroup": Accepts(
        texts={"name": texts.SECURITY_GROUP_NAME, "description": texts.SECURITY_GROUP}
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "aws:lb/loadBalancer:LoadBalancer": _of(
        _ELB, "CreateLoadBalancer", loadBalancerType="Type", texts={"name": texts.BALANCER_NAME}
    ),
    "aws:lb/targetGroup:TargetGroup": _of(
        _ELB,
        "CreateTargetGroup",
        texts={"name": texts.TARGET_GROUP_NAME},
        healthCheck=INLINE,
        healthCheck__path="HealthCheckPath",
        healthCheck__port="HealthCheckPort",
        healthCheck__protocol="HealthCheckProtocol",
        healthCheck__interval="HealthCheckIntervalSeconds",
        healthCheck__timeout="HealthCheckTimeoutSeconds",
        healthCheck__healthyThreshold="HealthyThresholdCount",
        healthCheck__unhealthyThreshold="UnhealthyThresholdCount",
    ),
    "aws:lb/listener:Listener": _of(
        _ELB,
        "CreateListener",
        defaultActions__redirect="RedirectConfig",
        defaultActions__fixedResponse="FixedResponseConfig",
    ),
    "aws:lb/listenerRule:ListenerRule": _of(
        _ELB,
        "CreateRule",
        texts={
            "conditions.pathPattern.values": texts.PATH_PATTERN,
            "conditions.hostHeader.values": texts.HOST_PATTERN,
        },
        actions__authenticateOidc="AuthenticateOidcConfig",
        actions__authenticateCognito="AuthenticateCognitoConfig",
    ),
    "aws:acm/certificate:Certificate": _of("acm", "RequestCertificate"),
    "aws:route53/record:Record": Accepts(texts={"name": texts.RECORD_NAME}),
    "aws:wafv2/webAcl:WebAcl": _of("wafv2", "CreateWebACL"),
    "aws:ecs/cluster:Cluster": _of(
        "ecs", "CreateCluster", name="clusterName", texts={"name": texts.ECS_NAME}
    ),
    "aws:ecs/taskDefinition:TaskDefinition": _of(
        "ecs",
        "RegisterTaskDefinition",
        texts={"family": texts.ECS_NAME, "containerDefinitions": texts.TASK_DEFINITION},
    ),
    "aws:ecs/service:Service": _of(
        "ecs",
        "CreateService",
        texts={"name": texts.ECS_NAME},
        name="serviceName",
        capacityProviderStrategies="capacityProviderStrategy",
    ),
    "aws:appautoscaling/target:Target": _of("application-autoscaling", "RegisterScalableTarget"),
    "aws:appautoscaling/policy:Policy": _of(
        "application-autoscaling", "PutScalingPolicy", name="PolicyName"
    ),
    "aws:ecr/repository:Repository": _of(
        "ecr",
        "CreateRepository",
        name="repositoryName",
        encryptionConfigurations="encryptionConfiguration",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _of(
        "ecr", "PutLifecyclePolicy", policy="lifecyclePolicyText", repository="repositoryName"
    ),
    "aws:efs/fileSystem:FileSystem": _of("efs", "CreateFileSystem"),
    "aws:efs/mountTarget:MountTarget": _of("efs", "CreateMountTarget"),
    "aws:efs/accessPoint:AccessPoint": _of("efs", "CreateAccessPoint"),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _of("efs", "PutFileSystemPolicy"),
    "aws:efs/replicationConfiguration:ReplicationConfiguration": _of(
        "efs", "CreateReplicationConfiguration", destination="Destinations"
    ),
    "aws:iam/role:Role": _of(
        "iam", "CreateRole", name="RoleName", assumeRolePolicy="AssumeRolePolicyDocument"
    ),
    "aws:iam/rolePolicy:RolePolicy": _of(
        "iam",
        "PutRolePolicy",
        name="PolicyName",
        policy="PolicyDocument",
        role="RoleName",
        texts={"policy": texts.ROLE_POLICY},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Accepts(texts={"policy": texts.BUCKET_POLICY}),
    "aws:secretsmanager/secret:Secret": _of(
        "secretsmanager", "CreateSecret", texts={"name": texts.SECRET_NAME}
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": _of("secretsmanager", "PutSecretValue"),
    "aws:cloudwatch/logGroup:LogGroup": _of("logs", "CreateLogGroup", name="logGroupName"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _of(
        "logs",
        "PutMetricFilter",
        name="filterName",
        pattern="filterPattern",
        metricTransformation="metricTransformations",
        metricTransformation__name="metricName",
        metricTransformation__namespace="metricNamespace",
        metricTransformation__value="metricValue",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _of("cloudwatch", "PutMetricAlarm", name="AlarmName"),
    "aws:cloudwatch/dashboard:Dashboard": _of(
        "cloudwatch", "PutDashboard", texts={"dashboardName": texts.DASHBOARD_NAME}
    ),
    "aws:sns/topic:Topic": _of("sns", "CreateTopic", texts={"name": texts.TOPIC_NAME}),
    "aws:s3/bucket:Bucket": Accepts(texts={"bucket": texts.BUCKET}),
    "aws:dynamodb/table:Table": _of("dynamodb", "CreateTable", name="TableName"),
}


def refused(token: str, inputs: Mapping[str, Any]) -> list[Refusal]:
    """What AWS refuses of the inputs of the type `token`, each value by itself."""
    accepts = ACCEPTED.get(token.replace("aws:alb/", "aws:lb/"), Accepts())
    found = refusals(accepts.request, inputs) if accepts.request else []
    return [*found, *texts_refused(accepts.texts, inputs)]
