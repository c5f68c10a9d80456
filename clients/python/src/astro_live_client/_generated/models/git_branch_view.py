from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="GitBranchView")


@_attrs_define
class GitBranchView:
    """
    Attributes:
        name (str): origin/… for one of the remote
        commit (str):
        current (bool):
    """

    name: str
    commit: str
    current: bool

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        commit = self.commit

        current = self.current

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "commit": commit,
                "current": current,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        commit = d.pop("commit")

        current = d.pop("current")

        git_branch_view = cls(
            name=name,
            commit=commit,
            current=current,
        )

        return git_branch_view
