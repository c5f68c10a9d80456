"""What the cases of a rule consist of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

Changes = dict[str, Any]
TASK_RULES: Final = frozenset(
    {
        "task-user",
        "task-privileges",
        "task-read-only-root",
        "task-logging",
        "task-plain-secrets",
        "task-image-digest",
    }
)
ONE_VALUE: Final = "the rule reads one value, so there is nothing beside it"
ONE_TEXT: Final = "the JSON text is known or unknown as a whole"
NO_UNKNOWN: Final = "the rule reads nothing that can be unknown"


def redirect(protocol: str) -> Changes:
    return {
        "protocol": "HTTP",
        "defaultActions": [
            {"type": "redirect", "redirect": {"protocol": protocol, "statusCode": "HTTP_301"}}
        ],
    }


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The cases of one rule on one type. A text in place of a change is the reason why there is no
    such case.
    """

    rule: str
    type: str
    violate: tuple[Changes, ...]
    absent: Changes
    absent_passes: bool = False
    """AWS's or the provider's default is the safe value."""

    unknown: Changes | str
    beside: Changes | str
    secret: Changes | str
    level: str = "mandatory"
    asks: bool = True
    """An unknown value is an open question; for a rule that looks for something wrong anywhere it
    is not.
    """

    also: frozenset[str] = field(default_factory=frozenset)
    """Other rules that speak of the same unknown."""
