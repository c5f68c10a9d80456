from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="BuildView")


@_attrs_define
class BuildView:
    """Production mode: what is served and whether a build is under way.

    Attributes:
        serving (int | None):
        pinned (bool):
        building (bool):
        waiting (bool): For another session's build
    """

    serving: int | None
    pinned: bool
    building: bool
    waiting: bool

    def to_dict(self) -> dict[str, Any]:
        serving: int | None
        serving = self.serving

        pinned = self.pinned

        building = self.building

        waiting = self.waiting

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "serving": serving,
                "pinned": pinned,
                "building": building,
                "waiting": waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_serving(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        serving = _parse_serving(d.pop("serving"))

        pinned = d.pop("pinned")

        building = d.pop("building")

        waiting = d.pop("waiting")

        build_view = cls(
            serving=serving,
            pinned=pinned,
            building=building,
            waiting=waiting,
        )

        return build_view
