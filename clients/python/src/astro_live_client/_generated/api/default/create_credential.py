"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...models.created_credential_view import CreatedCredentialView
from ...models.credential_request import CredentialRequest


def request(
    *,
    body: CredentialRequest,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "POST",
        "url": "/credentials",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    return _kwargs


def answer(response: httpx.Response) -> CreatedCredentialView:
    """What a successful response says."""
    response_201 = CreatedCredentialView.from_dict(response.json())

    return response_201
