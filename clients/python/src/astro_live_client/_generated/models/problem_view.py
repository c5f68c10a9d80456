from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.problem_source import ProblemSource, check_problem_source

T = TypeVar("T", bound="ProblemView")


@_attrs_define
class ProblemView:
    """Something that is wrong with the site.

    Attributes:
        source (ProblemSource): Where a problem was seen.
        message (str):
        file (str): In the project; empty when it is not known
        line (int): From 1; 0 when it is not known
        column (int):
        frame (str): The lines around the place
        plugin (str): That reported it; of an open page: uncaught, rejection, hydration or console
        fix (str):
        page (str): Below the session's address
    """

    source: ProblemSource
    message: str
    file: str
    line: int
    column: int
    frame: str
    plugin: str
    fix: str
    page: str

    def to_dict(self) -> dict[str, Any]:
        source: str = self.source

        message = self.message

        file = self.file

        line = self.line

        column = self.column

        frame = self.frame

        plugin = self.plugin

        fix = self.fix

        page = self.page

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
                "message": message,
                "file": file,
                "line": line,
                "column": column,
                "frame": frame,
                "plugin": plugin,
                "fix": fix,
                "page": page,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        source = check_problem_source(d.pop("source"))

        message = d.pop("message")

        file = d.pop("file")

        line = d.pop("line")

        column = d.pop("column")

        frame = d.pop("frame")

        plugin = d.pop("plugin")

        fix = d.pop("fix")

        page = d.pop("page")

        problem_view = cls(
            source=source,
            message=message,
            file=file,
            line=line,
            column=column,
            frame=frame,
            plugin=plugin,
            fix=fix,
            page=page,
        )

        return problem_view
