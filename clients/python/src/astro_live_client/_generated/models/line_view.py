from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="LineView")


@_attrs_define
class LineView:
    """
    Attributes:
        line (int):
        text (str):
    """

    line: int
    text: str

    def to_dict(self) -> dict[str, Any]:
        line = self.line

        text = self.text

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "line": line,
                "text": text,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        line = d.pop("line")

        text = d.pop("text")

        line_view = cls(
            line=line,
            text=text,
        )

        return line_view
