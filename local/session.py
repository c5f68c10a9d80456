"""A live session as a browser sees it: sign in, load a page, hold the HMR WebSocket. All through
the local load balancer.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from contract.api import API_ROOT
from contract.hmr import VITE_SUBPROTOCOL, HmrContract
from local.errors import LocalError
from local.resolver import LocalhostResolver

PAGE_SECONDS = 180.0
"""A first start on a slow machine installs nothing but may compile for long."""


class SessionFailed(LocalError):
    """The session did not serve a page, or no update came back."""


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    """One measured edit."""

    file: Path
    milliseconds: float
    message: Mapping[str, Any]


class Browser:
    """The part of a browser that the measurement needs."""

    def __init__(
        self, contract: HmrContract, session_id: str, authority: Path, *, address: str = "127.0.0.1"
    ) -> None:
        self._contract, self._id = contract, session_id
        # "unsafe" is aiohttp's word for cookies from a host that is an IP address; tests give each
        # stack its own address.
        context = ssl.create_default_context(cafile=str(authority))
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context, resolver=LocalhostResolver(address)),
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept": "text/html,*/*"},
        )

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()

    async def open(self, one_time_url: str, *, live: bool = True) -> str:
        """Sign in by the one-time link and wait for the site's own page, which is `live` but for
        production mode; its HTML.

        Raises `SessionFailed` with the last answer when none comes in time.
        """
        deadline = time.monotonic() + PAGE_SECONDS
        url, last = one_time_url, "no answer"
        while time.monotonic() < deadline:
            async with self._client.get(url) as response:
                text = await response.text()
                if response.status == 200 and ("/@vite/client" in text or not live):
                    return text
                last = f"{response.status} {' '.join(re.sub(r'<[^>]*>', ' ', text).split())[:200]}"
            url = self._contract.session_url(self._id)
            await asyncio.sleep(0.2)
        raise SessionFailed(
            f"{self._contract.session_url(self._id)} did not show the site within"
            f" {PAGE_SECONDS:.0f} s; it answers {last}"
        )

    async def load(self, html: str) -> str:
        """Ask for the scripts and styles that `html` names, so that the dev server knows them; the
        HMR token of Vite's client.
        """
        base = self._contract.session_url(self._id)
        token = ""
        for address in dict.fromkeys(re.findall(r'(?:src|href)="([^"]+)"', html)):
            url = URL(urljoin(base, address.replace("&amp;", "&")), encoded=True)
            if not str(url).startswith(base):
                continue
            async with self._client.get(url) as response:
                text = await response.text(errors="replace")
            if found := re.search(r'wsToken = "([^"]+)"', text):
                token = found[1]
        return token

    def socket(self, token: str) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        """The HMR WebSocket of Vite's client."""
        address = f"{self._contract.session_base(self._id)}{self._contract.hmr_path.lstrip('/')}"
        origin = self._contract.session_origin(self._id)
        return self._client.ws_connect(
            URL(f"{origin}{address}?token={token}", encoded=True),
            protocols=(VITE_SUBPROTOCOL,),
            origin=origin,
        )

    async def read(self, path: str) -> str:
        """A file of the site as the dev server serves it; empty while it does not."""
        async with self._client.get(
            URL(self._contract.session_url(self._id) + path, encoded=True)
        ) as response:
            return await response.text() if response.status == 200 else ""

    async def edit(self, file: Path, token: str) -> RoundTrip:
        """Append a comment to `file` and wait for the update that names it; the file's content
        comes back afterwards.
        """
        async with self.socket(token) as socket:
            await _message(socket, lambda message: message.get("type") == "connected")
            await _quiet(socket)
            before = await asyncio.to_thread(file.read_bytes)
            try:
                began = time.perf_counter()
                await asyncio.to_thread(
                    file.write_bytes, before + b"\n/* astro-live measures its round trip */\n"
                )
                message = await _message(
                    socket,
                    lambda message: (
                        file.name in str(message.get("updates") or message.get("triggeredBy"))
                    ),
                )
                took = time.perf_counter() - began
            finally:
                await asyncio.to_thread(file.write_bytes, before)
        return RoundTrip(file=file, milliseconds=took * 1000, message=message)


async def _message(
    socket: aiohttp.ClientWebSocketResponse, wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """The next message that is `wanted`. Raises `SessionFailed` when none comes within 10 s or the
    socket closes.
    """
    try:
        async with asyncio.timeout(10):
            while True:
                message: dict[str, Any] = await socket.receive_json()
                if wanted(message):
                    return message
    except (TimeoutError, TypeError) as error:
        raise SessionFailed(
            "the HMR WebSocket did not send the awaited message within 10 s"
        ) from error


async def _quiet(socket: aiohttp.ClientWebSocketResponse, seconds: float = 0.5) -> None:
    """Let what the first page load set off (a reload after dependencies were bundled) pass by."""
    while True:
        try:
            async with asyncio.timeout(seconds):
                await socket.receive()
        except TimeoutError:
            return


class Api:
    """The REST API of one task."""

    def __init__(self, address: str, port: int, token: str) -> None:
        self.url = f"http://{address}:{port}{API_ROOT}"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def create(self, session_id: str) -> dict[str, Any]:
        """Create the session from the starter site when it does not exist, start it and wait until
        it has.
        """
        return await self._post("/sessions", {"id": session_id, "template": "starter"})

    async def rebuild(self, session_id: str) -> dict[str, Any]:
        """Production mode: build again if the sources changed; `{"changed", "build"}`."""
        return await self._post(f"/sessions/{session_id}/rebuild", {})

    async def one_time_url(self, session_id: str) -> str:
        return str((await self._post(f"/sessions/{session_id}/tokens", {}))["url"])

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=PAGE_SECONDS)
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=timeout) as client,
            client.post(self.url + path, json=body) as response,
        ):
            answer: dict[str, Any] = await response.json(content_type=None)
            if response.status >= 400:
                raise SessionFailed(f"the API refuses POST {path}: {answer.get('detail', answer)}")
            return answer
