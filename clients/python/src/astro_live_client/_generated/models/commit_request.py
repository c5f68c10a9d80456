from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.author_model import AuthorModel


T = TypeVar("T", bound="CommitRequest")


@_attrs_define
class CommitRequest:
    """
    Attributes:
        message (str):
        author (AuthorModel):
        paths (list[str] | Unset): Files and folders to commit; none: all
    """

    message: str
    author: AuthorModel
    paths: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        message = self.message

        author = self.author.to_dict()

        paths: list[str] | Unset = UNSET
        if not isinstance(self.paths, Unset):
            paths = self.paths

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "message": message,
                "author": author,
            }
        )
        if paths is not UNSET:
            field_dict["paths"] = paths

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.author_model import AuthorModel

        d = dict(src_dict)
        message = d.pop("message")

        author = AuthorModel.from_dict(d.pop("author"))

        paths = cast(list[str], d.pop("paths", UNSET))

        commit_request = cls(
            message=message,
            author=author,
            paths=paths,
        )

        return commit_request
