"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.git_diff_view import GitDiffView
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    path: str | Unset = "",
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    params["path"] = path

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/git/diff",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> GitDiffView:
    """What a successful response says."""
    response_200 = GitDiffView.from_dict(response.json())

    return response_200
