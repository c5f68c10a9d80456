"""Checkpoints of this task's sessions: made by name, before batches, and gone back to."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from .changing import CHANGES_SECONDS, Changing
from .codes import Code
from .errors import SessionError
from .events import publish
from .files.changes import Done
from .git.checkpoints import STORE_SHARE, Checkpoint, Kind, Restored, Store, open_store
from .session_environment import Environment
from .sessions import Session
from .units import MEBIBYTE

Result = TypeVar("Result")
log = logging.getLogger(__name__)
SCRATCH: Final = "git"


class Checkpoints:
    """All methods take the session's lock, or are called with it."""

    def __init__(self, environment: Environment, changing: Changing) -> None:
        settings = environment.settings
        self._changing = changing
        self._sites = settings.sites_dir
        self._scratch = settings.scratch_dir / SCRATCH
        self._most_bytes = int(settings.session_files_mib * MEBIBYTE * STORE_SHARE)
        self._reported: set[Code] = set()
        self._loop = asyncio.get_running_loop()

    def _open(self, session: Session) -> open_store:
        return open_store(self._sites, self._scratch, session.id, session.root, self._most_bytes)

    def keep(self, session: Session, kind: Kind, name: str = "") -> tuple[Checkpoint, bool]:
        """Make one; whether it is new. The session's lock is held."""
        with self._open(session) as store:
            made, new = store.keep(kind, name)
            if new:
                store.shrink(self._most_bytes)
        if new:
            self._publish(session, "made", made)
        return made, new

    def _publish(self, session: Session, action: str, checkpoint: Checkpoint) -> None:
        """Add an event to the session's, from any thread."""
        data = {"action": action, "id": str(checkpoint.number), "name": checkpoint.name}
        self._loop.call_soon_threadsafe(publish, session, "checkpoint", data)

    def before_batch(self, session: Session) -> Callable[[], None]:
        """To be called with the session's lock, before a batch is made."""
        return lambda: self.try_to_keep(session, "batch")

    def try_to_keep(self, session: Session, kind: Kind) -> None:
        """Make one if that is possible: a change is made without one, too. The session's lock is
        held.
        """
        try:
            self.keep(session, kind)
        except (SessionError, OSError, subprocess.SubprocessError, ValueError) as error:
            code = error.code if isinstance(error, SessionError) else Code.STORAGE
            if code not in self._reported:
                self._reported.add(code)
                log.warning("a change has no checkpoint before it: %s", error)

    async def make(self, session: Session, name: str) -> tuple[Checkpoint, bool]:
        return await self._changing.alone(
            session, lambda: self.keep(session, "named", name), CHANGES_SECONDS
        )

    async def known(self, session: Session) -> tuple[list[Checkpoint], Checkpoint | None]:
        """The oldest first, and the one that the project was at last."""

        def found(store: Store) -> tuple[list[Checkpoint], Checkpoint | None]:
            known = store.all()
            return known, store.position(known)

        return await self._with(session, found)

    async def remove(self, session: Session, number: int) -> None:
        removed = await self._with(session, lambda store: store.remove(number))
        self._publish(session, "removed", removed)

    async def _with(self, session: Session, function: Callable[[Store], Result]) -> Result:
        def call() -> Result:
            with self._open(session) as store:
                return function(store)

        return await self._changing.alone(session, call, CHANGES_SECONDS)

    async def compare(
        self, session: Session, number: int, paths: Sequence[str]
    ) -> tuple[list[tuple[str, str]], str, bool]:
        """Path and state of what has changed since, the patch, and whether that is whole."""

        def found(store: Store) -> tuple[list[tuple[str, str]], str, bool]:
            differences, patch, complete = store.compare(store.one(number), paths)
            return [(each.path, each.state) for each in differences], patch, complete

        return await self._with(session, found)

    async def restore(
        self, session: Session, number: int | None, paths: Sequence[str]
    ) -> tuple[Restored, list[Done]]:
        """Go back to a checkpoint; None: to the state before the last change."""

        def work(apply: Callable[..., list[Done]], folder: Path) -> Restored:
            with self._open(session) as store:
                wanted = store.undo_target() if number is None else store.one(number)
                return store.restore(wanted, paths, folder, apply)

        restored, done = await self._changing.transform(session, work)
        if restored.saved is not None:
            self._publish(session, "made", restored.saved)
        self._publish(session, "restored", restored.checkpoint)
        return restored, done
