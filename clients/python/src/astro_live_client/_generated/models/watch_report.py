from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.watch_report_mode import WatchReportMode, check_watch_report_mode

T = TypeVar("T", bound="WatchReport")


@_attrs_define
class WatchReport:
    """How file changes are noticed, and why so.

    Attributes:
        mode (WatchReportMode):
        reason (str):
    """

    mode: WatchReportMode
    reason: str

    def to_dict(self) -> dict[str, Any]:
        mode: str = self.mode

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "mode": mode,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        mode = check_watch_report_mode(d.pop("mode"))

        reason = d.pop("reason")

        watch_report = cls(
            mode=mode,
            reason=reason,
        )

        return watch_report
