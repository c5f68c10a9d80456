"""What the pack remembers while it serves one preview or update: what each resource asked for, and how the rules are set.

A stack policy is told outputs only, and no policy is told another one's configuration. The engine starts a pack anew for every operation
and analyses every resource before the stack, so the first policy of the pack can keep both for those that follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from .values import Properties


def today() -> date:
    """The day, in UTC, on which exemptions are judged."""
    return datetime.now(UTC).date()


NEVER_EXEMPT: Final = ("exemptions", "exemptions-in-force")
"""Rules that no exemption can silence."""


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A rule that need not hold for one resource until a day."""

    rule: str
    resource: str
    """A URN, or its last part `type::name`."""

    reason: str
    expires: date | None
    """Last day on which it holds; `None` when the configured text is no date."""

    written: str
    """The date as configured."""

    def names(self, urn: str) -> bool:
        """Whether this is about the resource `urn`. Only whole names match: a pattern would exempt what nobody has looked at."""
        if self.resource == urn:
            return True
        parts = urn.split("::")
        return len(parts) >= 4 and self.resource == f"{parts[2].rsplit('$', 1)[-1]}::{'::'.join(parts[3:])}"

    def problem(self, day: date, longest_days: int) -> str:
        """Why this exemption does not hold on `day`; empty when it does."""
        if self.rule in NEVER_EXEMPT:
            return "is about exemptions themselves, from which there is none"
        if self.expires is None:
            return f"has the expiry date {self.written!r}, which is no date; allowed is YYYY-MM-DD"
        if self.expires < day:
            return f"expired on {self.expires}"
        if (left := (self.expires - day).days) > longest_days:
            return f"expires in {left} days; allowed is at most {longest_days}"
        return ""


def read_exemptions(entries: Iterable[Mapping[str, object]]) -> tuple[Exemption, ...]:
    """Exemptions as configured; their shape was checked against the policy's schema."""
    result = []
    for entry in entries:
        written = str(entry["expires"])
        try:
            expires = date.fromisoformat(written)
        except ValueError:
            expires = None
        result.append(
            Exemption(
                rule=str(entry["rule"]),
                resource=str(entry["resource"]),
                reason=str(entry["reason"]),
                expires=expires,
                written=written,
            )
        )
    return tuple(result)


@dataclass
class Session:
    """The memory of one run of the pack."""

    inputs: dict[str, Properties] = field(default_factory=dict)
    settings: dict[str, Mapping[str, object]] = field(default_factory=dict)
    """Settings in force of each resource rule, so that a stack rule that completes it needs no second copy."""

    exemptions: tuple[Exemption, ...] = ()
    longest_days: int = 0
    spared: dict[Exemption, dict[tuple[str, str], None]] = field(default_factory=dict)
    """What each exemption kept from being reported: pairs of URN and message."""

    def spares(self, rule: str, urn: str, message: str) -> bool:
        """Whether an exemption in force covers this finding; if so, remember it for the report."""
        for exemption in self.exemptions:
            if exemption.rule == rule and exemption.names(urn) and not exemption.problem(today(), self.longest_days):
                self.spared.setdefault(exemption, {})[urn, message] = None
                return True
        return False


SESSION: Final = Session()
"""One pack process serves one operation."""
