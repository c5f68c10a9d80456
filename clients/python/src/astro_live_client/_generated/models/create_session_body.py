from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.create_session_body_template import (
    CreateSessionBodyTemplate,
    check_create_session_body_template,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateSessionBody")


@_attrs_define
class CreateSessionBody:
    """
    Attributes:
        id (str):
        template (CreateSessionBodyTemplate | Unset):  Default: 'starter'.
        root (str | Unset): The site's folder in the repository, such as docs; empty has the only site found
    """

    id: str
    template: CreateSessionBodyTemplate | Unset = "starter"
    root: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        template: str | Unset = UNSET
        if not isinstance(self.template, Unset):
            template = self.template

        root = self.root

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

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        _template = d.pop("template", UNSET)
        template: CreateSessionBodyTemplate | Unset
        if isinstance(_template, Unset):
            template = UNSET
        else:
            template = check_create_session_body_template(_template)

        root = d.pop("root", UNSET)

        create_session_body = cls(
            id=id,
            template=template,
            root=root,
        )

        return create_session_body
