from typing import Literal, cast

ListFilesHashes = Literal["0", "1"]


def check_list_files_hashes(value: str) -> ListFilesHashes:
    """A newer gateway may send values that are not known here."""
    return cast(ListFilesHashes, value)
