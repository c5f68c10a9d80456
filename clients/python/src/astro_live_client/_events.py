"""Events of a session, one stream after another: connections break, tasks end, sessions move."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import httpx
from httpx_sse import ServerSentEvent

from ._errors import ApiError
from ._generated.models.checkpoint_event import CheckpointEvent
from ._generated.models.edit_event import EditEvent
from ._generated.models.end_event import EndEvent
from ._generated.models.healed_event import HealedEvent
from ._generated.models.install_event import InstallEvent
from ._generated.models.lost_event import LostEvent
from ._generated.models.problem_event import ProblemEvent
from ._generated.models.state_event import StateEvent
from ._generated.models.viewer_event import ViewerEvent
from ._retry import Retries

AnyEvent = (
    StateEvent
    | EditEvent
    | ProblemEvent
    | HealedEvent
    | ViewerEvent
    | InstallEvent
    | CheckpointEvent
    | LostEvent
)
KINDS: Final[dict[str, Any]] = {
    "state": StateEvent,
    "edit": EditEvent,
    "problem": ProblemEvent,
    "healed": HealedEvent,
    "viewer": ViewerEvent,
    "install": InstallEvent,
    "checkpoint": CheckpointEvent,
    "lost": LostEvent,
    "end": EndEvent,
}
TIMEOUT: Final = httpx.Timeout(10, read=20)
"""Without events a comment comes every 5 seconds: a connection without one is dead."""
PASSING: Final = (502, 503, 504)
"""What a balancer answers while tasks are replaced, and a task that hands a session over."""
FIRST_PAUSE_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Received:
    """An event, and the id after which another stream can go on."""

    id: str
    event: AnyEvent


def passing(error: httpx.TransportError | ApiError) -> httpx.TransportError | ApiError:
    """The error, if another stream may do better; otherwise it is raised."""
    if isinstance(error, ApiError) and error.status not in PASSING:
        raise error
    return error


class Position:
    """Where a reader is: what it has seen, and how often it has tried to go on."""

    def __init__(self, last_event_id: str, retries: Retries) -> None:
        self.last_event_id = last_event_id
        self.over = False
        self._retries = retries
        self._pause = FIRST_PAUSE_SECONDS
        self._failures = 0

    def take(self, sse: ServerSentEvent) -> Received | None:
        """The event, unless it is the stream's end or of a kind that is not known here."""
        self._failures = 0
        if sse.id:
            self.last_event_id = sse.id
        if sse.retry is not None:
            self._pause = min(sse.retry / 1000, self._retries.longest_pause_seconds)
        kind = KINDS.get(sse.event)
        if kind is None:
            return None
        event = kind.from_dict(json.loads(sse.data))
        if isinstance(event, EndEvent):
            self.over = event.reason == "deleted"
            return None
        return Received(id=self.last_event_id, event=event)

    def failed(self, error: httpx.TransportError | ApiError | None) -> None:
        """A stream has ended. Raises `error` when too many have, without an event between them."""
        self._failures += 1
        if self._failures >= self._retries.attempts:
            raise error or httpx.RemoteProtocolError("streams of events end without an event")

    def pause(self) -> float:
        """Seconds until the next stream."""
        return self._pause if self._failures <= 1 else self._retries.pause(self._failures)
