"""Does a deployed (or local) stack serve live editing? Asked the way a browser asks: page, HMR
client, WebSocket upgrade.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from contract.hmr import VITE_SUBPROTOCOL
from local.resolver import LocalhostResolver
from scripts.release.errors import ReleaseError

WAITING_SECONDS = 90
REACH_SECONDS = 10.0
_SOCKET_TOKEN = re.compile(r'wsToken\s*=\s*"([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to ask. Without `api_token` only the refusals can be checked."""

    session_url_pattern: str
    """`https://edit.example.com/session/{id}/`, or `https://{id}.edit.example.com/`."""
    api_url: str | None = None
    """Root of the API: `https://edit.example.com/api/v1`."""
    api_token: str | None = None
    ca_file: str | None = None

    def session(self, name: str) -> str:
        """Address of a session, with a closing slash."""
        return self.session_url_pattern.replace("{id}", name)


def unresolved(url: str) -> str:
    """The host of `url` where this machine finds no address for it; empty otherwise."""
    host = urlsplit(url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except socket.gaierror:
        return host
    return ""


def unreachable(url: str) -> str:
    """Why this machine cannot open a connection to `url`; empty when it can. A name that does not
    resolve is a reason, too.

    A load balancer drops what its security group does not admit, so nothing answers: a network that
    `ingressCidrs` leaves out, such as that of a hosted runner. A refused connection is not that,
    and is left to the smoke test.
    """
    if host := unresolved(url):
        return f"{host} has no address that this machine finds"
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=REACH_SECONDS):
            return ""
    except TimeoutError:
        return (
            f"{parts.hostname} port {port} does not answer this machine within"
            f" {REACH_SECONDS:.0f} s"
        )
    except OSError:
        return ""


async def smoke(target: Target) -> list[str]:
    """Run the checks and return a line for each that passed. Raises ReleaseError at the first that
    fails.
    """
    context = ssl.create_default_context(cafile=target.ca_file)
    passed: list[str] = []
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context, resolver=LocalhostResolver()),
        timeout=aiohttp.ClientTimeout(total=30),
    ) as client:
        passed.append(await _stranger_is_refused(client, target))
        passed.append(await _strange_socket_is_refused(client, target))
        if target.api_url and target.api_token:
            passed += await _session_is_served(client, target)
    return passed


async def _stranger_is_refused(client: aiohttp.ClientSession, target: Target) -> str:
    url = target.session("smoke-test")
    async with _reaching(client.get(url, allow_redirects=False), url) as answer:
        if answer.status not in (401, 403, 404):
            raise ReleaseError(
                f"GET {url} without a cookie answered {answer.status}; expected 401, 403 or 404: is"
                " the gateway behind this listener?"
            )
        return f"GET {url} without a cookie: refused with {answer.status}"


async def _strange_socket_is_refused(client: aiohttp.ClientSession, target: Target) -> str:
    url = target.session("smoke-test") + "_hmr"
    try:
        async with client.ws_connect(url, protocols=(VITE_SUBPROTOCOL,)):
            raise ReleaseError(
                f"a WebSocket to {url} without a cookie was let in; take the stack out of service"
                " and look at the gateway's logs"
            )
    except aiohttp.WSServerHandshakeError as refusal:
        if refusal.status not in (401, 403, 404):
            raise ReleaseError(
                f"a WebSocket to {url} without a cookie answered {refusal.status}; expected 401,"
                " 403 or 404"
            ) from refusal
        return f"WebSocket to {url} without a cookie: refused with {refusal.status}"
    except aiohttp.ClientError as error:
        raise ReleaseError(f"cannot reach {url}: {error}") from error


async def _session_is_served(client: aiohttp.ClientSession, target: Target) -> list[str]:
    name = f"smoke-{secrets.token_hex(4)}"
    api = f"{target.api_url}/sessions"
    authorised = {"Authorization": f"Bearer {target.api_token}"}
    async with _reaching(
        client.post(api, json={"id": name, "template": "starter"}, headers=authorised), api
    ) as answer:
        if answer.status not in (200, 201, 202):
            raise ReleaseError(
                f"POST {api} answered {answer.status}: {(await answer.text())[:200]}"
            )
        built = bool((await answer.json()).get("build"))
    try:
        async with _reaching(
            client.post(f"{api}/{name}/tokens", headers=authorised), api
        ) as answer:
            entrance = str((await answer.json())["url"])
        page = await _page(client, target, name, entrance, live=not built)
        if built:
            return [f"page of a new session: {len(page)} bytes, built (NODE_ENV=production)"]
        client_source = await _get(client, f"{target.session(name)}@vite/client")
        token = _SOCKET_TOKEN.search(client_source)
        if token is None:
            raise ReleaseError(
                f"{target.session(name)}@vite/client holds no WebSocket token: is this Vite's"
                " client?"
            )
        socket = f"{target.session(name)}_hmr?token={token[1]}"
        try:
            async with client.ws_connect(
                socket, protocols=(VITE_SUBPROTOCOL,), origin=_origin(target.session(name))
            ) as opened:
                first = await opened.receive_json(timeout=15)
        except (aiohttp.ClientError, TimeoutError, ValueError, TypeError) as error:
            raise ReleaseError(
                f"the HMR WebSocket of session '{name}' did not open: {error}"
            ) from error
        if first.get("type") != "connected":
            raise ReleaseError(
                f"the HMR WebSocket of session '{name}' began with {first!r}; expected a"
                " 'connected' message"
            )
        return [
            f"page of a new session: {len(page)} bytes",
            "HMR client served at the session's address",
            "HMR WebSocket: connected",
        ]
    finally:
        async with client.delete(f"{api}/{name}", params={"files": "true"}, headers=authorised):
            pass


async def _page(
    client: aiohttp.ClientSession, target: Target, name: str, entrance: str, *, live: bool
) -> str:
    """The site's own page; the one that is shown until then is a 503."""
    url, base = entrance, target.session(name)
    for _ in range(WAITING_SECONDS):
        async with _reaching(client.get(url, headers={"Accept": "text/html,*/*"}), url) as answer:
            page = await answer.text()
        if answer.status >= 400 and answer.status != 503:
            raise ReleaseError(f"GET {url.split('?')[0]} answered {answer.status}")
        if answer.status == 200 and ("/@vite/client" in page or not live):
            return page
        await asyncio.sleep(1)
        url = base
    raise ReleaseError(
        f"{base} still shows no page of the site after {WAITING_SECONDS} s; look at the session's"
        " logs"
    )


async def _get(client: aiohttp.ClientSession, url: str) -> str:
    async with _reaching(client.get(url, headers={"Accept": "text/html,*/*"}), url) as answer:
        if answer.status >= 400 and answer.status != 503:
            raise ReleaseError(f"GET {url.split('?')[0]} answered {answer.status}")
        return await answer.text()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@asynccontextmanager
async def _reaching(
    request: AbstractAsyncContextManager[aiohttp.ClientResponse], url: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    """A request whose connection errors become a ReleaseError that names the address (without its
    query: it may hold a token).
    """
    try:
        async with request as answer:
            yield answer
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ReleaseError(
            f"cannot reach {url.split('?')[0]}: {error or type(error).__name__}"
        ) from error
