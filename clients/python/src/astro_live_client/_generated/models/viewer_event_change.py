from typing import Literal, cast

ViewerEventChange = Literal["came", "changed", "left"]


def check_viewer_event_change(value: str) -> ViewerEventChange:
    """A newer gateway may send values that are not known here."""
    return cast(ViewerEventChange, value)
