"""JSON bodies of the API's requests."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from .errors import BadRequest, TooLarge, TooSlow
from .refusals import refusal, shown, unknown

MAX_BODY_BYTES: Final = 64 * 1024
MOST_ERRORS: Final = 1000


async def sent_in_time(reading: Awaitable[bytes], seconds: float) -> bytes:
    """A request's body, which has to arrive within the time for a whole request."""
    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError:
        raise TooSlow(
            "the body did not arrive in time (ASTRO_LIVE_REQUEST_TIMEOUT_SECONDS)"
        ) from None


async def _up_to(request: web.Request, limit: int) -> bytes:
    data = b""
    while len(data) < limit and (more := await request.content.read(limit - len(data))):
        data += more
    return data


READ: Final = web.RequestKey("body read", bytes)
"""What has been taken off the connection already: another task may have to answer the request all
the same, or this one after another.
"""


async def parts_of(request: web.Request, most: int) -> AsyncIterator[bytes]:
    """The body as it arrives, at most so many bytes at a time; at once, when it has been read
    already.
    """
    if READ in request:
        yield request[READ]
        return
    async for data in request.content.iter_chunked(most):
        yield data


async def body_bytes(request: web.Request, seconds: float, limit: int) -> bytes:
    """The body, sent within `seconds`. One that is longer than `limit` bytes is not read further
    than a byte beyond.
    """
    if READ not in request:
        request[READ] = await sent_in_time(_up_to(request, limit + 1), seconds)
    return request[READ]


async def json_object(
    request: web.Request, seconds: float, limit: int = MAX_BODY_BYTES
) -> dict[str, Any]:
    """The request's JSON object of at most `limit` bytes, sent within `seconds`; no body is an
    empty object.
    """
    data = await body_bytes(request, seconds, limit)
    if len(data) > limit:
        raise TooLarge(f"the body is larger than {limit} bytes")
    body = (
        await asyncio.to_thread(_parsed, data)
        if len(data) > MAX_BODY_BYTES
        else _parsed(data or b"{}")
    )
    if not isinstance(body, dict):
        raise BadRequest(f"the body must be a JSON object, in braces; got {shown(body)}")
    return body


def _parsed(data: bytes) -> Any:
    """The JSON value. `BadRequest` says where it is not valid; it repeats nothing of the body,
    which may have a secret.
    """
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"the body is not valid JSON: {error.msg} at {place}") from None
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"the body is not valid JSON: byte {error.start + 1} is not {error.encoding.upper()}"
        ) from None
    except ValueError:
        raise BadRequest("the body is not valid JSON: a number has too many digits") from None
    except RecursionError:
        raise BadRequest("the body is not valid JSON: it is nested too deeply") from None


async def json_body(
    request: web.Request, seconds: float, allowed: dict[str, type]
) -> dict[str, Any]:
    """The request's JSON object with the members in `allowed` and no others, sent within `seconds`;
    no body is an empty object.
    """
    body = await json_object(request, seconds)
    as_model(body, _members(tuple(allowed.items())))
    return body


@functools.cache
def _members(allowed: tuple[tuple[str, type], ...]) -> type[BaseModel]:
    """A model with these members, each of which may be left out."""
    members: dict[str, Any] = {name: (kind, None) for name, kind in allowed}
    return create_model("Body", __config__=ConfigDict(extra="forbid", strict=True), **members)


Model = TypeVar("Model", bound=BaseModel)


async def model_body(
    request: web.Request, seconds: float, model: type[Model], limit: int = MAX_BODY_BYTES
) -> Model:
    """The request's JSON object as `model`. `BadRequest` names the first members that are not as
    described (`refusals.py`).
    """
    return as_model(await json_object(request, seconds, limit), model)


def as_model(body: dict[str, Any], model: type[Model]) -> Model:
    """The object as `model`, or `BadRequest`."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        if error.error_count() > MOST_ERRORS:  # to list a million takes seconds
            raise BadRequest(
                f"the body has {error.error_count()} members that are not as described."
                " GET /api/v1/openapi.json says what is allowed"
            ) from None
        text, errors = refusal(error, body, model)
    refused = BadRequest(text)
    refused.details = {"errors": errors}
    raise refused


def query(request: web.Request, **allowed: str) -> dict[str, str]:
    """The query's parameters, with `allowed` naming each and its default. `BadRequest` for another
    one, and for one that is repeated.
    """
    for name in request.query:
        if name not in allowed:
            raise BadRequest(unknown("the parameter", name, sorted(allowed), "the query"))
        if len(request.query.getall(name)) > 1:
            raise BadRequest(f"the query has {name!r} more than once")
    return {name: request.query.get(name, default) for name, default in allowed.items()}


def flag(values: dict[str, str], name: str) -> bool:
    """A parameter that is 0 or 1."""
    if values[name] not in ("0", "1"):
        raise BadRequest(f"{name} is {values[name][:20]!r}; allowed are 0 and 1")
    return values[name] == "1"


def number(values: dict[str, str], name: str, least: int, most: int) -> int:
    """A parameter that is a whole number."""
    text = values[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= 12 and least <= int(text) <= most):
        raise BadRequest(
            f"{name} is {text[:20]!r}; allowed is a whole number from {least} to {most}"
        )
    return int(text)
