from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.conflicting_file import ConflictingFile
    from ..models.invalid_member import InvalidMember
    from ..models.version_view import VersionView


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
            crashed, timeout, limit, endless, too-many-sessions, internal, storage, crowded, busy, draining, ownership-
            unavailable, quota, storage-full, unknown-checkpoint, nothing-to-undo, unknown-revision, git-missing, git-not-a-
            repository, git-address, git-credential, git-secret-not-allowed, git-secret, git-remote, git-unsupported, git-
            failed, git-conflict, git-nothing, git-uncommitted, git-untracked, git-merge-conflict, git-rejected, key-in-
            progress, key-reused, too-many-keys, outcome-unknown, keys-unavailable, answer-not-kept. /api/v1/errors explains
            each
        instance (str | Unset): The path of the request
        needs (str | Unset): The scope that the call needs
        nearest (str | Unset): What was probably meant by a session, a file or a path of the API that does not exist:
            one that does, and that the credential may know of
        errors (list[InvalidMember] | Unset): The first members of the body that are not as described
        member (str | Unset): The member of the body that is in the way
        current (None | Unset | VersionView): The file as it is now, in a batch after the changes before; null when
            there is none
        path (str | Unset): The file that is not the one that was expected
        operation (int | Unset): Which change of the request, from 0
        edit (int | Unset): Which edit of the file, from 0
        found (int | Unset): How many times the file has the edit's text
        unsupported (str | Unset): What the repository has and a session cannot: `submodules`, `lfs`, `links` or `names`
        conflicts (list[ConflictingFile] | Unset): The first files that are in conflict
        first_status (int | Unset): Of the answer to the first request with this Idempotency-Key
    """

    type_: str
    title: str
    status: int
    detail: str
    code: str
    instance: str | Unset = UNSET
    needs: str | Unset = UNSET
    nearest: str | Unset = UNSET
    errors: list[InvalidMember] | Unset = UNSET
    member: str | Unset = UNSET
    current: None | Unset | VersionView = UNSET
    path: str | Unset = UNSET
    operation: int | Unset = UNSET
    edit: int | Unset = UNSET
    found: int | Unset = UNSET
    unsupported: str | Unset = UNSET
    conflicts: list[ConflictingFile] | Unset = UNSET
    first_status: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.version_view import VersionView

        type_ = self.type_

        title = self.title

        status = self.status

        detail = self.detail

        code = self.code

        instance = self.instance

        needs = self.needs

        nearest = self.nearest

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        member = self.member

        current: dict[str, Any] | None | Unset
        if isinstance(self.current, Unset):
            current = UNSET
        elif isinstance(self.current, VersionView):
            current = self.current.to_dict()
        else:
            current = self.current

        path = self.path

        operation = self.operation

        edit = self.edit

        found = self.found

        unsupported = self.unsupported

        conflicts: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.conflicts, Unset):
            conflicts = []
            for conflicts_item_data in self.conflicts:
                conflicts_item = conflicts_item_data.to_dict()
                conflicts.append(conflicts_item)

        first_status = self.first_status

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
        if needs is not UNSET:
            field_dict["needs"] = needs
        if nearest is not UNSET:
            field_dict["nearest"] = nearest
        if errors is not UNSET:
            field_dict["errors"] = errors
        if member is not UNSET:
            field_dict["member"] = member
        if current is not UNSET:
            field_dict["current"] = current
        if path is not UNSET:
            field_dict["path"] = path
        if operation is not UNSET:
            field_dict["operation"] = operation
        if edit is not UNSET:
            field_dict["edit"] = edit
        if found is not UNSET:
            field_dict["found"] = found
        if unsupported is not UNSET:
            field_dict["unsupported"] = unsupported
        if conflicts is not UNSET:
            field_dict["conflicts"] = conflicts
        if first_status is not UNSET:
            field_dict["first_status"] = first_status

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.conflicting_file import ConflictingFile
        from ..models.invalid_member import InvalidMember
        from ..models.version_view import VersionView

        d = dict(src_dict)
        type_ = d.pop("type")

        title = d.pop("title")

        status = d.pop("status")

        detail = d.pop("detail")

        code = d.pop("code")

        instance = d.pop("instance", UNSET)

        needs = d.pop("needs", UNSET)

        nearest = d.pop("nearest", UNSET)

        _errors = d.pop("errors", UNSET)
        errors: list[InvalidMember] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = InvalidMember.from_dict(errors_item_data)

                errors.append(errors_item)

        member = d.pop("member", UNSET)

        def _parse_current(data: object) -> None | Unset | VersionView:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                current_type_0 = VersionView.from_dict(data)

                return current_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VersionView, data)

        current = _parse_current(d.pop("current", UNSET))

        path = d.pop("path", UNSET)

        operation = d.pop("operation", UNSET)

        edit = d.pop("edit", UNSET)

        found = d.pop("found", UNSET)

        unsupported = d.pop("unsupported", UNSET)

        _conflicts = d.pop("conflicts", UNSET)
        conflicts: list[ConflictingFile] | Unset = UNSET
        if _conflicts is not UNSET:
            conflicts = []
            for conflicts_item_data in _conflicts:
                conflicts_item = ConflictingFile.from_dict(conflicts_item_data)

                conflicts.append(conflicts_item)

        first_status = d.pop("first_status", UNSET)

        problem = cls(
            type_=type_,
            title=title,
            status=status,
            detail=detail,
            code=code,
            instance=instance,
            needs=needs,
            nearest=nearest,
            errors=errors,
            member=member,
            current=current,
            path=path,
            operation=operation,
            edit=edit,
            found=found,
            unsupported=unsupported,
            conflicts=conflicts,
            first_status=first_status,
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
