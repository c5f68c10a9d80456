"""Tasks that protect themselves do not hold a deployment up beyond its time; ECS's API model judges
the requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.release import service as ecs_service
from scripts.release.errors import ReleaseError

ARN = "arn:aws:ecs:eu-central-1:123456789012:task/edit/"
OLD, BUSY, NEW = f"{ARN}old", f"{ARN}busy", f"{ARN}new"


def state(*, deployments: int = 2, running: int = 1) -> dict[str, Any]:
    """A service whose new deployment wants one task and runs `running`."""
    primary = {
        "id": "ecs-svc/2",
        "status": "PRIMARY",
        "runningCount": running,
        "desiredCount": 1,
        "rolloutState": "IN_PROGRESS",
    }
    former = {
        "id": "ecs-svc/1",
        "status": "ACTIVE",
        "runningCount": 2,
        "desiredCount": 0,
        "rolloutState": "COMPLETED",
    }
    if deployments == 1:
        primary["rolloutState"] = "COMPLETED"
    found = [primary, former][:deployments]
    total = sum(int(str(each["runningCount"])) for each in found)
    return {
        "services": [
            {
                "status": "ACTIVE",
                "runningCount": total,
                "desiredCount": 1,
                "deployments": found,
                "events": [],
            }
        ]
    }


@pytest.fixture
def ecs() -> Iterator[tuple[Any, Stubber]]:
    client: Any = boto3.client(
        "ecs", "eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as answers:
        yield client, answers


def test_earlier_tasks_lose_their_protection_when_their_time_is_up(
    ecs: tuple[Any, Stubber],
) -> None:
    """The new task runs; of the two earlier ones one is protected, and only that one is asked
    about.
    """
    client, answers = ecs
    describe = {"cluster": "edit", "services": ["svc"]}
    answers.add_response("describe_services", state(), describe)
    answers.add_response(
        "list_tasks",
        {"taskArns": [OLD, BUSY, NEW]},
        {"cluster": "edit", "serviceName": "svc", "maxResults": 10},
    )
    tasks = [
        {"taskArn": arn, "startedBy": f"ecs-svc/{2 if arn == NEW else 1}"}
        for arn in (OLD, BUSY, NEW)
    ]
    answers.add_response(
        "describe_tasks", {"tasks": tasks}, {"cluster": "edit", "tasks": [OLD, BUSY, NEW]}
    )
    protected = [
        {"taskArn": OLD, "protectionEnabled": False},
        {"taskArn": BUSY, "protectionEnabled": True},
    ]
    answers.add_response(
        "get_task_protection",
        {"protectedTasks": protected},
        {"cluster": "edit", "tasks": [OLD, BUSY]},
    )
    wanted = {"cluster": "edit", "tasks": [BUSY], "protectionEnabled": False}
    answers.add_response("update_task_protection", {"protectedTasks": [], "failures": []}, wanted)
    answers.add_response("describe_services", state(deployments=1), describe)
    said: list[str] = []
    ecs_service.wait_until_stable(
        client, "edit", "svc", protected_seconds=0, poll_seconds=0, say=said.append
    )
    answers.assert_no_pending_responses()
    assert (
        said[1]
        == "1 earlier task(s) with live sessions held the deployment up; their pages move to the"
        " new tasks"
    )


@pytest.mark.parametrize("reason", ["no new task runs yet", "their time is not up"])
def test_protection_stays_until_then(ecs: tuple[Any, Stubber], reason: str) -> None:
    """Sessions are never left without a task, nor moved before they must be."""
    client, answers = ecs
    soon = reason == "no new task runs yet"
    answers.add_response("describe_services", state(running=0 if soon else 1))
    with pytest.raises(ReleaseError, match="is not stable after 0 s"):
        ecs_service.wait_until_stable(
            client,
            "edit",
            "svc",
            timeout_seconds=0,
            protected_seconds=0 if soon else 900,
            poll_seconds=0,
            say=lambda _: None,
        )
    answers.assert_no_pending_responses()


def test_what_is_left_of_the_time_is_enough_for_a_task_to_leave() -> None:
    """Two minutes of deregistration and two of stopping, as long as Fargate allows."""
    assert ecs_service.STABLE_TIMEOUT_SECONDS - ecs_service.PROTECTED_SECONDS >= 240
