"""The container image: an ECR repository, and a build whose tags are hashes of what goes into it.

Tags are immutable, so an unchanged checkout names an image that is in the registry already and
nothing is built. The slow stage of the Dockerfile, the installed dependencies, is a separate image,
tagged by the lock files it is made from: it is the registry cache of every later build, also on a
machine that has never built before.

A tag ends in the id of its generation. Two builds of the same files are not the same to the bit, so
files that return to an earlier state, or a pin that is lifted, begin a separate generation and push
under a separate tag.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_docker as docker

from components.base import Component, ComponentError, Transforms
from components.existing import KnownRepository, look_up_repository
from components.staged_context import StagedContext, stage

Architecture = Literal["arm64", "x86_64"]

KEEP_IMAGES = (5, 1000)
"""Bounds of the images that stay in a repository: a rollback needs earlier ones."""

PLATFORM: dict[Architecture, str] = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}

SOURCE_PREFIX = "src-"
CACHE_PREFIX = "deps-"
KEEP_CACHES = 3
GENERATION_LENGTH = 8

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class CacheStage:
    """The stage of the Dockerfile that is slow to build and seldom changes."""

    target: str
    """Name of the stage: `FROM … AS {target}`."""
    files: tuple[str, ...]
    """Files of the context, relative, that decide what the stage holds: lock files."""


@dataclass(frozen=True, kw_only=True)
class DockerImageArgs:
    """What is built, for which CPU, and how long it is kept."""

    context: Path
    """Directory that the build sees, less what its `.dockerignore` names."""
    dockerfile: Path
    arch: Architecture = "arm64"
    pinned_digest: str | None = None
    """`sha256:…` of an image that stands in the repository: it runs as it is, and
    nothing is built.
    """
    cache_stage: CacheStage | None = None
    revision: str = ""
    """Added to both tags, which begins new generations. Needed only when an update was cut off
    between its push and its end: the next one would push under the tag that exists.
    """
    repository_name: pulumi.Input[str] | None = None
    """Existing ECR repository of the account and region, with immutable tags; its lifecycle and key
    are its owner's. None makes one.
    """
    keep_images: int = 30
    """Newest images that stay; also how far a rollback reaches."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Own KMS key of the repository; None takes AES-256 with AWS's key."""
    force_destroy: bool = False
    """Delete the repository together with its images; otherwise one that holds images cannot be
    destroyed.
    """
    protect: bool = False
    """Refuse to delete the repository when the update is previewed. Otherwise AWS refuses one that
    holds images, at the update's end.
    """
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        low, high = KEEP_IMAGES
        if not low <= self.keep_images <= high:
            raise ComponentError(
                f"keep_images is {self.keep_images}; allowed is {low}-{high} images"
            )
        if not re.fullmatch(r"[a-z0-9]{0,20}", self.revision):
            raise ComponentError(
                f"revision is {self.revision!r}; allowed is at most 20 lower-case letters and"
                " digits"
            )
        if self.pinned_digest is not None:
            if not DIGEST.fullmatch(self.pinned_digest):
                raise ComponentError(
                    f"pinned_digest is {self.pinned_digest!r}; allowed is 'sha256:' and 64"
                    " hexadecimal digits"
                )
            return
        if not self.dockerfile.is_file():
            raise ComponentError(
                f"dockerfile is {str(self.dockerfile)!r}, which is not a file; name the Dockerfile,"
                " or pin an image by its digest"
            )
        if self.cache_stage:
            self._check_cache_stage(self.cache_stage)

    def _check_cache_stage(self, stage: CacheStage) -> None:
        stages = re.findall(r"(?im)^\s*FROM\s.+\sAS\s+(\S+)\s*$", self.dockerfile.read_text())
        if stage.target not in stages:
            raise ComponentError(
                f"cache_stage names the target {stage.target!r}; stages of {self.dockerfile.name}"
                f" are {', '.join(stages) or 'none'}"
            )
        if missing := [name for name in stage.files if not (self.context / name).is_file()]:
            raise ComponentError(
                f"cache_stage names {', '.join(missing)}, which the context does not hold; name its"
                " lock files"
            )


