"""Changes of a session's files, one after another in the whole service: writes and batches,
archives, checkpoints and Git take turns here.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from .cleaner import Cleaner
from .errors import SessionError, StorageSilent
from .files import changes, locks
from .files.changes import Change, Done, Rewrite, Take, Write
from .files.edits import Edit
from .project_folders import UNFINISHED
from .session_environment import Environment
from .sessions import Session
from .units import MEBIBYTE

FILE_SECONDS: Final = 20.0
"""For one file on a slow network disk."""
CHANGES_SECONDS: Final = 120.0
"""For many."""
ANNOUNCE_SECONDS: Final = 0.5
"""Longer than a turn of the event loop takes on a busy machine."""

Result = TypeVar("Result")
Apply = Callable[[Sequence[Change]], list[Done]]


class Changing:
    """Changes of all sessions' files in this task."""

    def __init__(self, environment: Environment, cleaner: Cleaner) -> None:
        self._environment = environment
        self._cleaner = cleaner
        self.sites = environment.settings.sites_dir
        self.limit = environment.settings.max_file_mib * MEBIBYTE
        self._turns = locks.Turns()

    async def disk(
        self, function: Callable[..., Result], seconds: float = FILE_SECONDS, *arguments: Any
    ) -> Result:
        return await self._environment.storage.call(
            "the file cannot be reached", function, *arguments, seconds=seconds
        )

    async def alone(
        self, session: Session, function: Callable[[], Result], seconds: float = FILE_SECONDS
    ) -> Result:
        """Call it on the disk while nobody else changes the session's files through the API."""
        stage = changes.stage_folder(self.sites, session.id)

        def locked() -> Result:
            with locks.on_disk(self.sites, session.id):
                changes.recover(session.root, stage)
                return function()

        async with self._turns.turn(session.id):
            try:
                return await self.disk(locked, seconds + locks.TURN_SECONDS)
            except StorageSilent as error:
                error.unsettled = True
                raise

    async def make(
        self,
        session: Session,
        wanted: Sequence[Change],
        new_bytes: int,
        before: Callable[[], object] = lambda: None,
    ) -> list[Done]:
        """All of them, or none; pages are told. `before` is called when it is certain that they can
        be made.
        """
        await self._environment.files.admit(session.id, new_bytes)
        loop = asyncio.get_running_loop()

        def make() -> list[Done]:
            planned = changes.plan(session.root, wanted, self.limit)
            before()
            return self._apply(session, planned, loop)

        try:
            return await self.alone(session, make, CHANGES_SECONDS)
        except BaseException:
            session.report_changes([])
            raise

    async def transform(
        self,
        session: Session,
        work: Callable[[Apply, Path], Result],
        seconds: float = CHANGES_SECONDS,
    ) -> tuple[Result, list[Done]]:
        """Call `work` while nobody else changes the session's files. It may have changes made,
        once, all or none, with contents from files in the folder that it is given. Pages follow
        while it goes on. Returns what it returns, and what became of each path.
        """
        loop, done = asyncio.get_running_loop(), list[Done]()

        def apply(wanted: Sequence[Change]) -> list[Done]:
            asyncio.run_coroutine_threadsafe(
                self._environment.files.admit(session.id, sum(map(new_bytes, wanted))), loop
            ).result(FILE_SECONDS)
            planned = changes.plan(session.root, wanted, self.limit)
            done.extend(self._apply(session, planned, loop))
            return done

        folder = await self.disk(self._folder)
        try:
            result = await self.alone(session, lambda: work(apply, folder), seconds)
        except SessionError as error:
            error.unsettled |= bool(done)  # what comes after the files has failed
            raise
        finally:
            if not done:
                self.report(session, done)
            await self._cleaner.remove(folder)
        return result, done

    def _apply(
        self, session: Session, planned: changes.Plan, loop: asyncio.AbstractEventLoop
    ) -> list[Done]:
        return changes.apply(
            session.root,
            changes.stage_folder(self.sites, session.id),
            planned,
            before=lambda: _announce(session, loop),
            made=lambda done: loop.call_soon_threadsafe(self.report, session, tuple(done)),
        )

    def _folder(self) -> Path:
        """On the projects' disk, so that what is in it can be renamed into place; under a name that
        is swept when the task dies.
        """
        return Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.sites))

    async def folder(self) -> Path:
        """A folder for what is being made ready, which the caller removes."""
        return await self.disk(self._folder)

    def report(self, session: Session, done: Sequence[Done]) -> None:
        """One wave of updates in the open pages."""
        session.report_changes([(each.event, session.root / each.path) for each in done])


def _announce(session: Session, loop: asyncio.AbstractEventLoop) -> None:
    """Have the dev server hear of the changes before the system tells of the first one: it would
    have the pages follow each file by itself. A loop that is busy is not waited for.
    """
    announced = threading.Event()

    def announce() -> None:
        try:
            session.expect_changes()
        finally:
            announced.set()

    loop.call_soon_threadsafe(announce)
    announced.wait(ANNOUNCE_SECONDS)


def longest(edits: Sequence[Edit]) -> int:
    return sum(len(edit.new) * edit.count for edit in edits)


def new_bytes(change: Change) -> int:
    """What it takes on the disk at most."""
    match change:
        case Write(content=content):
            return len(content)
        case Take(file=file):
            return file.lstat().st_size
        case Rewrite(edits=edits):
            return longest(edits)
        case _:
            return 0
