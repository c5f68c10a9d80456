"""Logs: kept long enough to look things up, not for ever (S19)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.place import be_within
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number
from .core.types import LOG_GROUP

_RETENTION: Final[dict[str, Schema]] = {
    "minimumDays": {
        "type": "integer",
        "minimum": 1,
        "maximum": 3653,
        "default": 1,
        "description": "Fewest days that logs are kept.",
    },
    "maximumDays": {
        "type": "integer",
        "minimum": 1,
        "maximum": 3653,
        "default": 731,
        "description": "Most days that logs are kept; CloudWatch knows at most 3653.",
    },
}


def _retention(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if resource.asked.get("logGroupClass") == "DELIVERY":
        return  # AWS keeps these for one day and takes no other number
    low, high = number(settings, "minimumDays"), number(settings, "maximumDays")
    allowed = f"{low}-{high} days; 0 is for ever"
    yield from resource.at("retentionInDays").must(
        be_within(low, high), allowed, absent="not set, which is for ever"
    )


def _retention_sense(settings: Settings) -> Iterable[str]:
    low, high = number(settings, "minimumDays"), number(settings, "maximumDays")
    if low > high:
        yield f"minimumDays is {low}; allowed is at most {high}, which is maximumDays"


LOG_RETENTION = ResourceRule(
    id="log-retention",
    title="Logs expire",
    reason=(
        "Logs of sessions name people and what they edited. Kept for ever, as AWS does by default,"
        " they are a cost and a liability."
    ),
    fix="set retention_in_days on the log group, for example retention_in_days=30",
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    severity="low",
    level="mandatory",
    properties=_RETENTION,
    sense=_retention_sense,
    types=frozenset({LOG_GROUP}),
    check=_retention,
)

RULES = (LOG_RETENTION,)
