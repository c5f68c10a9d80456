"""How tasks are run: on a current platform, with separate roles, and watched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.containers import LAUNCHES, launched
from .core.place import be_one_of
from .core.rule import (
    Finding,
    Resource,
    ResourceRule,
    Schema,
    Settings,
    Stack,
    StackRule,
    texts,
    unjudged,
)
from .core.types import DAEMON_TASK_DEFINITION, TASK_DEFINITION
from .core.values import as_dict

_CLUSTER: Final = "aws:ecs/cluster:Cluster"
_ROLE: Final = "aws:iam/role:Role"

_PLATFORM: Final[dict[str, Schema]] = {
    "platformVersions": {
        "type": "array",
        "items": {"type": "string", "pattern": "^(LATEST|[0-9]+[.][0-9]+[.][0-9]+)$"},
        "minItems": 1,
        "default": ["LATEST"],
        "description": "Fargate platform versions that a service may ask for.",
    },
}


def _platform(resource: Resource, settings: Settings) -> Iterable[Finding]:
    allowed = texts(settings, "platformVersions")
    words = " or ".join(map(repr, allowed))
    for place in launched(resource, "platformVersion"):
        yield from place.must(be_one_of(*allowed), words, default="LATEST")


def _current_platform(resource: Resource, _: Settings) -> dict[str, object]:
    return {} if LAUNCHES[resource.type] else {"platformVersion": "LATEST"}


PLATFORM_VERSION = ResourceRule(
    id="service-platform-version",
    title="Services run on a current Fargate platform",
    reason=(
        "A fixed platform version gets no new kernel and runtime when AWS moves on; a hole in them"
        " stays until somebody remembers."
    ),
    fix="leave platform_version at 'LATEST'",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-linux-fargate.html",
    severity="medium",
    level="mandatory",
    properties=_PLATFORM,
    types=frozenset(LAUNCHES),
    check=_platform,
    remedy=_current_platform,
)


def _roles(stack: Stack, _: Settings) -> Iterable[Finding]:
    for task in stack.of({TASK_DEFINITION, DAEMON_TASK_DEFINITION}):
        task_role, execution_role = (
            task.asked.get("taskRoleArn"),
            task.asked.get("executionRoleArn"),
        )
        same = isinstance(task_role, str) and task_role == execution_role
        own, agents = (
            stack.join(task, "taskRoleArn", task_role, {_ROLE}),
            stack.join(task, "executionRoleArn", execution_role, {_ROLE}),
        )
        if own.unknown or agents.unknown:
            yield unjudged(
                f"{task.name}: whether taskRoleArn and executionRoleArn are two roles is not"
                " known yet",
                task.urn,
            )
        elif same or {each.urn for each in own.found} & {each.urn for each in agents.found}:
            message = (
                f"{task.name}: taskRoleArn and executionRoleArn are one role; allowed are two, as"
                " only the agent may read secrets"
            )
            yield Finding(message=message, urn=task.urn)


TASK_ROLES = StackRule(
    id="task-roles",
    title="The task's role is not the agent's",
    reason=(
        "The execution role reads the secrets and images of the task before it starts. Code in the"
        " container has the task role: with one role for both, a site's code can read every secret"
        " of the service."
    ),
    fix="give the task definition a task_role_arn and an execution_role_arn of two roles",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html",
    severity="high",
    level="mandatory",
    check=_roles,
)


def _insights(resource: Resource, _: Settings) -> Iterable[Finding]:
    settings = resource.at("settings")
    if settings.unknown:
        yield settings.question()
        return
    for each in settings.each():
        if each.unknown or as_dict(each.value).get("name") == "containerInsights":
            yield from each.at("value").must(
                be_one_of("enabled", "enhanced"), "'enabled' or 'enhanced'"
            )
            return
    yield Finding(
        message=(
            f"{resource.name}: settings has no containerInsights; allowed is 'enabled' or"
            " 'enhanced'"
        )
    )


CONTAINER_INSIGHTS = ResourceRule(
    id="ecs-container-insights",
    title="The cluster collects metrics of its tasks",
    reason=(
        "Without it there are no memory and network metrics per task, so a site that uses up its"
        " task shows only when it is killed."
    ),
    fix="set settings=[{'name': 'containerInsights', 'value': 'enabled'}] on the cluster",
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html",
    severity="low",
    level="advisory",
    types=frozenset({_CLUSTER}),
    check=_insights,
)

RULES: Final = (PLATFORM_VERSION, TASK_ROLES, CONTAINER_INSIGHTS)
