"""Production mode as the control plane sees it: what the dev server serves, and requests for
another build.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from contract import messages
from contract.messages import ErrorCode

from .errors import Conflict, RunnerError
from .processes import Child

MARGIN_SECONDS: Final = 120.0
"""Beyond the limits of an installation and of a build, which the dev server keeps itself."""


Sent = messages.Rebuild | messages.BuildTurn | messages.Serve


class Building:
    """The builds of one dev server. One request at a time."""

    def __init__(self, child: Child, send: Callable[[Sent], bool]) -> None:
        self._child = child
        self._send = send
        self._answer: asyncio.Future[messages.Built] | None = None
        self._state: messages.Production | None = None

    @property
    def state(self) -> messages.Production | None:
        """As last reported; None before, and in development mode."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The process group of a build that is under way."""
        return self._state.building_pid if self._state is not None and self._child.running else None

    def begin(self) -> None:
        """Let the build that waits for its turn begin. It does not wait any more, although its
        report of that is still to come.
        """
        if self._state is not None:
            self._state = self._state.model_copy(update={"turn": messages.Turn.BUILDING})
        self._send(messages.BuildTurn())

    @property
    def waiting(self) -> bool:
        """Whether a build waits for its turn."""
        return (
            self._state is not None
            and self._state.turn is messages.Turn.WAITING
            and self._child.running
        )

    async def request(
        self, message: messages.Rebuild | messages.Serve, *, limit_seconds: float
    ) -> messages.Built:
        """Have another build served, or made; `limit_seconds` do not count while it waits for its
        turn. `RunnerError` says why it is not.

        A build that waits for its turn becomes that of the newest request; the request before is
        told so.
        """
        if self._answer is not None:
            if not (self.waiting and isinstance(message, messages.Rebuild)):
                raise Conflict("a build is under way; try again when it has ended")
            if not self._answer.done():
                self._answer.set_exception(
                    Conflict(
                        "a newer request has taken the place of this one, which waited for its turn"
                        " to build"
                    )
                )
        answer: asyncio.Future[messages.Built] = asyncio.get_running_loop().create_future()
        self._answer = answer
        ended = asyncio.ensure_future(self._child.wait())
        waiting: set[asyncio.Future[Any]] = {answer, ended}
        try:
            self._send(message)
            while True:
                done, _ = await asyncio.wait(
                    waiting, timeout=limit_seconds, return_when=asyncio.FIRST_COMPLETED
                )
                if done or not self.waiting:
                    break
            if answer.done():
                return answer.result()
            if not self._child.running:
                raise RunnerError(
                    ErrorCode.CRASHED,
                    "the session's runner ended during the build",
                    "Its log says why",
                )
            raise RunnerError(
                ErrorCode.BUILD_TIMEOUT,
                f"the build did not end within {limit_seconds:.0f} s",
                "The session's log says more",
            )
        finally:
            ended.cancel()
            if self._answer is answer:
                self._answer = None

    def reported(self, state: messages.Production) -> None:
        self._state = state

    def done(self, message: messages.Built) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(message)

    def failed(self, error: RunnerError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
