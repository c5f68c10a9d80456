"""The sessions of this task: which exist, which run, how many may."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from components.hmr import is_session_id

from .errors import BadRequest, Conflict, Draining, StorageError, TooManySessions, UnknownSession
from .sessions import Environment, Session
from .states import State

NOT_COPIED: Final = ("node_modules", "dist", ".astro")
"""Generated folders that a new project does not take from the starter."""

RUNNING: Final = frozenset({State.STARTING, State.READY, State.BACKING_OFF, State.STOPPING})


def storage_error(error: OSError, what: str) -> StorageError:
    """Say what an operating-system error of the project disk means to a user."""
    causes = {
        errno.ENOSPC: ("the disk is full", "Free space, or remove old projects"),
        errno.EDQUOT: ("the disk quota is used up", "Free space, or remove old projects"),
        errno.EROFS: ("the disk is read-only", "Mount it writable"),
        errno.EACCES: ("access is denied", "Give the gateway's user write access to the sites folder"),
        errno.ESTALE: ("the file system has gone", "It is tried again with the next request; check the mount"),
        errno.EIO: ("the disk reports an error", "It is tried again with the next request; check the mount"),
        errno.ENOTCONN: ("the file system has gone", "It is tried again with the next request; check the mount"),
    }
    cause, fix = causes.get(error.errno or 0, (error.strerror or "the disk refused", "Check the sites folder"))
    problem = StorageError(f"{what}: {cause}. {fix}")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        problem.status = 507
    return problem


class SessionRegistry:
    """Sessions by id. A project folder in the sites folder is a known session, whoever made it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._sessions: dict[str, Session] = {}
        self.draining = False

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())

    def known(self, session_id: str) -> bool:
        """Whether the session exists. Raises `StorageError` when the sites folder cannot be asked."""
        if not is_session_id(session_id):
            return False
        path = self._environment.settings.project_dir(session_id)
        try:
            return path.is_dir() and not path.is_symlink()
        except OSError as error:
            raise storage_error(error, "the sites folder cannot be read") from error

    def get(self, session_id: str) -> Session:
        """The session, or `UnknownSession`."""
        if not self.known(session_id):
            raise UnknownSession(f"there is no session {session_id[:80]!r}. POST /api/v1/sessions creates one")
        if session_id not in self._sessions:
            self._sessions[session_id] = Session(session_id, self._environment)
        return self._sessions[session_id]

    def all(self) -> list[Session]:
        """Every known session, running or not, by id."""
        try:
            names = sorted(entry.name for entry in os.scandir(self._environment.settings.sites_dir) if is_session_id(entry.name))
        except OSError as error:
            raise storage_error(error, "the sites folder cannot be read") from error
        return [self.get(name) for name in names if self.known(name)]

    def admit(self, session: Session) -> None:
        """Raise unless one more dev server may run."""
        if self.draining:
            raise Draining("this task is about to stop and starts no more sessions. Try again in a moment")
        limit = self._environment.settings.max_sessions
        running = sum(other.state in RUNNING for other in self if other is not session)
        if running >= limit:
            raise TooManySessions(
                f"{running} sessions run, and {limit} is the limit of this task (ASTRO_LIVE_MAX_SESSIONS). Stop one, or raise it"
            )

    def visit(self, session_id: str) -> Session:
        """What a signed-in visit does: start the session if it does not run."""
        session = self.get(session_id)
        if session.state in (State.STOPPED, State.FAILED):
            self.admit(session)
            session.ensure_started()
        return session

    async def create(self, session_id: str, template: str = "starter") -> tuple[Session, bool]:
        """Make the project from the starter site unless it exists; `(session, created)`."""
        if not is_session_id(session_id):
            raise BadRequest(f"id is {session_id[:80]!r}; allowed is a lower-case DNS label: 1-63 of a-z, 0-9 and '-', not at the ends")
        if template != "starter":
            raise BadRequest(f"template is {template[:80]!r}; allowed is 'starter'")
        if self.known(session_id):
            return self.get(session_id), False
        await asyncio.to_thread(self._copy_starter, self._environment.settings.project_dir(session_id))
        return self.get(session_id), True

    def _copy_starter(self, target: Path) -> None:
        """Copy beside the target and rename, so that a half-made project is never taken for a session."""
        settings = self._environment.settings
        temporary = settings.sites_dir / f".new-{secrets.token_hex(6)}"
        try:
            shutil.copytree(settings.starter_dir, temporary, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
            temporary.rename(target)
        except shutil.Error as error:
            raise StorageError(f"the project cannot be created: {str(error.args[0])[:300]}. Check the sites folder") from error
        except OSError as error:
            if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
                raise Conflict(f"session {target.name!r} was created by someone else just now") from error
            raise storage_error(error, "the project cannot be created") from error
        finally:
            if temporary.exists():
                shutil.rmtree(temporary, ignore_errors=True)

    async def delete(self, session_id: str) -> None:
        """Stop the session and remove its project for good."""
        session = self.get(session_id)
        await session.stop_dev_server()
        trash = self._environment.settings.sites_dir / f".gone-{secrets.token_hex(6)}"
        try:
            session.root.rename(trash)
        except OSError as error:
            raise storage_error(error, "the project cannot be deleted") from error
        self._sessions.pop(session_id, None)
        await asyncio.to_thread(shutil.rmtree, trash, ignore_errors=True)
        await asyncio.to_thread(shutil.rmtree, self._environment.settings.scratch_dir / "sessions" / session_id, ignore_errors=True)

    async def stop_all(self) -> None:
        """Stop every session at once."""
        self.draining = True
        with contextlib.suppress(Exception):
            await asyncio.gather(*(session.stop_dev_server() for session in self), return_exceptions=True)
