from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.list_builds_response_200_builds_item import (
        ListBuildsResponse200BuildsItem,
    )


T = TypeVar("T", bound="ListBuildsResponse200")


@_attrs_define
class ListBuildsResponse200:
    """
    Attributes:
        builds (list[ListBuildsResponse200BuildsItem]):
        serving (int | None):
        pinned (bool): Whether an earlier build was chosen, which a start does not replace
    """

    builds: list[ListBuildsResponse200BuildsItem]
    serving: int | None
    pinned: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        builds = []
        for builds_item_data in self.builds:
            builds_item = builds_item_data.to_dict()
            builds.append(builds_item)

        serving: int | None
        serving = self.serving

        pinned = self.pinned

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "builds": builds,
                "serving": serving,
                "pinned": pinned,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.list_builds_response_200_builds_item import (
            ListBuildsResponse200BuildsItem,
        )

        d = dict(src_dict)
        builds = []
        _builds = d.pop("builds")
        for builds_item_data in _builds:
            builds_item = ListBuildsResponse200BuildsItem.from_dict(builds_item_data)

            builds.append(builds_item)

        def _parse_serving(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        serving = _parse_serving(d.pop("serving"))

        pinned = d.pop("pinned")

        list_builds_response_200 = cls(
            builds=builds,
            serving=serving,
            pinned=pinned,
        )

        list_builds_response_200.additional_properties = d
        return list_builds_response_200

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
