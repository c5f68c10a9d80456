"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import Sendable, in_path, new_key
from ...models.unpacked_view import UnpackedView
from ...types import UNSET, Unset, sent


def request(
    id: str,
    *,
    body: Sendable,
    path: str | Unset = "",
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

    params: dict[str, Any] = {}

    params["path"] = path

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/archive",
        "params": params,
    }
    if not isinstance(body, Unset):
        _kwargs["content"] = sent(body)
    headers["Content-Type"] = "application/octet-stream"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> UnpackedView:
    """What a successful response says."""
    response_200 = UnpackedView.from_dict(response.json())

    return response_200
