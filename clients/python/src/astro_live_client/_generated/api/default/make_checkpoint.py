"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.checkpoint_request import CheckpointRequest
from ...models.made_checkpoint_view import MadeCheckpointView
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    body: CheckpointRequest | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": f"/sessions/{in_path(id)}/checkpoints",
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> MadeCheckpointView:
    """What a successful response says."""
    response_200 = MadeCheckpointView.from_dict(response.json())

    return response_200
