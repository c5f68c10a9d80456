"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.list_files_hashes import ListFilesHashes
from ...models.tree_view import TreeView
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    path: str | Unset = "",
    after: str | Unset = "",
    limit: int | Unset = 1000,
    depth: int | Unset = 32,
    hashes: ListFilesHashes | Unset = "1",
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    params["path"] = path

    params["after"] = after

    params["limit"] = limit

    params["depth"] = depth

    json_hashes: str | Unset = UNSET
    if not isinstance(hashes, Unset):
        json_hashes = hashes

    params["hashes"] = json_hashes

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/tree",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> TreeView:
    """What a successful response says."""
    response_200 = TreeView.from_dict(response.json())

    return response_200