class DockerImage(Component):
    """Repository and image. `reference` is what a task runs: repository and digest, never a tag."""

    repository: aws.ecr.Repository | KnownRepository
    image: docker.Image | None
    reference: pulumi.Output[str]
    digest: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: DockerImageArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("DockerImage", name, opts, transforms)
        self.args = args
        self.image = None
        self._create_repository()
        if args.pinned_digest:
            self.reference = pulumi.Output.concat(
                self.repository.repository_url, "@", args.pinned_digest
            )
        else:
            self.reference = self._build()
        self.digest = self.reference.apply(lambda reference: reference.rpartition("@")[2])
        self.finish({"repositoryUrl": self.repository.repository_url, "digest": self.digest})

    def _create_repository(self) -> None:
        if self.args.repository_name is not None:
            self.repository = look_up_repository(self, self.args.repository_name)
            return
        repository = aws.ecr.Repository(
            self.child_name("repository"),
            image_tag_mutability="IMMUTABLE",
            force_delete=self.args.force_destroy,
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="KMS" if self.args.kms_key_arn else "AES256",
                    kms_key=self.args.kms_key_arn,
                )
            ],
            tags=self.args.tags,
            # A change of the key would replace the repository, and with it the images that a
            # rollback needs.
            opts=self.child_options(
                protect=self.args.protect, ignore_changes=["encryptionConfigurations"]
            ),
        )
        if self.args.kms_key_arn is not None:
            found = pulumi.Output.all(repository.encryption_configurations, self.args.kms_key_arn)
            found.apply(lambda keys: _report_key(repository, *keys))
        lifecycle = aws.ecr.LifecyclePolicy(
            self.child_name("lifecycle_policy"),
            repository=repository.name,
            policy=pulumi.Output.json_dumps(
                {
                    "rules": [
                        _keep(
                            1,
                            f"{KEEP_CACHES} caches",
                            KEEP_CACHES,
                            tagStatus="tagged",
                            tagPrefixList=[CACHE_PREFIX],
                        ),
                        _keep(
                            2,
                            f"{self.args.keep_images} images",
                            self.args.keep_images,
                            tagStatus="tagged",
                            tagPrefixList=[SOURCE_PREFIX],
                        ),
                        _keep(3, "the last untagged image", 1, tagStatus="untagged"),
                    ]
                }
            ),
            opts=self.child_options(),
        )
        self.repository = repository
        self.expose(repository=repository, lifecycle_policy=lifecycle)

    def _build(self) -> pulumi.Output[str]:
        token = aws.ecr.get_authorization_token_output(
            registry_id=self.repository.registry_id, opts=pulumi.InvokeOptions(parent=self)
        )
        registry = docker.RegistryArgs(
            server=self.repository.repository_url,
            username=token.user_name,
            password=pulumi.Output.secret(token.password),
        )
        cache = None
        if slow := self.args.cache_stage:
            cache = self._image(
                "cache", CACHE_PREFIX, self._stage(slow.files), registry, target=slow.target
            )
        self.image = self._image("image", SOURCE_PREFIX, self._stage(None), registry, cache=cache)
        return self.image.repo_digest

    def _stage(self, files: tuple[str, ...] | None) -> StagedContext:
        return stage(
            self.args.context, self.args.dockerfile, platform=PLATFORM[self.args.arch], files=files
        )

    def _image(
        self,
        key: str,
        prefix: str,
        staged: StagedContext,
        registry: docker.RegistryArgs,
        *,
        target: str | None = None,
        cache: docker.Image | None = None,
    ) -> docker.Image:
        lifecycle = self.children.get("lifecycle_policy")
        image = docker.Image(
            self.child_name(key),
            image_name=pulumi.Output.concat(
                self.repository.repository_url,
                ":",
                prefix,
                staged.hash,
                "-",
                self._generation(key, staged),
            ),
            build=docker.DockerBuildArgs(
                context=staged.context,
                dockerfile=staged.dockerfile,
                platform=PLATFORM[self.args.arch],
                target=target,
                # Without the inline cache a pulled image helps no build.
                args={"BUILDKIT_INLINE_CACHE": "1"},
                cache_from=docker.CacheFromArgs(images=[cache.image_name]) if cache else None,
                builder_version=docker.BuilderVersion.BUILDER_BUILD_KIT,
            ),
            registry=registry,
            # The registry's own lifecycle removes images; a rollback may still need this one.
            opts=self.child_options(
                retain_on_delete=True, depends_on=[lifecycle] if lifecycle else None
            ),
        )
        self.expose(**{key: image})
        return image

    def _generation(self, key: str, staged: StagedContext) -> pulumi.Output[str]:
        """Eight digits that stay while the files stay, and that no earlier image of the same files
        has had.
        """
        made_of = staged.hash + (f"-{self.args.revision}" if self.args.revision else "")
        name = f"{key}_generation"
        generation = pulumi.Stash(
            self.child_name(name),
            input=made_of,
            opts=self.child_options(replacement_trigger=made_of),
        )
        self.expose(**{name: generation})
        return generation.id.apply(lambda identifier: identifier[:GENERATION_LENGTH])


def _report_key(
    repository: aws.ecr.Repository, encryption: Sequence[Mapping[str, str]] | None, key: str
) -> None:
    # As in the state: names of members are those of the provider where the SDK did not translate
    # them.
    actual = (encryption or [{}])[0]
    has = actual.get("kms_key") or actual.get("kmsKey") or "AWS's own key"
    if has != key:
        pulumi.log.warn(
            f"the repository keeps the key that it was made with, {has}: kmsKeyArn does not"
            " change it",
            repository,
        )


def _keep(priority: int, what: str, count: int, **selection: object) -> dict[str, object]:
    return {
        "rulePriority": priority,
        "description": f"keep {what}",
        "selection": {**selection, "countType": "imageCountMoreThan", "countNumber": count},
        "action": {"type": "expire"},
    }
