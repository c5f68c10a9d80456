"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.viewer_list import ViewerList


def request(
    id: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/viewers",
    }
    return _kwargs


def answer(response: httpx.Response) -> ViewerList:
    """What a successful response says."""
    response_200 = ViewerList.from_dict(response.json())

    return response_200
