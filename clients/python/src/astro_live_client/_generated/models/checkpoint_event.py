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

from ..models.checkpoint_event_action import (
    CheckpointEventAction,
    check_checkpoint_event_action,
)

T = TypeVar("T", bound="CheckpointEvent")


@_attrs_define
class CheckpointEvent:
    """A checkpoint of the project was made, restored or removed.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['checkpoint']):  Default: 'checkpoint'.
        action (CheckpointEventAction):
        id (str):
        name (str):  Default: ''.
    """

    at: float
    action: CheckpointEventAction
    id: str
    kind: Literal["checkpoint"] = "checkpoint"
    name: str = ""

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        action: str = self.action

        id = self.id

        name = self.name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "action": action,
                "id": id,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["checkpoint"], d.pop("kind"))
        if kind != "checkpoint":
            raise ValueError(f"kind must match const 'checkpoint', got '{kind}'")

        action = check_checkpoint_event_action(d.pop("action"))

        id = d.pop("id")

        name = d.pop("name")

        checkpoint_event = cls(
            at=at,
            kind=kind,
            action=action,
            id=id,
            name=name,
        )

        return checkpoint_event
