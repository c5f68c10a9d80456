from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="VersionsView")


@_attrs_define
class VersionsView:
    """
    Attributes:
        astro (str):
        vite (str):
    """

    astro: str
    vite: str

    def to_dict(self) -> dict[str, Any]:
        astro = self.astro

        vite = self.vite

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "astro": astro,
                "vite": vite,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        astro = d.pop("astro")

        vite = d.pop("vite")

        versions_view = cls(
            astro=astro,
            vite=vite,
        )

        return versions_view
