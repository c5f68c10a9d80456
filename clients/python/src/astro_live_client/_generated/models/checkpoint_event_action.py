from typing import Literal, cast

CheckpointEventAction = Literal["made", "removed", "restored"]


def check_checkpoint_event_action(value: str) -> CheckpointEventAction:
    """A newer gateway may send values that are not known here."""
    return cast(CheckpointEventAction, value)
