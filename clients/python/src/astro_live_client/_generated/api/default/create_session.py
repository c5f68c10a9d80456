"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import new_key
from ...models.create_request import CreateRequest
from ...models.session_view import SessionView
from ...types import UNSET, Unset


def request(
    *,
    body: CreateRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

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
