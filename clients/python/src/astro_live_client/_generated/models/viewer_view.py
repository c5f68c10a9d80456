from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ViewerView")


@_attrs_define
class ViewerView:
    """An open page of the session.

    Attributes:
        id (str): Of the page; a reload is another one
        visitor (str): The same for all pages of one sign-in
        name (str): Given with the sign-in link; empty without one
        visible (bool): Whether the browser shows the page
        page (str): Below the session's address
        since (float): When it connected, in seconds since the epoch
    """

    id: str
    visitor: str
    name: str
    visible: bool
    page: str
    since: float

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        visitor = self.visitor

        name = self.name

        visible = self.visible

        page = self.page

        since = self.since

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "visitor": visitor,
                "name": name,
                "visible": visible,
                "page": page,
                "since": since,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        visitor = d.pop("visitor")

        name = d.pop("name")

        visible = d.pop("visible")

        page = d.pop("page")

        since = d.pop("since")

        viewer_view = cls(
            id=id,
            visitor=visitor,
            name=name,
            visible=visible,
            page=page,
            since=since,
        )

        return viewer_view
