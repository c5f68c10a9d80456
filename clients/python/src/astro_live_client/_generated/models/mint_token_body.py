from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="MintTokenBody")


@_attrs_define
class MintTokenBody:
    """
    Attributes:
        name (str | Unset): What the viewer is called (`listViewers`)
        may_post (bool | Unset): false: the visitor can only read: all methods but GET and HEAD, and the site's own
            WebSockets, are answered 405. true: as the stack (`viewersMayPost`) and the credential allow Default: True.
    """

    name: str | Unset = UNSET
    may_post: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        may_post = self.may_post

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if may_post is not UNSET:
            field_dict["may_post"] = may_post

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        may_post = d.pop("may_post", UNSET)

        mint_token_body = cls(
            name=name,
            may_post=may_post,
        )

        return mint_token_body
