from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.scope import Scope, check_scope
from ..types import UNSET, Unset

T = TypeVar("T", bound="CreatedCredentialView")


@_attrs_define
class CreatedCredentialView:
    """A new credential, with its secret.

    Attributes:
        id (str):
        name (str):
        scopes (list[Scope]):
        sessions (list[str]):
        created_at (int): Unix time
        expires_at (int | None): Unix time; null: until it is revoked
        secret (str): For `Authorization: Bearer`. It is shown this once, and kept nowhere
        git_secrets (list[str] | Unset): Secrets that its calls about Git may name
        viewers_may_post (bool | Unset): false: visitors whom its sign-in links let in can only read Default: True.
    """

    id: str
    name: str
    scopes: list[Scope]
    sessions: list[str]
    created_at: int
    expires_at: int | None
    secret: str = _attrs_field(repr=False)
    git_secrets: list[str] | Unset = UNSET
    viewers_may_post: bool | Unset = True
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item: str = scopes_item_data
            scopes.append(scopes_item)

        sessions = self.sessions

        created_at = self.created_at

        expires_at: int | None
        expires_at = self.expires_at

        secret = self.secret

        git_secrets: list[str] | Unset = UNSET
        if not isinstance(self.git_secrets, Unset):
            git_secrets = self.git_secrets

        viewers_may_post = self.viewers_may_post

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "scopes": scopes,
                "sessions": sessions,
                "created_at": created_at,
                "expires_at": expires_at,
                "secret": secret,
            }
        )
        if git_secrets is not UNSET:
            field_dict["git_secrets"] = git_secrets
        if viewers_may_post is not UNSET:
            field_dict["viewers_may_post"] = viewers_may_post

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = check_scope(scopes_item_data)

            scopes.append(scopes_item)

        sessions = cast(list[str], d.pop("sessions"))

        created_at = d.pop("created_at")

        def _parse_expires_at(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        secret = d.pop("secret")

        git_secrets = cast(list[str], d.pop("git_secrets", UNSET))

        viewers_may_post = d.pop("viewers_may_post", UNSET)

        created_credential_view = cls(
            id=id,
            name=name,
            scopes=scopes,
            sessions=sessions,
            created_at=created_at,
            expires_at=expires_at,
            secret=secret,
            git_secrets=git_secrets,
            viewers_may_post=viewers_may_post,
        )

        created_credential_view.additional_properties = d
        return created_credential_view

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
