"""What the control plane asks of ownership, and the answer of a task that is alone.

`SoleTask`                             one task: everything is its own, and nothing is asked of anybody
`shared.SharedOwnership`               several tasks that share a DynamoDB table
"""  # noqa: W505 - a table

from __future__ import annotations

from typing import Protocol

from ..codes import Code
from ..errors import SessionError
from ..links import UsedLinks
from .model import Task


class OwnedElsewhere(SessionError):
    """Another task runs the session: the request goes to that one."""

    code = Code.OWNED_ELSEWHERE

    def __init__(self, session_id: str, task: Task) -> None:
        super().__init__(
            f"session {session_id!r} runs on another task ({task.id}). Send the request again"
        )
        self.session_id = session_id
        self.task = task


class Unowned(SessionError):
    """The table cannot be asked, so nothing that needs it starts now. What runs goes on."""

    code = Code.OWNERSHIP_UNAVAILABLE


class Ownership(Protocol):
    """Who runs which session, which links were used, and in which epoch a session is."""

    shared: bool
    """Whether other tasks may own sessions of this service."""

    @property
    def me(self) -> tuple[str, str]:
        """Id and run of this task; empty where there is only one."""

    async def runs(self, task: str, run: str, /) -> bool:
        """Whether this run of another task goes on, as far as is known. Raises `Unowned`."""

    async def claim(self, session_id: str, /) -> None:
        """Make this task the session's owner. Raises `OwnedElsewhere` and `Unowned`."""

    async def release(self, session_id: str, /) -> None:
        """The session has stopped here: any task may start it."""

    async def owner(self, session_id: str, /) -> Task | None:
        """The other task that owns the session; None when it is this one or nobody. Raises
        `Unowned`.
        """

    async def orphaned(self, session_id: str, /) -> bool:
        """Whether the session ran when its task was lost, and nobody has started it since. One that
        was stopped is not. Raises `Unowned`.
        """

    async def epoch(self, session_id: str, on_disk: str, /) -> str:
        """The epoch of the session's tokens: the one on the projects' disk, in the form that holds
        for all tasks. Raises `Unowned`.
        """

    async def retire(self, session_id: str, /) -> None:
        """End the session's epoch on all tasks at once. Raises `Unowned`."""

    async def use_up(self, link: str, expires_at: int, /) -> bool:
        """True the first time in the whole service. Raises `Unowned`, and `links.Busy`; the link is
        then unused.
        """


class SoleTask:
    """One task owns everything. Nothing is written, sent or waited for."""

    shared = False

    def __init__(self, used: UsedLinks | None = None) -> None:
        self._used = UsedLinks() if used is None else used

    me = ("", "")

    async def runs(self, _task: str, _run: str, /) -> bool:
        return False

    async def claim(self, _session_id: str, /) -> None:
        """Nothing to do."""

    async def release(self, _session_id: str, /) -> None:
        """Nothing to do."""

    async def owner(self, _session_id: str, /) -> Task | None:
        return None

    async def orphaned(self, _session_id: str, /) -> bool:
        return False

    async def epoch(self, _session_id: str, on_disk: str, /) -> str:
        return on_disk

    async def retire(self, _session_id: str, /) -> None:
        """The epoch on the disk is the only one."""

    async def use_up(self, link: str, expires_at: int, /) -> bool:
        return self._used.use_up(link, expires_at)
