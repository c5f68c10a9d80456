"""Sign-ins that credentials of the API have made: they end with their credential.

The audience of such a cookie names the credential (`tokens.py`), and Envoy lets in those that the
session's route lists. A credential is listed when its first visitor is seen here, and taken off
when it is revoked, expires or no longer names the session; the dev server then closes what its
visitors have open. Where the store of the credentials does not answer, sign-ins go on until their
credential expires, as sessions do.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Final

from .credentials.keyring import Keyring
from .errors import SessionError, TokenError
from .registry import SessionRegistry
from .sessions import Session
from .tokens import Claims

LOOK_SECONDS: Final = 0.4
"""With the keyring's own `FRESH_SECONDS`, a revocation holds within a second on every task."""
ASKED_AT_ONCE: Final = 4
"""Each new credential of the service has all of them read again."""

log = logging.getLogger(__name__)


class SignIns:
    """Of the sessions that this task runs."""

    def __init__(self, registry: SessionRegistry, keyring: Keyring) -> None:
        self._registry = registry
        self._keyring = keyring
        self._expiries: dict[str, int | None] = {}

    async def check(self, claims: Claims) -> None:
        """Raise `TokenError` when the credential that made the sign-in has ended."""
        if claims.credential and not await self._stands(claims.credential, claims.session_id):
            raise TokenError("the credential that made the sign-in has ended")

    async def admit(self, session: Session, claims: Claims) -> None:
        """Have Envoy let a visitor in whose claims were checked."""
        if claims.credential:
            await session.admit_sign_ins(claims.credential)

    async def look(self) -> None:
        """End the sign-ins whose credential has ended. Due every `LOOK_SECONDS`."""
        sessions = [each for each in self._registry if each.sign_ins]
        going_on = await self._going_on({(c, each.id) for each in sessions for c in each.sign_ins})
        for session in sessions:
            # All at once: code of a site can write thousands of names into a session's list.
            ended = [c for c in session.sign_ins if going_on.get((c, session.id)) is False]
            if ended:
                log.info(
                    "session %s: sign-ins of %d credential(s) have ended", session.id, len(ended)
                )
                known = [each for each in ended if self._keyring.may_be(each)]
                await session.end_sign_ins(ended, known)
        await asyncio.gather(*(each.recall_sign_ins() for each in list(self._registry)))
        seen = {credential for credential, _ in going_on}
        self._expiries = {name: at for name, at in self._expiries.items() if name in seen}

    async def _going_on(self, pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], bool]:
        """Whether each credential still stands for its session. A store that does not answer is
        asked once for all: each of the others would wait for it as long.
        """
        found: dict[tuple[str, str], bool] = {}
        waiting, silent = iter(pairs), False

        async def ask() -> None:
            nonlocal silent
            for credential, session_id in waiting:
                if not silent:
                    try:
                        found[credential, session_id] = await self._stands(credential, session_id)
                        continue
                    except SessionError:  # nobody knows better than before
                        silent = True
                expiry = self._expiries.get(credential)
                found[credential, session_id] = expiry is None or time.time() < expiry

        await asyncio.gather(*(ask() for _ in range(ASKED_AT_ONCE)))
        return found

    async def _stands(self, credential: str, session_id: str) -> bool:
        record = await self._keyring.record(credential)
        if record is None or session_id not in record.sessions:
            return False
        self._expiries[credential] = record.expires_at
        return record.lives(time.time())
