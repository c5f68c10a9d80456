"""Rotation of keys and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.place import Place, be_false, be_true
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, Stack, StackRule, number
from .core.values import UNKNOWN, integer

_KEY: Final = "aws:kms/key:Key"


def _can_rotate(resource: Resource) -> bool:
    """Whether AWS can rotate a key; it refuses one that asks for it and cannot."""
    usage, spec = resource.props.get("keyUsage"), resource.props.get("customerMasterKeySpec")
    symmetric = usage in (None, UNKNOWN, "ENCRYPT_DECRYPT") and spec in (
        None,
        UNKNOWN,
        "SYMMETRIC_DEFAULT",
    )
    return symmetric and resource.props.get("customKeyStoreId") in (None, UNKNOWN, "")


def _rotation(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not _can_rotate(resource):
        yield from resource.at("enableKeyRotation").must(
            be_false, "false, as AWS rotates symmetric encryption keys only", default=False
        )
        return
    yield from resource.at("enableKeyRotation").must(be_true, "true")


KMS_KEY_ROTATION = ResourceRule(
    id="kms-key-rotation",
    title="Encryption keys rotate",
    reason=(
        "Less data is behind one key material, and what leaked once does not open what comes later."
        " AWS keeps the old material to decrypt."
    ),
    fix="set enable_key_rotation=True on the key",
    link="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    severity="medium",
    level="mandatory",
    types=frozenset({_KEY}),
    check=_rotation,
    remedy=lambda resource, _settings: {"enableKeyRotation": _can_rotate(resource)},
)

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 (a type token)
_ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"

_ROTATION_SETTINGS: Final[dict[str, Schema]] = {
    "maximumDays": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000,
        "default": 90,
        "description": "Most days between two rotations.",
    },
}


def _secrets(stack: Stack, settings: Settings) -> Iterable[Finding]:
    most = number(settings, "maximumDays")
    rotated = set()
    for rotation in stack.of({_ROTATION}):
        rotated |= {
            each.urn
            for each in stack.join(
                rotation, "secretId", rotation.props.get("secretId"), {_SECRET}
            ).found
        }
        yield from _often_enough(rotation.at("rotationRules"), most)
    for secret in stack.of({_SECRET}):
        if secret.urn not in rotated:
            yield Finding(
                message=(
                    f"{secret.name} has no rotation in this stack; allowed is one at least every"
                    f" {most} days"
                ),
                urn=secret.urn,
            )


def _often_enough(rules: Place, most: int) -> Iterable[Finding]:
    after, schedule = rules.at("automaticallyAfterDays"), rules.at("scheduleExpression")
    if after.unknown or schedule.unknown:
        yield rules.question()
        return
    days = integer(after.value)
    if days is None and isinstance(schedule.value, str):
        days = _days(schedule.value)
    if days is None or not 1 <= days <= most:
        yield rules.wrong(
            f"a rotation at least every {most} days",
            found="not set" if days is None else f"every {days} days",
        )


def _days(schedule: str) -> int | None:
    """Most days between two rotations: of `rate(30 days)`, or of a `cron(…)` by its days and
    months; `None` for another text.
    """
    rate = re.fullmatch(r"rate\((\d+) (hours?|days?)\)", schedule.strip())
    if rate:
        return int(rate[1]) if rate[2].startswith("day") else max(1, int(rate[1]) // 24)
    cron = re.fullmatch(r"cron\(\S+ \S+ (\S+) (\S+) \S+ \S+\)", schedule.strip())
    if not cron:
        return None
    day, month = cron.groups()
    step = re.fullmatch(r"(?:\d+|\*)/(\d+)", day)
    days = 1 if day == "*" else int(step[1]) if step else 31
    months = re.fullmatch(r"(?:\d+|\*)/(\d+)", month)
    return days if month == "*" else 31 * int(months[1]) if months else 366


SECRET_ROTATION = StackRule(
    id="secret-rotation",
    title="Secrets rotate",
    reason=(
        "A secret that leaked in a log or a fork stays good until somebody changes it. Rotation by"
        " itself bounds that time."
    ),
    fix=(
        "add an aws.secretsmanager.SecretRotation with rotation_rules, or switch this rule off"
        " where another process rotates the secret"
    ),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",
    severity="low",
    level="advisory",
    properties=_ROTATION_SETTINGS,
    check=_secrets,
)

RULES: Final = (KMS_KEY_ROTATION, SECRET_ROTATION)
