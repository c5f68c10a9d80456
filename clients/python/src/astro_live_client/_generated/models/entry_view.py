from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.entry_view_type import EntryViewType, check_entry_view_type

T = TypeVar("T", bound="EntryView")


@_attrs_define
class EntryView:
    """Of a project's tree.

    Attributes:
        path (str):
        type_ (EntryViewType):
        bytes_ (int):
        modified_at (float):
        sha256 (None | str): Of a file, when hashes are asked for and it is not larger than maxFileMib
    """

    path: str
    type_: EntryViewType
    bytes_: int
    modified_at: float
    sha256: None | str

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        type_: str = self.type_

        bytes_ = self.bytes_

        modified_at = self.modified_at

        sha256: None | str
        sha256 = self.sha256

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "type": type_,
                "bytes": bytes_,
                "modified_at": modified_at,
                "sha256": sha256,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = d.pop("path")

        type_ = check_entry_view_type(d.pop("type"))

        bytes_ = d.pop("bytes")

        modified_at = d.pop("modified_at")

        def _parse_sha256(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        sha256 = _parse_sha256(d.pop("sha256"))

        entry_view = cls(
            path=path,
            type_=type_,
            bytes_=bytes_,
            modified_at=modified_at,
            sha256=sha256,
        )

        return entry_view
