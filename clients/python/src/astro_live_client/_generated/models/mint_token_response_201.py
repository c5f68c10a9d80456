from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="MintTokenResponse201")


@_attrs_define
class MintTokenResponse201:
    """
    Attributes:
        token (str):
        url (str):
        expires_at (int):
        may_post (bool | Unset): Whether stack, credential and request let the visitor do more than read
    """

    token: str = _attrs_field(repr=False)
    url: str = _attrs_field(repr=False)
    expires_at: int
    may_post: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        token = self.token

        url = self.url

        expires_at = self.expires_at

        may_post = self.may_post

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "token": token,
                "url": url,
                "expires_at": expires_at,
            }
        )
        if may_post is not UNSET:
            field_dict["may_post"] = may_post

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        token = d.pop("token")

        url = d.pop("url")

        expires_at = d.pop("expires_at")

        may_post = d.pop("may_post", UNSET)

        mint_token_response_201 = cls(
            token=token,
            url=url,
            expires_at=expires_at,
            may_post=may_post,
        )

        mint_token_response_201.additional_properties = d
        return mint_token_response_201

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
