from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.checkpoint_view import CheckpointView


T = TypeVar("T", bound="CheckpointsView")


@_attrs_define
class CheckpointsView:
    """
    Attributes:
        checkpoints (list[CheckpointView]): The newest first
        position (int | None): The one that the project was at last
    """

    checkpoints: list[CheckpointView]
    position: int | None

    def to_dict(self) -> dict[str, Any]:
        checkpoints = []
        for checkpoints_item_data in self.checkpoints:
            checkpoints_item = checkpoints_item_data.to_dict()
            checkpoints.append(checkpoints_item)

        position: int | None
        position = self.position

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "checkpoints": checkpoints,
                "position": position,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.checkpoint_view import CheckpointView

        d = dict(src_dict)
        checkpoints = []
        _checkpoints = d.pop("checkpoints")
        for checkpoints_item_data in _checkpoints:
            checkpoints_item = CheckpointView.from_dict(checkpoints_item_data)

            checkpoints.append(checkpoints_item)

        def _parse_position(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        position = _parse_position(d.pop("position"))

        checkpoints_view = cls(
            checkpoints=checkpoints,
            position=position,
        )

        return checkpoints_view
