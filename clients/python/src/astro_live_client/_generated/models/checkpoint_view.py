from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.checkpoint_view_kind import CheckpointViewKind, check_checkpoint_view_kind

T = TypeVar("T", bound="CheckpointView")


@_attrs_define
class CheckpointView:
    """A state of the project that can be restored.

    Attributes:
        number (int):
        name (str):
        kind (CheckpointViewKind): What it was made for; `batch`: before a batch or an archive
        parent (int | None): The checkpoint that the project came from
        created_at (float): Unix time
    """

    number: int
    name: str
    kind: CheckpointViewKind
    parent: int | None
    created_at: float

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        name = self.name

        kind: str = self.kind

        parent: int | None
        parent = self.parent

        created_at = self.created_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "name": name,
                "kind": kind,
                "parent": parent,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        number = d.pop("number")

        name = d.pop("name")

        kind = check_checkpoint_view_kind(d.pop("kind"))

        def _parse_parent(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        parent = _parse_parent(d.pop("parent"))

        created_at = d.pop("created_at")

        checkpoint_view = cls(
            number=number,
            name=name,
            kind=kind,
            parent=parent,
            created_at=created_at,
        )

        return checkpoint_view
