"""The only place that talks to a remote: smart HTTP, by the control plane itself.

The credential is in this process's memory, which code of a site cannot read, and goes into one
header. No git process has it, nor a network. Each address that a host's name resolves to is checked
at the moment of the connection, so that no name leads to an internal service.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import ipaddress
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from contract.settings.session import SessionSettings

from ..errors import BadRequest, SessionError, TooLarge
from ..refusals import without_user
from .errors import GitAddress, GitCredential, GitRemote
from .program import readable
from .trees import is_object

Service = Literal["git-upload-pack", "git-receive-pack"]
LONGEST_URL: Final = 1000
CONNECT_SECONDS: Final = 10.0
SILENCE_SECONDS: Final = 30.0
"""A remote that sends nothing for so long is given up."""
TRANSFER_SECONDS: Final = 300.0
"""For all that one call asks of a remote."""
ADVERTISED_BYTES: Final = 16 << 20
MOST_REDIRECTS: Final = 3
GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")
"""All that IANA assigns to hosts. Outside are forms that carry an IPv4 address, and ranges that
Python 3.11 has as public: IPv4-compatible, site-local, local NAT64.
"""
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
ANSWER_BYTES: Final = 16 << 10
ANSWER_SHOWN: Final = 300
SHORTEST_HIDDEN: Final = 4
"""Characters. Shorter passwords are parts of any text."""
SSH_ADDRESS: Final = re.compile(
    r"(?:ssh://)?git@([A-Za-z0-9.-]{1,253})(?::\d{1,5}/|:/?|/)([\w.~+/-]{1,200})", re.ASCII
)
EXAMPLE: Final = ("github.com", "owner/name.git")
_SETTING: Final = SessionSettings.declared()["git_internal_hosts"]
INTERNAL_HOSTS: Final = (
    f"the setting `astro-live:{_SETTING.key}` ({_SETTING.variable} in the container)"
)
AGENT: Final = "git/2.38 (astro-live)"


@dataclass(frozen=True, kw_only=True)
class Credential:
    """Sent to one host only."""

    host: str
    username: str
    password: str = field(repr=False)
    secret: str = ""
    """The name of the secret that it comes from (`secrets.py`); empty for a call's own."""
    covers: Callable[[URL], bool] = lambda _url: True
    """Whether it may be sent to this address of the host."""
    renew: Callable[[], Awaitable[Credential | None]] | None = None
    """What it is now, when the remote has refused it; None when it is the same."""

    @property
    def header(self) -> str:
        text = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(text).decode()

    def hidden(self, text: str) -> str:
        """The text without the credential, which a remote may have repeated."""
        for secret in (self.password, self.header.removeprefix("Basic "), quote(self.password)):
            if len(secret) >= SHORTEST_HIDDEN:
                text = text.replace(secret, "***")
        return text


def remote_url(text: str, internal: tuple[str, ...]) -> URL:
    """A remote's address. `GitAddress` says what is allowed. `internal` are hosts of internal Git
    servers; http is only for those among them that are this machine.
    """
    try:
        url = URL(text)
        host, port = url.host or "", url.port
    except ValueError:
        url, host, port = URL(), "", None
    plain = url.scheme == "http" and host in internal and _is_loopback(host)
    good = (
        (url.scheme == "https" or plain)
        and bool(host)
        and port is not None
        and url.user is None
        and url.password is None
        and not url.query_string
        and not url.fragment
        and len(text) <= LONGEST_URL
        and len(url.path) > 1
        and text.isprintable()
        and " " not in text
    )
    if not good:
        raise GitAddress(
            f"the repository's url is {without_user(text)[:200]!r}; allowed is an https address"
            f" without a user name, such as {_by_https(text)}. Send a user name and password as"
            " `credential`. http is allowed only for a server on this machine that is named in"
            f" {INTERNAL_HOSTS}"
        )
    with contextlib.suppress(ValueError):
        check_address(host, str(ipaddress.ip_address(host)), internal)
    return url.with_path(url.path.rstrip("/"), encoded=False) if url.path.endswith("/") else url


def _by_https(text: str) -> str:
    """The https address of what an SSH address such as `git@github.com:owner/name.git` names, which
    the usual hosts have; else an example.
    """
    host, path = found.groups() if (found := SSH_ADDRESS.fullmatch(text)) else EXAMPLE
    return f"https://{host}/{path}"


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def check_address(host: str, address: str, internal: tuple[str, ...]) -> None:
    """`GitAddress` unless the address is a public one, or the host is named as internal."""
    if host in internal:
        return
    found = ipaddress.ip_address(address.partition("%")[0])
    known, carried = True, [found]
    if isinstance(found, ipaddress.IPv6Address):
        known = found in GLOBAL_UNICAST or found in NAT64
        carried += [each for each in (found.ipv4_mapped, found.sixtofour) if each is not None]
        if found in NAT64:
            carried.append(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF))
    if not known or not all(each.is_global and not each.is_multicast for each in carried):
        raise GitAddress(
            f"the host {host!r} is at {found}, which is not a public address. An internal Git server"
            f" has to be named in {INTERNAL_HOSTS}"
        )


