from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="PushedView")


@_attrs_define
class PushedView:
    """
    Attributes:
        commit (str):
        branch (str):
        changed (bool): Whether the remote did not have it already
    """

    commit: str
    branch: str
    changed: bool

    def to_dict(self) -> dict[str, Any]:
        commit = self.commit

        branch = self.branch

        changed = self.changed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "commit": commit,
                "branch": branch,
                "changed": changed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        commit = d.pop("commit")

        branch = d.pop("branch")

        changed = d.pop("changed")

        pushed_view = cls(
            commit=commit,
            branch=branch,
            changed=changed,
        )

        return pushed_view
