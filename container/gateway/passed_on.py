"""The edits of a session that is handed over: kept while the next task gets ready, and passed on to
it from then on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from .session_state import Change
from .sessions import Session

BATCH_BYTES: Final = 48 * 1024
"""Of edits in one request, below the limit of a body."""


class Recorder:
    """The edits of one session, relative to its project: kept at first, passed on by `send` from
    then on.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._starts = session.starts
        self._kept: list[dict[str, str]] = []
        self._send: Callable[[list[dict[str, str]]], None] | None = None
        session.tell_changes(self._hear)

    def _hear(self, change: Change) -> None:
        event, path = change
        with contextlib.suppress(ValueError):
            entry = {"event": str(event), "path": str(path.relative_to(self._session.root))}
            self._kept.append(entry)
            if self._send is not None:
                self._send(self.take())

    @property
    def restarted(self) -> bool:
        """Whether the session has started again here meanwhile: with other options, or because its
        sign-ins were revoked.
        """
        return self._session.starts != self._starts

    def take(self) -> list[dict[str, str]]:
        kept, self._kept = self._kept, []
        return kept

    def pass_on(self, send: Callable[[list[dict[str, str]]], None]) -> None:
        """Send what was kept, and every later edit."""
        self._send = send
        self._session.tell_changes(self._hear)
        if kept := self.take():
            send(kept)


def batches(changes: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """`changes` in parts that fit a request."""
    found: list[list[dict[str, str]]] = []
    size = BATCH_BYTES
    for change in changes:
        length = 6 * len(change["path"]) + 60  # as JSON at most
        if size + length > BATCH_BYTES:
            found.append([])
            size = 0
        found[-1].append(change)
        size += length
    return found
