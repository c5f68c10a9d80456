from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ListBuildsResponse200BuildsItem")


@_attrs_define
class ListBuildsResponse200BuildsItem:
    """
    Attributes:
        number (int):
        created_at (int): Unix time
        seconds (float): What the build took
        memory_mib (int): The most memory that the build was seen to use
        bytes_ (int):
        files (int):
        astro (str): Version
        serving (bool):
    """

    number: int
    created_at: int
    seconds: float
    memory_mib: int
    bytes_: int
    files: int
    astro: str
    serving: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        created_at = self.created_at

        seconds = self.seconds

        memory_mib = self.memory_mib

        bytes_ = self.bytes_

        files = self.files

        astro = self.astro

        serving = self.serving

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "number": number,
                "created_at": created_at,
                "seconds": seconds,
                "memory_mib": memory_mib,
                "bytes": bytes_,
                "files": files,
                "astro": astro,
                "serving": serving,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        number = d.pop("number")

        created_at = d.pop("created_at")

        seconds = d.pop("seconds")

        memory_mib = d.pop("memory_mib")

        bytes_ = d.pop("bytes")

        files = d.pop("files")

        astro = d.pop("astro")

        serving = d.pop("serving")

        list_builds_response_200_builds_item = cls(
            number=number,
            created_at=created_at,
            seconds=seconds,
            memory_mib=memory_mib,
            bytes_=bytes_,
            files=files,
            astro=astro,
            serving=serving,
        )

        list_builds_response_200_builds_item.additional_properties = d
        return list_builds_response_200_builds_item

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
