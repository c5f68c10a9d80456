"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.mint_token_response_201 import MintTokenResponse201


def request(
    id: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/tokens",
    }
    return _kwargs


def answer(response: httpx.Response) -> MintTokenResponse201:
    """What a successful response says."""
    response_201 = MintTokenResponse201.from_dict(response.json())

    return response_201
