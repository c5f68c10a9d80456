"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.delete_file_recursive import DeleteFileRecursive
from ...types import UNSET, Unset


def request(
    id: str,
    path: str,
    *,
    recursive: DeleteFileRecursive | Unset = "0",
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    params: dict[str, Any] = {}

    json_recursive: str | Unset = UNSET
    if not isinstance(recursive, Unset):
        json_recursive = recursive

    params["recursive"] = json_recursive

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "DELETE",
        "url": f"/sessions/{in_path(id)}/files/{in_path(path, folders=True)}",
        "params": params,
    }
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> None:
    """What a successful response says."""
    return
