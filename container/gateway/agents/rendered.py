"""What a page shows, as text: fetched as a visitor's browser does, through Envoy with a session
token that lives for seconds.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from contract.hmr import HmrContract

from ..errors import BadRequest, Conflict, TooLarge
from ..registry import SessionRegistry
from ..tokens import CookieNames, TokenService
from .calls import MOST_ANSWER_BYTES

PAGE_SECONDS: Final = 30.0
TOKEN_SECONDS: Final = 60
VISITOR: Final = "agent"
BLOCKS: Final = re.compile(
    "address|article|aside|blockquote|body|br|dd|details|div|dl|dt|fieldset|figcaption|figure|footer"
    "|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|summary|table|title|tr|ul"
)
UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "svg"})


class RenderedPages:
    """Of all sessions that run on this task."""

    def __init__(
        self, contract: HmrContract, registry: SessionRegistry, tokens: TokenService, address: str
    ) -> None:
        """`address` is where Envoy listens for visitors, as a URL."""
        self._contract = contract
        self._registry = registry
        self._tokens = tokens
        self._address = address

    async def text(self, session_id: str, path: str) -> str:
        """The text of a page below the session's address. `Conflict` when it does not answer as a
        page does.
        """
        if any(segment in (".", "..") for segment in path.split("/")):
            raise BadRequest(f"the page is {path[:100]!r}; allowed is a path such as blog/first")
        epoch = await self._registry.epoch(session_id)
        token, _ = self._tokens.sign(
            "session", session_id, seconds=TOKEN_SECONDS, epoch=epoch, visitor=VISITOR
        )
        names = CookieNames.of(self._contract)
        where = self._contract.session_base(session_id) + quote(path.lstrip("/"), safe="/")
        try:
            async with (
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=PAGE_SECONDS),
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as client,
                client.get(
                    URL(self._address + where, encoded=True),
                    headers={
                        "Host": self._contract.session_authority(session_id),
                        "Cookie": f"{names.session}={token}; {names.fresh}=1",
                        "Accept": "text/html",
                    },
                    allow_redirects=False,
                ) as response,
            ):
                data = await _bounded(response)
                if location := response.headers.get("Location"):
                    raise Conflict(f"page {path!r} redirects to {location[:200]!r}")
                if response.status != 200 or not response.content_type.startswith("text/"):
                    raise Conflict(
                        f"page {path!r} answers {response.status} {response.content_type}."
                        " list_problems says what is wrong with the site"
                    )
                encoding = response.charset or "utf-8"
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Conflict(
                f"page {path!r} does not answer ({type(error).__name__}). read_logs may say why"
            ) from error
        return text_of(data.decode(encoding, "replace"))


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    data = b""
    async for piece in response.content.iter_chunked(64 * 1024):
        data += piece
        if len(data) > MOST_ANSWER_BYTES:
            raise TooLarge(f"the page is larger than {MOST_ANSWER_BYTES // 1024} KiB")
    return data


def text_of(html: str) -> str:
    """What a reader sees of it, a line for each block."""
    seen = _Seen()
    seen.feed(html)
    seen.close()
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(seen.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag == "img" and (alternative := dict(attrs).get("alt")):
            self.parts.append(f"[{alternative}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif BLOCKS.fullmatch(tag):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))
