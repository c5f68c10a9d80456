from typing import Literal, cast

CheckpointViewKind = Literal["batch", "before-pull", "before-restore", "named"]


def check_checkpoint_view_kind(value: str) -> CheckpointViewKind:
    """A newer gateway may send values that are not known here."""
    return cast(CheckpointViewKind, value)