class _Guarded(AbstractResolver):
    """Resolves names to public addresses only."""

    def __init__(self, internal: tuple[str, ...]) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._internal = internal

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            check_address(host, each["host"], self._internal)
        return found

    async def close(self) -> None:
        await self._resolver.close()


@dataclass(frozen=True, kw_only=True)
class Advertised:
    """What a remote says it has."""

    refs: dict[str, str]
    head: str | None
    """The branch that HEAD is, as a full name."""
    body: bytes
    """For git: everything after the service's name."""


class Remote:
    """A remote, for one call of the API."""

    def __init__(
        self, url: URL, credential: Credential | None, internal: tuple[str, ...], most_bytes: int
    ) -> None:
        if credential is not None and credential.host.lower() != place_of(url):
            raise BadRequest(
                f"the credential is for the host {credential.host[:80]!r}, and the remote is at"
                f" {place_of(url)!r}. Nothing was sent"
            )
        self.url = url
        self._credential = credential
        self._sent: list[Credential] = [] if credential is None else [credential]
        self._internal = internal
        self._left = most_bytes
        self._most = most_bytes
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Remote:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Guarded(self._internal), use_dns_cache=False, limit=2
            ),
            timeout=aiohttp.ClientTimeout(
                total=TRANSFER_SECONDS, connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # not asked for, and a small answer could unpack to any size
            trust_env=False,
        )
        return self

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, SessionError):  # the remote's words, or git's about them
            error.args = (self._hidden(str(error)),)
        if self._session is not None:
            await self._session.close()

    def _hidden(self, text: str) -> str:
        for credential in self._sent:
            text = credential.hidden(text)
        return text

    async def _renewed(self, answer: aiohttp.ClientResponse) -> bool:
        """Whether the remote has refused a secret that is another one by now. Once for a call."""
        credential = self._credential
        if answer.status != 401 or credential is None or credential.renew is None:
            return False
        self._credential = dataclasses.replace(credential, renew=None)
        if (other := await credential.renew()) is None:
            return False
        self._credential = other
        self._sent.append(other)
        return True

    async def advertised(self, service: Service) -> Advertised:
        """Ask what there is. Follows redirects within the same origin, which hosts use for renamed
        repositories.
        """
        redirects = 0
        while redirects <= MOST_REDIRECTS:
            target = self._below("info/refs").with_query(service=service)
            async with self._asked("GET", target) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    self._follow(answer, service)
                    redirects += 1
                    continue
                if await self._renewed(answer):
                    continue
                await self._check(answer, f"application/x-{service}-advertisement")
                data = bytearray()
                async for piece in self._read(answer):
                    data += piece
                    if len(data) > ADVERTISED_BYTES:
                        raise TooLarge(f"the remote {self._name} has too many branches and tags")
                return await asyncio.to_thread(_parsed, bytes(data), service)
        raise GitRemote(f"the remote {self._name} redirects more than {MOST_REDIRECTS} times")

    async def post(
        self, service: Service, body: bytes | AsyncIterator[bytes], take: Callable[[bytes], Any]
    ) -> None:
        """Send a request of git's, and hand its answer on in pieces as it comes."""
        headers = {
            "Content-Type": f"application/x-{service}-request",
            "Accept": f"application/x-{service}-result",
        }
        again = True
        while again:
            again = False
            async with self._asked(
                "POST", self._below(service), data=body, headers=headers
            ) as answer:
                if await self._renewed(answer) and isinstance(body, bytes):
                    again = True  # a stream is over: the next call has what the secret is now
                    continue
                await self._check(answer, f"application/x-{service}-result")
                async for piece in self._read(answer):
                    await take(piece)

    def _below(self, path: str) -> URL:
        return URL(f"{self.url}/{path}", encoded=True)

    @property
    def _name(self) -> str:
        return f"{place_of(self.url)}{self.url.path}"

    @contextlib.asynccontextmanager
    async def _asked(
        self, method: str, url: URL, headers: dict[str, str] | None = None, data: Any = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        assert self._session is not None
        sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
        if self._credential is not None:
            sent["Authorization"] = self._credential.header
        try:
            async with self._session.request(
                method, url, headers=sent, data=data, allow_redirects=False
            ) as answer:
                yield answer
        except TimeoutError:
            raise GitRemote(
                f"the remote {self._name} does not answer in time. Try again, or check that this"
                " service may reach it"
            ) from None
        except aiohttp.ClientError as error:
            if isinstance(cause := _origin(error), GitAddress):
                raise cause from None
            raise GitRemote(
                f"the remote {self._name} cannot be reached by {url.scheme}: {_why(error)}"
            ) from None

    def _follow(self, answer: aiohttp.ClientResponse, service: Service) -> None:
        try:
            target = answer.url.join(URL(answer.headers.get("Location", "")))
        except ValueError:
            target = URL()
        suffix = "/info/refs"
        same = target.scheme == self.url.scheme and place_of(target) == place_of(self.url)
        if target.path.endswith(suffix) and same:
            path = target.raw_path[: -len(suffix)]
            moved = self.url.with_path(path, encoded=True)
            covered = self._credential is None or self._credential.covers(moved)
            plain = target.query_string in ("", f"service={service}") and target.user is None
            if plain and covered:
                self.url = moved
                return
        place = without_user(str(target))[:200]
        raise GitAddress(
            f"the remote {self._name} redirects to {place!r}, which is not followed. Send the"
            " repository's own address"
        )

    async def _check(self, answer: aiohttp.ClientResponse, media: str) -> None:
        if answer.status in (401, 403):
            refused = "refuses the credential" if self._credential else "demands a credential"
            fix = "Send one that may do this as `credential`"
            if self._credential is not None and self._credential.secret:
                refused = f"refuses the secret {self._credential.secret!r}"
                fix = "Store one that may do this in it, and send the request again"
            raise GitCredential(
                f"the remote {self._name} {refused} (status {answer.status}). {fix}"
            )
        if answer.status != 200:
            said = (await answer.content.read(ANSWER_BYTES)).decode("utf-8", "replace")
            text = readable(self._hidden(said).encode("utf-8", "replace"))[:ANSWER_SHOWN]
            missing = answer.status == 404
            raise GitRemote(
                f"the remote {self._name} answers {answer.status}"
                + (": no such repository, or a credential is needed" if missing else f": {text}")
            )
        if answer.content_type != media:
            raise GitRemote(
                f"the remote {self._name} is not a Git server: it answers {answer.content_type!r}."
                " Use one that speaks Git's smart HTTP protocol, such as `git http-backend`"
            )

    async def _read(self, answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        async for piece in answer.content.iter_chunked(64 * 1024):
            self._left -= len(piece)
            if self._left < 0:
                raise TooLarge(
                    f"the remote {self._name} sends more than {self._most} bytes, what a session may"
                    " have (ASTRO_LIVE_SESSION_FILES_MIB)"
                )
            yield piece


def place_of(url: URL) -> str:
    """Host, and port where it is not the scheme's own."""
    host = url.host or ""
    return host if url.is_default_port() else f"{host}:{url.port}"


def _why(error: aiohttp.ClientError) -> str:
    """What is wrong with a connection and what to do, without the words of the HTTP library: its
    text has `ssl:default` for every address.
    """
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the name of the host cannot be resolved. Check the address"
        case aiohttp.ClientConnectorCertificateError():
            reason = readable(str(error.certificate_error).encode())[:200]
            return f"its certificate is not valid ({reason}). Correct the certificate"
        case aiohttp.ClientSSLError():
            return "TLS fails. Check the port, and that the server speaks https there"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))) if number > 0:
            reason = os.strerror(number).lower()
            return f"{reason}. Check host and port, and that the server runs"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError():
            return "it ended the connection. Try again, or check the server's log"
    return readable(str(error).encode()).replace(" ssl:default", "")[:200]


