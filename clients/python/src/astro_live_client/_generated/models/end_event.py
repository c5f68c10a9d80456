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

from ..models.end_event_reason import EndEventReason, check_end_event_reason

T = TypeVar("T", bound="EndEvent")


@_attrs_define
class EndEvent:
    """The last event of the stream.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['end']):  Default: 'end'.
        reason (EndEventReason): Another task has the session: connect again; the session was deleted; the task ends:
            connect again
    """

    at: float
    reason: EndEventReason
    kind: Literal["end"] = "end"

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        reason: str = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["end"], d.pop("kind"))
        if kind != "end":
            raise ValueError(f"kind must match const 'end', got '{kind}'")

        reason = check_end_event_reason(d.pop("reason"))

        end_event = cls(
            at=at,
            kind=kind,
            reason=reason,
        )

        return end_event
