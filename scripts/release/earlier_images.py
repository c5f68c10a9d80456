"""Which image a service ran before, and whether it can still be run.

ECS keeps a service's deployments with their outcome, so a rollback goes back to an image that is
known to have worked. Where they cannot be read, the revisions of the task definition are walked
instead. Either way an image counts only when it is of the stack's own repository: task families may
be shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from botocore.exceptions import ClientError

from scripts.release.errors import ReleaseError

_REPOSITORY: Final = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws|on\.aws)[a-z.]*/(?P<name>.+)"
)
_NEWEST_REVISIONS: Final = 100
"""Task definitions that are read for their CPU: one request each."""
_NEWEST: Final = 5
"""Images that an error suggests."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service whose history is read."""

    cluster: str
    name: str
    repository_url: str


@dataclass(frozen=True, kw_only=True)
class Repository:
    """An ECR repository, taken from its address."""

    registry: str
    region: str
    name: str

    @property
    def names(self) -> dict[str, str]:
        """Arguments of ECR's operations."""
        return {"registryId": self.registry, "repositoryName": self.name}


def repository_of(url: str) -> Repository:
    """Raises ReleaseError for an address that is not one of ECR's."""
    found = _REPOSITORY.fullmatch(url)
    if found is None:
        raise ReleaseError(
            f"repository is {url!r}; expected <account>.dkr.ecr.<region>.amazonaws.com/<name>"
        )
    return Repository(**found.groupdict())


def previous_digest(ecs: Any, service: Service, architecture: str = "") -> str:
    """Digest of the image that ran before the present one, on `architecture` where that is known.

    Raises ReleaseError when there is none.
    """
    running = _definition_images(ecs, _service(ecs, service)["taskDefinition"])
    mine = [image for image in running if _is_of(image, service)]
    others = _architectures(ecs, service) if architecture else {}
    for image in _history(ecs, service):
        if (
            image not in running
            and _is_of(image, service)
            and others.get(image, architecture) == architecture
        ):
            return image.rsplit("@", 1)[1]
    raise ReleaseError(
        f"'{service.name}' has run no other image of {service.repository_url}"
        f" {f'for {architecture} ' if architecture else ''}than {', '.join(mine or running)}; name"
        " one: scripts/rollback.sh STACK --digest sha256:…"
    )


def check_architecture(ecs: Any, service: Service, digest: str, architecture: str) -> None:
    """Raises ReleaseError for an image that ran on another CPU than the stack's tasks have now: it
    would not start.
    """
    found = _architectures(ecs, service).get(f"{service.repository_url}@{digest}", architecture)
    if found != architecture:
        raise ReleaseError(
            f"{digest} was built for {found}, and the stack runs {architecture}; choose another"
            f" image, or go back with the CPU too: pulumi config set arch {found}"
        )


def _architectures(ecs: Any, service: Service) -> dict[str, str]:
    """CPU of the images that the service's task definitions name, as the stack's `arch`
    spells it.
    """
    current = ecs.describe_task_definition(taskDefinition=_service(ecs, service)["taskDefinition"])[
        "taskDefinition"
    ]
    found: dict[str, str] = {}
    for revision in islice(_revisions(ecs, current["family"]), _NEWEST_REVISIONS):
        cpu = str(
            (revision["taskDefinition"].get("runtimePlatform") or {}).get("cpuArchitecture") or ""
        ).lower()
        if cpu:
            found |= {
                container["image"]: cpu
                for container in revision["taskDefinition"]["containerDefinitions"]
            }
    return found


def _revisions(ecs: Any, family: str) -> Iterator[dict[str, Any]]:
    """Every revision of a family, newest first, with its tags."""
    for status in ("ACTIVE", "INACTIVE"):
        pages = ecs.get_paginator("list_task_definitions").paginate(
            familyPrefix=family, sort="DESC", status=status
        )
        for arn in (each for page in pages for each in page["taskDefinitionArns"]):
            yield ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])


