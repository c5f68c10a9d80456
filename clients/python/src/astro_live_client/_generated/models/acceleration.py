from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Acceleration")


@_attrs_define
class Acceleration:
    """A change to Astro's modules that makes a session faster or tidier, and whether this release
    has a place for it.

        Attributes:
            name (str):
            active (bool):
            without (str):
    """

    name: str
    active: bool
    without: str

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        active = self.active

        without = self.without

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "active": active,
                "without": without,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        active = d.pop("active")

        without = d.pop("without")

        acceleration = cls(
            name=name,
            active=active,
            without=without,
        )

        return acceleration
