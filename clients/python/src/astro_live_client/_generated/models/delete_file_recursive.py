from typing import Literal, cast

DeleteFileRecursive = Literal["0", "1"]


def check_delete_file_recursive(value: str) -> DeleteFileRecursive:
    """A newer gateway may send values that are not known here."""
    return cast(DeleteFileRecursive, value)
