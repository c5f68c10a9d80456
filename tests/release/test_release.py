"""The release commands against moto's ECS and ECR, with stand-ins for `pulumi` and `docker` that record what they are told (S24)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from scripts.release import __main__ as cli
from scripts.release import service as ecs_service
from scripts.release.errors import ReleaseError
from tests.release.conftest import FIRST, SECOND, calls, write_outputs


def changes(tools: Path) -> list[str]:
    """The recorded calls that change something."""
    return [
        call for call in calls(tools) if not call.startswith(("pulumi stack output", "pulumi config --json", "docker buildx imagetools"))
    ]


def test_build_and_push_pins_the_pushed_digest(aws: str, tools: Path) -> None:
    """The image is built for the stack's architecture with the registry's cache, pushed, and its digest pinned."""
    write_outputs(tools)
    assert cli.main(["build-and-push", "dev", "--tag", "abc123"]) == 0
    login, build, pin = changes(tools)
    assert login == "docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    assert "--platform linux/arm64" in build
    assert "--cache-from type=registry,ref=123456789012.dkr.ecr.eu-central-1.amazonaws.com/astro-live:buildcache" in build
    assert build.endswith("--push .")
    assert pin == f"pulumi config set astro-live:imageDigest {SECOND} --stack dev"


def test_a_dry_run_changes_nothing_and_says_what_it_would_run(aws: str, tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--dry-run` of each command prints the commands and runs none that changes anything."""
    write_outputs(tools)
    assert cli.main(["build-and-push", "dev", "--tag", "abc123", "--dry-run"]) == 0
    assert cli.main(["deploy", "dev", "--dry-run"]) == 0
    assert cli.main(["rollback", "dev", "--digest", FIRST, "--dry-run"]) == 0
    assert changes(tools) == []
    printed = capsys.readouterr().out
    assert "would run: docker buildx build" in printed
    assert "would run: pulumi up --yes --stack dev --policy-pack policy --policy-pack-config policy/config/dev.json" in printed
    assert f"would run: pulumi config set astro-live:imageDigest {FIRST} --stack dev" in printed


def test_rollback_finds_the_image_that_ran_before(service: dict[str, str], tools: Path) -> None:
    """Two revisions share the running image; the rollback goes behind both, pins, updates with policies, and waits."""
    write_outputs(tools, **service)
    assert cli.main(["rollback", "dev", "--no-smoke"]) == 0
    assert changes(tools) == [
        f"pulumi config set astro-live:imageDigest {FIRST} --stack dev",
        "pulumi up --yes --stack dev --policy-pack policy --policy-pack-config policy/config/dev.json",
    ]


def test_rollback_without_an_earlier_image_says_so(service: dict[str, str], tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A service that has only ever run one image cannot be rolled back; nothing is pinned."""
    ecs: Any = boto3.client("ecs")
    definition = {"name": "gateway", "image": f"repo/astro-live@{SECOND}", "memory": 512}
    ecs.register_task_definition(family="alone", containerDefinitions=[definition])
    ecs.create_service(cluster=service["clusterName"], serviceName="alone", taskDefinition="alone:1", desiredCount=0)
    write_outputs(tools, clusterName=service["clusterName"], serviceName="alone")
    assert cli.main(["rollback", "dev"]) == 1
    assert "has no earlier image than" in capsys.readouterr().err
    assert changes(tools) == []


class CannedEcs:
    """ECS in one fixed state: moto starts tasks at once and never fails a rollout."""

    def __init__(self, *deployments: dict[str, str]) -> None:
        self._deployments = list(deployments)

    def describe_services(self, **_: object) -> dict[str, Any]:
        events = [{"message": "unable to place a task"}]
        service = {"status": "ACTIVE", "runningCount": 1, "desiredCount": 2, "deployments": self._deployments, "events": events}
        return {"services": [service]}


def test_waiting_ends_when_the_service_is_stable(service: dict[str, str]) -> None:
    """As many tasks as desired and one completed deployment end the wait, and the counts were said."""
    ecs: Any = boto3.client("ecs")
    ecs.update_service(cluster=service["clusterName"], service=service["serviceName"], desiredCount=2)
    said: list[str] = []
    ecs_service.wait_until_stable(ecs, service["clusterName"], service["serviceName"], say=said.append)
    assert said == ["2 of 2 tasks running, 1 deployment(s)"]


def test_waiting_ends_with_an_error_when_tasks_do_not_come_up() -> None:
    """Fewer tasks than desired when the time is up is an error with the counts and the newest event."""
    with pytest.raises(ReleaseError, match=r"not stable after 0 s \(1 of 2 tasks running.*unable to place a task"):
        ecs_service.wait_until_stable(CannedEcs({"rolloutState": "IN_PROGRESS"}), "c", "s", timeout_seconds=0, poll_seconds=0)


def test_waiting_fails_fast_when_the_circuit_breaker_rolled_back() -> None:
    """A deployment in state FAILED ends the wait at once with ECS's reason."""
    failed = {"rolloutState": "FAILED", "rolloutStateReason": "tasks failed to start"}
    with pytest.raises(ReleaseError, match="rolled back: tasks failed to start"):
        ecs_service.wait_until_stable(CannedEcs(failed, {"rolloutState": "COMPLETED"}), "c", "s")


def test_a_missing_service_is_named(aws: str) -> None:
    """Waiting for a service that is not there names service and cluster."""
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="empty")
    with pytest.raises(ReleaseError, match="service 'gone' is not active in cluster 'empty'"):
        ecs_service.wait_until_stable(ecs, "empty", "gone")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["deploy", "dev; rm -rf /"], "stack name is 'dev; rm -rf /'"),
        (["rollback", "dev", "--digest", "latest"], "image digest is 'latest'; allowed is 'sha256:'"),
        (["build-and-push", "dev"], "stack 'dev' has no output"),
    ],
)
def test_bad_input_is_one_clear_line(arguments: list[str], message: str, tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong names, digests and stacks that were never deployed are refused before anything runs."""
    if "rollback" in arguments:
        write_outputs(tools)
    assert cli.main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert changes(tools) == []


def test_a_missing_tool_is_named_with_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a Pulumi CLI the command says where it comes from."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["deploy", "dev"]) == 1
    assert "'pulumi' is not on PATH; install the Pulumi CLI: https://www.pulumi.com/docs/install/" in capsys.readouterr().err
