from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.create_request_template import (
    CreateRequestTemplate,
    check_create_request_template,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.repository_model import RepositoryModel


T = TypeVar("T", bound="CreateRequest")


@_attrs_define
class CreateRequest:
    """A session, new or as it is: from the starter site, empty, or from a repository. One that
    exists and came from somewhere else is answered 409 `session-exists`.

        Attributes:
            id (str):
            template (CreateRequestTemplate | Unset): Of a project that is new; not used with `repository`. One that is
                `empty` is not started: put files or an archive into it first. `starter` counts as left out where the session
                exists Default: 'starter'.
            root (None | str | Unset): The site's folder in the repository, such as docs; empty has it found. A session that
                exists is started again with it
            repository (None | RepositoryModel | Unset): Clone this instead of a template. Where the session exists, `url`,
                `ref` and `depth` have to be those that it was made with; `credential` and `secret` are for the clone only, and
                not used
    """

    id: str
    template: CreateRequestTemplate | Unset = "starter"
    root: None | str | Unset = UNSET
    repository: None | RepositoryModel | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.repository_model import RepositoryModel

        id = self.id

        template: str | Unset = UNSET
        if not isinstance(self.template, Unset):
            template = self.template

        root: None | str | Unset
        if isinstance(self.root, Unset):
            root = UNSET
        else:
            root = self.root

        repository: dict[str, Any] | None | Unset
        if isinstance(self.repository, Unset):
            repository = UNSET
        elif isinstance(self.repository, RepositoryModel):
            repository = self.repository.to_dict()
        else:
            repository = self.repository

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
            }
        )
        if template is not UNSET:
            field_dict["template"] = template
        if root is not UNSET:
            field_dict["root"] = root
        if repository is not UNSET:
            field_dict["repository"] = repository

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.repository_model import RepositoryModel

        d = dict(src_dict)
        id = d.pop("id")

        _template = d.pop("template", UNSET)
        template: CreateRequestTemplate | Unset
        if isinstance(_template, Unset):
            template = UNSET
        else:
            template = check_create_request_template(_template)

        def _parse_root(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        root = _parse_root(d.pop("root", UNSET))

        def _parse_repository(data: object) -> None | RepositoryModel | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                repository_type_0 = RepositoryModel.from_dict(data)

                return repository_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RepositoryModel | Unset, data)

        repository = _parse_repository(d.pop("repository", UNSET))

        create_request = cls(
            id=id,
            template=template,
            root=root,
            repository=repository,
        )

        return create_request
