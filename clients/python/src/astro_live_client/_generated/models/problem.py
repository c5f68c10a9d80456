from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """
    Attributes:
        type_ (str): The paragraph about the code, relative to the API's address
        title (str): What the code means, in a few words
        status (int):
        detail (str): What was wrong this time, what is allowed, and the fix
        code (str): Stable, for programs; others may come. Known are bad-request, unauthorised, forbidden, not-found,
            unknown-session, unknown-file, unknown-build, unknown-credential, method-not-allowed, too-slow, conflict,
            session-exists, changed, too-many-credentials, precondition-failed, too-large, range-not-satisfiable,
            expectation-failed, owned-elsewhere, config, install, unsupported-astro, build, build-memory, build-timeout,
            crashed, timeout, limit, too-many-sessions, internal, storage, crowded, busy, draining, ownership-unavailable,
            quota, storage-full, unknown-checkpoint, nothing-to-undo, unknown-revision, git-missing, git-not-a-repository,
            git-address, git-credential, git-secret-not-allowed, git-secret, git-remote, git-unsupported, git-failed, git-
            conflict, git-nothing, git-uncommitted, git-untracked, git-merge-conflict, git-rejected, key-in-progress, key-
            reused, too-many-keys, outcome-unknown, keys-unavailable, answer-not-kept. /api/v1/errors explains each
        instance (str | Unset): The path of the request
    """

    type_: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        title = self.title

        status = self.status

        detail = self.detail

        code = self.code

        instance = self.instance

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "title": title,
                "status": status,
                "detail": detail,
                "code": code,
            }
        )
        if instance is not UNSET:
            field_dict["instance"] = instance

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        detail = d.pop("detail")

        code = d.pop("code")

        instance = d.pop("instance", UNSET)

        problem = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            code=code,
            instance=instance,
        )

        problem.additional_properties = d
        return problem

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
