"""The client, and its asyncio sibling: generated calls with what generators cannot write."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import IO, Any, Final, Self

import anyio
import httpx
from httpx_sse import EventSource

from ._errors import ApiError, error_of
from ._events import TIMEOUT as EVENTS_TIMEOUT
from ._events import Position, Received, passing
from ._generated.api.default import download_archive, read_logs
from ._generated.api.streams import stream_events
from ._generated.client import AsyncCalls, Calls
from ._generated.models.download_archive_format import DownloadArchiveFormat
from ._generated.models.session_view import SessionView
from ._generated.models.state import State
from ._generated.types import UNSET
from ._retry import AsyncRetryTransport, Retries, RetryTransport

TIMEOUT: Final = httpx.Timeout(10, read=900, write=120)
"""A session that is created installs its packages before the answer comes."""
STREAM_TIMEOUT: Final = httpx.Timeout(10, read=None, write=120)
POLL_SECONDS: Final = 0.5
PIECE: Final = 256 * 1024

_DEFAULT_RETRIES: Final = Retries()


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "User-Agent": "astro-live-client"}


class Client(Calls):
    """Calls of the API, each as a method. Use it as a context manager, or `close` it.

    `url` ends in `/api/v1`; `token` is a credential of the API. `timeout` is for the calls that
    answer at once or after a start; streams wait without a limit.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        retries: Retries = _DEFAULT_RETRIES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self.http = httpx.Client(
            base_url=url,
            headers=_headers(token),
            timeout=timeout,
            transport=RetryTransport(transport or httpx.HTTPTransport(), retries),
        )

    def send(self, request: dict[str, Any]) -> httpx.Response:
        response = self.http.request(**request)
        if not response.is_success:
            raise error_of(response)
        return response

    def follow_logs(self, id: str) -> Iterator[str]:
        """The lines of the dev server's output, and each new one as it comes."""
        request = read_logs.request(id, follow="1")
        with self.http.stream(**request, timeout=STREAM_TIMEOUT) as response:
            if not response.is_success:
                response.read()
                raise error_of(response)
            yield from response.iter_lines()

    def stream_events(self, id: str, *, last_event_id: str = "") -> Iterator[Received]:
        """What happens to the session, until it is deleted: lost connections are made again, and
        the stream goes on after the last event. Raises `ApiError` when the API refuses it, and the
        last error when attempts are used up; a task or balancer that is about to change (502, 503,
        504) is a lost connection.
        """
        position = Position(last_event_id, self._retries)
        while not position.over:
            request = stream_events.request(id, last_event_id=position.last_event_id or UNSET)
            lost: httpx.TransportError | ApiError | None = None
            try:
                with self.http.stream(**request, timeout=EVENTS_TIMEOUT) as response:
                    if not response.is_success:
                        response.read()
                        raise error_of(response)
                    for sse in EventSource(response).iter_sse():
                        if received := position.take(sse):
                            yield received
            except (httpx.TransportError, ApiError) as error:
                lost = passing(error)
            if not position.over:
                position.failed(lost)
                time.sleep(position.pause())

    def save_archive(
        self,
        id: str,
        target: IO[bytes],
        *,
        path: str = "",
        format_: DownloadArchiveFormat = "tar.gz",
    ) -> int:
        """Write a folder of the project as an archive to `target`, piece by piece. Returns the
        number of bytes.
        """
        request = download_archive.request(id, path=path, format_=format_)
        size = 0
        with self.http.stream(**request) as response:
            if not response.is_success:
                response.read()
                raise error_of(response)
            for piece in response.iter_bytes(PIECE):
                size += target.write(piece)
        return size

    def wait_until(self, id: str, *states: State, seconds: float = 600.0) -> SessionView:
        """The session, as soon as it is in one of `states`. Raises `TimeoutError`."""
        deadline = time.monotonic() + seconds
        while (session := self.show_session(id)).state not in states:
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{id} is {session.state}, not {' or '.join(states)}")
            time.sleep(POLL_SECONDS)
        return session

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        self.http.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.__exit__(kind, error, trace)


class AsyncClient(AsyncCalls):
    """`Client` for asyncio."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        retries: Retries = _DEFAULT_RETRIES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self.http = httpx.AsyncClient(
            base_url=url,
            headers=_headers(token),
            timeout=timeout,
            transport=AsyncRetryTransport(transport or httpx.AsyncHTTPTransport(), retries),
        )

    async def send(self, request: dict[str, Any]) -> httpx.Response:
        content = request.get("content")
        if content is not None and hasattr(content, "read"):
            request = {**request, "content": _pieces(content)}
        response = await self.http.request(**request)
        if not response.is_success:
            raise error_of(response)
        return response

    async def follow_logs(self, id: str) -> AsyncIterator[str]:
        """The lines of the dev server's output, and each new one as it comes."""
        request = read_logs.request(id, follow="1")
        async with self.http.stream(**request, timeout=STREAM_TIMEOUT) as response:
            if not response.is_success:
                await response.aread()
                raise error_of(response)
            async for line in response.aiter_lines():
                yield line

    async def stream_events(self, id: str, *, last_event_id: str = "") -> AsyncIterator[Received]:
        """What happens to the session, until it is deleted: lost connections are made again, and
        the stream goes on after the last event. Raises `ApiError` when the API refuses it, and the
        last error when attempts are used up; a task or balancer that is about to change (502, 503,
        504) is a lost connection.
        """
        position = Position(last_event_id, self._retries)
        while not position.over:
            request = stream_events.request(id, last_event_id=position.last_event_id or UNSET)
            lost: httpx.TransportError | ApiError | None = None
            try:
                async with self.http.stream(**request, timeout=EVENTS_TIMEOUT) as response:
                    if not response.is_success:
                        await response.aread()
                        raise error_of(response)
                    async for sse in EventSource(response).aiter_sse():
                        if received := position.take(sse):
                            yield received
            except (httpx.TransportError, ApiError) as error:
                lost = passing(error)
            if not position.over:
                position.failed(lost)
                await anyio.sleep(position.pause())

    async def save_archive(
        self,
        id: str,
        target: IO[bytes],
        *,
        path: str = "",
        format_: DownloadArchiveFormat = "tar.gz",
    ) -> int:
        """Write a folder of the project as an archive to `target`, piece by piece. Returns the
        number of bytes.
        """
        request = download_archive.request(id, path=path, format_=format_)
        size = 0
        async with self.http.stream(**request) as response:
            if not response.is_success:
                await response.aread()
                raise error_of(response)
            async for piece in response.aiter_bytes(PIECE):
                size += await anyio.to_thread.run_sync(target.write, piece)
        return size

    async def wait_until(self, id: str, *states: State, seconds: float = 600.0) -> SessionView:
        """The session, as soon as it is in one of `states`. Raises `TimeoutError`."""
        deadline = time.monotonic() + seconds
        while (session := await self.show_session(id)).state not in states:
            if time.monotonic() >= deadline:
                raise TimeoutError(f"{id} is {session.state}, not {' or '.join(states)}")
            await anyio.sleep(POLL_SECONDS)
        return session

    async def close(self) -> None:
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        await self.http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.http.__aexit__(kind, error, trace)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await anyio.to_thread.run_sync(file.read, PIECE):
        yield piece