def _history(ecs: Any, service: Service) -> Iterator[str]:
    """Images of the service, newest first: of its successful deployments, or else of its task
    definitions.
    """
    try:
        deployments = _deployments(ecs, service)
    except ClientError as error:
        print(
            f"the service's deployments cannot be read ({error}); going by the revisions of its"
            " task definition"
        )
        deployments = []
    if deployments:
        yield from _images_of_deployments(ecs, deployments)
    else:
        yield from _images_of_revisions(ecs, service)


def _deployments(ecs: Any, service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    question: dict[str, Any] = {
        "service": service.name,
        "cluster": service.cluster,
        "status": ["SUCCESSFUL"],
    }
    while True:
        answer = ecs.list_service_deployments(**question)
        found += answer["serviceDeployments"]
        if not answer.get("nextToken"):
            return sorted(found, key=lambda each: each["createdAt"], reverse=True)
        question["nextToken"] = answer["nextToken"]


def _images_of_deployments(ecs: Any, deployments: list[dict[str, Any]]) -> Iterator[str]:
    for deployment in deployments:
        arn = deployment["targetServiceRevisionArn"]
        for revision in ecs.describe_service_revisions(serviceRevisionArns=[arn])[
            "serviceRevisions"
        ]:
            yield from (
                image["image"]
                for image in revision.get("containerImages", [])
                if image.get("image")
            )


def _images_of_revisions(ecs: Any, service: Service) -> Iterator[str]:
    arn = _service(ecs, service)["taskDefinition"]
    described = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
    current, owner = described["taskDefinition"], _owner(described)
    for described in _revisions(ecs, current["family"]):
        revision = described["taskDefinition"]
        if (
            revision["family"] == current["family"]  # the prefix also matches longer names
            and revision["revision"] < current["revision"]
            and _owner(described) == owner
        ):
            yield from (container["image"] for container in revision["containerDefinitions"])


def _service(ecs: Any, service: Service) -> dict[str, Any]:
    found: list[dict[str, Any]] = ecs.describe_services(
        cluster=service.cluster, services=[service.name]
    )["services"]
    if not found or found[0].get("status") != "ACTIVE":
        raise ReleaseError(
            f"service '{service.name}' is not active in cluster '{service.cluster}'; deploy the"
            " stack first"
        )
    return found[0]


def _definition_images(ecs: Any, arn: str) -> list[str]:
    containers = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"][
        "containerDefinitions"
    ]
    return [container["image"] for container in containers]


def _owner(described: dict[str, Any]) -> tuple[str, ...]:
    """Project and stack by which every resource of ours is tagged."""
    tags = {tag["key"]: tag["value"] for tag in described.get("tags", [])}
    return tags.get("Project", ""), tags.get("Stack", "")


def _is_of(image: str, service: Service) -> bool:
    return image.startswith(f"{service.repository_url}@sha256:")


def check_exists(ecr: Any, repository_url: str, digest: str) -> None:
    """Raises ReleaseError when the repository no longer holds the image, naming the newest ones
    that it does.
    """
    names = repository_of(repository_url).names
    try:
        ecr.describe_images(**names, imageIds=[{"imageDigest": digest}])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ImageNotFoundException":
            raise
        raise ReleaseError(
            f"{repository_url} does not hold {digest} (any more); the newest are:"
            f" {', '.join(_newest(ecr, names)) or 'none'}"
        ) from error


def _newest(ecr: Any, repository: dict[str, str]) -> list[str]:
    pages = ecr.get_paginator("describe_images").paginate(**repository)
    images = sorted(
        (each for page in pages for each in page["imageDetails"]),
        key=lambda each: each["imagePushedAt"],
    )
    return [
        f"{each['imageDigest']} ({each['imagePushedAt']:%Y-%m-%d %H:%M})"
        for each in reversed(images[-_NEWEST:])
    ]
