"""The API's part for changing a project: write, edit, move, delete, several at once, an archive in.

Changes of one session take turns in the whole service (`files/locks.py`), so a precondition that
holds is still true when the change is made, as far as the API's clients are concerned. The site's
own code and the developers' tools do not take turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from .bodies import flag, model_body, parts_of, query, sent_in_time
from .changing import CHANGES_SECONDS, FILE_SECONDS, Changing, longest, new_bytes
from .checkpointing import Checkpoints
from .cleaner import Cleaner
from .errors import TooLarge, TooSlow
from .file_models import BatchRequest, EditRequest, MoveRequest
from .files import locks, moves, plain, unpacking
from .files.changes import Done, Rewrite
from .files.paths import split_folder, split_path
from .files.versions import Precondition, Version, from_headers, version_of
from .registry import SessionRegistry
from .session_environment import Environment
from .sessions import Session
from .units import MEBIBYTE
from .verdict import Verdicts, wait_of

ARCHIVE_SECONDS: Final = 600.0
"""For an archive to be sent."""
UNPACKED_AT_ONCE: Final = 2
"""Archives of all sessions: the disk's other threads are for everybody else's files."""
LARGEST_ARCHIVE_MIB: Final = 512


class ChangesApi:
    """Handlers below `/sessions/{id}`."""

    def __init__(
        self,
        registry: SessionRegistry,
        environment: Environment,
        cleaner: Cleaner,
        verdicts: Verdicts,
        changing: Changing,
        checkpoints: Checkpoints,
    ) -> None:
        self._changing = changing
        self._checkpoints = checkpoints
        self._verdicts = verdicts
        self._registry = registry
        self._environment = environment
        self._cleaner = cleaner
        self._sites = environment.settings.sites_dir
        self._seconds = environment.settings.request_timeout_seconds
        self._limit = environment.settings.max_file_mib * MEBIBYTE
        self._archives = locks.Turns()
        self._unpacking = asyncio.Semaphore(UNPACKED_AT_ONCE)

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        return [
            web.put(session + "/files/{path:.+}", self._write),
            web.patch(session + "/files/{path:.+}", self._edit),
            web.delete(session + "/files/{path:.+}", self._remove),
            web.post(session + "/move", self._move),
            web.post(session + "/batch", self._batch),
            web.post(session + "/archive", self._unpack),
        ]

    async def _write(self, request: web.Request) -> web.Response:
        session, path = await self._session(request), request.match_info["path"]
        split_path(path)
        expect, wait = _expected(request), wait_of(request)
        content = await sent_in_time(request.read(), self._seconds)
        if len(content) > self._limit:
            raise TooLarge(f"{path!r}: the body has {len(content)} bytes")
        await self._environment.files.admit(session.id, len(content))

        def write() -> tuple[bool, Version | None]:
            if expect.given:
                expect.check(path, version_of(session.root, path))
            new = plain.write_file(session.root, path, content)
            return new, version_of(session.root, path)

        new, version = await self._changing.alone(session, write)
        session.report_change("add" if new else "change", session.root / path)
        verdict = await self._verdict(session, [path], wait)
        return _written(path, len(content), version, verdict, 201 if new else 200)

    async def _edit(self, request: web.Request) -> web.Response:
        session, path = await self._session(request), request.match_info["path"]
        split_path(path)
        expect, wait = _expected(request), wait_of(request)
        body = await model_body(request, self._seconds, EditRequest, self._limit)
        edits = [edit.edit() for edit in body.edits]
        done = await self._changing.make(
            session, [Rewrite(path=path, edits=edits, expect=expect)], longest(edits)
        )
        version = done[0].version
        return _written(
            path,
            version.bytes if version else 0,
            version,
            await self._verdict(session, [path], wait),
            200,
        )

    async def _remove(self, request: web.Request) -> web.Response:
        session, path = await self._session(request), request.match_info["path"]
        recursive = flag(query(request, recursive="0"), "recursive")
        expect = _expected(request)
        done, trash = await self._changing.alone(
            session,
            lambda: moves.delete(
                session.root, self._sites, path, recursive=recursive, expect=expect
            ),
            CHANGES_SECONDS,
        )
        self._environment.files.forget(session.id)
        self._changing.report(session, done)
        if trash is not None:
            await self._cleaner.remove(trash)
        return web.Response(status=204)

    async def _move(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        expect, wait = _expected(request), wait_of(request)
        body = await model_body(request, self._seconds, MoveRequest)
        done = await self._changing.alone(
            session,
            lambda: moves.move(
                session.root, body.path, body.to, overwrite=body.overwrite, expect=expect
            ),
            CHANGES_SECONDS,
        )
        self._changing.report(session, done)
        return await self._answer(session, done, wait)

    async def _batch(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        wait = wait_of(request)
        body = await model_body(request, self._seconds, BatchRequest, self._limit)
        made = [operation.change() for operation in body.operations]
        before = self._checkpoints.before_batch(session)
        size = sum(map(new_bytes, made))
        return await self._answer(
            session, await self._changing.make(session, made, size, before), wait
        )

    async def _unpack(self, request: web.Request) -> web.Response:
        """Unpack the body below `path`: all of it, or nothing."""
        path = query(request, path="")["path"]
        split_folder(path)
        session = await self._session(request)
        async with self._archives.turn(session.id):
            return await self._take_in(request, session, path)

    async def _take_in(self, request: web.Request, session: Session, path: str) -> web.Response:
        folder = await self._changing.folder()
        try:
            await self._receive(request, folder / "archive")
            unpacked_to = folder / "files"
            bounds = unpacking.Bounds(
                file_bytes=self._limit,
                total_bytes=self._environment.settings.session_files_mib * MEBIBYTE,
            )

            def unpack() -> unpacking.Unpacked:
                unpacked_to.mkdir()
                return unpacking.unpack(folder / "archive", unpacked_to, path, bounds)

            async with self._unpacking:
                found = await self._changing.disk(unpack, CHANGES_SECONDS)
            before = self._checkpoints.before_batch(session)
            await self._changing.make(session, found.files, found.bytes, before)
            return web.json_response(
                {"files": len(found.files), "bytes": found.bytes, "skipped": found.skipped}
            )
        finally:
            await self._cleaner.remove(folder)

    async def _receive(self, request: web.Request, target: Path) -> None:
        limit = min(LARGEST_ARCHIVE_MIB, self._environment.settings.session_files_mib) * MEBIBYTE
        size = 0
        file = await self._changing.disk(target.open, FILE_SECONDS, "wb")
        try:
            async with asyncio.timeout(ARCHIVE_SECONDS):
                async for data in parts_of(request, MEBIBYTE):
                    size += len(data)
                    if size > limit:
                        raise TooLarge(
                            f"the archive is larger than {limit // MEBIBYTE} MiB. Send it in parts"
                        )
                    await self._changing.disk(file.write, FILE_SECONDS, data)
        except TimeoutError:
            raise TooSlow(f"the archive did not arrive within {ARCHIVE_SECONDS:.0f} s") from None
        finally:
            await self._changing.disk(file.close)

    async def _session(self, request: web.Request) -> Session:
        return await self._registry.get(request.match_info["id"])

    async def _answer(
        self, session: Session, done: Sequence[Done], wait: float | None
    ) -> web.Response:
        verdict = await self._verdict(
            session, [each.path for each in done if each.event != "unlink"], wait
        )
        return web.json_response({"changes": [described(each) for each in done], **verdict})

    async def _verdict(
        self, session: Session, paths: list[str], wait: float | None
    ) -> dict[str, Any]:
        """The member `verdict` of an answer, for a client that waits for it."""
        if wait is None:
            return {}
        return {
            "verdict": await self._verdicts.after_change(
                session, [session.root / path for path in paths], wait
            )
        }


def _expected(request: web.Request) -> Precondition:
    return from_headers(request.headers.get("If-Match"), request.headers.get("If-None-Match"))


def described(done: Done) -> dict[str, Any]:
    return {
        "event": done.event,
        "path": done.path,
        "file": done.version.describe() if done.version else None,
    }


def _written(
    path: str, size: int, version: Version | None, verdict: dict[str, Any], status: int
) -> web.Response:
    file = version.describe() if version else {"path": path, "bytes": size}
    found = {**file, **verdict}
    return web.json_response(found, status=status, headers=version.headers if version else None)
