"""IAM, secrets, logs, alarms, keys, buckets, tables and sign-in."""

from __future__ import annotations

from local.model.core import Kind, arn


def _iam_arn(kind: str) -> str:
    return f"arn:{{partition}}:iam::{{account}}:{kind}/{{name}}"


KINDS = (
    # The engine's own, which draws its id.
    Kind(
        type="pulumi:index:Stash",
        id="{hex8}-{hex4}-{hex4}-{hex4}-{hex12}",
        outputs={"output": lambda s: s["inputs"]["input"]},
    ),
    Kind(
        type="aws:iam/role:Role",
        id="{name}",
        arn=_iam_arn("role"),
        outputs={"uniqueId": "AROA{hex16}", "createDate": "2026-01-01T00:00:00Z"},
        name="name",
        name_limit=64,
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        replaces=frozenset({"name", "namePrefix", "path"}),
        required=("assumeRolePolicy",),
    ),
    Kind(
        type="aws:iam/policy:Policy",
        id="{arn}",
        arn=_iam_arn("policy"),
        outputs={"policyId": "ANPA{hex16}", "attachmentCount": lambda _: 0},
        name="name",
        name_limit=128,
        defaults={"path": "/"},
        replaces=frozenset({"name", "namePrefix", "path", "description"}),
        required=("policy",),
    ),
    Kind(
        type="aws:iam/rolePolicy:RolePolicy",
        id="{inputs[role]}:{name}",
        name="name",
        name_limit=128,
        replaces=frozenset({"name", "namePrefix", "role"}),
        required=("policy", "role"),
    ),
    Kind(
        type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        id="{inputs[role]}-{digits20}",
        replaces=frozenset({"policyArn", "role"}),
        required=("policyArn", "role"),
    ),
    Kind(
        type="aws:secretsmanager/secret:Secret",
        id="{arn}",
        arn=arn("secretsmanager", "secret:{name}-{hex6}"),
        name="name",
        name_limit=512,
        defaults={"forceOverwriteReplicaSecret": False, "recoveryWindowInDays": 30},
        kept=frozenset({"kmsKeyId"}),
        replaces=frozenset({"name", "namePrefix"}),
    ),
    Kind(
        type="aws:secretsmanager/secretVersion:SecretVersion",
        id="{inputs[secretId]}|terraform-{hex26}",
        arn="{inputs[secretId]}",
        outputs={"versionId": "terraform-{hex26}", "versionStages": lambda _: ["AWSCURRENT"]},
        replaces=frozenset({"secretId", "secretString", "secretBinary"}),
        required=("secretId",),
        secret=frozenset({"secretString", "secretBinary"}),
    ),
    Kind(
        type="aws:ssm/parameter:Parameter",
        id="{name}",
        arn=arn("ssm", "parameter/{name}"),
        outputs={"version": lambda _: 1, "tier": "Standard", "dataType": "text"},
        name="name",
        replaces=frozenset({"name"}),
        required=("type",),
        secret=frozenset({"value"}),
    ),
    Kind(
        type="aws:cloudwatch/logGroup:LogGroup",
        id="{name}",
        arn=arn("logs", "log-group:{name}"),
        name="name",
        name_limit=512,
        defaults={"retentionInDays": 0, "skipDestroy": False},
        replaces=frozenset({"name", "namePrefix", "logGroupClass"}),
    ),
    Kind(
        type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        id="{name}",
        name="name",
        name_limit=512,
        replaces=frozenset({"name", "logGroupName"}),
        required=("logGroupName", "metricTransformation", "pattern"),
    ),
    Kind(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        id="{name}",
        arn=arn("cloudwatch", "alarm:{name}"),
        name="name",
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        replaces=frozenset({"name"}),
        required=("comparisonOperator", "evaluationPeriods"),
    ),
    Kind(
        type="aws:cloudwatch/dashboard:Dashboard",
        id="{inputs[dashboardName]}",
        outputs={
            "dashboardArn": (
                "arn:{partition}:cloudwatch::{account}:dashboard/{inputs[dashboardName]}"
            )
        },
        replaces=frozenset({"dashboardName"}),
        required=("dashboardBody", "dashboardName"),
    ),
    Kind(
        type="aws:cloudwatch/queryDefinition:QueryDefinition",
        id="{hex8}-{hex4}-{hex4}-{hex4}-{hex12}",
        outputs={"queryDefinitionId": "{id}"},
        name="name",
        required=("queryString",),
    ),
    Kind(
        type="aws:sns/topic:Topic",
        id="{arn}",
        arn=arn("sns", "{name}"),
        outputs={"owner": "{account}"},
        name="name",
        name_limit=256,
        replaces=frozenset({"name", "namePrefix", "fifoTopic"}),
    ),
    Kind(
        type="aws:sns/topicSubscription:TopicSubscription",
        id="{inputs[topic]}:{hex8}-{hex4}-{hex4}-{hex4}-{hex12}",
        arn="{id}",
        replaces=frozenset({"topic", "protocol", "endpoint"}),
        required=("endpoint", "protocol", "topic"),
    ),
    Kind(
        type="aws:kms/key:Key",
        id="{hex8}-{hex4}-{hex4}-{hex4}-{hex12}",
        arn=arn("kms", "key/{id}"),
        outputs={"keyId": "{id}"},
        defaults={
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        },
    ),
    Kind(
        type="aws:kms/alias:Alias",
        id="{name}",
        arn=arn("kms", "{name}"),
        outputs={"targetKeyArn": arn("kms", "key/{inputs[targetKeyId]}")},
        name="name",
        replaces=frozenset({"name"}),
        required=("targetKeyId",),
    ),
    *(
        Kind(
            type=token,
            id="{inputs[bucket]}",
            arn="arn:{partition}:s3:::{inputs[bucket]}",
            outputs={
                "bucketDomainName": "{inputs[bucket]}.s3.{dns_suffix}",
                "bucketRegionalDomainName": "{inputs[bucket]}.s3.{region}.{dns_suffix}",
                "hostedZoneId": "Z{digits13}",
            },
            name="bucket",
            name_limit=63,
            defaults={"forceDestroy": False},
            replaces=frozenset({"bucket", "bucketPrefix", "objectLockEnabled"}),
        )
        for token in ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
    ),
    *(
        Kind(
            type=f"aws:s3/{part[0].lower()}{part[1:]}:{part}",
            id="{inputs[bucket]}",
            replaces=frozenset({"bucket"}),
            required=("bucket",),
        )
        for part in (
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketServerSideEncryptionConfiguration",
            "BucketLifecycleConfiguration",
            "BucketOwnershipControls",
            "BucketVersioning",
        )
    ),
    Kind(
        type="aws:dynamodb/table:Table",
        id="{name}",
        arn=arn("dynamodb", "table/{name}"),
        outputs={"streamArn": "", "streamLabel": ""},
        name="name",
        defaults={"billingMode": "PROVISIONED"},
        kept=frozenset({"serverSideEncryption"}),
        replaces=frozenset({"name", "hashKey", "rangeKey"}),
    ),
    Kind(
        type="aws:cognito/userPool:UserPool",
        id="{region}_{hex9}",
        arn=arn("cognito-idp", "userpool/{id}"),
        outputs={"endpoint": "cognito-idp.{region}.{dns_suffix}/{id}"},
        name="name",
    ),
    Kind(
        type="aws:cognito/userPoolClient:UserPoolClient",
        id="{hex26}",
        outputs={"clientSecret": "{hex51}"},
        name="name",
        replaces=frozenset({"userPoolId", "generateSecret"}),
        required=("userPoolId",),
        secret=frozenset({"clientSecret"}),
    ),
    Kind(
        type="aws:cognito/userPoolDomain:UserPoolDomain",
        id="{inputs[domain]}",
        replaces=frozenset({"domain", "userPoolId"}),
        required=("domain", "userPoolId"),
    ),
)
