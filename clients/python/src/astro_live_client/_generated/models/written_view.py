from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.verdict_view import VerdictView


T = TypeVar("T", bound="WrittenView")


@_attrs_define
class WrittenView:
    """A file that was written.

    Attributes:
        path (str):
        bytes_ (int):
        modified_at (float): Unix time
        sha256 (str): SHA-256 of the file's content, in hexadecimal
        verdict (None | Unset | VerdictView): With `wait`
    """

    path: str
    bytes_: int
    modified_at: float
    sha256: str
    verdict: None | Unset | VerdictView = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.verdict_view import VerdictView

        path = self.path

        bytes_ = self.bytes_

        modified_at = self.modified_at

        sha256 = self.sha256

        verdict: dict[str, Any] | None | Unset
        if isinstance(self.verdict, Unset):
            verdict = UNSET
        elif isinstance(self.verdict, VerdictView):
            verdict = self.verdict.to_dict()
        else:
            verdict = self.verdict

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "bytes": bytes_,
                "modified_at": modified_at,
                "sha256": sha256,
            }
        )
        if verdict is not UNSET:
            field_dict["verdict"] = verdict

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.verdict_view import VerdictView

        d = dict(src_dict)
        path = d.pop("path")

        bytes_ = d.pop("bytes")

        modified_at = d.pop("modified_at")

        sha256 = d.pop("sha256")

        def _parse_verdict(data: object) -> None | Unset | VerdictView:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                verdict_type_0 = VerdictView.from_dict(data)

                return verdict_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VerdictView, data)

        verdict = _parse_verdict(d.pop("verdict", UNSET))

        written_view = cls(
            path=path,
            bytes_=bytes_,
            modified_at=modified_at,
            sha256=sha256,
            verdict=verdict,
        )

        return written_view
