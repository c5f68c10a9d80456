"""Task protection at the end of a deployment: tasks with live sessions of earlier deployments are
let go.

A task with live sessions asks ECS not to end it (`taskProtectionMinutes`), and renews that while
sessions live. It cannot know of a deployment, so the deployment lifts the protection: pages then
move to the new tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

_TASKS_AT_ONCE: Final = 10
"""What UpdateTaskProtection takes; GetTaskProtection and DescribeTasks take 100."""


def lift(
    ecs: Any,
    cluster: str,
    service: str,
    deployments: Sequence[Mapping[str, Any]],
    *,
    say: Callable[[str], None],
) -> None:
    """Take the protection from tasks of every deployment but the primary one, once that one runs as
    many tasks as it wants.
    """
    primary = next((each for each in deployments if each.get("status") == "PRIMARY"), None)
    if len(deployments) < 2 or primary is None or primary["runningCount"] < primary["desiredCount"]:
        return
    for tasks in _groups(ecs, cluster, service):
        described = ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]
        earlier = [task["taskArn"] for task in described if task.get("startedBy") != primary["id"]]
        if not earlier:
            continue
        answer = ecs.get_task_protection(cluster=cluster, tasks=earlier)
        protected = [
            task["taskArn"] for task in answer["protectedTasks"] if task["protectionEnabled"]
        ]
        if protected:
            say(
                f"{len(protected)} earlier task(s) with live sessions held the deployment up; their"
                " pages move to the new tasks"
            )
            ecs.update_task_protection(cluster=cluster, tasks=protected, protectionEnabled=False)


def _groups(ecs: Any, cluster: str, service: str) -> Iterator[list[str]]:
    question: dict[str, Any] = {
        "cluster": cluster,
        "serviceName": service,
        "maxResults": _TASKS_AT_ONCE,
    }
    while True:
        answer = ecs.list_tasks(**question)
        if answer["taskArns"]:
            yield answer["taskArns"]
        if not answer.get("nextToken"):
            return
        question["nextToken"] = answer["nextToken"]
