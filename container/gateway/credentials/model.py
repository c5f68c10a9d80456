"""Scopes, and the record of a credential. The secret itself is shown once and kept nowhere: a
record has its SHA-256, which for 256 random bits is as good as a slow hash.

    al_{id}_{secret}    id: 16 characters, secret: 43 characters (256 bits)

An id is checked by a key of the store before anything is read for it, so that invented ones cost
nothing: half of its 10 bytes are random, the others their HMAC.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from contract.git_secrets import NAME as SECRET
from contract.hmr import is_session_id

MOST_CREDENTIALS: Final = 10_000
"""Of a service, expired ones of the last day included."""
MOST_SESSIONS: Final = 20
"""Of one credential."""
MOST_SECRETS: Final = 20
"""For Git, that one credential may name."""
LONGEST_NAME: Final = 80
LONGEST_LIFE_SECONDS: Final = 5 * 365 * 86400
KEPT_SECONDS: Final = 86400
"""An expired credential is still listed for so long."""
READ_ONLY_LINKS: Final = "read-only-links"
"""Kept beside the scopes of a credential whose links let visitors only read."""
KEY_BYTES: Final = 32
_HALF: Final = 5
_FORM: Final = re.compile(r"al_([a-z2-7]{16})_[A-Za-z0-9_-]{43}")
NAME: Final = rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{{1,{LONGEST_NAME}}}$"
"""Pattern of a name: one line."""


class Scope(StrEnum):
    """What a credential is good for."""

    SERVICE = "service"
    """Every call, of every session."""
    READ = "read"
    """Files, state, log and problems of its sessions."""
    WRITE = "write"
    """Changes of its sessions: files, start and stop, builds."""
    VIEW = "view"
    """State of its sessions, and sign-in links to them. Every credential of a session has it."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who sends a request."""

    id: str
    """Of the credential; empty for the one from the environment."""
    name: str
    scopes: frozenset[Scope]
    sessions: frozenset[str] = frozenset()
    """Where the scopes hold; of no meaning for `SERVICE`."""
    git_secrets: frozenset[str] = frozenset()
    """Secrets that its calls about Git may name; `SERVICE` may name all."""
    viewers_may_post: bool = True
    """Whether its sign-in links may let a visitor do more than read."""

    @property
    def is_service(self) -> bool:
        return Scope.SERVICE in self.scopes

    def may_use(self, git_secret: str) -> bool:
        """Whether its calls about Git may name the secret."""
        return self.is_service or git_secret in self.git_secrets

    def reaches(self, session_id: str) -> bool:
        """Whether it may know that the session exists."""
        return self.is_service or session_id in self.sessions

    def allows(self, scope: Scope, session_id: str) -> bool:
        """Whether it may do what needs `scope` to the session."""
        if self.is_service:
            return True
        return session_id in self.sessions and (scope is Scope.VIEW or scope in self.scopes)


ENVIRONMENT: Final = Caller(id="", name="service", scopes=frozenset({Scope.SERVICE}))
"""The credential in `ASTRO_LIVE_API_TOKEN`."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """A credential as it is kept."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    sessions: tuple[str, ...]
    created_at: int
    expires_at: int | None
    """Unix time; None: until it is revoked."""
    hash: str
    """SHA-256 of the whole credential, in hex."""
    git_secrets: tuple[str, ...] = ()
    viewers_may_post: bool = True

    @property
    def kept_scopes(self) -> list[str]:
        """As they are kept: with the limit of its links among them, so that a task of an earlier
        image, which does not know the limit, refuses the credential.
        """
        return [*self.scopes, *([] if self.viewers_may_post else [READ_ONLY_LINKS])]

    def lives(self, now: float) -> bool:
        return self.expires_at is None or now < self.expires_at

    def without(self, session_id: str) -> Record | None:
        """For the other sessions that it names; None when there are none."""
        left = tuple(name for name in self.sessions if name != session_id)
        return replace(self, sessions=left) if left else None

    def caller(self) -> Caller:
        return Caller(
            id=self.id,
            name=self.name,
            scopes=frozenset(self.scopes),
            sessions=frozenset(self.sessions),
            git_secrets=frozenset(self.git_secrets),
            viewers_may_post=self.viewers_may_post,
        )

    def describe(self) -> dict[str, Any]:
        """As JSON, without the hash."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": list(self.scopes),
            "sessions": list(self.sessions),
            "git_secrets": list(self.git_secrets),
            "viewers_may_post": self.viewers_may_post,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
        }

    def item(self) -> dict[str, Any]:
        """As it is kept."""
        kept = {**self.describe(), "scopes": self.kept_scopes, "hash": self.hash}
        del kept["viewers_may_post"]
        return kept

    @classmethod
    def parse(cls, item: Mapping[str, Any]) -> Record | None:
        """None for anything that `item` would not write. Nothing is converted: a time of expiry of
        another type must not read as none at all.
        """
        match {"expires_at": "absent", "git_secrets": [], **item}:
            case {
                "id": str(identifier), "name": str(name), "hash": str(digest),
                "scopes": list(scopes), "sessions": list(sessions),
                "created_at": int(created_at), "expires_at": int() | None as expires_at,
                "git_secrets": list(git_secrets),
            }:  # fmt: skip
                pass
            case _:
                return None
        viewers_may_post = READ_ONLY_LINKS not in scopes
        scopes = [scope for scope in scopes if scope != READ_ONLY_LINKS]
        fit = (
            is_id(identifier)
            and re.fullmatch(NAME, name)
            and re.fullmatch(r"[0-9a-f]{64}", digest)
            and scopes
            and all(isinstance(text, str) for text in [*scopes, *sessions, *git_secrets])
            and all(re.fullmatch(SECRET, name) for name in git_secrets)
            and set(scopes) <= set(Scope)
            and bool(sessions) != (Scope.SERVICE in scopes)
            and all(map(is_session_id, sessions))
            and all(_is_time(time) for time in (created_at, expires_at) if time is not None)
        )
        if not fit:
            return None
        return cls(
            id=identifier,
            name=name,
            scopes=tuple(map(Scope, scopes)),
            sessions=tuple(sessions),
            created_at=created_at,
            expires_at=expires_at,
            hash=digest,
            git_secrets=tuple(git_secrets),
            viewers_may_post=viewers_may_post,
        )


def _is_time(value: int) -> bool:
    """Whether it is a number of seconds since 1970; True and False are numbers to Python."""
    return not isinstance(value, bool) and 0 <= value < 2**53


def _tag(key: bytes, half: bytes) -> bytes:
    return hmac.digest(key, b"credential id" + half, "sha256")[:_HALF]


def is_id(text: str) -> bool:
    """Whether a text has the form of an id."""
    return re.fullmatch(r"[a-z2-7]{16}", text) is not None


def make_id(key: bytes) -> str:
    half = secrets.token_bytes(_HALF)
    return base64.b32encode(half + _tag(key, half)).decode().lower()


def is_ours(identifier: str, key: bytes) -> bool:
    """Whether an id in the form of one was made with this key."""
    raw = base64.b32decode(identifier.upper())
    return hmac.compare_digest(raw[_HALF:], _tag(key, raw[:_HALF]))


def make_credential(identifier: str) -> str:
    return f"al_{identifier}_{secrets.token_urlsafe(32)}"


def id_of(credential: str) -> str | None:
    """The id in a credential; None when it does not have the form of one."""
    found = _FORM.fullmatch(credential)
    return found[1] if found else None


def hash_of(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()
