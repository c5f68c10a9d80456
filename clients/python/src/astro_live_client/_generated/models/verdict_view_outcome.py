from typing import Literal, cast

VerdictViewOutcome = Literal["error", "not-running", "pending", "rendered", "shown"]


def check_verdict_view_outcome(value: str) -> VerdictViewOutcome:
    """A newer gateway may send values that are not known here."""
    return cast(VerdictViewOutcome, value)
