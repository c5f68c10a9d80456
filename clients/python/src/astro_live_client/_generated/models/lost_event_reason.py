from typing import Literal, cast

LostEventReason = Literal["slow", "unknown"]


def check_lost_event_reason(value: str) -> LostEventReason:
    """A newer gateway may send values that are not known here."""
    return cast(LostEventReason, value)
