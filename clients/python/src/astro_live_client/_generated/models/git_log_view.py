from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.git_commit_view import GitCommitView


T = TypeVar("T", bound="GitLogView")


@_attrs_define
class GitLogView:
    """
    Attributes:
        commits (list[GitCommitView]):
    """

    commits: list[GitCommitView]

    def to_dict(self) -> dict[str, Any]:
        commits = []
        for commits_item_data in self.commits:
            commits_item = commits_item_data.to_dict()
            commits.append(commits_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "commits": commits,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.git_commit_view import GitCommitView

        d = dict(src_dict)
        commits = []
        _commits = d.pop("commits")
        for commits_item_data in _commits:
            commits_item = GitCommitView.from_dict(commits_item_data)

            commits.append(commits_item)

        git_log_view = cls(
            commits=commits,
        )

        return git_log_view
