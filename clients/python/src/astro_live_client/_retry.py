"""Requests are repeated where that cannot do a thing twice.

- The connection could not be made: every request.
- The connection was lost: idempotent requests without `If-Match` and `If-None-Match` (their first
  attempt may have been made, and would refuse the second), and those with an `Idempotency-Key`.
- 429 or 503 with `Retry-After`: idempotent requests, and those with an `Idempotency-Key`.
- 502, 503 or 504 of something before the gateway: those with an `Idempotency-Key`.
- 503 `keys-unavailable`: the gateway cannot keep keys and has done nothing. Where that was the
  answer to every attempt, a request with a key of the client's own is sent once without it: the
  session's owner may take it.
- 409 `key-in-progress`: the first attempt of a request with a key has not ended. It is asked about
  for as long as one answer may take.

The client gives every call that needs one an `Idempotency-Key`. A body that is read while it is
sent cannot be sent again. A timeout is the caller's to judge.
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

from ._parts import OWN_KEY

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
KEY: Final = "Idempotency-Key"
NOT_KEPT: Final = "keys-unavailable"
"""Code of a problem: nothing was done, since the key could not be kept."""
IN_PROGRESS: Final = 409
"""With `Retry-After`, which no other answer of this status has."""
PROBLEM: Final = "application/problem+json"
"""What the gateway itself answers: its 502 is about another server."""
GATEWAYS: Final = frozenset({502, 503, 504})
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
    longest_run_seconds: float = 900.0
    """How long the first attempt of a request with a key is waited for, once its answer is lost."""

    def pause(self, attempt: int) -> float:
        """Before the next attempt; `attempt` counts from 1."""
        seconds = self.first_pause_seconds * 2.0 ** (attempt - 1)
        return min(seconds, self.longest_pause_seconds) * random.uniform(0.5, 1)  # noqa: S311 - no secret


@dataclass
class Attempts:
    """Of one request."""

    retries: Retries
    made: int = 1
    waited: float = 0.0
    """Seconds, for the first of them to end."""
    undone: bool = True
    """Whether every attempt so far was refused because its key could not be kept."""

    def after_answer(self, request: httpx.Request, response: httpx.Response) -> float | None:
        """Seconds until the request is sent again; None: the answer is the caller's."""
        keyed = KEY in request.headers
        self.undone = self.undone and _is_not_kept(response)
        seconds = _seconds(response.headers.get("Retry-After", ""))
        if not _repeatable(request):
            return None
        if response.status_code == IN_PROGRESS and keyed and seconds is not None:
            if self.waited >= self.retries.longest_run_seconds:
                return None
            unended = max(seconds, self.retries.pause(1))
            self.waited += unended
            return unended
        if response.status_code in (429, 503) and seconds is not None:
            if not (keyed or request.method in IDEMPOTENT):
                return None
            pause = self._next(seconds)
            if pause is None and self.undone and request.headers.get(KEY, "").startswith(OWN_KEY):
                del request.headers[KEY]
                return self.retries.pause(1)
            return pause
        from_before = PROBLEM not in response.headers.get("Content-Type", "")
        return self._next() if keyed and from_before and response.status_code in GATEWAYS else None

    def after_error(self, request: httpx.Request, error: httpx.TransportError) -> float | None:
        """Seconds until the request is sent again; None: the error is the caller's."""
        if not _repeatable(request):
            return None
        if isinstance(error, NOT_CONNECTED):
            return self._next()
        self.undone = False
        conditional = request.method != "GET" and (
            "If-Match" in request.headers or "If-None-Match" in request.headers
        )
        safe = KEY in request.headers or (request.method in IDEMPOTENT and not conditional)
        return self._next() if safe and isinstance(error, LOST) else None

    def _next(self, least: float = 0.0) -> float | None:
        """The pause before one more attempt; None when there are no more."""
        if self.made >= self.retries.attempts or least > self.retries.longest_pause_seconds:
            return None
        pause = max(least, self.retries.pause(self.made))
        self.made += 1
        return pause


def _repeatable(request: httpx.Request) -> bool:
    return isinstance(request.stream, httpx.ByteStream)


def _is_not_kept(response: httpx.Response) -> bool:
    """Of an answer whose body has been read."""
    if response.status_code != 503 or PROBLEM not in response.headers.get("Content-Type", ""):
        return False
    try:
        problem = response.json()
    except ValueError:
        return False
    return isinstance(problem, dict) and problem.get("code") == NOT_KEPT


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


def _named(error: httpx.TransportError, request: httpx.Request) -> httpx.TransportError:
    """The same error with the address that was tried, which httpx leaves out. Query and credential
    are not repeated.
    """
    place = f"{request.url.scheme}://{request.url.netloc.decode('ascii', 'replace')}"
    text = str(error) or type(error).__name__
    if isinstance(error, NOT_CONNECTED):
        text = f"cannot connect to {place}: {text}. Check the client's url, and that the API runs"
    else:
        text = f"{request.method} {place}{request.url.path}: {text}"
    return type(error)(text, request=request)


class RetryTransport(httpx.BaseTransport):
    """Sends through `inner`, again where that is safe."""

    def __init__(self, inner: httpx.BaseTransport, retries: Retries) -> None:
        self._inner = inner
        self._retries = retries

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        attempts = Attempts(self._retries)
        while True:
            try:
                response = self._inner.handle_request(request)
                if response.status_code == 503:
                    response.read()
            except httpx.TransportError as error:
                pause = attempts.after_error(request, error)
                if pause is None:
                    raise _named(error, request) from error
            else:
                pause = attempts.after_answer(request, response)
                if pause is None:
                    return response
                response.close()
            time.sleep(pause)

    def close(self) -> None:
        self._inner.close()


class AsyncRetryTransport(httpx.AsyncBaseTransport):
    """The same for asyncio."""

    def __init__(self, inner: httpx.AsyncBaseTransport, retries: Retries) -> None:
        self._inner = inner
        self._retries = retries

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        attempts = Attempts(self._retries)
        while True:
            try:
                response = await self._inner.handle_async_request(request)
                if response.status_code == 503:
                    await response.aread()
            except httpx.TransportError as error:
                pause = attempts.after_error(request, error)
                if pause is None:
                    raise _named(error, request) from error
            else:
                pause = attempts.after_answer(request, response)
                if pause is None:
                    return response
                await response.aclose()
            await anyio.sleep(pause)

    async def aclose(self) -> None:
        await self._inner.aclose()
