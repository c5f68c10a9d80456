"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.pushed_view import PushedView
from ...models.remote_request import RemoteRequest
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    body: RemoteRequest | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/git/push",
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> PushedView:
    """What a successful response says."""
    response_200 = PushedView.from_dict(response.json())

    return response_200
