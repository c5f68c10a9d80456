from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="CredentialModel")


@_attrs_define
class CredentialModel:
    """A name and a password or token for the remote. Used for this call, and kept nowhere.

    Attributes:
        host (str): The only host that it is sent to, such as github.com
        password (str):
        username (str | Unset):  Default: 'x-access-token'.
    """

    host: str
    password: str = _attrs_field(repr=False)
    username: str | Unset = "x-access-token"

    def to_dict(self) -> dict[str, Any]:
        host = self.host

        password = self.password

        username = self.username

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "host": host,
                "password": password,
            }
        )
        if username is not UNSET:
            field_dict["username"] = username

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        host = d.pop("host")

        password = d.pop("password")

        username = d.pop("username", UNSET)

        credential_model = cls(
            host=host,
            password=password,
            username=username,
        )

        return credential_model
