"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import Content, in_path
from ...types import UNSET, Unset


def request(
    id: str,
    path: str,
    *,
    range_: str | Unset = UNSET,
    if_range: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(range_, Unset):
        headers["Range"] = range_

    if not isinstance(if_range, Unset):
        headers["If-Range"] = if_range

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/files/{in_path(path, folders=True)}",
    }
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> Content:
    """What a successful response says."""
    return Content.of(response)
