"""Sign-ins that credentials of the API have made: they end with their credential.

The audience of such a cookie names the credential (`tokens.py`), and Envoy lets in those that the
session's route lists. A credential is listed when its first visitor is seen here, and taken off
when it is revoked, expires or no longer names the session; the dev server then closes what its
visitors have open. Where the store of the credentials does not answer, sign-ins go on until their
credential expires, as sessions do.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from .credentials.keyring import Keyring
from .errors import SessionError, TokenError
from .registry import SessionRegistry
from .sessions import Session
from .tokens import Claims

LOOK_SECONDS: Final = 0.4
"""With the keyring's own `FRESH_SECONDS`, a revocation holds within a second on every task."""

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
        seen: set[str] = set()
        for session in list(self._registry):
            await session.recall_sign_ins()
            for credential in session.sign_ins:
                seen.add(credential)
                if not await self._goes_on(credential, session.id):
                    log.info("session %s: sign-ins of a credential have ended", session.id)
                    await session.end_sign_ins(credential)
        self._expiries = {name: at for name, at in self._expiries.items() if name in seen}

    async def _goes_on(self, credential: str, session_id: str) -> bool:
        try:
            return await self._stands(credential, session_id)
        except SessionError:  # of the store: nobody knows better than before
            expiry = self._expiries.get(credential)
            return expiry is None or time.time() < expiry

    async def _stands(self, credential: str, session_id: str) -> bool:
        record = await self._keyring.record(credential)
        if record is None or session_id not in record.sessions:
            return False
        self._expiries[credential] = record.expires_at
        return record.lives(time.time())
