from typing import Literal, cast

SearchFilesRegex = Literal["0", "1"]


def check_search_files_regex(value: str) -> SearchFilesRegex:
    """A newer gateway may send values that are not known here."""
    return cast(SearchFilesRegex, value)
