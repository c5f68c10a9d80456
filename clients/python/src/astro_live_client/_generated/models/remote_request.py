from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.credential_model import CredentialModel


T = TypeVar("T", bound="RemoteRequest")


@_attrs_define
class RemoteRequest:
    """For a push or a pull of the branch that is checked out.

    Attributes:
        url (None | str | Unset): Instead of the remote `origin`'s
        credential (CredentialModel | None | Unset):
        secret (None | str | Unset): Name of a secret of the stack's `gitSecretNames` to send instead of a `credential`;
            with `url`, which has to be below one of its addresses
    """

    url: None | str | Unset = UNSET
    credential: CredentialModel | None | Unset = UNSET
    secret: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.credential_model import CredentialModel

        url: None | str | Unset
        if isinstance(self.url, Unset):
            url = UNSET
        else:
            url = self.url

        credential: dict[str, Any] | None | Unset
        if isinstance(self.credential, Unset):
            credential = UNSET
        elif isinstance(self.credential, CredentialModel):
            credential = self.credential.to_dict()
        else:
            credential = self.credential

        secret: None | str | Unset
        if isinstance(self.secret, Unset):
            secret = UNSET
        else:
            secret = self.secret

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if url is not UNSET:
            field_dict["url"] = url
        if credential is not UNSET:
            field_dict["credential"] = credential
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.credential_model import CredentialModel

        d = dict(src_dict)

        def _parse_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        url = _parse_url(d.pop("url", UNSET))

        def _parse_credential(data: object) -> CredentialModel | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                credential_type_0 = CredentialModel.from_dict(data)

                return credential_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CredentialModel | None | Unset, data)

        credential = _parse_credential(d.pop("credential", UNSET))

        def _parse_secret(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        secret = _parse_secret(d.pop("secret", UNSET))

        remote_request = cls(
            url=url,
            credential=credential,
            secret=secret,
        )

        return remote_request
