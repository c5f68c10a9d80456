"""The audit log: who called what, on which session, with which outcome. One line of JSON in the log
for each call; `event` is `api_called`. Neither secrets nor bodies nor names of files are in it.

Changes and refusals to a known caller are always written. Reads, and messages of agents, whose
calls of tools have lines as calls of the API, are bounded for each credential and operation, and
refusals to nobody altogether, with the number of those that were left out: a client can cause as
many as it likes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from contract.api import LIVE_PATH, READY_PATH

from .access import CALLER, operation_of
from .codes import ERRORS_PATH
from .problems import CODE
from .telemetry import EventLimit

UNAUDITED: Final = (LIVE_PATH, READY_PATH, ERRORS_PATH, "/metrics")
EVENT: Final = "api_called"
MCP: Final = "mcp"


class Audit:
    """Writes the lines."""

    def __init__(self, write: Callable[..., None]) -> None:
        """`write` takes the event's name and its members."""
        self._write = write
        self._limit = EventLimit()

    def record(
        self, request: web.Request, response: web.StreamResponse | None, began: float
    ) -> None:
        """One call that is over; `began` by the monotonic clock, no response when the client left
        before it.
        """
        if request.path in UNAUDITED:
            return
        caller = request.get(CALLER)
        status, code = (0, "") if response is None else (response.status, response.get(CODE, ""))
        name, _ = operation_of(request)
        more: dict[str, Any] | None = {}
        if caller is None:
            more = self._limit.take("", code)
        elif (request.method in ("GET", "HEAD") or name == MCP) and status < 400:
            more = self._limit.take(caller.id, name)
        if more is None:
            return
        self._write(
            EVENT,
            credential="" if caller is None else caller.id,
            caller="" if caller is None else caller.name,
            operation=name[:80],
            session=request.match_info.get("id", "")[:63],
            status=status,
            code=code,
            ms=round((time.monotonic() - began) * 1000),
            **more,
        )
