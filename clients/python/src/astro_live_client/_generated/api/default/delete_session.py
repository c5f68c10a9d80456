"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path


def request(
    id: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "DELETE",
        "url": f"/sessions/{in_path(id)}",
    }
    return _kwargs


def answer(response: httpx.Response) -> None:
    """What a successful response says."""
    return
