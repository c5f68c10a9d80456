from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.git_file_view_state import GitFileViewState, check_git_file_view_state

T = TypeVar("T", bound="GitFileView")


@_attrs_define
class GitFileView:
    """A file that is not as in the last commit.

    Attributes:
        path (str):
        state (GitFileViewState):
    """

    path: str
    state: GitFileViewState

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        state: str = self.state

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = d.pop("path")

        state = check_git_file_view_state(d.pop("state"))

        git_file_view = cls(
            path=path,
            state=state,
        )

        return git_file_view
