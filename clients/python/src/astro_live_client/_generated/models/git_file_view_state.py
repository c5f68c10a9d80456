from typing import Literal, cast

GitFileViewState = Literal["added", "conflicted", "deleted", "modified", "untracked"]


def check_git_file_view_state(value: str) -> GitFileViewState:
    """A newer gateway may send values that are not known here."""
    return cast(GitFileViewState, value)
