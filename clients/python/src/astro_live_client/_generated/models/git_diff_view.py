from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.git_file_view import GitFileView


T = TypeVar("T", bound="GitDiffView")


@_attrs_define
class GitDiffView:
    """
    Attributes:
        files (list[GitFileView]):
        patch (str): As `git diff` has it, 1 MiB at most
        complete (bool): Whether the patch is whole
    """

    files: list[GitFileView]
    patch: str
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        files = []
        for files_item_data in self.files:
            files_item = files_item_data.to_dict()
            files.append(files_item)

        patch = self.patch

        complete = self.complete

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "files": files,
                "patch": patch,
                "complete": complete,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.git_file_view import GitFileView

        d = dict(src_dict)
        files = []
        _files = d.pop("files")
        for files_item_data in _files:
            files_item = GitFileView.from_dict(files_item_data)

            files.append(files_item)

        patch = d.pop("patch")

        complete = d.pop("complete")

        git_diff_view = cls(
            files=files,
            patch=patch,
            complete=complete,
        )

        return git_diff_view
