"""Services of several tasks, with and without a table of the sessions' owners."""

from __future__ import annotations

import json
from typing import Any, Final

from policy.harness import UNKNOWN, Resource, Secret
from tests.policy.complying import SERVICE, TABLE, TASK
from tests.policy.scenes import A, M, Scene, one

RULE: Final = "service-session-owners"
TARGET: Final = "aws:appautoscaling/target:Target"
ACTION: Final = "aws:appautoscaling/scheduledAction:ScheduledAction"


def task(table: Any = None, /, *, secret: bool = False, prefix: str = "ASTRO_LIVE_") -> Resource:
    """A definition whose container has the table's name as given; None for none."""
    environment = [{"name": f"{prefix}SITES_DIR", "value": "/sites"}]
    if table is not None:
        environment.append({"name": f"{prefix}OWNERSHIP_TABLE", "value": table})
    text = json.dumps([{"name": "astro", "environment": environment}])
    return one(TASK, "task", containerDefinitions=Secret(text) if secret else text)


def service(tasks: Any = 2, **more: Any) -> Resource:
    return one(
        SERVICE, "live", name="live", desiredCount=tasks, **{"taskDefinition": "task-id", **more}
    )


def scaled(most: Any, type_: str = TARGET, resource: Any = "service/cluster/live") -> Resource:
    """Scaling of the service up to `most` tasks."""
    limit = {"maxCapacity": most}
    inside: dict[str, Any] = limit if type_ == TARGET else {"scalableTargetAction": limit}
    refs = {"resourceId": [f"{SERVICE}::live"]} if resource is UNKNOWN else {}
    return one(type_, "scaling", refs=refs, serviceNamespace="ecs", resourceId=resource, **inside)


OWNERS: Final = one(TABLE, "owners", name="owners")
TOLD: Final = task("owners")

UNKNOWN_TASK: Final = one(
    TASK,
    "task",
    containerDefinitions=UNKNOWN,
    refs={"containerDefinitions": [f"{TABLE}::owners"]},
)


UNKNOWN_ALONE: Final = one(TASK, "task", containerDefinitions=UNKNOWN)


def scene(kind: str, *resources: Resource, levels: frozenset[str] = frozenset()) -> Scene:
    return Scene(RULE, kind, list(resources), levels)


SESSION_OWNERS: Final = [
    scene("comply", service(), TOLD, OWNERS),
    scene("comply: one task", service(1), task()),
    scene("comply: as many as AWS makes of none", service(None), task()),
    scene("comply: one task that is not known yet", service(1), UNKNOWN_ALONE),
    scene("comply: another program", service(5), task(prefix="OTHER_")),
    scene("comply: a table of another stack", service(), task("elsewhere")),
    scene("comply: scaled up to one", service(1), scaled(1), task()),
    scene(
        "comply: another service is scaled",
        service(1),
        scaled(4, resource="service/cluster/batch"),
        task(),
    ),
    scene("violate", service(), task(), levels=M),
    scene("violate: an empty name", service(), task(""), levels=M),
    scene("violate: scaled", service(1), scaled(2), task(), levels=M),
    scene("violate: scaled by the clock", service(1), scaled(2, ACTION), task(), levels=M),
    scene(
        "violate: scaled, not known by which name",
        service(1),
        scaled(2, resource=UNKNOWN),
        task(),
        levels=M,
    ),
    scene(
        "violate: one on each machine", service(None, schedulingStrategy="DAEMON"), task(), levels=M
    ),
    scene(
        "violate: other keys",
        service(),
        TOLD,
        one(TABLE, "owners", name="owners", hashKey="id"),
        levels=M,
    ),
    scene(
        "violate: other keys, with one task for now",
        service(1),
        TOLD,
        one(TABLE, "owners", name="owners", hashKey="id"),
        levels=M,
    ),
    scene(
        "violate: one key",
        service(),
        TOLD,
        one(TABLE, "owners", name="owners", rangeKey=None),
        levels=M,
    ),
    scene(
        "violate: links that stay",
        service(),
        TOLD,
        one(TABLE, "owners", name="owners", ttl={"enabled": False, "attributeName": "expires"}),
        levels=M,
    ),
    scene(
        "violate: another time to live",
        service(),
        TOLD,
        one(TABLE, "owners", name="owners", ttl={"enabled": True, "attributeName": "until"}),
        levels=M,
    ),
    scene(
        "absent: no time to live",
        service(),
        TOLD,
        one(TABLE, "owners", name="owners", ttl=None),
        levels=M,
    ),
    scene("unknown containers", service(), UNKNOWN_ALONE, levels=A),
    scene("unknown containers, made from a table", service(), UNKNOWN_TASK, OWNERS),
    scene("unknown number", service(UNKNOWN), task(), levels=A),
    scene("unknown number, and a table", service(UNKNOWN), TOLD, OWNERS),
    scene("unknown limit of the scaling", service(1), scaled(UNKNOWN), task(), levels=A),
    scene("unknown task", service(taskDefinition=UNKNOWN), task(), levels=A),
    scene("unknown number beside a known limit", service(UNKNOWN), scaled(3), task(), levels=M),
    scene("secret", service(), task(secret=True), levels=M),
]
