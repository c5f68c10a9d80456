"""The container image: an ECR repository, and a build whose tag is the hash of what goes into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_docker as docker

from components.base import Component, Transforms
from components.build_context import context_hash

Architecture = Literal["arm64", "x86_64"]

PLATFORM: dict[Architecture, str] = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}


@dataclass(frozen=True, kw_only=True)
class DockerImageArgs:
    """What is built, for which CPU, and how long it is kept."""

    context: Path
    """Directory that the build sees, less what its `.dockerignore` names."""
    dockerfile: Path
    arch: Architecture = "arm64"
    pinned_digest: str | None = None
    """`sha256:…` of an image that stands in the repository: it runs as it is, and nothing is built."""
    keep_images: int = 30
    tags: dict[str, str] = field(default_factory=dict)


class DockerImage(Component):
    """Repository and image. `reference` is what a task runs: repository and digest, never a tag."""

    repository: aws.ecr.Repository
    image: docker.Image | None
    reference: pulumi.Output[str]
    digest: pulumi.Output[str]

    def __init__(
        self, name: str, args: DockerImageArgs, opts: pulumi.ResourceOptions | None = None, transforms: Transforms | None = None
    ) -> None:
        super().__init__("DockerImage", name, opts, transforms)
        self.args = args
        self.image = None
        self._create_repository()
        if args.pinned_digest:
            self.reference = pulumi.Output.concat(self.repository.repository_url, "@", args.pinned_digest)
        else:
            self.reference = self._build()
        self.digest = self.reference.apply(lambda reference: reference.rpartition("@")[2])
        self.finish({"repositoryUrl": self.repository.repository_url, "digest": self.digest})

    def _create_repository(self) -> None:
        self.repository = aws.ecr.Repository(
            self.child_name("repository"),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        lifecycle = aws.ecr.LifecyclePolicy(
            self.child_name("lifecycle_policy"),
            repository=self.repository.name,
            policy=pulumi.Output.json_dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "description": f"keep the {self.args.keep_images} newest images",
                            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": self.args.keep_images},
                            "action": {"type": "expire"},
                        }
                    ]
                }
            ),
            opts=self.child_options(),
        )
        self.expose(repository=self.repository, lifecycle_policy=lifecycle)

    def _build(self) -> pulumi.Output[str]:
        token = aws.ecr.get_authorization_token_output(registry_id=self.repository.registry_id, opts=pulumi.InvokeOptions(parent=self))
        tag = context_hash(self.args.context, self.args.dockerfile, platform=PLATFORM[self.args.arch])
        self.image = docker.Image(
            self.child_name("image"),
            image_name=pulumi.Output.concat(self.repository.repository_url, ":", tag),
            build=docker.DockerBuildArgs(
                context=str(self.args.context),
                dockerfile=str(self.args.dockerfile),
                platform=PLATFORM[self.args.arch],
                builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
            ),
            registry=docker.RegistryArgs(
                server=self.repository.repository_url, username=token.user_name, password=pulumi.Output.secret(token.password)
            ),
            opts=self.child_options(),
        )
        self.expose(image=self.image)
        return self.image.repo_digest