def _origin(error: BaseException) -> BaseException | None:
    """The error that is behind a client's error."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, GitAddress):
        found = found.__cause__ or found.__context__
    return found


def packets(data: bytes) -> list[bytes | None]:
    """pkt-lines; None for a flush. https://git-scm.com/docs/protocol-common"""
    found: list[bytes | None] = []
    at = 0
    while at < len(data):
        try:
            size = int(data[at : at + 4], 16)
        except ValueError:
            size = -1
        if size != 0 and (size < 4 or at + size > len(data)):
            raise GitRemote("the remote's answer is not Git's protocol")
        found.append(None if size == 0 else data[at + 4 : at + size])
        at += size or 4
    return found


def _parsed(data: bytes, service: Service) -> Advertised:
    found = packets(data)
    if len(found) < 2 or (found[0] or b"").strip() != b"# service=" + service.encode():
        raise GitRemote("the remote's answer is not Git's protocol")
    head: str | None = None
    refs: dict[str, str] = {}
    body = data[len(found[0] or b"") + 8 :]
    for number, entry in enumerate(found[2:]):
        if entry is None:
            break
        text, _, capabilities = entry.partition(b"\0")
        if number == 0:
            for each in capabilities.decode("utf-8", "replace").split():
                if each.startswith("symref=HEAD:"):
                    head = each.removeprefix("symref=HEAD:")
        name, _, ref = text.decode("utf-8", "surrogateescape").strip().partition(" ")
        if not is_object(name):
            raise GitRemote("the remote has objects of another kind than SHA-1, or is not Git")
        refs[ref] = name
    return Advertised(refs=refs, head=head, body=body)


async def timed(work: Any) -> Any:
    """`work`, within the time that one call may take at a remote."""
    try:
        async with asyncio.timeout(TRANSFER_SECONDS):
            return await work
    except TimeoutError:
        raise GitRemote(f"the remote takes longer than {TRANSFER_SECONDS:.0f} s") from None
