from typing import Literal, cast

UpdateKind = Literal["astro", "component", "config", "content", "css", "other", "script"]


def check_update_kind(value: str) -> UpdateKind:
    """A newer gateway may send values that are not known here."""
    return cast(UpdateKind, value)
