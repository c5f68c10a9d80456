from typing import Literal, cast

SearchFilesHidden = Literal["0", "1"]


def check_search_files_hidden(value: str) -> SearchFilesHidden:
    """A newer gateway may send values that are not known here."""
    return cast(SearchFilesHidden, value)
