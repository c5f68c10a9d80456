"""The sessions of this task: which exist, which run, how many may."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from contract.hmr import is_session_id

from .cleaner import Cleaner, remove_tree
from .epochs import new_epoch, read_epoch, remove_epoch
from .errors import BadRequest, Conflict, Draining, SessionError, TooManySessions, UnknownSession
from .files.changes import forget_changes
from .files.locks import Turns
from .git import checkpoints
from .kept_builds import take_away
from .ownership.service import Ownership
from .project_folders import UNFINISHED, copy_sources, is_project, leftovers, list_projects
from .records import clear_way, trash_name
from .session_options import SessionOptions, check_folder, remove_options, write_options
from .sessions import Environment, Session
from .sign_in_records import remove_sign_ins
from .sources import Source, check_same, read_source, remove_source, write_source
from .states import Cause, State

COPY_SECONDS: Final = 60.0
"""For copying the starter site, or removing a project, on a slow network disk."""
CREATE_SECONDS: Final = 420.0
"""How long a request waits for another one that creates the same session: a clone may take 300 s,
and writing it out is slow on a network disk.
"""

RUNNING: Final = frozenset({State.STARTING, State.READY, State.BACKING_OFF, State.STOPPING})


Fill = Callable[[Path], Awaitable[Source]]
"""Puts a new project's files into an empty folder, and returns what they are."""


async def nothing(_folder: Path) -> Source:
    """Leave it empty."""
    return Source(template="empty")


def unknown_session(session_id: str) -> UnknownSession:
    """The same words whether the session does not exist or is not the caller's to know of."""
    return UnknownSession(
        f"session {session_id[:80]!r} does not exist. POST /api/v1/sessions creates one"
    )


