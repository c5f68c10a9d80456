"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path, new_key
from ...models.pulled_view import PulledView
from ...models.remote_request import RemoteRequest
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    body: RemoteRequest | Unset = UNSET,
    wait: float | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

    params: dict[str, Any] = {}

    params["wait"] = wait

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/git/pull",
        "params": params,
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> PulledView:
    """What a successful response says."""
    response_200 = PulledView.from_dict(response.json())

    return response_200
