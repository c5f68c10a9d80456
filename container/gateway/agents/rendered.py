"""What a page shows, as text: fetched as a visitor's browser does, through Envoy with a session
token that lives for seconds.
"""

from __future__ import annotations

import asyncio
import re
from html import unescape
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
LONGEST_PATH: Final = 2048
BLOCKS: Final = re.compile(
    "address|article|aside|blockquote|body|br|dd|details|div|dl|dt|fieldset|figcaption|figure|footer"
    "|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|section|summary|table|title|tr|ul"
)
MARKUP: Final = re.compile(r"<(?:(?P<comment>!--)|(?P<close>/)?(?P<name>[a-zA-Z][^\s/>]*)|[!?/])")
TAG_MARK: Final = re.compile(r"[>=]")
QUOTED: Final = re.compile(r"""=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))""")
"""An attribute's value, in which a tag does not end."""
ALTERNATIVE: Final = re.compile(
    r"""(?:\A|(?<=[\s"'/]))alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
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
        if len(path) > LONGEST_PATH or any(segment in (".", "..") for segment in path.split("/")):
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
        try:
            text = data.decode(encoding, "replace")
        except (LookupError, ValueError):  # a site may name any encoding
            text = data.decode("utf-8", "replace")
        return await asyncio.to_thread(text_of, text)


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    data = b""
    async for piece in response.content.iter_chunked(64 * 1024):
        data += piece
        if len(data) > MOST_ANSWER_BYTES:
            raise TooLarge(f"the page is larger than {MOST_ANSWER_BYTES // 1024} KiB")
    return data


def text_of(html: str) -> str:
    """What a reader sees of it, a line for each block.

    Pages are whatever a site's code sends, so each character is looked at once: the standard
    library's parser needs minutes for some 20 KB of tags that do not end.
    """
    parts: list[str] = []
    at = 0
    while at < len(html):
        if not (match := MARKUP.search(html, at)):
            parts.append(_plain(html[at:]))
            break
        parts.append(_plain(html[at : match.start()]))
        name = (match["name"] or "").lower()
        if match["comment"] or not name:
            end = _after(html, "-->" if match["comment"] else ">", match.end())
        else:
            end, attributes = _tag(html, match.end())
            if match["close"]:
                attributes = ""
            elif name in UNSEEN and not (name == "svg" and attributes.endswith("/")):
                end = _after_element(html, name, end)
            parts.append(_shown(name, attributes))
        at = end
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _plain(text: str) -> str:
    return unescape(text).replace("\n", " ")


def _shown(name: str, attributes: str) -> str:
    if BLOCKS.fullmatch(name):
        return "\n"
    if name == "img" and (found := ALTERNATIVE.search(attributes)):
        return f"[{_plain(found[1] or found[2] or found[3] or '')}]"
    return ""


def _after(html: str, mark: str, at: int) -> int:
    """Behind the next `mark`, or the end."""
    found = html.find(mark, at)
    return len(html) if found < 0 else found + len(mark)


def _tag(html: str, at: int) -> tuple[int, str]:
    """Behind the tag whose attributes begin at `at`, and the attributes. A tag that does not end
    hides what follows it, as in a browser.
    """
    end = at
    while (mark := TAG_MARK.search(html, end)) and mark[0] == "=":
        value = QUOTED.match(html, mark.start())
        end = (value or mark).end()
    end = mark.start() if mark else len(html)
    return end + 1, html[at:end]


def _after_element(html: str, name: str, at: int) -> int:
    """Behind an element of which nobody sees anything. One that does not end goes on to the end."""
    close = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, at)
    return len(html) if close is None else _tag(html, close.end())[0]
