from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.problem_view import ProblemView


T = TypeVar("T", bound="ProblemEvent")


@_attrs_define
class ProblemEvent:
    """Something is wrong with the site that was not before, or (first of all) still is.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['problem']):  Default: 'problem'.
        id (str): The `healed` event names it
        problem (ProblemView): Something that is wrong with the site.
    """

    at: float
    id: str
    problem: ProblemView
    kind: Literal["problem"] = "problem"

    def to_dict(self) -> dict[str, Any]:
        at = self.at

        kind = self.kind

        id = self.id

        problem = self.problem.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "id": id,
                "problem": problem,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_view import ProblemView

        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["problem"], d.pop("kind"))
        if kind != "problem":
            raise ValueError(f"kind must match const 'problem', got '{kind}'")

        id = d.pop("id")

        problem = ProblemView.from_dict(d.pop("problem"))

        problem_event = cls(
            at=at,
            kind=kind,
            id=id,
            problem=problem,
        )

        return problem_event
