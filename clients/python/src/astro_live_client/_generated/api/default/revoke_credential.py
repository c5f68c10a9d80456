"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path


def request(
    credential: str,
) -> dict[str, Any]:
    """What httpx is to send."""

    _kwargs: dict[str, Any] = {
        "method": "DELETE",
        "url": f"/credentials/{in_path(credential)}",
    }
    return _kwargs


def answer(response: httpx.Response) -> None:
    """What a successful response says."""
    return
