"""The API's part for looking at a project: read, list, search, take it away as an archive."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from aiohttp import web

from .bodies import flag, number, query
from .errors import BadRequest
from .files import archives, plain, searching
from .files.listing import LISTING_SECONDS, MOST_ENTRIES, Hashes, list_tree
from .files.paths import MAX_DEPTH, split_folder, split_path
from .files.versions import tags, version_with
from .registry import SessionRegistry
from .session_environment import Environment
from .units import MEBIBYTE

FILE_SECONDS: Final = 20.0
"""For one file on a slow network disk."""
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
DOWNLOAD: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

Result = TypeVar("Result")


class FilesApi:
    """Handlers below `/sessions/{id}`."""

    def __init__(self, registry: SessionRegistry, environment: Environment) -> None:
        self._registry = registry
        self._storage = environment.storage
        self._limit = environment.settings.max_file_mib * MEBIBYTE
        self._hashes = Hashes()
        self._search = searching.Search()

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        return [
            web.get(session + "/files/{path:.+}", self._read),
            web.get(session + "/tree", self._tree),
            web.get(session + "/archive", self._archive),
            web.get(session + "/search", self._find),
        ]

    async def _read(self, request: web.Request) -> web.Response:
        """The file, or a part of it; 304 when the client has it already."""
        session, path = (
            await self._registry.get(request.match_info["id"]),
            request.match_info["path"],
        )
        content = await self._disk(plain.read_file, session.root, path, self._limit)
        version = version_with(path, content)
        headers = {
            "Content-Type": "application/octet-stream",
            "Accept-Ranges": "bytes",
            "ETag": version.etag,
            **DOWNLOAD,
        }
        unless = request.headers.get("If-None-Match")
        if unless is not None and version.known(tags(unless, "If-None-Match")):
            return web.Response(
                status=304, headers={"ETag": version.etag, "Cache-Control": "no-store"}
            )
        if (part := _part(request, len(content), version.etag)) is None:
            return web.Response(body=content, headers=headers)
        start, end = part
        if start >= end:
            headers = {"Content-Range": f"bytes */{len(content)}"}
            raise web.HTTPRequestRangeNotSatisfiable(
                headers=headers, reason=f"the file has {len(content)} bytes"
            )
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(content)}"
        return web.Response(status=206, body=content[start:end], headers=headers)

    async def _tree(self, request: web.Request) -> web.Response:
        values = query(request, path="", after="", limit="1000", depth=str(MAX_DEPTH), hashes="1")
        most, depth = (
            number(values, "limit", 1, MOST_ENTRIES),
            number(values, "depth", 1, MAX_DEPTH),
        )
        split_folder(values["path"])
        split_folder(values["after"])
        hashes = self._hashes if flag(values, "hashes") else None
        session = await self._registry.get(request.match_info["id"])
        entries, following = await self._storage.call(
            "the project cannot be listed",
            lambda: list_tree(
                session.root,
                values["path"],
                after=values["after"],
                most=most,
                depth=depth,
                hashes=hashes,
                limit=self._limit,
            ),
            seconds=LISTING_SECONDS + FILE_SECONDS,
        )
        return web.json_response(
            {"entries": entries, "next": following}, headers={"Cache-Control": "no-store"}
        )

    async def _archive(self, request: web.Request) -> web.StreamResponse:
        values = query(request, path="", format="tar.gz")
        form = values["format"]
        if form not in archives.MEDIA_TYPES:
            raise BadRequest(
                f"format is {form[:20]!r}; allowed are {', '.join(archives.MEDIA_TYPES)}"
            )
        session = await self._registry.get(request.match_info["id"])
        split_folder(values["path"])
        pieces = await self._disk(archives.archive, session.root, values["path"], form)
        piece: bytes | None = await self._disk(next, pieces, None)
        name = values["path"].rpartition("/")[2] or session.id
        fit = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        headers = {
            "Content-Type": archives.MEDIA_TYPES[form],
            "Content-Disposition": f'attachment; filename="{fit}.{form}"',
            **DOWNLOAD,
        }
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        while piece is not None:
            await response.write(piece)
            piece = await self._disk(next, pieces, None)
        await response.write_eof()
        return response

    async def _find(self, request: web.Request) -> web.Response:
        values = query(
            request, q="", regex="0", ignore_case="0", word="0", hidden="0", glob="", path="", context="0", limit="200"
        )  # fmt: skip
        text, glob = values["q"], values["glob"]
        if not 1 <= len(text) <= searching.LONGEST_QUERY or not _is_line(text):
            raise BadRequest(
                f"q, the text to search for, must have 1 to {searching.LONGEST_QUERY} characters,"
                " without line breaks" + ("" if "q" in request.query else "; it is missing")
            )
        if len(glob) > searching.LONGEST_GLOB or not _is_line(glob):
            raise BadRequest(
                f"glob is {glob[:40]!r}; allowed are {searching.LONGEST_GLOB} characters, such as"
                " '*.astro'"
            )
        if values["path"]:
            split_path(values["path"])
        asked = searching.Query(
            text=text,
            regex=flag(values, "regex"),
            ignore_case=flag(values, "ignore_case"),
            word=flag(values, "word"),
            hidden=flag(values, "hidden"),
            glob=glob,
            path=values["path"],
            context=number(values, "context", 0, searching.MOST_CONTEXT),
            most=number(values, "limit", 1, searching.MOST_MATCHES),
        )
        session = await self._registry.get(request.match_info["id"])
        return web.json_response(
            await self._search.find(session.root, asked), headers={"Cache-Control": "no-store"}
        )

    async def _disk(self, function: Callable[..., Result], *arguments: Any) -> Result:
        return await self._storage.call(
            "the file cannot be reached", function, *arguments, seconds=FILE_SECONDS
        )


def _is_line(text: str) -> bool:
    """Whether it can be an argument of ripgrep and matches within a line."""
    return not any(
        character in "\0\n\r" or 0xD800 <= ord(character) <= 0xDFFF for character in text
    )


def _part(request: web.Request, size: int, etag: str) -> tuple[int, int] | None:
    """Start and end of the range that is asked for; None for the whole file. A range of another
    kind is not taken, as RFC 9110 allows.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    condition = request.headers.get("If-Range")
    if asked is None or asked[0] == "bytes=-" or (condition is not None and condition != etag):
        return None
    first, last = asked.groups()
    if not first:
        return max(0, size - int(last)), size if int(last) else 0
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
