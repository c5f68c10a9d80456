"""A pretend cloud whose ECS and ECR are moto's, so that boto3 finds what `pulumi up` made.

Each resource that the offline providers create is created in moto by boto3 too, with botocore's
validation of parameters. What moto refuses (a tag that exists in an immutable repository) fails the
update, as it would on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from moto.ecs.models import ecs_backends
from moto.secretsmanager.models import secretsmanager_backends

from local.model import ACCOUNT
from local.provider.store import Store
from local.values import Properties, reveal


class Mirror(Store):
    """The pretend cloud of `local.provider`, repeated in the AWS at `endpoint`."""

    def __init__(self, file: Path, endpoint: str, region: str) -> None:
        super().__init__(file)
        options = {
            "endpoint_url": endpoint,
            "region_name": region,
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
        }
        self.ecs: Any = boto3.client("ecs", **options)
        self.ecr: Any = boto3.client("ecr", **options)
        self.secrets: Any = boto3.client("secretsmanager", **options)
        self._makers: dict[str, Callable[[Properties], None]] = {
            "aws:ecr/repository:Repository": self._repository,
            "docker:index/image:Image": self._image,
            "aws:ecs/cluster:Cluster": self._cluster,
            "aws:ecs/taskDefinition:TaskDefinition": self._task_definition,
            "aws:ecs/service:Service": self._service,
            "aws:secretsmanager/secretVersion:SecretVersion": self._secret,
        }

    def put(self, kind: str, identifier: str, urn: str, properties: Properties) -> None:
        if maker := self._makers.get(kind):
            maker(reveal(properties))
        super().put(kind, identifier, urn, properties)

    def _repository(self, properties: Properties) -> None:
        if not self._exists(properties["name"]):
            self.ecr.create_repository(
                repositoryName=properties["name"],
                imageTagMutability=properties["imageTagMutability"],
            )

    def _exists(self, repository: str) -> bool:
        try:
            self.ecr.describe_repositories(repositoryNames=[repository])
        except self.ecr.exceptions.RepositoryNotFoundException:
            return False
        return True

    def _image(self, properties: Properties) -> None:
        repository, _, tag = properties["imageName"].partition("/")[2].partition(":")
        digest = properties["repoDigest"].rpartition("@")[2]
        push_image(self.ecr, repository, tag, digest)

    def _cluster(self, properties: Properties) -> None:
        self.ecs.create_cluster(clusterName=properties["name"])

    def _task_definition(self, properties: Properties) -> None:
        containers = json.loads(properties["containerDefinitions"])
        tags = [
            {"key": key, "value": value} for key, value in (properties.get("tags") or {}).items()
        ]
        made = self.ecs.register_task_definition(
            family=properties["family"],
            containerDefinitions=containers,
            requiresCompatibilities=properties["requiresCompatibilities"],
            networkMode=properties["networkMode"],
            cpu=properties["cpu"],
            memory=properties["memory"],
            tags=tags,
        )
        assert made["taskDefinition"]["revision"] == properties["revision"]

    def _secret(self, properties: Properties) -> None:
        arn = properties["secretId"]
        name = arn.rpartition(":")[2].rpartition("-")[0]
        try:
            self.secrets.put_secret_value(SecretId=name, SecretString=properties["secretString"])
        except self.secrets.exceptions.ResourceNotFoundException:
            self.secrets.create_secret(Name=name, SecretString=properties["secretString"])
            # moto draws the ARN's last six characters, as AWS does; the model has drawn them
            # already.
            secretsmanager_backends[ACCOUNT][self.secrets.meta.region_name].secrets[name].arn = arn

    def _service(self, properties: Properties) -> None:
        names = {name: properties[name] for name in ("cluster", "taskDefinition")}
        found = self.ecs.describe_services(cluster=names["cluster"], services=[properties["name"]])[
            "services"
        ]
        if not found or found[0]["status"] != "ACTIVE":
            self.ecs.create_service(serviceName=properties["name"], desiredCount=0, **names)
        # moto starts tasks at an update, not at a creation.
        self.ecs.update_service(
            service=properties["name"], desiredCount=properties["desiredCount"], **names
        )
        # moto leaves the deployment at the task definition before, where ECS makes another
        # deployment.
        for service in ecs_backends[ACCOUNT][self.ecs.meta.region_name].services.values():
            if service.name == properties["name"]:
                for deployment in service.deployments or ():
                    deployment["taskDefinition"] = names["taskDefinition"]

    def image_of(self, cluster: str, service: str) -> str:
        """The image that the service's task definition names."""
        found = self.ecs.describe_services(cluster=cluster, services=[service])["services"][0]
        definition = self.ecs.describe_task_definition(taskDefinition=found["taskDefinition"])[
            "taskDefinition"
        ]
        return str(definition["containerDefinitions"][0]["image"])


def push_image(ecr: Any, repository: str, tag: str, digest: str) -> None:
    """What a push ends with: the manifest under a tag."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": digest,
            "size": 2,
        },
        "layers": [],
    }
    ecr.put_image(
        repositoryName=repository,
        imageTag=tag,
        imageManifest=json.dumps(manifest),
        imageDigest=digest,
    )
