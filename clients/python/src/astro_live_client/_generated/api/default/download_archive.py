"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import Content, in_path
from ...models.download_archive_format import DownloadArchiveFormat
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    path: str | Unset = "",
    format_: DownloadArchiveFormat | Unset = "tar.gz",
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    params["path"] = path

    json_format_: str | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_

    params["format"] = json_format_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/archive",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> Content:
    """What a successful response says."""
    return Content.of(response)
