from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ChangeSessionBody")


@_attrs_define
class ChangeSessionBody:
    """
    Attributes:
        root (str): The site's folder in the repository, such as docs; empty has the only site found
    """

    root: str

    def to_dict(self) -> dict[str, Any]:
        root = self.root

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "root": root,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        root = d.pop("root")

        change_session_body = cls(
            root=root,
        )

        return change_session_body
