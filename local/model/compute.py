"""ECS, autoscaling, ECR, EFS and the Docker provider's image."""

from __future__ import annotations

from local.model.core import Kind, Scope, arn
from local.model.image import image_digest, with_context_digest


def _repository_url(scope: Scope) -> str:
    return f"{scope['account']}.dkr.ecr.{scope['region']}.{scope['dns_suffix']}/{scope['name']}"


def _service_arn(scope: Scope) -> str:
    cluster = str(scope["inputs"]["cluster"] or "default").rsplit("/", 1)[-1]
    return arn("ecs", f"service/{cluster}/{{name}}").format_map(scope)


def _image_name(scope: Scope) -> str:
    return str(scope["inputs"]["imageName"])


def _repo_digest(scope: Scope) -> str:
    repository, _, tag = _image_name(scope).rpartition(":")
    if "/" in tag or not repository:  # no tag: the colon, if any, belongs to the registry's port
        repository = _image_name(scope)
    return f"{repository}@{image_digest(scope['inputs'], scope['seed'])}"


KINDS = (
    Kind(
        type="aws:ecs/cluster:Cluster",
        id="{arn}",
        arn=arn("ecs", "cluster/{name}"),
        name="name",
        replaces=frozenset({"name"}),
    ),
    Kind(
        type="aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        id="{inputs[clusterName]}",
        replaces=frozenset({"clusterName"}),
        required=("clusterName",),
    ),
    Kind(
        type="aws:ecs/taskDefinition:TaskDefinition",
        id="{inputs[family]}",
        arn=arn("ecs", "task-definition/{inputs[family]}:1"),
        outputs={
            "arnWithoutRevision": arn("ecs", "task-definition/{inputs[family]}"),
            "revision": lambda _: 1,
            "networkMode": "awsvpc",
        },
        defaults={"skipDestroy": False, "trackLatest": False, "enableFaultInjection": False},
        replaces=frozenset(
            [
                "containerDefinitions",
                "cpu",
                "memory",
                "executionRoleArn",
                "taskRoleArn",
                "family",
                "networkMode",
                "requiresCompatibilities",
                "runtimePlatform",
                "volumes",
                "ephemeralStorage",
                "ipcMode",
                "pidMode",
                "placementConstraints",
                "proxyConfiguration",
            ]
        ),
        required=("containerDefinitions", "family"),
    ),
    Kind(
        type="aws:ecs/service:Service",
        id="{arn}",
        arn=_service_arn,
        outputs={"iamRole": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"},
        name="name",
        defaults={
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "enableEcsManagedTags": False,
            "enableExecuteCommand": False,
            "schedulingStrategy": "REPLICA",
            "waitForSteadyState": False,
            "availabilityZoneRebalancing": "ENABLED",
        },
        replaces=frozenset({"name", "cluster", "launchType", "schedulingStrategy", "iamRole"}),
    ),
    Kind(
        type="aws:appautoscaling/target:Target",
        id="{inputs[resourceId]}",
        arn=arn("application-autoscaling", "scalable-target/{hex32}"),
        outputs={
            "roleArn": (
                "arn:{partition}:iam::{account}:role/aws-service-role/AWSServiceRoleForApplicationAutoScaling_ECSService"
            )
        },
        replaces=frozenset({"resourceId", "scalableDimension", "serviceNamespace"}),
        required=(
            "maxCapacity",
            "minCapacity",
            "resourceId",
            "scalableDimension",
            "serviceNamespace",
        ),
    ),
    Kind(
        type="aws:appautoscaling/policy:Policy",
        id="{name}",
        arn=arn("autoscaling", "scalingPolicy:{hex32}:policyName/{name}"),
        outputs={"alarmArns": lambda _: []},
        name="name",
        defaults={"policyType": "StepScaling"},
        replaces=frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"}),
        required=("resourceId", "scalableDimension", "serviceNamespace"),
    ),
    Kind(
        type="aws:ecr/repository:Repository",
        id="{name}",
        arn=arn("ecr", "repository/{name}"),
        outputs={"registryId": "{account}", "repositoryUrl": _repository_url},
        name="name",
        defaults={"imageTagMutability": "MUTABLE"},
        replaces=frozenset({"name", "encryptionConfigurations"}),
    ),
    Kind(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        id="{inputs[repository]}",
        outputs={"registryId": "{account}"},
        replaces=frozenset({"repository"}),
        required=("repository", "policy"),
    ),
    Kind(
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        id="{inputs[repository]}",
        outputs={"registryId": "{account}"},
        replaces=frozenset({"repository"}),
        required=("repository", "policy"),
    ),
    Kind(
        type="aws:efs/fileSystem:FileSystem",
        id="fs-{hex17}",
        arn=arn("elasticfilesystem", "file-system/{id}"),
        outputs={
            "dnsName": "{id}.efs.{region}.{dns_suffix}",
            "numberOfMountTargets": lambda _: 0,
            "ownerId": "{account}",
            # AWS's own key, aws/elasticfilesystem, which is one of the account.
            "kmsKeyId": (
                "arn:{partition}:kms:{region}:{account}:key/00000000-0000-0000-0000-{account}"
            ),
        },
        replaces=frozenset(
            {"availabilityZoneName", "creationToken", "encrypted", "kmsKeyId", "performanceMode"}
        ),
    ),
    Kind(
        type="aws:efs/mountTarget:MountTarget",
        id="fsmt-{hex17}",
        outputs={
            "fileSystemArn": arn("elasticfilesystem", "file-system/{inputs[fileSystemId]}"),
            "dnsName": "{inputs[fileSystemId]}.efs.{region}.{dns_suffix}",
            "networkInterfaceId": "eni-{hex17}",
            "ownerId": "{account}",
        },
        replaces=frozenset({"fileSystemId", "subnetId", "ipAddress"}),
        required=("fileSystemId", "subnetId"),
    ),
    Kind(
        type="aws:efs/accessPoint:AccessPoint",
        id="fsap-{hex17}",
        arn=arn("elasticfilesystem", "access-point/{id}"),
        outputs={
            "fileSystemArn": arn("elasticfilesystem", "file-system/{inputs[fileSystemId]}"),
            "ownerId": "{account}",
        },
        replaces=frozenset({"fileSystemId", "posixUser", "rootDirectory"}),
        required=("fileSystemId",),
    ),
    Kind(
        type="aws:efs/fileSystemPolicy:FileSystemPolicy",
        id="{inputs[fileSystemId]}",
        replaces=frozenset({"fileSystemId"}),
        required=("fileSystemId", "policy"),
    ),
    Kind(
        type="aws:efs/backupPolicy:BackupPolicy",
        id="{inputs[fileSystemId]}",
        replaces=frozenset({"fileSystemId"}),
        required=("fileSystemId", "backupPolicy"),
    ),
    Kind(
        type="docker:index/image:Image",
        id=_repo_digest,
        outputs={
            "baseImageName": _image_name,
            "registryServer": lambda s: _image_name(s).split("/", 1)[0],
            "repoDigest": _repo_digest,
        },
        required=("imageName",),
        checked=with_context_digest,
        updated=frozenset({"baseImageName", "registryServer", "repoDigest"}),
    ),
    Kind(
        type="docker:index/registryImage:RegistryImage",
        id=lambda s: image_digest(s["inputs"]),
        outputs={"sha256Digest": lambda s: image_digest(s["inputs"])},
        name="name",
        replaces=frozenset({"name", "triggers"}),
    ),
)
