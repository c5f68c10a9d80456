from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.git_branch_view import GitBranchView


T = TypeVar("T", bound="GitBranchesView")


@_attrs_define
class GitBranchesView:
    """
    Attributes:
        branches (list[GitBranchView]):
    """

    branches: list[GitBranchView]

    def to_dict(self) -> dict[str, Any]:
        branches = []
        for branches_item_data in self.branches:
            branches_item = branches_item_data.to_dict()
            branches.append(branches_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "branches": branches,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.git_branch_view import GitBranchView

        d = dict(src_dict)
        branches = []
        _branches = d.pop("branches")
        for branches_item_data in _branches:
            branches_item = GitBranchView.from_dict(branches_item_data)

            branches.append(branches_item)

        git_branches_view = cls(
            branches=branches,
        )

        return git_branches_view
