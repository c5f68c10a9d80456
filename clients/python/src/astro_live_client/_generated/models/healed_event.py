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

from ..models.problem_source import ProblemSource, check_problem_source

T = TypeVar("T", bound="HealedEvent")


@_attrs_define
class HealedEvent:
    """A problem is over.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['healed']):  Default: 'healed'.
        id (str):
        source (ProblemSource): Where a problem was seen.
        file (str):
        page (str):
    """

    at: float
    id: str
    source: ProblemSource
    file: str
    page: str
    kind: Literal["healed"] = "healed"

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        id = self.id

        source: str = self.source

        file = self.file

        page = self.page

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "id": id,
                "source": source,
                "file": file,
                "page": page,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["healed"], d.pop("kind"))
        if kind != "healed":
            raise ValueError(f"kind must match const 'healed', got '{kind}'")

        id = d.pop("id")

        source = check_problem_source(d.pop("source"))

        file = d.pop("file")

        page = d.pop("page")

        healed_event = cls(
            at=at,
            kind=kind,
            id=id,
            source=source,
            file=file,
            page=page,
        )

        return healed_event
