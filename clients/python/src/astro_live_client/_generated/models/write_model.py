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

from ..models.write_model_encoding import WriteModelEncoding, check_write_model_encoding
from ..types import UNSET, Unset

T = TypeVar("T", bound="WriteModel")


@_attrs_define
class WriteModel:
    """Create or replace a file.

    Attributes:
        path (str): Of a file in the project, such as src/pages/index.astro
        op (Literal['write']):
        content (str):
        if_sha256 (None | str | Unset):
        if_absent (bool | Unset):  Default: False.
        encoding (WriteModelEncoding | Unset):  Default: 'utf-8'.
    """

    path: str
    op: Literal["write"]
    content: str
    if_sha256: None | str | Unset = UNSET
    if_absent: bool | Unset = False
    encoding: WriteModelEncoding | Unset = "utf-8"

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        op = self.op

        content = self.content

        if_sha256: None | str | Unset
        if isinstance(self.if_sha256, Unset):
            if_sha256 = UNSET
        else:
            if_sha256 = self.if_sha256

        if_absent = self.if_absent

        encoding: str | Unset = UNSET
        if not isinstance(self.encoding, Unset):
            encoding = self.encoding

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "op": op,
                "content": content,
            }
        )
        if if_sha256 is not UNSET:
            field_dict["if_sha256"] = if_sha256
        if if_absent is not UNSET:
            field_dict["if_absent"] = if_absent
        if encoding is not UNSET:
            field_dict["encoding"] = encoding

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = d.pop("path")

        op = cast(Literal["write"], d.pop("op"))
        if op != "write":
            raise ValueError(f"op must match const 'write', got '{op}'")

        content = d.pop("content")

        def _parse_if_sha256(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        if_sha256 = _parse_if_sha256(d.pop("if_sha256", UNSET))

        if_absent = d.pop("if_absent", UNSET)

        _encoding = d.pop("encoding", UNSET)
        encoding: WriteModelEncoding | Unset
        if isinstance(_encoding, Unset):
            encoding = UNSET
        else:
            encoding = check_write_model_encoding(_encoding)

        write_model = cls(
            path=path,
            op=op,
            content=content,
            if_sha256=if_sha256,
            if_absent=if_absent,
            encoding=encoding,
        )

        return write_model
