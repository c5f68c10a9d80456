from typing import Literal, cast

ChangedViewEvent = Literal["add", "change", "unlink"]


def check_changed_view_event(value: str) -> ChangedViewEvent:
    """A newer gateway may send values that are not known here."""
    return cast(ChangedViewEvent, value)
