"""The API's part for Git: status, differences, history, commits, branches, push and pull.

Git changes objects and references only. A project's files are changed as a batch is, so open pages
follow in one wave.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from aiohttp import web
from yarl import URL

from .access import CALLER
from .bodies import model_body, number, query
from .changing import CHANGES_SECONDS, Apply, Changing
from .checkpointing import SCRATCH, Checkpoints
from .checkpoints_api import NOT_KEPT, outcome
from .codes import Code
from .credentials.model import Caller
from .errors import Crowded
from .files import locks
from .files.changes import Done
from .files.paths import split_path
from .git import pulling, repository, trees
from .git.cloning import Bounds, Origin, clone, refresh_index
from .git.errors import GitConflict, UnknownRevision
from .git.left_locks import check_unlocked
from .git.program import Repository, opened, run
from .git.remote import Advertised, Credential, Remote, Service, remote_url, timed
from .git.secrets import GitSecrets
from .git.transfer import fetch, push
from .git_models import CommitRequest, RemoteRequest, RepositoryModel, SwitchRequest
from .registry import Fill, SessionRegistry
from .session_environment import Environment
from .sessions import Session
from .sources import Source
from .units import MEBIBYTE
from .verdict import Verdicts, wait_of

REMOTES_AT_ONCE: Final = 2
"""Calls that talk to remotes, of all sessions."""
LOOKS_AT_ONCE: Final = 3
"""Of all sessions, one of each: a repository may be slow, or have git wait for a pipe."""
WAIT_SECONDS: Final = 20.0

Result = TypeVar("Result")


class GitApi:
    """Handlers below `/sessions/{id}`."""

    def __init__(
        self,
        registry: SessionRegistry,
        environment: Environment,
        changing: Changing,
        checkpoints: Checkpoints,
        verdicts: Verdicts,
    ) -> None:
        settings = environment.settings
        self._registry = registry
        self._changing = changing
        self._checkpoints = checkpoints
        self._verdicts = verdicts
        self._seconds = settings.request_timeout_seconds
        self._scratch = settings.scratch_dir / SCRATCH
        self._bounds = Bounds(
            total_bytes=settings.session_files_mib * MEBIBYTE, internal=settings.git_internal_hosts
        )
        self._secrets = GitSecrets(settings.git_secret_names)
        self._room = asyncio.Semaphore(REMOTES_AT_ONCE)
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._turns = locks.Turns("look at this session's repository")
        self._calls = locks.Turns("push or pull of this session")

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        return [
            web.get(session + "/git", self._status),
            web.get(session + "/git/diff", self._diff),
            web.get(session + "/git/log", self._log),
            web.get(session + "/git/branches", self._branches),
            web.post(session + "/git/commit", self._commit),
            web.post(session + "/git/switch", self._switch),
            web.post(session + "/git/push", self._push),
            web.post(session + "/git/pull", self._pull),
        ]

    def filling(self, wanted: RepositoryModel, root: str, caller: Caller) -> Fill:
        """What makes a new project's folder from a repository."""
        url = remote_url(wanted.url, self._bounds.internal)  # refused before anything is made
        if wanted.secret is not None:
            self._secrets.check(wanted.secret, url, caller)

        async def disk(function: Callable[..., Any], *arguments: Any) -> Any:
            return await self._changing.disk(function, CHANGES_SECONDS, *arguments)

        async def fill(target: Path) -> Source:
            origin = Origin(
                url=wanted.url,
                ref=wanted.ref,
                depth=wanted.depth,
                root=root,
                credential=await self._credential(wanted, url, caller),
            )
            async with self._remotes():
                chosen = await clone(origin, target, self._scratch, self._bounds, disk)
            made = wanted.source().model_copy(update={"branch": chosen.branch or ""})
            return Source(repository=made)

        return fill

    # Looking

    async def _status(self, request: web.Request) -> web.Response:
        query(request)

        def look(found: Repository) -> dict[str, Any]:
            now = repository.head(found)
            ahead, behind = repository.distance(found, now.branch) or (None, None)
            return {
                "branch": now.branch,
                "commit": now.commit,
                "ahead": ahead,
                "behind": behind,
                "files": _files(repository.changed(found)),
            }

        return await self._look(request, look)

    async def _diff(self, request: web.Request) -> web.Response:
        path = query(request, path="")["path"]
        if path:
            split_path(path)

        def look(found: Repository) -> dict[str, Any]:
            wanted = [path] if path else []
            files = [
                each for each in repository.changed(found) if repository.below(each.path, wanted)
            ]
            patch, complete = repository.patch(found, files)
            return {"files": _files(files), "patch": patch, "complete": complete}

        return await self._look(request, look)

    async def _log(self, request: web.Request) -> web.Response:
        values = query(request, ref="HEAD", limit="50")
        most = number(values, "limit", 1, repository.MOST_COMMITS)
        return await self._look(
            request,
            lambda found: {
                "commits": [
                    each.__dict__ for each in repository.log(found, values["ref"] or "HEAD", most)
                ]
            },
        )

    async def _branches(self, request: web.Request) -> web.Response:
        query(request)

        def look(found: Repository) -> dict[str, Any]:
            current = repository.head(found).branch
            return {
                "branches": [
                    {"name": name, "commit": commit, "current": name == current}
                    for name, commit in repository.branches(found)
                ]
            }

        return await self._look(request, look)

    async def _look(
        self, request: web.Request, function: Callable[[Repository], Any]
    ) -> web.Response:
        session = await self._session(request)
        async with (
            self._turns.turn(session.id),
            _place(
                self._looks, f"the repositories of {LOOKS_AT_ONCE} sessions are looked at already"
            ),
        ):
            found = await self._changing.disk(self._opened, CHANGES_SECONDS, session, function)
        return web.json_response(found, headers=NOT_KEPT)

    # Changing

    async def _commit(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        body = await model_body(request, self._seconds, CommitRequest)
        message = repository.check_message(body.message)
        for path in body.paths:
            split_path(path)

        def commit(found: Repository) -> dict[str, Any]:
            check_unlocked(found, f"refs/heads/{repository.head(found).branch}")
            made = repository.commit(found, message, body.author.person(), body.paths)
            return {"commit": made, "branch": repository.current_branch(found)}

        return web.json_response(await self._alone(session, commit), status=201)

    async def _switch(self, request: web.Request) -> web.Response:
        session, wait = await self._session(request), wait_of(request)
        body = await model_body(request, self._seconds, SwitchRequest)
        branch = body.checked()
        if body.create:
            commit = await self._alone(
                session, lambda found: repository.create_branch(found, branch)
            )
            return web.json_response(
                {"branch": branch, "commit": commit, **await self._outcome(session, [], wait)}
            )

        def work(apply: Apply, folder: Path) -> str:
            def switch(found: Repository) -> str:
                check_unlocked(found, f"refs/heads/{branch}")
                pulling.check_clean(found)
                tip = repository.branch_tip(found, branch)
                run(found, "update-ref", f"refs/heads/{branch}", tip)  # may be refused
                self._put(session, found, tip, folder, apply)
                run(found, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
                refresh_index(found, tip)
                return tip

            return self._opened(session, switch)

        tip, done = await self._changing.transform(session, work)
        return web.json_response(
            {"branch": branch, "commit": tip, **await self._outcome(session, done, wait)}
        )

    def _put(
        self, session: Session, found: Repository, to: str, folder: Path, apply: Apply
    ) -> None:
        """Change the project's files to those of another commit, after a checkpoint."""
        now = repository.head(found).commit or trees.EMPTY_TREE

        def keep_first(wanted: Any) -> list[Done]:
            self._checkpoints.try_to_keep(session, "before-pull")
            return apply(wanted)

        if now != to:
            pulling.put(found, now, to, folder, self._bounds.total_bytes, keep_first)

    async def _push(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        body = await model_body(request, self._seconds, RemoteRequest)
        caller = request[CALLER]
        async with self._remote(session, body, caller, "git-receive-pack") as asked:
            found, remote, advertised = asked
            branch, tip = await self._changing.disk(_current, CHANGES_SECONDS, found)
            there = advertised.refs.get(f"refs/heads/{branch}")
            if there != tip:
                ref = f"refs/heads/{branch}"
                await timed(push(found, remote, advertised, f"{tip}:{ref}", branch))
            await self._changing.disk(
                repository.seen_at, CHANGES_SECONDS, found, body.url, branch, tip
            )
        return web.json_response({"commit": tip, "branch": branch, "changed": there != tip})

    async def _pull(self, request: web.Request) -> web.Response:
        session, wait = await self._session(request), wait_of(request)
        body = await model_body(request, self._seconds, RemoteRequest)
        caller = request[CALLER]
        async with self._remote(session, body, caller, "git-upload-pack") as asked:
            found, remote, advertised = asked
            branch = await self._changing.disk(repository.current_branch, CHANGES_SECONDS, found)
            ref = f"refs/heads/{branch}"
            if (tip := advertised.refs.get(ref)) is None:
                raise UnknownRevision(f"the remote has no branch {branch!r}. Push it first")
            await timed(fetch(found, remote, advertised, [ref]))

            def work(apply: Apply, folder: Path) -> pulling.Pulled:
                if (now := repository.head(found).branch) != branch:
                    raise GitConflict(
                        f"while {branch!r} was fetched, the session switched to {now!r}. Pull again"
                    )
                check_unlocked(found, ref, f"refs/remotes/origin/{branch}")
                pulling.check_clean(found)
                pulled = pulling.replayed(found, tip)
                before = repository.head(found).commit
                repository.seen_at(found, body.url, branch, tip)  # may be refused
                self._put(session, found, pulled.commit, folder, apply)
                if before != pulled.commit:
                    repository.move_head(found, pulled.commit, before, "pull")
                    refresh_index(found, pulled.commit)
                return pulled

            pulled, done = await self._changing.transform(session, work)
        answer = {"commit": pulled.commit, "branch": branch, "replayed": pulled.replayed}
        return web.json_response({**answer, **await self._outcome(session, done, wait)})

    @contextlib.asynccontextmanager
    async def _remote(
        self, session: Session, body: RemoteRequest, caller: Caller, service: Service
    ) -> AsyncIterator[tuple[Repository, Remote, Advertised]]:
        """The session's repository and its remote, asked what it has."""
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._calls.turn(session.id))
            await stack.enter_async_context(self._remotes())
            opening = opened(self._scratch, session.root / ".git", work_tree=session.root)
            found = await self._changing.disk(opening.__enter__, CHANGES_SECONDS)
            stack.callback(opening.__exit__, None, None, None)
            text = body.url
            if text is None:
                text = await self._changing.disk(repository.origin_url, CHANGES_SECONDS, found)
            url = remote_url(text, self._bounds.internal)
            credential = await self._credential(body, url, caller)
            remote = Remote(url, credential, self._bounds.internal, self._bounds.total_bytes)
            await stack.enter_async_context(remote)
            yield found, remote, await remote.advertised(service)

    async def _credential(
        self, asked: RepositoryModel | RemoteRequest, url: URL, caller: Caller
    ) -> Credential | None:
        """What the remote is sent: the call's own, or what a secret has that it names."""
        if asked.secret is not None:
            self._secrets.check(asked.secret, url, caller)
            return await self._secrets.credential(asked.secret, url)
        return asked.credential.credential() if asked.credential else None

    def _remotes(self) -> contextlib.AbstractAsyncContextManager[None]:
        return _place(self._room, f"{REMOTES_AT_ONCE} sessions talk to Git servers already")

    def _opened(self, session: Session, function: Callable[[Repository], Result]) -> Result:
        with opened(self._scratch, session.root / ".git", work_tree=session.root) as found:
            return function(found)

    async def _alone(self, session: Session, function: Callable[[Repository], Result]) -> Result:
        return await self._changing.alone(
            session, lambda: self._opened(session, function), CHANGES_SECONDS
        )

    async def _outcome(
        self, session: Session, done: list[Done], wait: float | None
    ) -> dict[str, Any]:
        return await outcome(self._verdicts, session, done, wait)

    async def _session(self, request: web.Request) -> Session:
        return await self._registry.get(request.match_info["id"])


@contextlib.asynccontextmanager
async def _place(room: asyncio.Semaphore, taken: str) -> AsyncIterator[None]:
    """Wait for a place; `Crowded` when that takes too long."""
    try:
        await asyncio.wait_for(room.acquire(), WAIT_SECONDS)
    except TimeoutError:
        raise Crowded(f"{taken}. Try again in a moment") from None
    try:
        yield
    finally:
        room.release()


def _current(found: Repository) -> tuple[str, str]:
    """The branch that is checked out, and its commit."""
    branch, tip = repository.current_branch(found), repository.head(found).commit
    if tip is None:
        raise GitConflict("the branch has no commit yet. Commit first", Code.GIT_NOTHING)
    return branch, tip


def _files(found: list[repository.Changed]) -> list[dict[str, str]]:
    return [
        {
            "path": each.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            "state": each.state,
        }
        for each in found
    ]
