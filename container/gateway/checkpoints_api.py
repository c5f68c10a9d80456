"""The API's part for checkpoints: keep, list, compare, restore, undo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from .bodies import model_body, query
from .changes_api import described
from .checkpointing import Checkpoints
from .errors import BadRequest
from .files.changes import Done
from .files.paths import split_path
from .git.checkpoints import Checkpoint
from .git_models import CheckpointRequest, RestoreRequest
from .registry import SessionRegistry
from .sessions import Session
from .verdict import Verdicts, wait_of

NUMBER: Final = re.compile(r"[1-9][0-9]{0,7}")
NOT_KEPT: Final = {"Cache-Control": "no-store"}


class CheckpointsApi:
    """Handlers below `/sessions/{id}`."""

    def __init__(
        self,
        registry: SessionRegistry,
        checkpoints: Checkpoints,
        verdicts: Verdicts,
        seconds: float,
    ) -> None:
        self._registry = registry
        self._checkpoints = checkpoints
        self._verdicts = verdicts
        self._seconds = seconds

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        one = session + "/checkpoints/{number}"
        return [
            web.get(session + "/checkpoints", self._list),
            web.post(session + "/checkpoints", self._make),
            web.delete(one, self._remove),
            web.get(one + "/diff", self._compare),
            web.post(one + "/restore", self._restore),
            web.post(session + "/undo", self._undo),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        query(request)
        known, position = await self._checkpoints.known(await self._session(request))
        answer = {
            "checkpoints": [_described(each) for each in reversed(known)],
            "position": position.number if position else None,
        }
        return web.json_response(answer, headers=NOT_KEPT)

    async def _make(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        body = await model_body(request, self._seconds, CheckpointRequest)
        made, new = await self._checkpoints.make(session, body.name.strip())
        return web.json_response({**_described(made), "created": new}, status=201 if new else 200)

    async def _remove(self, request: web.Request) -> web.Response:
        await self._checkpoints.remove(await self._session(request), _number(request))
        return web.Response(status=204)

    async def _compare(self, request: web.Request) -> web.Response:
        path = query(request, path="")["path"]
        if path:
            split_path(path)
        files, patch, complete = await self._checkpoints.compare(
            await self._session(request), _number(request), [path] if path else []
        )
        named = [{"path": _text(name), "state": state} for name, state in files]
        answer = {"files": named, "patch": patch, "complete": complete}
        return web.json_response(answer, headers=NOT_KEPT)

    async def _restore(self, request: web.Request) -> web.Response:
        session, wait = await self._session(request), wait_of(request)
        number = _number(request)
        body = await model_body(request, self._seconds, RestoreRequest)
        for path in body.paths:
            split_path(path)
        return await self._go_back(session, number, body.paths, wait)

    async def _undo(self, request: web.Request) -> web.Response:
        session, wait = await self._session(request), wait_of(request)
        return await self._go_back(session, None, [], wait)

    async def _go_back(
        self, session: Session, number: int | None, paths: Sequence[str], wait: float | None
    ) -> web.Response:
        restored, done = await self._checkpoints.restore(session, number, paths)
        return web.json_response(
            {
                "restored": restored.checkpoint.number,
                "saved": restored.saved.number if restored.saved else None,
                **await outcome(self._verdicts, session, done, wait),
            }
        )

    async def _session(self, request: web.Request) -> Session:
        return await self._registry.get(request.match_info["id"])


async def outcome(
    verdicts: Verdicts, session: Session, done: Sequence[Done], wait: float | None
) -> dict[str, Any]:
    """What became of each path and, for a client that waits, of the pages."""
    answer: dict[str, Any] = {"changes": [described(each) for each in done]}
    if wait is not None:
        paths = [session.root / each.path for each in done if each.event != "unlink"]
        answer["verdict"] = await verdicts.after_change(session, paths, wait)
    return answer


def _described(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "number": checkpoint.number,
        "name": checkpoint.name,
        "kind": checkpoint.kind,
        "parent": checkpoint.parent,
        "created_at": checkpoint.at,
    }


def _text(path: str) -> str:
    """A path as JSON can have it."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if not NUMBER.fullmatch(text):
        raise BadRequest(
            f"the checkpoint is {text[:20]!r}; allowed is a number that GET …/checkpoints lists"
        )
    return int(text)
