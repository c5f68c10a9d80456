"""Whether a request would be let in now: for answers that go on and on, which a credential that is
revoked or expires must end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from .errors import SessionError

ENDED: Final = (401, 403, 404)


class Standing:
    """Of one request."""

    def __init__(self, admit: Callable[[], Awaitable[None]]) -> None:
        """`admit` raises a `SessionError` unless the request may be sent."""
        self._admit = admit

    async def holds(self) -> bool:
        """A store that does not answer ends nothing: nobody knows better than before."""
        try:
            await self._admit()
        except SessionError as error:
            return error.status not in ENDED
        return True


STANDING: Final = web.RequestKey("standing", Standing)
"""`request[STANDING]` in every handler of the API that needs a credential."""
