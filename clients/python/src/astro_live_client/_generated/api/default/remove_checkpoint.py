"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path


def request(
    id: str,
    number: int,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "DELETE",
        "url": f"/sessions/{in_path(id)}/checkpoints/{in_path(number)}",
    }
    return _kwargs


def answer(response: httpx.Response) -> None:
    """What a successful response says."""
    return
