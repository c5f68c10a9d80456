"""An exemption: a rule that need not hold for one resource until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final


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
    """A URN, or its end: `type::name`, with or without the types of the parents
    (`my:site:Site$aws:efs/fileSystem:FileSystem::files`).
    """

    reason: str
    expires: date | None
    """Last day on which it holds; `None` when the configured text is no date."""

    written: str
    """The date as configured."""

    def names(self, urn: str) -> bool:
        """Whether this is about the resource `urn`. Only whole names match: a pattern would exempt
        what nobody has looked at.
        """
        if self.resource == urn:
            return True
        parts = urn.split("::")
        if len(parts) < 4:
            return False
        types, name = parts[2].split("$"), "::".join(parts[3:])
        return any(
            self.resource == f"{'$'.join(types[start:])}::{name}" for start in range(len(types))
        )

    def problem(self, day: date, longest_days: int) -> str:
        """Why this exemption does not hold on `day`; empty when it does."""
        if self.rule in NEVER_EXEMPT:
            return "is about a rule on exemptions, which cannot be exempted"
        if self.expires is None:
            return (
                f"has the expiry date {self.written!r}, which is not a valid date; allowed is"
                " YYYY-MM-DD"
            )
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
