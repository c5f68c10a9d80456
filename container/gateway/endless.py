"""Ends dev servers that code of their site keeps from everything else: a loop without an end.

Such a process hears of no edit, not even of the one that takes the loop away, answers nobody and
does not end. It is asked for a sign of life when its main thread has been at work for a while and
has said nothing. What counts is the thread's processor time: on a task that is busy, time on the
clock says nothing.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.messages import ErrorCode

from .errors import RunnerError, StorageError
from .registry import SessionRegistry
from .sessions import Session
from .states import State
from .storage import Storage
from .telemetry import Telemetry
from .watch import snapshot

ROUND_SECONDS: Final = 2.0
ASK_SECONDS: Final = 1.0
"""Processor time after which a dev server that has said nothing is asked."""
LONGEST_SECONDS: Final = 30.0
"""Processor time without an answer. Large pages take a few seconds of it, and work that has an end
is not to be lost.
"""
TICKS: Final = os.sysconf("SC_CLK_TCK")
PROC: Final = Path("/proc")


@dataclass(kw_only=True)
class _Watched:
    heard_at: float
    """When the dev server last said something."""
    used: float
    """Processor time of its main thread then; seconds."""
    used_when_asked: float | None = None


def thread_seconds(pid: int, proc: Path = PROC) -> float | None:
    """Processor time of a process's main thread; None when it has ended, or where there is no
    `/proc`.
    """
    try:
        text = (proc / str(pid) / "task" / str(pid) / "stat").read_text("latin-1")
    except OSError:
        return None
    user, system = text.rpartition(")")[2].split()[11:13]  # proc_pid_stat(5)
    return (int(user) + int(system)) / TICKS


class Endless:
    """Runs beside the servers."""

    def __init__(self, registry: SessionRegistry, storage: Storage, telemetry: Telemetry) -> None:
        self._registry = registry
        self._storage = storage
        self._telemetry = telemetry
        self._watched: dict[int, _Watched] = {}
        """By process id."""

    async def look(self) -> None:
        """One round."""
        before, self._watched = self._watched, {}
        for session in tuple(self._registry):
            pid, heard_at = session.pid, session.heard_at
            if session.state is not State.READY or pid is None or heard_at is None:
                continue
            if (used := thread_seconds(pid)) is None:
                continue
            known = before.get(pid)
            if known is None or known.heard_at != heard_at:
                known = _Watched(heard_at=heard_at, used=used)
            self._watched[pid] = known
            if known.used_when_asked is None:
                if used - known.used >= ASK_SECONDS:
                    session.ask()
                    known.used_when_asked = used
            elif used - known.used_when_asked >= LONGEST_SECONDS:
                await self._end(session, known, used - known.used)

    async def _end(self, session: Session, known: _Watched, spent: float) -> None:
        again = session.edited_at > known.heard_at
        if not again:  # not through the API
            with contextlib.suppress(StorageError):
                what = "the project cannot be read"
                newest = await self._storage.call(what, newest_edit, session.root)
                again = newest > time.time() - (time.monotonic() - known.heard_at)
            if session.heard_at != known.heard_at or session.state is not State.READY:
                return
        self._telemetry.session_reaped(session.id, "endless")
        session.condemn(
            RunnerError(
                ErrorCode.ENDLESS,
                f"code of the site has run for {spent:.0f} s of processor time without an end, and"
                " the dev server could do nothing else. As a rule that is a loop"
                f"{_edited_last(session)}",
                "Correct it: the edit starts the dev server again.",
            ),
            again=again,
        )


def newest_edit(root: Path) -> float:
    """When a file of the project was last written; Unix time."""
    return max((modified for modified, _ in snapshot(root).values()), default=0) / 1e9


def _edited_last(session: Session) -> str:
    names = [os.path.relpath(path, session.root) for path in session.edited]
    return f". Edited last: {', '.join(names)}" if names else ""
