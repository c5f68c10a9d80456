"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...models.create_request import CreateRequest
from ...models.session_view import SessionView


def request(
    *,
    body: CreateRequest,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": "/sessions",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> SessionView:
    """What a successful response says."""
    response_200 = SessionView.from_dict(response.json())

    return response_200
