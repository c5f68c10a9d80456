from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.error_code import ErrorCode, check_error_code

T = TypeVar("T", bound="ErrorView")


@_attrs_define
class ErrorView:
    """Why the session does not run, or what is wrong although it does.

    Attributes:
        code (ErrorCode): What went wrong with a session's dev server.
        message (str):
        fix (str):
    """

    code: ErrorCode
    message: str
    fix: str

    def to_dict(self) -> dict[str, Any]:
        code: str = self.code

        message = self.message

        fix = self.fix

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "message": message,
                "fix": fix,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        code = check_error_code(d.pop("code"))

        message = d.pop("message")

        fix = d.pop("fix")

        error_view = cls(
            code=code,
            message=message,
            fix=fix,
        )

        return error_view
