"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.list_builds_response_200 import ListBuildsResponse200


def request(
    id: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/builds",
    }
    return _kwargs


def answer(response: httpx.Response) -> ListBuildsResponse200:
    """What a successful response says."""
    response_200 = ListBuildsResponse200.from_dict(response.json())

    return response_200
