from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.packages_view_manager import (
    PackagesViewManager,
    check_packages_view_manager,
)

T = TypeVar("T", bound="PackagesView")


@_attrs_define
class PackagesView:
    """How the packages were installed.

    Attributes:
        manager (PackagesViewManager):
        version (str):
        lock (str):
        seconds (float):
        refused_scripts (list[str]):
        failed_scripts (list[str]):
    """

    manager: PackagesViewManager
    version: str
    lock: str
    seconds: float
    refused_scripts: list[str]
    failed_scripts: list[str]

    def to_dict(self) -> dict[str, Any]:
        manager: str = self.manager

        version = self.version

        lock = self.lock

        seconds = self.seconds

        refused_scripts = self.refused_scripts

        failed_scripts = self.failed_scripts

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "manager": manager,
                "version": version,
                "lock": lock,
                "seconds": seconds,
                "refused_scripts": refused_scripts,
                "failed_scripts": failed_scripts,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        manager = check_packages_view_manager(d.pop("manager"))

        version = d.pop("version")

        lock = d.pop("lock")

        seconds = d.pop("seconds")

        refused_scripts = cast(list[str], d.pop("refused_scripts"))

        failed_scripts = cast(list[str], d.pop("failed_scripts"))

        packages_view = cls(
            manager=manager,
            version=version,
            lock=lock,
            seconds=seconds,
            refused_scripts=refused_scripts,
            failed_scripts=failed_scripts,
        )

        return packages_view
