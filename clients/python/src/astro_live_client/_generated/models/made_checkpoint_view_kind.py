from typing import Literal, cast

MadeCheckpointViewKind = Literal["batch", "before-pull", "before-restore", "named"]


def check_made_checkpoint_view_kind(value: str) -> MadeCheckpointViewKind:
    """A newer gateway may send values that are not known here."""
    return cast(MadeCheckpointViewKind, value)
