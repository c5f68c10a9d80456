"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.session_view import SessionView


def request(
    id: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/stop",
    }
    return _kwargs


def answer(response: httpx.Response) -> SessionView:
    """What a successful response says."""
    response_200 = SessionView.from_dict(response.json())

    return response_200
