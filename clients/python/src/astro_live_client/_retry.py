"""Requests are repeated where that cannot do a thing twice.

- The connection could not be made: every request.
- The connection was lost: idempotent requests without `If-Match` and `If-None-Match` (their first
  attempt may have been made, and would refuse the second), and those with an `Idempotency-Key`.
- 429 or 503 with `Retry-After`: idempotent requests, and those with an `Idempotency-Key`.

A body that is read while it is sent cannot be sent again. A timeout is the caller's to judge.
"""

from __future__ import annotations

import datetime
import email.utils
import random
import time
from dataclasses import dataclass
from typing import Final

import anyio
import httpx

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
KEY: Final = "Idempotency-Key"
NOT_CONNECTED: Final = (httpx.ConnectError, httpx.ConnectTimeout)
LOST: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often and how long."""

    attempts: int = 4
    """Of one request, the first included."""
    first_pause_seconds: float = 0.2
    """Doubled from attempt to attempt, and up to half of it left out at random."""
    longest_pause_seconds: float = 30.0
    """A `Retry-After` beyond is left to the caller."""

    def pause(self, attempt: int) -> float:
        """Before the next attempt; `attempt` counts from 1."""
        seconds = self.first_pause_seconds * 2.0 ** (attempt - 1)
        return min(seconds, self.longest_pause_seconds) * random.uniform(0.5, 1)  # noqa: S311 - no secret

    def after_answer(
        self, request: httpx.Request, response: httpx.Response, attempt: int
    ) -> float | None:
        """Seconds until the request is sent again; None: the answer is the caller's."""
        if response.status_code not in (429, 503) or attempt >= self.attempts:
            return None
        if not _repeatable(request) or not (request.method in IDEMPOTENT or KEY in request.headers):
            return None
        seconds = _seconds(response.headers.get("Retry-After", ""))
        if seconds is None or seconds > self.longest_pause_seconds:
            return None
        return max(seconds, self.pause(attempt))

    def after_error(
        self, request: httpx.Request, error: httpx.TransportError, attempt: int
    ) -> float | None:
        """Seconds until the request is sent again; None: the error is the caller's."""
        if attempt >= self.attempts or not _repeatable(request):
            return None
        if isinstance(error, NOT_CONNECTED):
            return self.pause(attempt)
        conditional = request.method != "GET" and (
            "If-Match" in request.headers or "If-None-Match" in request.headers
        )
        safe = KEY in request.headers or (request.method in IDEMPOTENT and not conditional)
        return self.pause(attempt) if safe and isinstance(error, LOST) else None


def _repeatable(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream)


def _seconds(text: str) -> float | None:
    """Of a `Retry-After`: a number of seconds, or a date (RFC 9110, 10.2.3)."""
    if text.strip().isdecimal():
        return float(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    now = datetime.datetime.now(date.tzinfo)
    return max(0.0, (date - now).total_seconds())


class RetryTransport(httpx.BaseTransport):
    """Sends through `inner`, again where that is safe."""

    def __init__(self, inner: httpx.BaseTransport, retries: Retries) -> None:
        self._inner = inner
        self._retries = retries

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        attempt = 1
        while True:
            try:
                response = self._inner.handle_request(request)
            except httpx.TransportError as error:
                pause = self._retries.after_error(request, error, attempt)
                if pause is None:
                    raise
            else:
                pause = self._retries.after_answer(request, response, attempt)
                if pause is None:
                    return response
                response.close()
            time.sleep(pause)
            attempt += 1

    def close(self) -> None:
        self._inner.close()


class AsyncRetryTransport(httpx.AsyncBaseTransport):
    """The same for asyncio."""

    def __init__(self, inner: httpx.AsyncBaseTransport, retries: Retries) -> None:
        self._inner = inner
        self._retries = retries

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        attempt = 1
        while True:
            try:
                response = await self._inner.handle_async_request(request)
            except httpx.TransportError as error:
                pause = self._retries.after_error(request, error, attempt)
                if pause is None:
                    raise
            else:
                pause = self._retries.after_answer(request, response, attempt)
                if pause is None:
                    return response
                await response.aclose()
            await anyio.sleep(pause)
            attempt += 1

    async def aclose(self) -> None:
        await self._inner.aclose()
