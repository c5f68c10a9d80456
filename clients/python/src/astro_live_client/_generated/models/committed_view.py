from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="CommittedView")


@_attrs_define
class CommittedView:
    """
    Attributes:
        commit (str):
        branch (str):
    """

    commit: str
    branch: str

    def to_dict(self) -> dict[str, Any]:
        commit = self.commit

        branch = self.branch

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "commit": commit,
                "branch": branch,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        commit = d.pop("commit")

        branch = d.pop("branch")

        committed_view = cls(
            commit=commit,
            branch=branch,
        )

        return committed_view
