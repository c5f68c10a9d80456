from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.verdict_view_outcome import VerdictViewOutcome, check_verdict_view_outcome

if TYPE_CHECKING:
    from ..models.problem_view import ProblemView


T = TypeVar("T", bound="VerdictView")


@_attrs_define
class VerdictView:
    """What became of the edit.

    Attributes:
        outcome (VerdictViewOutcome): Shown by all open pages; rendered by the server, as none is open; with problems;
            not known in time
        pages (int): Open pages that show it
        ms (float):
        problems (list[ProblemView]):
    """

    outcome: VerdictViewOutcome
    pages: int
    ms: float
    problems: list[ProblemView]

    def to_dict(self) -> dict[str, Any]:
        outcome: str = self.outcome

        pages = self.pages

        ms = self.ms

        problems = []
        for problems_item_data in self.problems:
            problems_item = problems_item_data.to_dict()
            problems.append(problems_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "outcome": outcome,
                "pages": pages,
                "ms": ms,
                "problems": problems,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_view import ProblemView

        d = dict(src_dict)
        outcome = check_verdict_view_outcome(d.pop("outcome"))

        pages = d.pop("pages")

        ms = d.pop("ms")

        problems = []
        _problems = d.pop("problems")
        for problems_item_data in _problems:
            problems_item = ProblemView.from_dict(problems_item_data)

            problems.append(problems_item)

        verdict_view = cls(
            outcome=outcome,
            pages=pages,
            ms=ms,
            problems=problems,
        )

        return verdict_view
