"""One writer of a session at a time, in the whole service.

Requests about a session that runs all reach its owner. One that does not run has none, and then any
two tasks may write: so beside the turns within this task there is a lock on the projects' disk,
which EFS holds across clients (`flock(2)`, NFS 4.1).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import stat
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import Crowded
from ..records import ensure_folder, remove_record, trash_name
from ..session_options import FOLDER

TURN_SECONDS: Final = 20.0
MOST_WAITING: Final = 64
"""Writers of one session that wait for their turn."""
LOOK_SECONDS: Final = 0.005
LONGEST_LOOK_SECONDS: Final = 0.1


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Turns:
    """Writers within this task."""

    def __init__(
        self, what: str = "change of this session's files", seconds: float = TURN_SECONDS
    ) -> None:
        """`seconds` is how long one waits for its turn."""
        self._what = what
        self._seconds = seconds
        self._turns: dict[str, _Turn] = {}

    @contextlib.asynccontextmanager
    async def turn(self, session_id: str) -> AsyncIterator[None]:
        """Wait for the turn; `Crowded` when too many do, or for too long."""
        turn = self._turns.setdefault(session_id, _Turn())
        if turn.wanted >= MOST_WAITING:
            raise Crowded(
                f"{MOST_WAITING} requests wait for another {self._what} already. Try again in a"
                " moment"
            )
        turn.wanted += 1
        try:
            try:
                await asyncio.wait_for(turn.lock.acquire(), self._seconds)
            except TimeoutError:
                raise Crowded(
                    f"another {self._what} has been under way for {self._seconds:.0f} s. Try again"
                ) from None
            try:
                yield
            finally:
                turn.lock.release()
        finally:
            turn.wanted -= 1
            if turn.wanted == 0:
                self._turns.pop(session_id, None)


@contextlib.contextmanager
def on_disk(sites_dir: Path, session_id: str, seconds: float = TURN_SECONDS) -> Iterator[None]:
    """Hold the session's lock on the projects' disk. `Crowded` when another task holds it for too
    long.
    """
    path = lock_path(sites_dir, session_id)
    ensure_folder(sites_dir, path.parent)
    deadline, pause = time.monotonic() + seconds, LOOK_SECONDS
    while True:
        descriptor = _lock_file(sites_dir, path)
        try:
            if _taken(descriptor, path):
                yield
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > deadline:
            raise Crowded(
                f"another task has been changing this session's files for {seconds:.0f} s. Try"
                " again"
            )
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_LOOK_SECONDS)


def _lock_file(sites_dir: Path, path: Path) -> int:
    """A descriptor of the lock. What else a site has put there goes to the trash."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(path.stat(follow_symlinks=False).st_mode):
            path.rename(trash_name(sites_dir))
    return os.open(path, flags, 0o600)


def _taken(descriptor: int, path: Path) -> bool:
    """Whether the lock is held now, and is still the session's: it is removed with a session that
    is deleted.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return _is_current(descriptor, path)


def _is_current(descriptor: int, path: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    return False


def lock_path(sites_dir: Path, session_id: str) -> Path:
    return sites_dir / FOLDER / f"{session_id}.lock"


def remove_lock(sites_dir: Path, session_id: str) -> None:
    """Of a session that is gone."""
    remove_record(sites_dir, lock_path(sites_dir, session_id))
