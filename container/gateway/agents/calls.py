"""Calls of tools. They go to the API's own listener with the client's credential, as any client's
do: the same checks of the credential and its scope, the same owner of the session, the same
handlers.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import aiohttp
from yarl import URL

from ..codes import Code
from ..credentials.model import Caller as Credential
from ..credentials.model import Scope
from ..errors import BadRequest, Crowded
from ..openapi_parts import KEY_NAME
from ..problems import members
from .tools import HttpCall, Tool

MOST_CALLS: Final = 8
"""Of one session at a time."""
MOST_ANSWER_BYTES: Final = 1024 * 1024
"""Far more than a model reads; also the SDK's default for what a client takes."""
CALL_SECONDS: Final = 900.0
"""A start installs the site's packages."""
CONNECT_SECONDS: Final = 5.0
PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds before a call with a key is sent again that was answered with 503."""
UNENDED_SECONDS: Final = 1.0
"""Between two questions whether the first attempt of a call has ended."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """On whose behalf."""

    session_id: str
    authorization: str
    credential: Credential
    """Whose it is."""

    def may(self, scope: Scope) -> bool:
        """Whether a call that needs `scope` would be let in."""
        return self.credential.allows(scope, self.session_id)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a call."""

    text: str
    structured: dict[str, Any] | None = None
    failed: bool = False


def own_url(bind_address: str, port: int) -> str:
    """Where a listener of this task is reached from within the task."""
    address = ipaddress.ip_address(bind_address)
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")
    host = f"[{address}]" if address.version == 6 else str(address)
    return f"http://{host}:{port}"


class Calls:
    """A client of the API on this task's own address."""

    def __init__(self, base: str) -> None:
        """`base` is the listener's URL."""
        self._base = base
        self._client: aiohttp.ClientSession | None = None
        self._running: dict[str, int] = {}

    async def run(
        self, caller: Caller, tool: Tool, arguments: Mapping[str, Any], key: object = None
    ) -> Outcome:
        """Call a tool. `BadRequest` for arguments that cannot be sent, `Crowded`. A call that
        cannot be made twice has a key, the client's or a new one, and is made once however often it
        is sent.
        """
        call = tool.call(caller.session_id, arguments)
        if tool.keyed:
            call.headers[KEY_NAME] = str(uuid4()) if key is None else _key(key)
        with self._place(caller.session_id):
            if tool.keyed:
                answer = await self._send_until_done(caller, call, own=key is None)
            else:
                answer = await self._send(caller, call)
            status, headers, data = answer
        if status >= 400:
            return _refusal(status, data)
        if tool.answer == "json":
            return Outcome(text=data.decode(), structured=json.loads(data))
        if tool.answer == "bytes":
            return _content(data, headers.get("ETag", ""))
        return Outcome(text=data.decode("utf-8", "replace") if data else "done")

    async def _send_until_done(
        self, caller: Caller, call: HttpCall, *, own: bool
    ) -> tuple[int, Mapping[str, str], bytes]:
        """With the same key again, where the answer was lost or the session moves. Where the key
        could not be kept at any attempt, and so nothing was done, once without it if it is `own`:
        the client cannot repeat a call with a key that it does not know.
        """
        pauses, undone = iter(PAUSES), own
        deadline = time.monotonic() + CALL_SECONDS
        while True:
            answer = status, headers, data = await self._send(caller, call)
            undone = (
                undone and status == 503 and _problem(data).get("code") == Code.KEYS_UNAVAILABLE
            )
            pause = next(pauses, None) if status == 503 else None
            if status == 409 and "Retry-After" in headers:  # the first has not ended
                pause = UNENDED_SECONDS
            if pause is None or time.monotonic() > deadline:
                if not undone:
                    return answer
                del call.headers[KEY_NAME]
                return await self._send(caller, call)
            await asyncio.sleep(pause)

    @contextlib.contextmanager
    def _place(self, session_id: str) -> Iterator[None]:
        """For all attempts of a call: a second one that is refused would hide what became of the
        first. `Crowded` when the session has too many calls already.
        """
        number = self._running.get(session_id, 0)
        if number >= MOST_CALLS:
            raise Crowded(
                f"{MOST_CALLS} calls of tools of this session are under way already. Try again in"
                " a moment"
            )
        self._running[session_id] = number + 1
        try:
            yield
        finally:
            self._running[session_id] -= 1
            if not self._running[session_id]:
                del self._running[session_id]

    async def _send(self, caller: Caller, call: HttpCall) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body."""
        if self._client is None:
            self._client = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_SECONDS, sock_connect=CONNECT_SECONDS),
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        try:
            async with self._client.request(
                call.method,
                URL(self._base + call.path, encoded=True),
                headers={**call.headers, "Authorization": caller.authorization},
                data=call.body,
                allow_redirects=False,
            ) as response:
                data = b""
                async for piece in response.content.iter_chunked(64 * 1024):
                    data += piece
                    if len(data) > MOST_ANSWER_BYTES:
                        return Code.TOO_LARGE.status, {}, _too_large()
                return response.status, response.headers, data
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as error:
            unknown = call.method != "GET" and not isinstance(error, aiohttp.ClientConnectorError)
            fixes = "Try again", "It may have been carried out: read the current state first"
            detail = f"the API has not answered the tool ({type(error).__name__}). {fixes[unknown]}"
            return Code.BUSY.status, {}, json.dumps(members(Code.BUSY, detail)).encode()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def _key(text: object) -> str:
    """The API says what a key may be; here only what can be sent at all."""
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        raise BadRequest(f"the key is {str(text)[:40]!r}; allowed is a text such as a UUID")
    return text


def _too_large() -> bytes:
    detail = (
        f"the answer is larger than {MOST_ANSWER_BYTES // 1024} KiB. Ask for less of it: a"
        " range, a folder, a smaller limit, or a search"
    )
    return json.dumps(members(Code.TOO_LARGE, detail)).encode()


def _problem(data: bytes) -> dict[str, Any]:
    """What an answer says; nothing when it is not a problem of the API."""
    try:
        problem = json.loads(data)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _refusal(status: int, data: bytes) -> Outcome:
    problem = _problem(data)
    if "code" not in problem:  # not an answer of the API itself
        problem = members(Code.INTERNAL, data.decode("utf-8", "replace")) | {"status": status}
    return Outcome(text=json.dumps(problem), structured=problem, failed=True)


def _content(data: bytes, etag: str) -> Outcome:
    try:
        text, encoding = data.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(data).decode(), "base64"
    return Outcome(text=text, structured={"content": text, "encoding": encoding, "etag": etag})