class SessionRegistry:
    """Sessions by id. A project folder in the sites folder is a known session, however
    it was made.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self._settings = environment.settings
        self.storage = environment.storage
        self.cleaner = Cleaner()
        """Of the projects' disk."""
        self._sessions: dict[str, Session] = {}
        self._draining = False
        self._creating = Turns("creation of this session", CREATE_SECONDS)

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())

    async def known(self, session_id: str) -> bool:
        """Whether the session exists. Raises `StorageError` when the sites folder
        cannot be asked.
        """
        if not is_session_id(session_id):
            return False
        return await self.storage.call(
            "the sites folder cannot be read", is_project, self._settings.sites_dir, session_id
        )

    def existing(self, session_id: str) -> Session:
        """The session of this id, whose project is known to exist."""
        if session_id not in self._sessions:
            self._sessions[session_id] = Session(session_id, self.environment)
        return self._sessions[session_id]

    async def get(self, session_id: str) -> Session:
        """The session, or `UnknownSession`."""
        running = self._sessions.get(session_id)
        if running is not None and running.state in RUNNING:
            return running
        if not await self.known(session_id):
            raise unknown_session(session_id)
        return self.existing(session_id)

    async def all(self) -> list[Session]:
        """Every known session, running or not, by id."""
        names = await self.storage.call(
            "the sites folder cannot be read", list_projects, self._settings.sites_dir
        )
        return [self.existing(name) for name in names]

    @property
    def ownership(self) -> Ownership:
        return self.environment.ownership

    def runs(self, session_id: str) -> bool:
        """Whether there is anything of the session here that its owner alone may have."""
        session = self._sessions.get(session_id)
        return session is not None and session.state is not State.STOPPED

    def room(self) -> int:
        """Sessions that may still start here."""
        return self._settings.max_sessions - sum(session.state in RUNNING for session in self)

    async def end_at_once(self, session_id: str) -> None:
        """Another task has the session."""
        if (session := self._sessions.get(session_id)) is not None:
            await session.end_at_once()

    @property
    def draining(self) -> bool:
        """Whether the task is about to stop and admits nobody."""
        return self._draining

    def drain(self) -> None:
        """Admit nobody from now on."""
        self._draining = True

    async def admit(self, session_id: str) -> None:
        """Raise unless the session's dev server may run here: there is room for it, and this task
        is its owner from now on.

        Raises `OwnedElsewhere` when another task is.
        """
        self.check_room(session_id)
        await self.ownership.claim(session_id)
        if (session := self._sessions.get(session_id)) is not None and session.prepared:
            session.own()  # who was about to hand it over is gone
            return
        try:
            self.check_room(session_id)  # others were admitted meanwhile
        except SessionError:
            await self.ownership.release(session_id)
            raise

    def check_room(self, session_id: str) -> None:
        """Raise unless one more session, this one, may start here."""
        if self._draining:
            raise Draining(
                "this task is about to stop and starts no more sessions. Try again in a moment"
            )
        limit = self._settings.max_sessions
        running = sum(other.state in RUNNING for other in self if other.id != session_id)
        if running >= limit:
            raise TooManySessions(
                f"{running} sessions run, and {limit} is the limit of this task"
                " (ASTRO_LIVE_MAX_SESSIONS). Stop one, or raise it"
            )

    async def epoch(self, session_id: str) -> str:
        """What tokens for the session name now. A running session's needs no disk."""
        session = self._sessions.get(session_id)
        if session is not None and session.state is State.READY:
            return session.epoch
        return await self._epoch_now(session_id)

    async def _epoch_now(self, session_id: str) -> str:
        on_disk = await self.storage.call(
            "the session's epoch cannot be read", read_epoch, self._settings.sites_dir, session_id
        )
        return await self.ownership.epoch(session_id, on_disk)

    async def revoke(self, session_id: str) -> None:
        """End every cookie and every unused link of the session. A session that runs starts again,
        which ends its open connections.
        """
        session = await self.get(session_id)
        await self.ownership.retire(session_id)
        await self.storage.call(
            "the sign-ins cannot be revoked", new_epoch, self._settings.sites_dir, session_id
        )
        if session.state in RUNNING:
            await session.restart(Cause.REVOKED)

    async def follow_epoch(self, session: Session) -> None:
        """Take in that another task has revoked the session's sign-ins, or that somebody has
        removed its epoch.
        """
        if session.state is State.READY and session.epoch != await self._epoch_now(session.id):
            session.log.add("[info] the sign-ins of this session were revoked")
            await session.restart(Cause.REVOKED)

    async def visit(self, session_id: str) -> Session:
        """What a signed-in visit does: start the session if it does not run."""
        session = await self.get(session_id)
        if session.state in (State.STOPPED, State.FAILED) or session.prepared:
            await self.admit(session.id)
            session.ensure_started()
        return session

    async def create(
        self,
        session_id: str,
        options: SessionOptions | None = None,
        fill: Fill | None = None,
        *,
        asked: Source | None = None,
        start: bool = True,
    ) -> tuple[Session, bool]:
        """Make the project from the starter site, or with `fill`, unless it exists, set `options`
        if given, and start it unless it runs (with options that were set it starts again), or a new
        one is not to be started; `(session, created)`. Raises `SessionExists` when it exists and
        did not come from what is `asked` for.

        Requests for one session take turns, so that each is answered by what is there: the second
        of two that create it gets what the first has made. A refusal leaves nothing: when the
        session may not be started, the project that was made for it is removed again.
        """
        if not is_session_id(session_id):
            raise BadRequest(
                f"id is {session_id[:80]!r}; allowed is a lower-case DNS label: 1-63 of a-z, 0-9"
                " and '-', not at the ends"
            )
        async with self._creating.turn(session_id):
            await self.admit(session_id)
            try:
                return await self._create(session_id, options, fill, asked, start=start)
            finally:
                await self.ownership.release(session_id)  # unless it runs

    async def _create(
        self,
        session_id: str,
        options: SessionOptions | None,
        fill: Fill | None,
        asked: Source | None,
        *,
        start: bool,
    ) -> tuple[Session, bool]:
        created = not await self.known(session_id)
        if created:
            await self._make(session_id, options, fill)
        else:
            if asked is not None:
                await self._compare(session_id, asked)
            if options is not None:
                await self.change_options(session_id, options)
        session = self.existing(session_id)
        if created and not start:
            return session, created
        if session.state in (State.STOPPED, State.FAILED):
            try:
                self.check_room(session_id)
            except SessionError:
                if created:
                    await self._remove(session)
                raise
            session.ensure_started()
        elif options is not None:
            await session.restart()
        return session, created

    async def _compare(self, session_id: str, asked: Source) -> None:
        """`SessionExists` when the session is known to have come from something else."""
        made = await self.storage.call(
            "the record of where the session came from cannot be read",
            read_source,
            self._settings.sites_dir,
            session_id,
        )
        if made is not None:
            check_same(session_id, asked, made)
        elif asked.repository is not None:
            self.existing(session_id).log.add(
                f"[warn] a request asked for a session from {asked.repository.url}. Where this"
                " project came from is not recorded, so it was left as it is"
            )

    async def change_options(self, session_id: str, options: SessionOptions) -> None:
        """Set what holds for a session that exists from its next start on. `BadRequest`, and
        nothing is set, when it could not start with it.
        """
        await self._check_folder(self._settings.project_dir(session_id), options)
        await self.set_options(session_id, options)

    async def _check_folder(self, project: Path, options: SessionOptions) -> None:
        what = "the project cannot be read"
        await self.storage.call(what, check_folder, project, options.root)

    async def set_options(self, session_id: str, options: SessionOptions | None) -> None:
        """Set what holds for the session from its next start on; None forgets what was set."""
        sites, what = self._settings.sites_dir, "the session's options cannot be written"
        if options is None:
            await self.storage.call(what, remove_options, sites, session_id)
        else:
            await self.storage.call(what, write_options, sites, session_id, options)

    async def _make(
        self, session_id: str, options: SessionOptions | None, fill: Fill | None
    ) -> None:
        given_up = threading.Event()
        if fill is None and options is not None:
            await self._check_folder(self._settings.starter_dir, options)
        await self.set_options(
            session_id, options
        )  # an earlier session of this name may have left some
        try:
            await self._forget_builds(session_id)
            await self._forget_checkpoints(session_id)
            target = self._settings.project_dir(session_id)
            if fill is not None:
                await self._make_with(fill, target)
                return
            await self.storage.call(
                "the project cannot be created",
                self._copy_starter,
                target,
                given_up,
                seconds=COPY_SECONDS,
            )
        except BaseException:
            given_up.set()  # the disk may answer yet, and nobody waits for the project any more
            with contextlib.suppress(SessionError):
                await self.set_options(session_id, None)
            raise

    async def _make_with(self, fill: Fill, target: Path) -> None:
        """Fill a folder beside the target and rename it."""
        temporary = self._temporary()
        what = "the project cannot be created"
        try:
            await self.storage.call(what, temporary.mkdir)
            source = await fill(temporary)
            await self.storage.call(what, self._publish, temporary, target, source)
        finally:
            await self.cleaner.remove(temporary)

    def _temporary(self) -> Path:
        return self._settings.sites_dir / f"{UNFINISHED}{secrets.token_hex(6)}"

    def _copy_starter(self, target: Path, given_up: threading.Event) -> None:
        """Copy beside the target and rename, so that a half-made project is never taken for a
        session.
        """
        temporary = self._temporary()
        try:
            copy_sources(self._settings.starter_dir, temporary)
            if not given_up.is_set():
                self._publish(temporary, target, Source())
        finally:
            remove_tree(temporary)

    def _publish(self, temporary: Path, target: Path, source: Source) -> None:
        """Have a finished project be a session."""
        settings = self._settings
        try:
            new_epoch(
                settings.sites_dir, target.name
            )  # visitors of an earlier session of this name stay outside
            write_source(settings.sites_dir, target.name, source, temporary)
            clear_way(settings.sites_dir, target)
            temporary.rename(target)
        except OSError as error:
            if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
                raise Conflict(
                    f"session {target.name!r} was created by someone else just now"
                ) from error
            with contextlib.suppress(OSError):
                remove_epoch(settings.sites_dir, target.name)
                remove_source(settings.sites_dir, target.name)
            raise

    async def delete(self, session_id: str) -> None:
        """Stop the session and remove its project for good."""
        session = await self.get(session_id)
        await self.ownership.claim(session_id)
        try:
            await session.stop(Cause.DELETED, release=False)
            await self.ownership.retire(session_id)
            await self._remove(session)
        finally:
            await self.ownership.release(session_id)

    async def _remove(self, session: Session) -> None:
        """Take a stopped session's project away in one step. What it consisted of is removed
        afterwards, however often that takes.
        """
        trash = trash_name(self._settings.sites_dir)
        await self.storage.call("the project cannot be deleted", session.root.rename, trash)
        self._sessions.pop(session.id, None)
        session.events.end("deleted")
        with contextlib.suppress(
            SessionError
        ):  # the project is gone; another of this name begins without
            await self.set_options(session.id, None)
            await self.storage.call(
                "the session's epoch cannot be removed",
                remove_epoch,
                self._settings.sites_dir,
                session.id,
            )
            await self.storage.call(
                "the record of where the session came from cannot be removed",
                remove_source,
                self._settings.sites_dir,
                session.id,
            )
            await self.storage.call(
                "the session's sign-ins cannot be removed",
                remove_sign_ins,
                self._settings.sites_dir,
                session.id,
            )
            await self.storage.call(
                "the session's lock cannot be removed",
                forget_changes,
                self._settings.sites_dir,
                session.id,
            )
        await self.cleaner.remove(trash)
        with contextlib.suppress(
            SessionError
        ):  # the create of another of this name removes them first
            await self._forget_builds(session.id)
            await self._forget_checkpoints(session.id)
        await self.environment.cleaner.remove(self._settings.scratch_dir / "sessions" / session.id)

    async def _forget_builds(self, session_id: str) -> None:
        """Remove what an earlier session of this name has built. `StorageError` when it is still
        there.
        """
        trash = trash_name(self._settings.sites_dir)
        if await self.storage.call(
            "the builds cannot be removed", take_away, self._settings.sites_dir, session_id, trash
        ):
            await self.cleaner.remove(trash)

    async def _forget_checkpoints(self, session_id: str) -> None:
        """Remove those of an earlier session of this name. `StorageError` when they are still
        there.
        """
        sites = self._settings.sites_dir
        trash = trash_name(sites)
        if await self.storage.call(
            "the checkpoints cannot be removed", checkpoints.take_away, sites, session_id, trash
        ):
            await self.cleaner.remove(trash)

    async def sweep(self) -> None:
        """Remove what earlier gateways left half-made or half-removed in the sites folder."""
        for folder in await self.storage.call(
            "the sites folder cannot be read", leftovers, self._settings.sites_dir
        ):
            await self.cleaner.remove(folder)

    async def stop_all(self) -> None:
        """Stop every session at once."""
        self.drain()
        with contextlib.suppress(Exception):
            await asyncio.gather(
                *(session.stop(Cause.DRAINING) for session in self), return_exceptions=True
            )
        for session in self:
            session.events.end("draining")
