"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path, new_key
from ...models.change_session_body import ChangeSessionBody
from ...models.session_view import SessionView
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    body: ChangeSessionBody,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

    _kwargs: dict[str, Any] = {
        "method": "PATCH",
        "url": f"/sessions/{in_path(id)}",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> SessionView:
    """What a successful response says."""
    response_200 = SessionView.from_dict(response.json())

    return response_200
