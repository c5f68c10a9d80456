"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.git_log_view import GitLogView
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    ref: str | Unset = "HEAD",
    limit: int | Unset = 50,
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    params["ref"] = ref

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/git/log",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> GitLogView:
    """What a successful response says."""
    response_200 = GitLogView.from_dict(response.json())

    return response_200
