from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Self,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.packages_view import PackagesView


T = TypeVar("T", bound="InstallEvent")


@_attrs_define
class InstallEvent:
    """Packages of the site are being installed, or are.

    Attributes:
        at (float): Seconds since the epoch
        kind (Literal['install']):  Default: 'install'.
        detail (str):
        packages (None | PackagesView): How they were installed; null until they are
    """

    at: float
    detail: str
    packages: None | PackagesView
    kind: Literal["install"] = "install"

    def to_dict(self) -> dict[str, Any]:
        from ..models.packages_view import PackagesView

        at = self.at

        kind = self.kind

        detail = self.detail

        packages: dict[str, Any] | None
        if isinstance(self.packages, PackagesView):
            packages = self.packages.to_dict()
        else:
            packages = self.packages

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "detail": detail,
                "packages": packages,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.packages_view import PackagesView

        d = dict(src_dict)
        at = d.pop("at")

        kind = cast(Literal["install"], d.pop("kind"))
        if kind != "install":
            raise ValueError(f"kind must match const 'install', got '{kind}'")

        detail = d.pop("detail")

        def _parse_packages(data: object) -> None | PackagesView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                packages_type_0 = PackagesView.from_dict(data)

                return packages_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PackagesView, data)

        packages = _parse_packages(d.pop("packages"))

        install_event = cls(
            at=at,
            kind=kind,
            detail=detail,
            packages=packages,
        )

        return install_event
