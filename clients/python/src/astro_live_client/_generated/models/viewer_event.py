from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.viewer_event_change import ViewerEventChange, check_viewer_event_change

if TYPE_CHECKING:
    from ..models.viewer_view import ViewerView


T = TypeVar("T", bound="ViewerEvent")


@_attrs_define
class ViewerEvent:
    """Somebody has come, left, hidden or shown a page, or gone to another one in place.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['viewer']):  Default: 'viewer'.
        change (ViewerEventChange):
        viewer (ViewerView): An open page of the session.
        viewers (int): Pages that are open now
        visible (int): Those of them that a browser shows
    """

    at: float
    change: ViewerEventChange
    viewer: ViewerView
    viewers: int
    visible: int
    kind: Literal["viewer"] = "viewer"

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        change: str = self.change

        viewer = self.viewer.to_dict()

        viewers = self.viewers

        visible = self.visible

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "change": change,
                "viewer": viewer,
                "viewers": viewers,
                "visible": visible,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.viewer_view import ViewerView

        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["viewer"], d.pop("kind"))
        if kind != "viewer":
            raise ValueError(f"kind must match const 'viewer', got '{kind}'")

        change = check_viewer_event_change(d.pop("change"))

        viewer = ViewerView.from_dict(d.pop("viewer"))

        viewers = d.pop("viewers")

        visible = d.pop("visible")

        viewer_event = cls(
            at=at,
            kind=kind,
            change=change,
            viewer=viewer,
            viewers=viewers,
            visible=visible,
        )

        return viewer_event
