"""Tables: their content can be restored, and tasks that share sessions agree by one (S19, S26)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .core.documents import DocumentError, containers
from .core.place import be_one_of, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule, unjudged
from .core.types import SERVICE, TASK_DEFINITION
from .core.values import UNKNOWN, Properties, as_dict, as_list, integer

TABLE: Final = "aws:dynamodb/table:Table"
_REPLICA: Final = "aws:dynamodb/tableReplica:TableReplica"


def _recovery(resource: Resource, _: Settings) -> Iterable[Finding]:
    recovery = resource.at("pointInTimeRecovery")
    yield from (recovery.at("enabled") if resource.type == TABLE else recovery).must(
        be_true, "true"
    )
    for replica in resource.at("replicas").each():
        yield from replica.at("pointInTimeRecovery").must(be_true, "true, in each region")


TABLE_RECOVERY = ResourceRule(
    id="table-point-in-time-recovery",
    title="Tables can be restored to any second",
    reason=(
        "A program or a person that writes nonsense, or deletes items, does so at once in every"
        " copy. Point-in-time recovery brings back what was there before."
    ),
    fix=(
        "set point_in_time_recovery={'enabled': True} on the table, and"
        " point_in_time_recovery=True on each replica"
    ),
    link="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html",
    severity="medium",
    level="advisory",
    types=frozenset({TABLE, _REPLICA}),
    check=_recovery,
)


def _protected(resource: Resource, _: Settings) -> Iterable[Finding]:
    yield from resource.at("deletionProtectionEnabled").must(
        be_true, "true, where people depend on it"
    )
    for replica in resource.at("replicas").each():
        yield from replica.at("deletionProtectionEnabled").must(
            be_true, "true, where people depend on it"
        )


TABLE_PROTECTION = ResourceRule(
    id="table-deletion-protection",
    title="Tables are protected against deletion",
    reason=(
        "A deleted table takes its items along. Without the table of the sessions' owners no"
        " session starts, and used sign-in links work a second time."
    ),
    fix="set deletion_protection_enabled=True on the table and on each replica",
    link="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html#WorkingWithTables.Basics.DeletionProtection",
    severity="medium",
    level="advisory",
    types=frozenset({TABLE, _REPLICA}),
    check=_protected,
)

# One owner for each session

_GATEWAY: Final = "ASTRO_LIVE_"
"""Prefix of the gateway's settings: a container with one of them runs dev servers."""
_TABLE_SETTING: Final = "ASTRO_LIVE_OWNERSHIP_TABLE"
_KEYS: Final = {"hashKey": "pk", "rangeKey": "sk"}
_EXPIRY: Final = "expires"

_TARGET: Final = "aws:appautoscaling/target:Target"
_ACTION: Final = "aws:appautoscaling/scheduledAction:ScheduledAction"
_MOST: Final = {_TARGET: (), _ACTION: ("scalableTargetAction",)}
"""Types that may raise the number of a service's tasks, and the object with the highest number."""


@dataclass(frozen=True)
class _Gateway:
    """A container that runs dev servers."""

    name: str
    table: object
    """The name of its table: a text, `UNKNOWN`, or None when it is told none."""


def _one_owner(stack: Stack, _: Settings) -> Iterable[Finding]:
    told: dict[str, Resource] = {}
    for service in stack.of({SERVICE}):
        most = _most(stack, service)
        tasks = stack.join(
            service, "taskDefinition", service.props.get("taskDefinition"), {TASK_DEFINITION}
        )
        if tasks.unknown and most != "1":
            yield service.at("taskDefinition").question()
        for task in tasks.found:
            gateways = _gateways(stack, task)
            if gateways is None and most != "1":
                yield unjudged(
                    f"{task.name}: whether its tasks share a table is not known yet", task.urn
                )
            for gateway in gateways or ():
                if isinstance(gateway.table, str):
                    told |= {each.urn: each for each in stack.named(gateway.table, {TABLE})}
                elif gateway.table is None and most != "1":
                    yield _alone(service, task, gateway, most)
    for table in told.values():
        yield from _fits(table)


