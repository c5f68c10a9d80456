"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...models.credentials_view import CredentialsView
from ...types import UNSET, Unset


def request(
    *,
    after: str | Unset = "",
    limit: int | Unset = 1000,
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    params["after"] = after

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": "/credentials",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> CredentialsView:
    """What a successful response says."""
    response_200 = CredentialsView.from_dict(response.json())

    return response_200
