"""Logs: kept long enough to look things up, not for ever (S19)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number, unjudged
from .core.types import LOG_GROUP
from .core.values import UNKNOWN, integer, show

_RETENTION: Final[dict[str, Schema]] = {
    "minimumDays": {"type": "integer", "minimum": 1, "default": 1, "description": "Fewest days that logs are kept."},
    "maximumDays": {"type": "integer", "minimum": 1, "default": 731, "description": "Most days that logs are kept."},
}


def _retention(resource: Resource, settings: Settings) -> Iterable[Finding]:
    value = resource.props.get("retentionInDays")
    low, high = number(settings, "minimumDays"), number(settings, "maximumDays")
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: retentionInDays is not known yet")
        return
    days = integer(value)
    if days is None or not low <= days <= high:
        found = "0, which is for ever" if days == 0 else "not set, which is for ever" if value is None else show(value)
        yield Finding(message=f"{resource.name}: retentionInDays is {found}; allowed is {low}-{high} days")


LOG_RETENTION = ResourceRule(
    id="log-retention",
    title="Logs expire",
    reason="Logs of sessions name people and what they edited. Kept for ever, as AWS does by default, they are a cost and a liability.",
    fix="set retention_in_days on the log group, for example retention_in_days=30",
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
    severity="low",
    level="mandatory",
    spec="S12 S19",
    properties=_RETENTION,
    types=frozenset({LOG_GROUP}),
    check=_retention,
)

RULES = (LOG_RETENTION,)
