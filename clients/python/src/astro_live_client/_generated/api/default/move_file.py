"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path, new_key
from ...models.changes_view import ChangesView
from ...models.move_request import MoveRequest
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    body: MoveRequest,
    wait: float | Unset = UNSET,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

    params: dict[str, Any] = {}

    params["wait"] = wait

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/move",
        "params": params,
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> ChangesView:
    """What a successful response says."""
    response_200 = ChangesView.from_dict(response.json())

    return response_200
