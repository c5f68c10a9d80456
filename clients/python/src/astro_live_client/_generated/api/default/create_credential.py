"""Generated from the API's description by `make clients`: do not edit."""

from typing import Any

import httpx

from ...._parts import new_key
from ...models.created_credential_view import CreatedCredentialView
from ...models.credential_request import CredentialRequest
from ...types import UNSET, Unset


def request(
    *,
    body: CredentialRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    """What httpx is to send."""
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    headers.setdefault("Idempotency-Key", new_key())

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
