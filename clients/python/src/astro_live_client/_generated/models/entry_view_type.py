from typing import Literal, cast

EntryViewType = Literal["file", "folder", "link", "other"]


def check_entry_view_type(value: str) -> EntryViewType:
    """A newer gateway may send values that are not known here."""
    return cast(EntryViewType, value)
