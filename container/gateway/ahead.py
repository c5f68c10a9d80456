"""Rendering open pages on a session's next task before its visitors are sent there.

A dev server that is ready has compiled nothing of the site yet: the first page takes as long as the
start did. So the owner names the pages that are open, and the next one asks its own dev server for
each of them, as a browser will: the page, and the scripts and styles that it names.

What a page says of its address comes from visitors and from code of the site. It reaches no further
than a visitor does: paths below the session's base, and none of the dev server's own endpoints.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from contract.hmr import HmrContract

from .envoy.refusals import BLOCKED_DOORS
from .envoy.routes import OWN_SEGMENT

RENDER_SECONDS: Final = 15.0
"""For all pages of a session. What takes longer is left to its visitors."""
MOST_PAGES: Final = 5
"""Of one session; browsers show the first ones."""
MOST_PARTS: Final = 60
"""Scripts and styles of one page."""
LONGEST_ADDRESS: Final = 300
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of one answer."""
CLOSED: Final = re.compile(f"{BLOCKED_DOORS}|{OWN_SEGMENT}(?:/.*)?")
"""Below the base: what visitors do not reach either, and what the gateway answers itself."""


class Named(HTMLParser):
    """Addresses of the scripts and styles of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        wanted = {"script": "src", "link": "href", "astro-island": "component-url"}
        if (name := wanted.get(tag)) is None or not (address := values.get(name)):
            return
        if tag != "link" or values.get("rel") in ("stylesheet", "modulepreload"):
            self.found[address] = None


def addresses(pages: Iterable[object], base: str) -> list[str]:
    """Paths of the pages below `base`, the session's. What is not a page's address is left out."""
    found: dict[str, None] = {}
    for page in pages:
        if not isinstance(page, str) or len(page) > LONGEST_ADDRESS or not page.isprintable():
            continue
        if (path := _below(page.lstrip("/"), base)) is not None:
            found[path] = None
    return list(found)[:MOST_PAGES]


def _below(address: str, base: str, page: str | None = None) -> str | None:
    """Path and query of what `address` names in `page`, by default in the first one; None where
    that is not the session's, or no visitor's.
    """
    try:
        url = URL(urljoin(f"http://site{page or base}", address))
    except ValueError:
        return None
    own = (url.scheme, url.host, url.port) == ("http", "site", 80) and url.path.startswith(base)
    return url.raw_path_qs if own and not CLOSED.match(url.path[len(base) :].lstrip("/")) else None


async def render(socket: Path, session_id: str, pages: list[str], contract: HmrContract) -> int:
    """Ask the dev server on `socket` for each of `pages` (paths) and what they name; how many
    answers there were. Errors of the site are its visitors' to see.
    """
    base = contract.session_base(session_id)
    headers = {
        "Host": contract.session_authority(session_id),
        "X-Forwarded-Host": contract.session_authority(session_id),
        "X-Forwarded-Proto": contract.scheme,
    }
    answers = 0
    async with aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(path=str(socket), limit=4), headers=headers
    ) as client:
        for page in pages:
            text = await _get(client, page, "text/html")
            if text is None:
                continue
            named = Named()
            with contextlib.suppress(AssertionError):  # html.parser on what is not HTML
                named.feed(text)
            paths = [_below(address, base, page) for address in named.found]
            parts = dict.fromkeys(path for path in paths if path is not None)
            got = await asyncio.gather(
                *(_get(client, path, "*/*") for path in list(parts)[:MOST_PARTS])
            )
            answers += 1 + sum(each is not None for each in got)
    return answers


async def _get(client: aiohttp.ClientSession, path: str, accept: str) -> str | None:
    """The answer's text, as far as it is read; None where there is none."""
    try:
        async with client.get(
            URL(f"http://site{path}", encoded=True),
            headers={"Accept": accept},
            allow_redirects=False,
        ) as answer:
            data = bytearray()
            async for piece in answer.content.iter_any():
                data += piece
                if len(data) > MOST_BYTES:
                    break
            return data.decode("utf-8", "replace")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
