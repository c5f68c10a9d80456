from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="UnpackedView")


@_attrs_define
class UnpackedView:
    """
    Attributes:
        files (int): Files that were written
        bytes_ (int):
        skipped (int): Entries that were left out: .git and node_modules, with what is in them
    """

    files: int
    bytes_: int
    skipped: int

    def to_dict(self) -> dict[str, Any]:
        files = self.files

        bytes_ = self.bytes_

        skipped = self.skipped

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "files": files,
                "bytes": bytes_,
                "skipped": skipped,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        files = d.pop("files")

        bytes_ = d.pop("bytes")

        skipped = d.pop("skipped")

        unpacked_view = cls(
            files=files,
            bytes_=bytes_,
            skipped=skipped,
        )

        return unpacked_view
