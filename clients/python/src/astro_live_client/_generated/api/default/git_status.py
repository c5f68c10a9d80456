"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.git_status_view import GitStatusView


def request(
    id: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/git",
    }
    return _kwargs


def answer(response: httpx.Response) -> GitStatusView:
    """What a successful response says."""
    response_200 = GitStatusView.from_dict(response.json())

    return response_200
