from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.edit_model import EditModel


T = TypeVar("T", bound="EditOperation")


@_attrs_define
class EditOperation:
    """Exact-text edits of a file.

    Attributes:
        path (str): Of a file in the project, such as src/pages/index.astro
        op (Literal['edit']):
        edits (list[EditModel]):
        if_sha256 (None | str | Unset):
        if_absent (bool | Unset):  Default: False.
    """

    path: str
    op: Literal["edit"]
    edits: list[EditModel]
    if_sha256: None | str | Unset = UNSET
    if_absent: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        op = self.op

        edits = []
        for edits_item_data in self.edits:
            edits_item = edits_item_data.to_dict()
            edits.append(edits_item)

        if_sha256: None | str | Unset
        if isinstance(self.if_sha256, Unset):
            if_sha256 = UNSET
        else:
            if_sha256 = self.if_sha256

        if_absent = self.if_absent

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "op": op,
                "edits": edits,
            }
        )
        if if_sha256 is not UNSET:
            field_dict["if_sha256"] = if_sha256
        if if_absent is not UNSET:
            field_dict["if_absent"] = if_absent

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.edit_model import EditModel

        d = dict(src_dict)
        path = d.pop("path")

        op = cast(Literal["edit"], d.pop("op"))
        if op != "edit":
            raise ValueError(f"op must match const 'edit', got '{op}'")

        edits = []
        _edits = d.pop("edits")
        for edits_item_data in _edits:
            edits_item = EditModel.from_dict(edits_item_data)

            edits.append(edits_item)

        def _parse_if_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        if_sha256 = _parse_if_sha256(d.pop("if_sha256", UNSET))

        if_absent = d.pop("if_absent", UNSET)

        edit_operation = cls(
            path=path,
            op=op,
            edits=edits,
            if_sha256=if_sha256,
            if_absent=if_absent,
        )

        return edit_operation
