from typing import Literal, cast

SearchFilesWord = Literal["0", "1"]


def check_search_files_word(value: str) -> SearchFilesWord:
    """A newer gateway may send values that are not known here."""
    return cast(SearchFilesWord, value)
