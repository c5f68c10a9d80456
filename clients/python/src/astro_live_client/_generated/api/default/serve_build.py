"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.serve_build_response_200 import ServeBuildResponse200


def request(
    id: str,
    number: int,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/builds/{in_path(number)}/serve",
    }
    return _kwargs


def answer(response: httpx.Response) -> ServeBuildResponse200:
    """What a successful response says."""
    response_200 = ServeBuildResponse200.from_dict(response.json())

    return response_200
