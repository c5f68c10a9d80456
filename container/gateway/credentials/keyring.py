"""Who a credential is. Records are taken from the store and kept for as long as its edition does
not change, which is asked for at most every `FRESH_SECONDS`: so a revocation holds on all tasks
within a second, and requests cost a task two small reads a second, however many there are.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from ..errors import SessionError
from .model import (
    ENVIRONMENT,
    MOST_CREDENTIALS,
    Caller,
    Record,
    Scope,
    hash_of,
    id_of,
    is_id,
    is_ours,
    make_credential,
    make_id,
)
from .store import CredentialStore, Edition

FRESH_SECONDS: Final = 0.4
MOST_KEPT: Final = 20_000

log = logging.getLogger(__name__)


class Keyring:
    """The credentials of a service, as this task knows them."""

    def __init__(
        self,
        store: CredentialStore,
        tokens: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tokens` are the service credentials of the environment: all of them are valid."""
        self._store = store
        self._tokens = [token.encode() for token in tokens]
        self._clock = clock
        self._edition = Edition()
        self._asked_at = float("-inf")
        self._changes = 0
        """Of this task's own. An answer that was asked for before the last of them is old."""
        self._turn = asyncio.Lock()
        self._failure: SessionError | None = None
        self._failed_at = float("-inf")
        self._kept: dict[str, Record | None] = {}
        self._denied: set[str] = set()

    async def begin(self) -> None:
        """What is to be done once, at the start of a control plane."""
        try:
            await self._store.begin()
        except SessionError as error:
            log.warning("%s", error)

    async def caller(self, credential: str) -> Caller | None:
        """Who sends this credential; None for nobody."""
        sent = credential.encode("utf-8", "surrogateescape")
        if any([hmac.compare_digest(sent, token) for token in self._tokens]):  # noqa: C419 - all are compared
            return ENVIRONMENT
        identifier = id_of(credential)
        if identifier is None or identifier in self._denied:
            return None
        await self._freshen()
        if not self.may_be(identifier):
            return None
        record = await self._find(identifier)
        if record is None or not hmac.compare_digest(record.hash, hash_of(credential)):
            return None
        return record.caller() if record.lives(time.time()) else None

    async def record(self, identifier: str) -> Record | None:
        """What is known of the credential with this id, expired ones included."""
        if not is_id(identifier) or identifier in self._denied:
            return None
        await self._freshen()
        return await self._find(identifier) if self.may_be(identifier) else None

    def may_be(self, identifier: str) -> bool:
        """Whether a credential may have this id, as far as can be told without a look: invented
        ones cost no reading.
        """
        return bool(self._edition.key) and is_ours(identifier, self._edition.key)

    async def create(
        self,
        name: str,
        scopes: Sequence[Scope],
        sessions: Sequence[str],
        seconds: int | None,
        git_secrets: Sequence[str] = (),
        *,
        viewers_may_post: bool = True,
    ) -> tuple[Record, str]:
        """A new credential: its record, and the secret, which is not to be had again."""
        credential = ""

        def make(key: bytes) -> Record:
            nonlocal credential
            now, identifier = int(time.time()), make_id(key)
            credential = make_credential(identifier)
            return Record(
                id=identifier,
                name=name,
                scopes=tuple(scopes),
                sessions=tuple(sessions),
                created_at=now,
                expires_at=None if seconds is None else now + seconds,
                hash=hash_of(credential),
                git_secrets=tuple(git_secrets),
                viewers_may_post=viewers_may_post,
            )

        record = await self._store.add(make)
        self._changed()
        return record, credential

    async def page(self, after: str, most: int) -> list[Record]:
        """Up to `most` records with larger ids."""
        return await self._store.page(after, most)

    async def revoke(self, identifier: str) -> bool:
        """Whether there was one. Here it is over when this returns, also by an error: a full disk,
        which code of a site can cause, must not keep a credential alive.
        """
        if not is_id(identifier):  # the table has items of other names, too
            return False
        try:
            return await self._store.remove(identifier)
        except SessionError:
            if len(self._denied) < MOST_CREDENTIALS:
                self._denied.add(identifier)
            raise
        finally:
            self._changed()

    async def forget_session(self, session_id: str) -> None:
        """The session is to be deleted: no credential reaches the next one of its name."""
        try:
            await self._store.forget_session(session_id)
        finally:
            self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self._asked_at = float("-inf")

    async def _freshen(self) -> None:
        came = self._clock()
        if came - self._asked_at < FRESH_SECONDS:
            return
        async with self._turn:
            began = self._clock()
            if began - self._asked_at < FRESH_SECONDS:
                return
            if self._failure is not None and self._failed_at > came:
                # Of the same moment. Asking a store that hangs once for each would take them all
                # together for ever.
                raise self._failure.with_traceback(None)
            changes = self._changes
            try:
                edition = await self._store.edition()
            except SessionError as error:
                self._failure, self._failed_at = error, self._clock()
                raise
            self._failure = None
            if edition != self._edition or len(self._kept) > MOST_KEPT:
                self._kept.clear()
            self._edition = edition
            if changes == self._changes:
                self._asked_at = began

    async def _find(self, identifier: str) -> Record | None:
        if identifier in self._kept:
            return self._kept[identifier]
        edition = self._edition
        record = await self._store.find(identifier)
        if edition == self._edition:  # or it may be from before a revocation
            self._kept[identifier] = record
        return record
