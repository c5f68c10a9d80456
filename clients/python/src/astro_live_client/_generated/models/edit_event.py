from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.update_kind import UpdateKind, check_update_kind

T = TypeVar("T", bound="EditEvent")


@_attrs_define
class EditEvent:
    """An edit was sent to the open pages.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['edit']):  Default: 'edit'.
        update (UpdateKind): Kind of an edited file, for metrics. A closed list: each value is a label for as long as
            the
            task lives.
        path (str): Of the file, in the project
        ms (float): From the file's change to the message to the pages
    """

    at: float
    update: UpdateKind
    path: str
    ms: float
    kind: Literal["edit"] = "edit"

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        update: str = self.update

        path = self.path

        ms = self.ms

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "update": update,
                "path": path,
                "ms": ms,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["edit"], d.pop("kind"))
        if kind != "edit":
            raise ValueError(f"kind must match const 'edit', got '{kind}'")

        update = check_update_kind(d.pop("update"))

        path = d.pop("path")

        ms = d.pop("ms")

        edit_event = cls(
            at=at,
            kind=kind,
            update=update,
            path=path,
            ms=ms,
        )

        return edit_event
