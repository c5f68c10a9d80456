"""Waiting for an ECS service until a deployment has settled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from scripts.release import protection
from scripts.release.errors import ReleaseError

STABLE_TIMEOUT_SECONDS = 1200
"""A rolling deployment drains sessions for up to the task's stop timeout (120 s) per task; twenty
minutes cover ten tasks.
"""

PROTECTED_SECONDS = STABLE_TIMEOUT_SECONDS - 300
"""How long tasks with live sessions are left alone. What then remains of the time is for the
longest departure of a task: a deregistration delay and a stop timeout of 120 s each.
"""

POLL_SECONDS = 5.0


def wait_until_stable(
    ecs: Any,
    cluster: str,
    service: str,
    *,
    task_definition: str = "",
    timeout_seconds: float = STABLE_TIMEOUT_SECONDS,
    protected_seconds: float = PROTECTED_SECONDS,
    poll_seconds: float = POLL_SECONDS,
    say: Callable[[str], None] = print,
) -> None:
    """Return once one deployment is left, it has completed, and as many tasks run as are desired.

    With `task_definition`, its ARN, that deployment must run it: the circuit breaker ends with a
    stable service, too, of the revision before.

    Tasks of earlier deployments that protect themselves, since they have live sessions, lose that
    protection after `protected_seconds`: a deployment ends within its time, however long somebody
    edits.

    Raises ReleaseError when the circuit breaker failed the deployment or the time is up; the text
    ends with the service's newest event.
    """
    began = time.monotonic()
    deadline = began + timeout_seconds
    said = ""
    while True:
        found = ecs.describe_services(cluster=cluster, services=[service])["services"]
        if not found or found[0].get("status") != "ACTIVE":
            raise ReleaseError(
                f"service '{service}' is not active in cluster '{cluster}'; deploy the stack first"
            )
        state = found[0]
        deployments = state.get("deployments", [])
        newest_event = next((event["message"] for event in state.get("events", [])), "no event yet")
        failed = [d for d in deployments if d.get("rolloutState") == "FAILED"]
        if failed:
            raise ReleaseError(
                f"deployment of '{service}' failed and was rolled back:"
                f" {failed[0].get('rolloutStateReason', newest_event)}"
            )
        line = (
            f"{state['runningCount']} of {state['desiredCount']} tasks running, {len(deployments)}"
            " deployment(s)"
        )
        if line != said:
            say(line)
            said = line
        done = all(d.get("rolloutState", "COMPLETED") == "COMPLETED" for d in deployments)
        if len(deployments) <= 1 and done and state["runningCount"] == state["desiredCount"]:
            running = (deployments[0] if deployments else state).get("taskDefinition", "")
            if task_definition and running != task_definition:
                raise ReleaseError(
                    f"'{service}' runs {_revision(running)} and not {_revision(task_definition)}:"
                    " the circuit breaker rolled the deployment back; newest event:"
                    f" {newest_event}. Look at the log of the tasks that stopped"
                )
            return
        if time.monotonic() - began >= protected_seconds:
            protection.lift(ecs, cluster, service, deployments, say=say)
        if time.monotonic() > deadline:
            raise ReleaseError(
                f"'{service}' is not stable after {timeout_seconds:.0f} s ({line}); newest event:"
                f" {newest_event}"
            )
        time.sleep(poll_seconds)


def _revision(arn: str) -> str:
    """`family:7` of a task definition's ARN."""
    return arn.rpartition("/")[2] or "nothing"
