from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="EditModel")


@_attrs_define
class EditModel:
    """Replace a text that occurs as often as expected.

    Attributes:
        old (str):
        new (str):
        count (int | Unset): How often `old` has to occur; all are replaced Default: 1.
    """

    old: str
    new: str
    count: int | Unset = 1

    def to_dict(self) -> dict[str, Any]:
        old = self.old

        new = self.new

        count = self.count

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "old": old,
                "new": new,
            }
        )
        if count is not UNSET:
            field_dict["count"] = count

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        old = d.pop("old")

        new = d.pop("new")

        count = d.pop("count", UNSET)

        edit_model = cls(
            old=old,
            new=new,
            count=count,
        )

        return edit_model
