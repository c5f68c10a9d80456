from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.problem_view import ProblemView


T = TypeVar("T", bound="ProblemsView")


@_attrs_define
class ProblemsView:
    """
    Attributes:
        checked (bool): Whether the site was asked: it runs, and has answered in time
        problems (list[ProblemView]):
    """

    checked: bool
    problems: list[ProblemView]

    def to_dict(self) -> dict[str, Any]:
        checked = self.checked

        problems = []
        for problems_item_data in self.problems:
            problems_item = problems_item_data.to_dict()
            problems.append(problems_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "checked": checked,
                "problems": problems,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.problem_view import ProblemView

        d = dict(src_dict)
        checked = d.pop("checked")

        problems = []
        _problems = d.pop("problems")
        for problems_item_data in _problems:
            problems_item = ProblemView.from_dict(problems_item_data)

            problems.append(problems_item)

        problems_view = cls(
            checked=checked,
            problems=problems,
        )

        return problems_view
