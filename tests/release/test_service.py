"""Waiting for a service, against moto's ECS and canned states that moto does not reach (S24)."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from scripts.release import service as ecs_service
from scripts.release.errors import ReleaseError


class CannedEcs:
    """ECS in one fixed state: moto starts tasks at once and never fails a rollout."""

    def __init__(self, *deployments: dict[str, str]) -> None:
        self._deployments = list(deployments)

    def describe_services(self, **_: object) -> dict[str, Any]:
        events = [{"message": "unable to place a task"}]
        service = {
            "status": "ACTIVE",
            "runningCount": 1,
            "desiredCount": 2,
            "deployments": self._deployments,
            "events": events,
        }
        return {"services": [service]}


def test_waiting_ends_when_the_service_is_stable(service: dict[str, str]) -> None:
    """As many tasks as desired and one completed deployment end the wait, and the
    counts were said.
    """
    ecs: Any = boto3.client("ecs")
    ecs.update_service(
        cluster=service["clusterName"], service=service["serviceName"], desiredCount=2
    )
    said: list[str] = []
    ecs_service.wait_until_stable(
        ecs, service["clusterName"], service["serviceName"], say=said.append
    )
    assert said == ["2 of 2 tasks running, 1 deployment(s)"]


def test_waiting_ends_with_an_error_when_tasks_do_not_come_up() -> None:
    """Fewer tasks than desired when the time is up is an error with the counts and the newest
    event.
    """
    with pytest.raises(
        ReleaseError, match=r"not stable after 0 s \(1 of 2 tasks running.*unable to place a task"
    ):
        ecs_service.wait_until_stable(
            CannedEcs({"rolloutState": "IN_PROGRESS"}), "c", "s", timeout_seconds=0, poll_seconds=0
        )


def test_waiting_fails_fast_when_the_circuit_breaker_rolled_back() -> None:
    """A deployment in state FAILED ends the wait at once with ECS's reason."""
    failed = {"rolloutState": "FAILED", "rolloutStateReason": "tasks failed to start"}
    with pytest.raises(ReleaseError, match="rolled back: tasks failed to start"):
        ecs_service.wait_until_stable(CannedEcs(failed, {"rolloutState": "COMPLETED"}), "c", "s")


def test_a_rollback_by_the_circuit_breaker_does_not_pass_for_success(
    service: dict[str, str],
) -> None:
    """The service is stable again, of the revision before: that is no deployment of this one."""
    ecs: Any = boto3.client("ecs")
    names = (service["clusterName"], service["serviceName"])
    running = ecs.describe_services(cluster=names[0], services=[names[1]])["services"][0][
        "taskDefinition"
    ]
    ecs_service.wait_until_stable(ecs, *names, task_definition=running, say=lambda _: None)
    wanted = running.replace(":3", ":4")
    with pytest.raises(
        ReleaseError,
        match=r"runs \S+:3 and not \S+:4: the circuit breaker rolled the deployment back",
    ):
        ecs_service.wait_until_stable(ecs, *names, task_definition=wanted, say=lambda _: None)


def test_a_missing_service_is_named(aws: str) -> None:
    """Waiting for a service that is not there names service and cluster."""
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="empty")
    with pytest.raises(ReleaseError, match="service 'gone' is not active in cluster 'empty'"):
        ecs_service.wait_until_stable(ecs, "empty", "gone")
