"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.read_logs_follow import ReadLogsFollow
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    follow: ReadLogsFollow | Unset = "0",
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    json_follow: str | Unset = UNSET
    if not isinstance(follow, Unset):
        json_follow = follow

    params["follow"] = json_follow

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/logs",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> str:
    """What a successful response says."""
    return response.text
