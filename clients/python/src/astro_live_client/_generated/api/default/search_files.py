"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import in_path
from ...models.found_view import FoundView
from ...models.search_files_hidden import SearchFilesHidden
from ...models.search_files_ignore_case import SearchFilesIgnoreCase
from ...models.search_files_regex import SearchFilesRegex
from ...models.search_files_word import SearchFilesWord
from ...types import UNSET, Unset


def request(
    id: str,
    *,
    q: str,
    regex: SearchFilesRegex | Unset = "0",
    ignore_case: SearchFilesIgnoreCase | Unset = "0",
    word: SearchFilesWord | Unset = "0",
    hidden: SearchFilesHidden | Unset = "0",
    glob: str | Unset = "",
    path: str | Unset = "",
    context: int | Unset = 0,
    limit: int | Unset = 200,
) -> dict[str, Any]:
    """What httpx is to send."""

    params: dict[str, Any] = {}

    params["q"] = q

    json_regex: str | Unset = UNSET
    if not isinstance(regex, Unset):
        json_regex = regex

    params["regex"] = json_regex

    json_ignore_case: str | Unset = UNSET
    if not isinstance(ignore_case, Unset):
        json_ignore_case = ignore_case

    params["ignore_case"] = json_ignore_case

    json_word: str | Unset = UNSET
    if not isinstance(word, Unset):
        json_word = word

    params["word"] = json_word

    json_hidden: str | Unset = UNSET
    if not isinstance(hidden, Unset):
        json_hidden = hidden

    params["hidden"] = json_hidden

    params["glob"] = glob

    params["path"] = path

    params["context"] = context

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "GET",
        "url": f"/sessions/{in_path(id)}/search",
        "params": params,
    }
    return _kwargs


def answer(response: httpx.Response) -> FoundView:
    """What a successful response says."""
    response_200 = FoundView.from_dict(response.json())

    return response_200
