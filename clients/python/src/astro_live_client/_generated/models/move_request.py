from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="MoveRequest")


@_attrs_define
class MoveRequest:
    """
    Attributes:
        path (str): Of a file in the project, such as src/pages/index.astro
        to (str): Of a file in the project, such as src/pages/index.astro
        overwrite (bool | Unset): Whether a file at `to` is replaced; a folder never is Default: False.
    """

    path: str
    to: str
    overwrite: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        to = self.to

        overwrite = self.overwrite

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "to": to,
            }
        )
        if overwrite is not UNSET:
            field_dict["overwrite"] = overwrite

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = d.pop("path")

        to = d.pop("to")

        overwrite = d.pop("overwrite", UNSET)

        move_request = cls(
            path=path,
            to=to,
            overwrite=overwrite,
        )

        return move_request
