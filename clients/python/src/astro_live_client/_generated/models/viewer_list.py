from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.viewer_view import ViewerView


T = TypeVar("T", bound="ViewerList")


@_attrs_define
class ViewerList:
    """Who looks at a session now.

    Attributes:
        viewers (list[ViewerView]):
        more (int): Open pages that are not listed
    """

    viewers: list[ViewerView]
    more: int

    def to_dict(self) -> dict[str, Any]:
        viewers = []
        for viewers_item_data in self.viewers:
            viewers_item = viewers_item_data.to_dict()
            viewers.append(viewers_item)

        more = self.more

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "viewers": viewers,
                "more": more,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.viewer_view import ViewerView

        d = dict(src_dict)
        viewers = []
        _viewers = d.pop("viewers")
        for viewers_item_data in _viewers:
            viewers_item = ViewerView.from_dict(viewers_item_data)

            viewers.append(viewers_item)

        more = d.pop("more")

        viewer_list = cls(
            viewers=viewers,
            more=more,
        )

        return viewer_list
