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

from ..models.lost_event_reason import LostEventReason, check_lost_event_reason

T = TypeVar("T", bound="LostEvent")


@_attrs_define
class LostEvent:
    """Events were lost for this reader: list problems and viewers again.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['lost']):  Default: 'lost'.
        reason (LostEventReason): The reader is slower than the events come, or names an event that is not kept any
            more, or is another task's
        missed (int | None): How many; null when it is not known
    """

    at: float
    reason: LostEventReason
    missed: int | None
    kind: Literal["lost"] = "lost"

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        reason: str = self.reason

        missed: int | None
        missed = self.missed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "reason": reason,
                "missed": missed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["lost"], d.pop("kind"))
        if kind != "lost":
            raise ValueError(f"kind must match const 'lost', got '{kind}'")

        reason = check_lost_event_reason(d.pop("reason"))

        def _parse_missed(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        missed = _parse_missed(d.pop("missed"))

        lost_event = cls(
            at=at,
            kind=kind,
            reason=reason,
            missed=missed,
        )

        return lost_event
