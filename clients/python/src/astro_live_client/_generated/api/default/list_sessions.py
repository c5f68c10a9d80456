"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...models.list_sessions_response_200 import ListSessionsResponse200


def request() -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": "/sessions",
    }
    return _kwargs


def answer(response: httpx.Response) -> ListSessionsResponse200:
    """What a successful response says."""
    response_200 = ListSessionsResponse200.from_dict(response.json())

    return response_200
