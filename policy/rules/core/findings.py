"""What a rule finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing wrong with one resource, or one thing that cannot be judged yet."""

    message: str
    """Subject, found value and what is allowed, as one sentence without its full stop."""

    urn: str = ""
    """Stack level: the resource to blame; empty blames the stack."""

    known: bool = True
    """False: a value is not known before the update, so this is no violation but an
    open question.
    """


def unjudged(message: str, urn: str = "") -> Finding:
    """A finding that says what could not be judged."""
    return Finding(message=message, urn=urn, known=False)
