"""Exemptions: a rule may be set aside for one resource, with a reason and until a day, and every
report says so (S20).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from .core.exemption import Exemption, read_exemptions, today
from .core.rule import (
    ClosingRule,
    Finding,
    Resource,
    ResourceRule,
    Schema,
    Settings,
    Spared,
    Stack,
    number,
)

_SETTINGS: Final[dict[str, Schema]] = {
    "entries": {
        "type": "array",
        "default": [],
        "description": (
            "The exemptions: rule id, resource (URN, or type::name where only one resource is"
            " called so), reason, and the last day on which each holds (YYYY-MM-DD)."
        ),
        "items": {
            "type": "object",
            "required": ["rule", "resource", "reason", "expires"],
            "additionalProperties": False,
            "properties": {
                "rule": {"type": "string", "minLength": 1},
                "resource": {"type": "string", "pattern": "^[^*?]+::[^*?]+$"},
                "reason": {
                    "type": "string",
                    "minLength": 10,
                    "pattern": r"\S.*\S",
                    "format": "reason",
                },
                "expires": {"type": "string", "format": "date"},
            },
        },
    },
    "longestDays": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1096,
        "default": 366,
        "description": "How far ahead an exemption may expire.",
    },
}


def _current(resource: Resource, settings: Settings) -> Iterable[Finding]:
    longest_days = number(settings, "longestDays")
    for exemption in read_exemptions(settings["entries"]):  # type: ignore[arg-type]
        if exemption.names(resource.urn) and (problem := exemption.problem(today(), longest_days)):
            yield Finding(
                message=(
                    f"{resource.name}: its exemption from {exemption.rule} ({exemption.reason})"
                    f" {problem}"
                )
            )


EXEMPTIONS = ResourceRule(
    id="exemptions",
    title="Exemptions are current",
    reason=(
        "An exemption is a debt with a date. Past that date, or with one too far away to keep in"
        " mind, it is a forgotten hole."
    ),
    fix=(
        "meet the rule and remove the exemption, or renew it with a new reason and a date within"
        " the allowed time"
    ),
    link="https://www.pulumi.com/docs/insights/policy/",
    severity="high",
    level="mandatory",
    properties=_SETTINGS,
    types=None,
    check=_current,
)


def _in_force(stack: Stack, settings: Settings, spared: Spared) -> Iterable[Finding]:
    for exemption, messages in spared.items():
        named = [each for each in stack.resources if exemption.names(each.urn)]
        if named and exemption.problem(today(), number(settings, "longestDays")):
            continue  # a violation already
        near = "" if named else _near(exemption.resource, stack)
        yield Finding(
            message=_describe(exemption, named, messages, near), urn=named[0].urn if named else ""
        )


def _near(resource: str, stack: Stack) -> str:
    """The resource of the stack that a mistyped exemption probably means; empty when nothing is
    spelled like it.
    """
    kind, _, name = resource.lower().rpartition("::")
    names: dict[str, list[Resource]] = {}
    for each in stack.resources:
        names.setdefault(each.name.lower(), []).append(each)
    for close in difflib.get_close_matches(name, names, n=3, cutoff=0.75):
        for each in names[close]:
            whole = each.urn if kind.startswith("urn:") else f"{each.type}::{each.name}"
            if (
                difflib.SequenceMatcher(None, kind, whole.lower().rpartition("::")[0]).ratio()
                >= 0.75
            ):
                return whole
    return ""


def _describe(
    exemption: Exemption, named: list[Resource], spared: tuple[str, ...], near: str
) -> str:
    until = (
        f"{exemption.rule} does not hold for {exemption.resource} until {exemption.written}"
        f" ({exemption.reason})"
    )
    if near:
        return (
            f"{until}; no such resource is in the stack, so the exemption can go; or did you mean"
            f" {near!r}?"
        )
    if not named:
        return f"{until}; no such resource is in the stack, so the exemption can go"
    if not spared:
        return f"{until}; the rule is met, so the exemption can go"
    return f"{until}: {'; '.join(spared)}"


IN_FORCE = ClosingRule(
    id="exemptions-in-force",
    title="Exemptions in force",
    reason="What is set aside should be seen in every report, not only in a configuration file.",
    fix="nothing, as long as the reason holds",
    link="https://www.pulumi.com/docs/insights/policy/",
    severity="low",
    level="advisory",
    shares=EXEMPTIONS,
    check=_in_force,
)
