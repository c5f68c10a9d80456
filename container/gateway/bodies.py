"""JSON bodies of the API's requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import Any, Final

from aiohttp import web

from .errors import BadRequest, TooLarge, TooSlow

MAX_BODY_BYTES: Final = 64 * 1024


async def sent_in_time(reading: Awaitable[bytes], seconds: float) -> bytes:
    """A request's body, which has to arrive within the time for a whole request."""
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise TooSlow("the body did not arrive in time (ASTRO_LIVE_REQUEST_TIMEOUT_SECONDS)") from None


async def _up_to(request: web.Request, limit: int) -> bytes:
    data = b""
    while len(data) < limit and (more := await request.content.read(limit - len(data))):
        data += more
    return data


READ: Final = web.RequestKey("body read", bytes)
"""What `json_body` has taken off the connection: another task may have to answer the request all the same."""


async def json_body(request: web.Request, seconds: float, allowed: dict[str, type]) -> dict[str, Any]:
    """The request's JSON object with the members in `allowed` and no others, sent within `seconds`; no body is an empty object."""
    if READ not in request:
        request[READ] = await sent_in_time(_up_to(request, MAX_BODY_BYTES + 1), seconds)
    data = request[READ]
    if len(data) > MAX_BODY_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BODY_BYTES} bytes")
    try:
        body = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    for name, value in body.items():
        if name not in allowed or not isinstance(value, allowed[name]):
            expected = ", ".join(f'"{key}": {kind.__name__}' for key, kind in allowed.items())
            raise BadRequest(f"the body's member {name[:40]!r} is not expected or of another type; allowed is {{{expected}}}")
    return body
