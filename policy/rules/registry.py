"""Images: what was tested is what runs (S19)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.containers import RUN_CONTAINERS, each_container
from .core.place import Place, be_one_of, be_set, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule
from .core.types import LIFECYCLE_POLICY, REPOSITORY
from .core.values import Value

CREATION_TEMPLATE: Final = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
"""Settings of the repositories that ECR makes by itself, for replication and
pull-through caches.
"""


def _scan(resource: Resource, _: Settings) -> Iterable[Finding]:
    return resource.at("imageScanningConfiguration", "scanOnPush").must(be_true, "true")


ECR_SCAN = ResourceRule(
    id="ecr-scan-on-push",
    title="The registry scans every image that is pushed",
    reason=(
        "The image holds Node.js, Envoy and hundreds of packages; known holes in them should be"
        " found before the image runs."
    ),
    fix="set image_scanning_configuration={'scan_on_push': True} on the repository",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
    severity="medium",
    level="mandatory",
    types=frozenset({REPOSITORY}),
    check=_scan,
)


def _immutable(resource: Resource, _: Settings) -> Iterable[Finding]:
    return resource.at("imageTagMutability").must(be_one_of("IMMUTABLE"), "'IMMUTABLE'")


ECR_IMMUTABLE = ResourceRule(
    id="ecr-immutable-tags",
    title="Tags of images cannot be moved",
    reason=(
        "A tag that can be pushed again is another image tomorrow: a rollback does not roll back,"
        " and a review saw something else."
    ),
    fix="set image_tag_mutability='IMMUTABLE' on the repository or the template of repositories",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    severity="medium",
    level="mandatory",
    types=frozenset({REPOSITORY, CREATION_TEMPLATE}),
    check=_immutable,
)


def _lifecycle(stack: Stack, _: Settings) -> Iterable[Finding]:
    covered = {
        repository.urn
        for policy in stack.of({LIFECYCLE_POLICY})
        for repository in stack.join(
            policy, "repository", policy.props.get("repository"), {REPOSITORY}
        ).found
    }
    for repository in stack.of({REPOSITORY}):
        if repository.urn not in covered:
            message = (
                f"{repository.name} has no lifecycle policy in this stack; allowed is one that"
                " expires old images"
            )
            yield Finding(message=message, urn=repository.urn)
    for template in stack.of({CREATION_TEMPLATE}):
        yield from template.at("lifecyclePolicy").must(
            be_set, "a policy that expires old images, for the repositories that it makes"
        )


ECR_LIFECYCLE = StackRule(
    id="ecr-lifecycle",
    title="The registry expires old images",
    reason=(
        "Immutable tags mean that every build stays: without expiry old images with known holes can"
        " still be run, and are paid for."
    ),
    fix=(
        "add an aws.ecr.LifecyclePolicy for the repository, or set lifecycle_policy on the template"
        " of repositories"
    ),
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
    severity="low",
    level="mandatory",
    check=_lifecycle,
)

_DIGEST: Final = re.compile(r"@sha256:[0-9a-f]{64}$")


def _digest(container: Place) -> Iterable[Finding]:
    def by_digest(image: Value) -> bool:
        return isinstance(image, str) and bool(_DIGEST.search(image))

    image = container.at("image")
    if not image.unknown and not by_digest(image.value):
        yield image.wrong(
            "repository@sha256:…",
            found="not set" if image.value is None else "named without a digest",
        )


TASK_IMAGE_DIGEST = ResourceRule(
    id="task-image-digest",
    title="Tasks run an image by its digest",
    reason=(
        "A tag is looked up whenever a task starts: two tasks of one service may run different"
        " code, and nobody can say which."
    ),
    fix="name the image as repository@sha256:…, for example from the build's repo_digest",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_image",
    severity="medium",
    level="mandatory",
    types=frozenset(RUN_CONTAINERS),
    check=lambda resource, _: each_container(_digest, resource),
)

RULES = (ECR_SCAN, ECR_IMMUTABLE, ECR_LIFECYCLE, TASK_IMAGE_DIGEST)
