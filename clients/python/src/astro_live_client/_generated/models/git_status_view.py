from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.git_file_view import GitFileView


T = TypeVar("T", bound="GitStatusView")


@_attrs_define
class GitStatusView:
    """
    Attributes:
        branch (None | str): null: a commit is checked out, no branch
        commit (None | str): null: there is none yet
        ahead (int | None): Commits that the remote has not, as last seen
        behind (int | None):
        files (list[GitFileView]):
    """

    branch: None | str
    commit: None | str
    ahead: int | None
    behind: int | None
    files: list[GitFileView]

    def to_dict(self) -> dict[str, Any]:
        branch: None | str
        branch = self.branch

        commit: None | str
        commit = self.commit

        ahead: int | None
        ahead = self.ahead

        behind: int | None
        behind = self.behind

        files = []
        for files_item_data in self.files:
            files_item = files_item_data.to_dict()
            files.append(files_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "branch": branch,
                "commit": commit,
                "ahead": ahead,
                "behind": behind,
                "files": files,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.git_file_view import GitFileView

        d = dict(src_dict)

        def _parse_branch(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        branch = _parse_branch(d.pop("branch"))

        def _parse_commit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        commit = _parse_commit(d.pop("commit"))

        def _parse_ahead(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ahead = _parse_ahead(d.pop("ahead"))

        def _parse_behind(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        behind = _parse_behind(d.pop("behind"))

        files = []
        _files = d.pop("files")
        for files_item_data in _files:
            files_item = GitFileView.from_dict(files_item_data)

            files.append(files_item)

        git_status_view = cls(
            branch=branch,
            commit=commit,
            ahead=ahead,
            behind=behind,
            files=files,
        )

        return git_status_view
