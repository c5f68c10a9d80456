"""Waiting for an ECS service, and reading what it ran before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3

from scripts.release.errors import ReleaseError

STABLE_TIMEOUT_SECONDS = 1200
"""A rolling deployment drains sessions for up to the task's stop timeout (120 s) per task; twenty minutes cover ten tasks."""

POLL_SECONDS = 5.0


def ecs_client() -> Any:
    return boto3.client("ecs")


def wait_until_stable(
    ecs: Any,
    cluster: str,
    service: str,
    *,
    timeout_seconds: float = STABLE_TIMEOUT_SECONDS,
    poll_seconds: float = POLL_SECONDS,
    say: Callable[[str], None] = print,
) -> None:
    """Return once one deployment is left, it has completed, and as many tasks run as are desired.

    Raises ReleaseError when the circuit breaker failed the deployment or the time is up; the text ends with the service's newest event.
    """
    deadline = time.monotonic() + timeout_seconds
    said = ""
    while True:
        found = ecs.describe_services(cluster=cluster, services=[service])["services"]
        if not found or found[0].get("status") != "ACTIVE":
            raise ReleaseError(f"service '{service}' is not active in cluster '{cluster}'; deploy the stack first")
        state = found[0]
        deployments = state.get("deployments", [])
        newest_event = next((event["message"] for event in state.get("events", [])), "no event yet")
        failed = [d for d in deployments if d.get("rolloutState") == "FAILED"]
        if failed:
            raise ReleaseError(f"deployment of '{service}' failed and was rolled back: {failed[0].get('rolloutStateReason', newest_event)}")
        line = f"{state['runningCount']} of {state['desiredCount']} tasks running, {len(deployments)} deployment(s)"
        if line != said:
            say(line)
            said = line
        done = all(d.get("rolloutState", "COMPLETED") == "COMPLETED" for d in deployments)
        if len(deployments) <= 1 and done and state["runningCount"] == state["desiredCount"]:
            return
        if time.monotonic() > deadline:
            raise ReleaseError(f"'{service}' is not stable after {timeout_seconds:.0f} s ({line}); newest event: {newest_event}")
        time.sleep(poll_seconds)


def image_history(ecs: Any, cluster: str, service: str) -> Iterator[str]:
    """Image references of the service's task definition and of its earlier revisions, newest first, the running one first."""
    found = ecs.describe_services(cluster=cluster, services=[service])["services"]
    if not found:
        raise ReleaseError(f"service '{service}' is not in cluster '{cluster}'; deploy the stack first")
    current = ecs.describe_task_definition(taskDefinition=found[0]["taskDefinition"])["taskDefinition"]
    yield _image(current)
    for status in ("ACTIVE", "INACTIVE"):
        pages = ecs.get_paginator("list_task_definitions").paginate(familyPrefix=current["family"], sort="DESC", status=status)
        for arn in (arn for page in pages for arn in page["taskDefinitionArns"]):
            revision = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
            if revision["family"] == current["family"] and revision["revision"] < current["revision"]:
                yield _image(revision)


def previous_digest(ecs: Any, cluster: str, service: str) -> str:
    """Digest of the image that ran before the present one. Raises ReleaseError when there is none."""
    history = image_history(ecs, cluster, service)
    running = next(history)
    for image in history:
        if image != running and "@sha256:" in image:
            return image.rsplit("@", 1)[1]
    raise ReleaseError(f"'{service}' has no earlier image than {running}; name one: scripts/rollback.sh STACK --digest sha256:…")


def _image(definition: dict[str, Any]) -> str:
    return str(definition["containerDefinitions"][0]["image"])
