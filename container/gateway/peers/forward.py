"""API requests on their way to the session's owner: through that task's peers listener, body and
answer as streams.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp import web

from ..errors import BadRequest
from ..files.paths import split_path
from ..heads import MOST_HEADERS, MOST_KIB
from ..ownership.model import Task
from ..ownership.service import Unowned
from .certificates import client_context, peer_name
from .headers import ANSWERED, API_AUTHORITY
from .keep_alive import probing_factory

CONNECT_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 5.0
"""How often an answer that says nothing, as a log that is followed, is left to see whether the
client is still there.
"""
HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
    }
)
"""RFC 9110, section 7.6.1, and the Host, which names the API's listener between tasks."""

ESCAPED_SLASH: Final = re.compile("%(2f|5c)", re.IGNORECASE)
REFUSED_SEGMENTS: Final = frozenset({"", ".", ".."})
"""Of a path: Envoy would resolve them, and the owner be asked for something else."""


def _target(request: web.Request) -> str:
    """Path and query as the owner's Envoy lets them through. `BadRequest` where it would change
    what is asked for; no call has such a path.
    """
    path = request.match_info.get("path")
    if path is not None:
        split_path(path)
    elif REFUSED_SEGMENTS & set(request.path.split("/")[1:]) or not request.path.isprintable():
        raise BadRequest("the request's path has empty segments, '.', '..' or control characters")
    raw, mark, query = request.raw_path.partition("?")
    if ESCAPED_SLASH.search(raw):  # Envoy refuses them; the API takes them for slashes
        raw = quote(request.path)
    return raw + mark + query


async def _pieces(request: web.Request, content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """What comes, as it comes. `ConnectionResetError` when the client has left."""
    while True:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                piece = await content.readany()
        except TimeoutError:
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError("the client has left") from None
            continue
        if not piece:
            return
        yield piece


def is_of_control(answer: aiohttp.ClientResponse) -> bool:
    """Whether the task itself has answered, and not its Envoy in its place: a task of an earlier
    release does not say so, and its refusals are JSON.
    """
    return ANSWERED in answer.headers or answer.content_type.endswith("json")


class NotOwner(Unowned):
    """The task says that it is not the session's owner (any more). Nothing was answered to the
    client yet.
    """


class NoAnswer(Unowned):
    """The task was asked, and has not answered in time: it may do it yet."""


class Forwarder:
    """Client of the other tasks' APIs."""

    def __init__(self, folder: Path, credentials: Sequence[str]) -> None:
        """`folder` has this task's certificate; `credentials` are the service's, of which another
        task knows at least one, also while they are rotated.
        """
        self._folder = folder
        self._credentials = list(credentials)
        self._client: aiohttp.ClientSession | None = None
        self._closed = False

    def _request(
        self, task: Task, method: str, path: str, headers: Mapping[str, str], body: Any
    ) -> Any:
        if self._closed:  # requests that were under way when the task began to end
            raise Unowned("this task is stopping. Send the request again: another task answers it")
        if self._client is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
            connector = aiohttp.TCPConnector(
                ssl=client_context(self._folder),
                limit=0,
                keepalive_timeout=30,
                socket_factory=probing_factory,
            )
            self._client = aiohttp.ClientSession(
                connector=connector, timeout=timeout, auto_decompress=False
            )
        return self._client.request(
            method, f"https://{task.address}{path}", headers={**headers, "Host": API_AUTHORITY}, data=body,
            server_hostname=peer_name(task.id), allow_redirects=False,
        )  # fmt: skip

    async def forward(
        self, request: web.Request, task: Task, body: bytes | None = None
    ) -> web.StreamResponse:
        """Have `task` answer the request. `body` is the request's, where it has been read already.
        Raises `Unowned` and `NotOwner`.
        """
        # Envoy refuses names with an underscore, and the API reads none.
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in HOP_BY_HOP and "_" not in name
        }
        target = _target(request)
        data: Any = body if body is not None else request.content if request.can_read_body else None
        response: web.StreamResponse | None = None
        try:
            async with self._request(task, request.method, target, headers, data) as answer:
                if answer.status == 421:
                    raise NotOwner(
                        "the session moves to another task at this moment. Send the request again"
                    )
                if answer.status == 431 and not is_of_control(answer):
                    # Of a task of an earlier release, which takes no more than its visitors send.
                    raise BadRequest(
                        "the request's head is too long: allowed are"
                        f" {MOST_KIB * 1024} bytes and {MOST_HEADERS} headers. Send fewer or"
                        " shorter ones"
                    )
                if answer.status >= 400 and not is_of_control(answer):
                    raise Unowned(
                        f"task {task.id}, which runs the session, cannot take the request"
                        f" ({answer.status} of its Envoy). Send the request again in a moment"
                    )
                response = web.StreamResponse(status=answer.status, reason=answer.reason)
                for name, value in answer.headers.items():
                    if name.lower() not in HOP_BY_HOP and name.lower() != ANSWERED:
                        response.headers.add(name, value)
                await response.prepare(request)
                async for piece in _pieces(request, answer.content):
                    await response.write(piece)
                await response.write_eof()
                return response
        except aiohttp.ClientConnectionError as error:
            if response is not None:
                raise ConnectionResetError(
                    "the session's owner has gone in the middle of its answer"
                ) from error
            raise Unowned(
                f"task {task.id}, which runs the session, does not answer. Send the request again"
                " in a moment"
            ) from error

    async def ask(
        self, task: Task, method: str, path: str, *, seconds: float, body: Any = None
    ) -> Any:
        """JSON of a request of this task's own. `NoAnswer` when there is none in time, `Unowned`
        when it is an error.
        """
        data = None if body is None else json.dumps(body).encode()
        try:
            async with asyncio.timeout(seconds):
                status, text = await self._ask(task, method, path, data)
            if status >= 400:
                raise Unowned(f"task {task.id} answered {status} to {method} {path}: {text[:200]}")
            return json.loads(text) if text else None
        except TimeoutError as error:
            raise NoAnswer(
                f"task {task.id} has not answered {method} {path} within {seconds:.0f} s"
            ) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise Unowned(
                f"task {task.id} does not answer {method} {path}: {type(error).__name__}"
            ) from error

    async def _ask(self, task: Task, method: str, path: str, data: Any) -> tuple[int, str]:
        """Status and text, with the first credential that the task knows."""
        status, text = 401, ""
        for credential in self._credentials:
            headers = {
                "Authorization": f"Bearer {credential}",
                "Content-Type": "application/json",
            }
            async with self._request(task, method, path, headers, data) as answer:
                status, text = answer.status, await answer.text()
            if status != 401:
                break
        return status, text

    async def close(self) -> None:
        """Requests from here on raise `Unowned`."""
        self._closed = True
        if self._client is not None:
            await self._client.close()
