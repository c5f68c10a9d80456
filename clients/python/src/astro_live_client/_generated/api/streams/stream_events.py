"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    last_event_id: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id, Unset):
        headers["Last-Event-ID"] = last_event_id

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/events",
    }
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> str:
    """What a successful response says."""
    return response.text
