from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.edit_model import EditModel


T = TypeVar("T", bound="EditRequest")


@_attrs_define
class EditRequest:
    """
    Attributes:
        edits (list[EditModel]):
    """

    edits: list[EditModel]

    def to_dict(self) -> dict[str, Any]:
        edits = []
        for edits_item_data in self.edits:
            edits_item = edits_item_data.to_dict()
            edits.append(edits_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "edits": edits,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.edit_model import EditModel

        d = dict(src_dict)
        edits = []
        _edits = d.pop("edits")
        for edits_item_data in _edits:
            edits_item = EditModel.from_dict(edits_item_data)

            edits.append(edits_item)

        edit_request = cls(
            edits=edits,
        )

        return edit_request
