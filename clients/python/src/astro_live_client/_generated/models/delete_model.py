from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="DeleteModel")


@_attrs_define
class DeleteModel:
    """Remove a file.

    Attributes:
        path (str): Of a file in the project, such as src/pages/index.astro
        op (Literal['delete']):
        if_sha256 (None | str | Unset):
        if_absent (bool | Unset):  Default: False.
    """

    path: str
    op: Literal["delete"]
    if_sha256: None | str | Unset = UNSET
    if_absent: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        op = self.op

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
            }
        )
        if if_sha256 is not UNSET:
            field_dict["if_sha256"] = if_sha256
        if if_absent is not UNSET:
            field_dict["if_absent"] = if_absent

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = d.pop("path")

        op = cast(Literal["delete"], d.pop("op"))
        if op != "delete":
            raise ValueError(f"op must match const 'delete', got '{op}'")

        def _parse_if_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        if_sha256 = _parse_if_sha256(d.pop("if_sha256", UNSET))

        if_absent = d.pop("if_absent", UNSET)

        delete_model = cls(
            path=path,
            op=op,
            if_sha256=if_sha256,
            if_absent=if_absent,
        )

        return delete_model
