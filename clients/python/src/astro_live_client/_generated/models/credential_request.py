from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.scope import Scope, check_scope
from ..types import UNSET, Unset

T = TypeVar("T", bound="CredentialRequest")


@_attrs_define
class CredentialRequest:
    """What a new credential is for.

    Attributes:
        name (str): Who or what uses it; in the audit log and the list
        scopes (list[Scope]):
        sessions (list[str] | Unset): Where the scopes hold; none for `service`, at least one otherwise
        git_secrets (list[str] | Unset): Secrets of the stack's `gitSecretNames` that its calls about Git may name; with
            the scope `write`. A credential with `service` may name all
        viewers_may_post (bool | Unset): false: visitors whom its sign-in links let in can only read, whatever the stack
            and the link allow; true: it sets no limit Default: True.
        expires_in_seconds (int | None | Unset): null: until it is revoked
    """

    name: str
    scopes: list[Scope]
    sessions: list[str] | Unset = UNSET
    git_secrets: list[str] | Unset = UNSET
    viewers_may_post: bool | Unset = True
    expires_in_seconds: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        scopes = []
        for scopes_item_data in self.scopes:
            scopes_item: str = scopes_item_data
            scopes.append(scopes_item)

        sessions: list[str] | Unset = UNSET
        if not isinstance(self.sessions, Unset):
            sessions = self.sessions

        git_secrets: list[str] | Unset = UNSET
        if not isinstance(self.git_secrets, Unset):
            git_secrets = self.git_secrets

        viewers_may_post = self.viewers_may_post

        expires_in_seconds: int | None | Unset
        if isinstance(self.expires_in_seconds, Unset):
            expires_in_seconds = UNSET
        else:
            expires_in_seconds = self.expires_in_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "scopes": scopes,
            }
        )
        if sessions is not UNSET:
            field_dict["sessions"] = sessions
        if git_secrets is not UNSET:
            field_dict["git_secrets"] = git_secrets
        if viewers_may_post is not UNSET:
            field_dict["viewers_may_post"] = viewers_may_post
        if expires_in_seconds is not UNSET:
            field_dict["expires_in_seconds"] = expires_in_seconds

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        scopes = []
        _scopes = d.pop("scopes")
        for scopes_item_data in _scopes:
            scopes_item = check_scope(scopes_item_data)

            scopes.append(scopes_item)

        sessions = cast(list[str], d.pop("sessions", UNSET))

        git_secrets = cast(list[str], d.pop("git_secrets", UNSET))

        viewers_may_post = d.pop("viewers_may_post", UNSET)

        def _parse_expires_in_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expires_in_seconds = _parse_expires_in_seconds(d.pop("expires_in_seconds", UNSET))

        credential_request = cls(
            name=name,
            scopes=scopes,
            sessions=sessions,
            git_secrets=git_secrets,
            viewers_may_post=viewers_may_post,
            expires_in_seconds=expires_in_seconds,
        )

        return credential_request
