from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.made_checkpoint_view_kind import (
    MadeCheckpointViewKind,
    check_made_checkpoint_view_kind,
)

T = TypeVar("T", bound="MadeCheckpointView")


@_attrs_define
class MadeCheckpointView:
    """
    Attributes:
        number (int):
        name (str):
        kind (MadeCheckpointViewKind): What it was made for; `batch`: before a batch or an archive
        parent (int | None): The checkpoint that the project came from
        created_at (float): Unix time
        created (bool): false: the checkpoint before has the same files already
    """

    number: int
    name: str
    kind: MadeCheckpointViewKind
    parent: int | None
    created_at: float
    created: bool

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        name = self.name

        kind: str = self.kind

        parent: int | None
        parent = self.parent

        created_at = self.created_at

        created = self.created

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "name": name,
                "kind": kind,
                "parent": parent,
                "created_at": created_at,
                "created": created,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        number = d.pop("number")

        name = d.pop("name")

        kind = check_made_checkpoint_view_kind(d.pop("kind"))

        def _parse_parent(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        parent = _parse_parent(d.pop("parent"))

        created_at = d.pop("created_at")

        created = d.pop("created")

        made_checkpoint_view = cls(
            number=number,
            name=name,
            kind=kind,
            parent=parent,
            created_at=created_at,
            created=created,
        )

        return made_checkpoint_view
