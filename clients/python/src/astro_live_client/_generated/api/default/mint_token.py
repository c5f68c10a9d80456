"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path, new_key
from ...models.mint_token_body import MintTokenBody
from ...models.mint_token_response_201 import MintTokenResponse201
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    body: MintTokenBody | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/tokens",
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> MintTokenResponse201:
    """What a successful response says."""
    response_201 = MintTokenResponse201.from_dict(response.json())

    return response_201
