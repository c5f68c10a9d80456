from typing import Literal, cast

State = Literal["backing-off", "failed", "ready", "starting", "stopped", "stopping"]


def check_state(value: str) -> State:
    """A newer gateway may send values that are not known here."""
    return cast(State, value)
