from typing import Literal, cast

SearchFilesIgnoreCase = Literal["0", "1"]


def check_search_files_ignore_case(value: str) -> SearchFilesIgnoreCase:
    """A newer gateway may send values that are not known here."""
    return cast(SearchFilesIgnoreCase, value)
