from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.changed_view_event import ChangedViewEvent, check_changed_view_event
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.version_view import VersionView


T = TypeVar("T", bound="ChangedView")


@_attrs_define
class ChangedView:
    """What became of one path.

    Attributes:
        event (ChangedViewEvent):
        path (str):
        file (None | Unset | VersionView):
    """

    event: ChangedViewEvent
    path: str
    file: None | Unset | VersionView = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.version_view import VersionView

        event: str = self.event

        path = self.path

        file: dict[str, Any] | None | Unset
        if isinstance(self.file, Unset):
            file = UNSET
        elif isinstance(self.file, VersionView):
            file = self.file.to_dict()
        else:
            file = self.file

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "event": event,
                "path": path,
            }
        )
        if file is not UNSET:
            field_dict["file"] = file

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.version_view import VersionView

        d = dict(src_dict)
        event = check_changed_view_event(d.pop("event"))

        path = d.pop("path")

        def _parse_file(data: object) -> None | Unset | VersionView:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                file_type_0 = VersionView.from_dict(data)

                return file_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VersionView, data)

        file = _parse_file(d.pop("file", UNSET))

        changed_view = cls(
            event=event,
            path=path,
            file=file,
        )

        return changed_view
