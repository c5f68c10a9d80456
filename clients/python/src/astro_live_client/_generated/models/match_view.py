from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.line_view import LineView


T = TypeVar("T", bound="MatchView")


@_attrs_define
class MatchView:
    """A line that matches.

    Attributes:
        path (str):
        line (int):
        column (int): Of the first match in the line, in characters from 1
        text (str): The line, cut after 400 characters
        before (list[LineView]):
        after (list[LineView]):
    """

    path: str
    line: int
    column: int
    text: str
    before: list[LineView]
    after: list[LineView]

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        line = self.line

        column = self.column

        text = self.text

        before = []
        for before_item_data in self.before:
            before_item = before_item_data.to_dict()
            before.append(before_item)

        after = []
        for after_item_data in self.after:
            after_item = after_item_data.to_dict()
            after.append(after_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "line": line,
                "column": column,
                "text": text,
                "before": before,
                "after": after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.line_view import LineView

        d = dict(src_dict)
        path = d.pop("path")

        line = d.pop("line")

        column = d.pop("column")

        text = d.pop("text")

        before = []
        _before = d.pop("before")
        for before_item_data in _before:
            before_item = LineView.from_dict(before_item_data)

            before.append(before_item)

        after = []
        _after = d.pop("after")
        for after_item_data in _after:
            after_item = LineView.from_dict(after_item_data)

            after.append(after_item)

        match_view = cls(
            path=path,
            line=line,
            column=column,
            text=text,
            before=before,
            after=after,
        )

        return match_view
