from typing import Literal, cast

EndEventReason = Literal["deleted", "draining", "moved"]


def check_end_event_reason(value: str) -> EndEventReason:
    """A newer gateway may send values that are not known here."""
    return cast(EndEventReason, value)
