from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RebuildSessionBody")


@_attrs_define
class RebuildSessionBody:
    """
    Attributes:
        publish (bool | Unset): Whether a good build is served; false only keeps it Default: True.
        force (bool | Unset): Build although the sources have not changed: something outside of them has Default: False.
    """

    publish: bool | Unset = True
    force: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        publish = self.publish

        force = self.force

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if publish is not UNSET:
            field_dict["publish"] = publish
        if force is not UNSET:
            field_dict["force"] = force

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        publish = d.pop("publish", UNSET)

        force = d.pop("force", UNSET)

        rebuild_session_body = cls(
            publish=publish,
            force=force,
        )

        return rebuild_session_body
