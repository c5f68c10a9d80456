from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.acceleration import Acceleration
    from ..models.overridden import Overridden


T = TypeVar("T", bound="SiteReport")


@_attrs_define
class SiteReport:
    """How a site runs in its session: whether open pages follow edits, and what differs from bare
    `astro dev`.

        Attributes:
            live (bool):
            reason (str):
            warnings (list[str]):
            accelerations (list[Acceleration]):
            overridden (list[Overridden]):
    """

    live: bool
    reason: str
    warnings: list[str]
    accelerations: list[Acceleration]
    overridden: list[Overridden]

    def to_dict(self) -> dict[str, Any]:
        live = self.live

        reason = self.reason

        warnings = self.warnings

        accelerations = []
        for accelerations_item_data in self.accelerations:
            accelerations_item = accelerations_item_data.to_dict()
            accelerations.append(accelerations_item)

        overridden = []
        for overridden_item_data in self.overridden:
            overridden_item = overridden_item_data.to_dict()
            overridden.append(overridden_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "live": live,
                "reason": reason,
                "warnings": warnings,
                "accelerations": accelerations,
                "overridden": overridden,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.acceleration import Acceleration
        from ..models.overridden import Overridden

        d = dict(src_dict)
        live = d.pop("live")

        reason = d.pop("reason")

        warnings = cast(list[str], d.pop("warnings"))

        accelerations = []
        _accelerations = d.pop("accelerations")
        for accelerations_item_data in _accelerations:
            accelerations_item = Acceleration.from_dict(accelerations_item_data)

            accelerations.append(accelerations_item)

        overridden = []
        _overridden = d.pop("overridden")
        for overridden_item_data in _overridden:
            overridden_item = Overridden.from_dict(overridden_item_data)

            overridden.append(overridden_item)

        site_report = cls(
            live=live,
            reason=reason,
            warnings=warnings,
            accelerations=accelerations,
            overridden=overridden,
        )

        return site_report
