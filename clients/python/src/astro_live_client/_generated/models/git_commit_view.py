from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="GitCommitView")


@_attrs_define
class GitCommitView:
    """
    Attributes:
        id (str):
        parents (list[str]):
        author (str):
        email (str):
        at (int): Unix time
        message (str):
    """

    id: str
    parents: list[str]
    author: str
    email: str
    at: int
    message: str

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        parents = self.parents

        author = self.author

        email = self.email

        at = self.at

        message = self.message

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "parents": parents,
                "author": author,
                "email": email,
                "at": at,
                "message": message,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        parents = cast(list[str], d.pop("parents"))

        author = d.pop("author")

        email = d.pop("email")

        at = d.pop("at")

        message = d.pop("message")

        git_commit_view = cls(
            id=id,
            parents=parents,
            author=author,
            email=email,
            at=at,
            message=message,
        )

        return git_commit_view
