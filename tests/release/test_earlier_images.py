"""Which image a rollback takes: never another stack's, never one that failed (S24)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.release.earlier_images import (
    Service,
    check_architecture,
    check_exists,
    previous_digest,
    repository_of,
)
from scripts.release.errors import ReleaseError
from tests.release.conftest import FIRST, REPOSITORY, SECOND
from tests.release.mirror import push_image

THIRD = "sha256:" + "3" * 64
ELSEWHERE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/other"


def of(service: dict[str, str], url: str = REPOSITORY) -> Service:
    return Service(cluster=service["clusterName"], name=service["serviceName"], repository_url=url)


def test_it_goes_behind_every_revision_of_the_running_image(service: dict[str, str]) -> None:
    """Two revisions share the running image."""
    assert previous_digest(boto3.client("ecs"), of(service)) == FIRST


def test_another_stacks_revisions_in_the_same_family_do_not_count(aws: str) -> None:
    """Two stacks of one account may share the family's name: repository and tags tell
    them apart.
    """
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="shared")
    dev, prod = ([{"key": "Stack", "value": name}] for name in ("dev", "prod"))
    for image, tags in (
        (f"{REPOSITORY}@{FIRST}", dev),
        (f"{ELSEWHERE}@{THIRD}", prod),
        (f"{REPOSITORY}@{THIRD}", prod),  # one repository for both stacks
        (f"{REPOSITORY}@{SECOND}", dev),
    ):
        ecs.register_task_definition(
            family="shared",
            containerDefinitions=[{"name": "gateway", "image": image, "memory": 512}],
            tags=tags,
        )
    ecs.create_service(
        cluster="shared", serviceName="shared", taskDefinition="shared:4", desiredCount=0
    )
    assert previous_digest(ecs, of({"clusterName": "shared", "serviceName": "shared"})) == FIRST


def test_without_an_earlier_image_it_says_so(service: dict[str, str]) -> None:
    """A service that has only run images of another repository cannot be rolled back by itself."""
    with pytest.raises(ReleaseError, match=f"has run no other image of {ELSEWHERE} than"):
        previous_digest(boto3.client("ecs"), of(service, ELSEWHERE))


def test_an_image_that_never_became_stable_does_not_count(
    service: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ECS's own record of deployments decides where it can be read; the stubs are held against its
    API model.
    """
    ecs: Any = boto3.client("ecs")
    deployments = Stubber(boto3.client("ecs"))
    arns = {
        name: f"arn:aws:ecs:eu-central-1:123456789012:service-revision/c/s/{name}"
        for name in ("new", "old")
    }
    deployments.add_response(
        "list_service_deployments",
        {
            "serviceDeployments": [
                {
                    "targetServiceRevisionArn": arns["old"],
                    "createdAt": datetime(2026, 1, 1, tzinfo=UTC),
                    "status": "SUCCESSFUL",
                },
                {
                    "targetServiceRevisionArn": arns["new"],
                    "createdAt": datetime(2026, 1, 3, tzinfo=UTC),
                    "status": "SUCCESSFUL",
                },
            ]
        },
        {
            "service": service["serviceName"],
            "cluster": service["clusterName"],
            "status": ["SUCCESSFUL"],
        },
    )
    for name, digest in (("new", SECOND), ("old", THIRD)):
        images = [
            {"containerName": "gateway", "image": f"{REPOSITORY}@{digest}", "imageDigest": digest}
        ]
        revision = {"serviceRevisionArn": arns[name], "containerImages": images}
        deployments.add_response(
            "describe_service_revisions",
            {"serviceRevisions": [revision]},
            {"serviceRevisionArns": [arns[name]]},
        )
    for operation in ("list_service_deployments", "describe_service_revisions"):
        monkeypatch.setattr(ecs, operation, getattr(deployments.client, operation))
    with deployments:
        # FIRST stands in the task definitions between the two, of a deployment that failed.
        assert previous_digest(ecs, of(service)) == THIRD


def test_an_image_that_expired_is_refused_with_those_that_are_there(aws: str) -> None:
    """The lifecycle policy may have removed the image that ran before."""
    ecr: Any = boto3.client("ecr")
    ecr.create_repository(repositoryName="mine", imageTagMutability="IMMUTABLE")
    push_image(ecr, "mine", "src-1", SECOND)
    check_exists(ecr, REPOSITORY, SECOND)
    with pytest.raises(
        ReleaseError, match=rf"does not hold {FIRST} \(any more\); the newest are: {SECOND} \(\d"
    ):
        check_exists(ecr, REPOSITORY, FIRST)


def test_an_image_for_another_cpu_is_not_gone_back_to(aws: str) -> None:
    """The stack has moved from arm64 to x86_64 in between: the earlier image would not start."""
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="cpu")
    for digest, cpu in ((THIRD, "X86_64"), (FIRST, "ARM64"), (SECOND, "X86_64")):
        ecs.register_task_definition(
            family="cpu",
            containerDefinitions=[
                {"name": "gateway", "image": f"{REPOSITORY}@{digest}", "memory": 512}
            ],
            runtimePlatform={"cpuArchitecture": cpu, "operatingSystemFamily": "LINUX"},
        )
    ecs.create_service(cluster="cpu", serviceName="cpu", taskDefinition="cpu:3", desiredCount=0)
    here = of({"clusterName": "cpu", "serviceName": "cpu"})
    assert previous_digest(ecs, here, "x86_64") == THIRD
    assert previous_digest(ecs, here, "arm64") == FIRST
    check_architecture(ecs, here, THIRD, "x86_64")
    with pytest.raises(
        ReleaseError, match=f"{FIRST} was built for arm64, and the stack runs x86_64"
    ):
        check_architecture(ecs, here, FIRST, "x86_64")


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (REPOSITORY, "eu-central-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a/b", "cn-north-1"),
        ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/x", "us-gov-west-1"),
    ],
)
def test_the_repositorys_region_comes_from_its_address(url: str, region: str) -> None:
    """In each partition."""
    assert repository_of(url).region == region


def test_an_address_of_another_registry_is_refused() -> None:
    """The commands know ECR only."""
    with pytest.raises(ReleaseError, match=r"repository is 'ghcr\.io/a/b'; expected <account>"):
        repository_of("ghcr.io/a/b")
