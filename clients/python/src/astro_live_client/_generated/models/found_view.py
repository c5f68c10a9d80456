from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.match_view import MatchView


T = TypeVar("T", bound="FoundView")


@_attrs_define
class FoundView:
    """
    Attributes:
        matches (list[MatchView]):
        complete (bool): Whether these are all; else the limit or the time was up
    """

    matches: list[MatchView]
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        matches = []
        for matches_item_data in self.matches:
            matches_item = matches_item_data.to_dict()
            matches.append(matches_item)

        complete = self.complete

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "matches": matches,
                "complete": complete,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.match_view import MatchView

        d = dict(src_dict)
        matches = []
        _matches = d.pop("matches")
        for matches_item_data in _matches:
            matches_item = MatchView.from_dict(matches_item_data)

            matches.append(matches_item)

        complete = d.pop("complete")

        found_view = cls(
            matches=matches,
            complete=complete,
        )

        return found_view
