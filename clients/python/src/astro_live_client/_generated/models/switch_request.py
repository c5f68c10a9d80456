from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SwitchRequest")


@_attrs_define
class SwitchRequest:
    """
    Attributes:
        branch (str):
        create (bool | Unset): Make the branch, at the commit that is checked out Default: False.
    """

    branch: str
    create: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        branch = self.branch

        create = self.create

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "branch": branch,
            }
        )
        if create is not UNSET:
            field_dict["create"] = create

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        branch = d.pop("branch")

        create = d.pop("create", UNSET)

        switch_request = cls(
            branch=branch,
            create=create,
        )

        return switch_request
