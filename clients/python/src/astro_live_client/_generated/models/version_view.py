from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="VersionView")


@_attrs_define
class VersionView:
    """A file as it is now.

    Attributes:
        path (str):
        bytes_ (int):
        modified_at (float): Unix time
        sha256 (str): SHA-256 of the file's content, in hexadecimal
    """

    path: str
    bytes_: int
    modified_at: float
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        bytes_ = self.bytes_

        modified_at = self.modified_at

        sha256 = self.sha256

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
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

        bytes_ = d.pop("bytes")

        modified_at = d.pop("modified_at")

        sha256 = d.pop("sha256")

        version_view = cls(
            path=path,
            bytes_=bytes_,
            modified_at=modified_at,
            sha256=sha256,
        )

        return version_view
