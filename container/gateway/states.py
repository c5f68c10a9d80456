"""States of a session and the moves between them.

STOPPED ──▶ STARTING ──▶ READY ──▶ STOPPING ──▶ STOPPED ──▶ READY   (its dev server is adopted)
             │   ▲         │           ▲
             ▼   │         ▼           │
           BACKING_OFF ◀───┘   (any) ──┘
             │
             ▼
           FAILED ──▶ STARTING   (a visit, an edit or a start after the cause is fixed)

The owner of a session is not part of this state: a dev server that gets ready while another task
serves is STARTING like any other, and becomes READY when this task owns the session
(`Session.prepare`, `Session.own`; docs/adr/0017-ownership-is-a-lease.md).
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final

from contract.messages import Stage


class State(Enum):
    STOPPED = "stopped"
    """No process. The next visit starts one."""
    STARTING = "starting"
    """A dev server is on its way and not ready for requests yet. What is left of the one before may
    still be cleared away.
    """
    READY = "ready"
    """Routed to by Envoy."""
    BACKING_OFF = "backing-off"
    """The dev server ended unasked; the next start waits, longer each time."""
    FAILED = "failed"
    """The site cannot start as it is (its config, its dependencies): starting again by itself would
    not help.
    """
    STOPPING = "stopping"
    """The dev server was asked to end."""


class Cause(StrEnum):
    """Why a session changes its state, where it is not an error: then the error's code is the
    cause. A closed list, for metrics.
    """

    VISIT = "visit"
    REQUEST = "request"
    """Of an API client."""
    EDIT = "edit"
    EDITED = "edited"
    """While it failed to start."""
    RETRY = "retry"
    """The wait after a crash is over."""
    STARTED = "started"
    """The dev server answers."""
    ADOPTED = "adopted"
    """A new control plane found it running."""
    REPLACED = "replaced"
    """The dev server asked for a new one."""
    DISTURBED = "disturbed"
    """Its socket was removed or replaced by another process."""
    REVOKED = "revoked"
    """Its sign-ins were revoked."""
    IDLE = "idle"
    MEMORY = "memory"
    DELETED = "deleted"
    LOST = "lost"
    """Another task owns it."""
    PREPARED = "prepared"
    """Another task is about to hand it over to this one."""
    MOVED = "moved"
    """It was handed over to another task."""
    DRAINING = "draining"
    """The task ends."""


MOVES: Final[dict[State, frozenset[State]]] = {
    State.STOPPED: frozenset({State.STARTING, State.READY}),
    State.STARTING: frozenset({State.READY, State.BACKING_OFF, State.FAILED, State.STOPPING}),
    State.READY: frozenset({State.BACKING_OFF, State.FAILED, State.STOPPING}),
    State.BACKING_OFF: frozenset({State.STARTING, State.STOPPING}),
    State.FAILED: frozenset({State.STARTING, State.STOPPING}),
    State.STOPPING: frozenset({State.STOPPED}),
}


def check_move(old: State, new: State) -> None:
    """Assert that `old` may become `new`: anything else is a bug here, not a fault of a site."""
    assert new in MOVES[old], f"a session cannot go from {old.value} to {new.value}"


STAGES: Final = {
    Stage.START: "Starting the dev server",
    Stage.INSTALL: "Installing the site's packages",
    Stage.CONFIG: "Reading the site's configuration",
    Stage.BUILD: "Building the site",
    Stage.SERVE: "Starting the server of the built site",
}
"""What a start is doing, for people."""