def _alone(service: Resource, task: Resource, gateway: _Gateway, most: str | None) -> Finding:
    """About tasks without a table; `most` as of `_most`."""
    told = f"{task.name}: container {gateway.name!r} is told no table"
    if most is None:
        return unjudged(
            f"{service.name}: how many tasks desiredCount and its scaling allow is not known yet,"
            f" and {told}",
            service.urn,
        )
    return Finding(
        message=(
            f"{service.name} may have {most} tasks, and {told}; allowed is {_TABLE_SETTING} with"
            " the name of a DynamoDB table, or one task"
        ),
        urn=service.urn,
    )


def _most(stack: Stack, service: Resource) -> str | None:
    """How many tasks a service may have, in words; None when that is not known and may be more than
    one.
    """
    if service.props.get("schedulingStrategy") == "DAEMON":
        return "several"
    limits = [service.asked.get("desiredCount")]
    for scaling in stack.of(_MOST):
        if _scales(scaling, service):
            limits.append(scaling.at(*_MOST[scaling.type], "maxCapacity").value)
    most = max((number for number in map(integer, limits) if number is not None), default=1)
    return None if most <= 1 and UNKNOWN in limits else str(max(most, 1))


def _scales(scaling: Resource, service: Resource) -> bool:
    target, name = scaling.props.get("resourceId"), service.props.get("name")
    if isinstance(target, str):
        return (
            isinstance(name, str)
            and target.startswith("service/")
            and (target.rpartition("/")[2] == name)
        )
    return target is UNKNOWN and service.urn in scaling.references.get("resourceId", ())


def _gateways(stack: Stack, task: Resource) -> list[_Gateway] | None:
    """None when the containers are not known yet, and do not come from a table of the stack."""
    text = task.props.get("containerDefinitions")
    if text is UNKNOWN:
        sources = map(stack.by_urn.get, task.references.get("containerDefinitions", ()))
        return [] if any(each and each.type == TABLE for each in sources) else None
    try:
        found = [(each.name, dict(_settings(each.props))) for each in containers(text)]
    except DocumentError:
        return []  # the rules of tasks say so
    return [
        _Gateway(name, settings.get(_TABLE_SETTING))
        for name, settings in found
        if any(each.startswith(_GATEWAY) for each in settings)
    ]


def _settings(container: Properties) -> Iterator[tuple[str, object]]:
    """Names and values of a container's environment; a secret's value is not known."""
    for prop, value in (("environment", "value"), ("secrets", "valueFrom")):
        for entry in map(as_dict, as_list(container.get(prop))):
            given = entry.get(value)
            known = given if isinstance(given, str) and prop == "environment" else UNKNOWN
            yield str(entry.get("name")), known if given not in (None, "") else None


def _fits(table: Resource) -> Iterator[Finding]:
    """What the gateway's items need of their table."""
    for prop, key in _KEYS.items():
        yield from table.at(prop).must(be_one_of(key), f"{key!r}, as the items of owners have it")
    expiry = table.at("ttl")
    yield from expiry.at("enabled").must(be_true, "true, or used sign-in links stay for ever")
    yield from expiry.at("attributeName").must(be_one_of(_EXPIRY), f"{_EXPIRY!r}")


SERVICE_ONE_OWNER = StackRule(
    id="service-session-owners",
    title="Tasks that share sessions agree by a table on who runs each",
    reason=(
        "Two tasks that do not know of each other run two dev servers on one folder: a delete on"
        " one leaves the other serving, edits through the API arrive late or not at all, and a"
        " one-time link signs in once for each task."
    ),
    fix=(
        "give the tasks a table by ASTRO_LIVE_OWNERSHIP_TABLE (the OwnershipTable component, in a"
        " stack sharedOwnership=true), with the keys pk and sk and time to live on 'expires'; or"
        " run one task, without autoscaling beyond it"
    ),
    link="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.ConditionalUpdate",
    severity="high",
    level="mandatory",
    check=_one_owner,
)

RULES: Final = (TABLE_RECOVERY, TABLE_PROTECTION, SERVICE_ONE_OWNER)
