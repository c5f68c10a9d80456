"""Errors of the gateway, as one tree.

    GatewayError
    ├── SettingsError           a value of the environment is missing or out of range
    ├── StartError              Envoy, a listener or another part the gateway cannot run without did not start
    ├── TokenError              a token is forged, expired, used up or meant for something else
    ├── SessionError            a request about a session cannot be met; `status` is the API's answer
    │   ├── UnknownSession      404
    │   ├── UnknownBuild        404
    │   ├── BadRequest          400
    │   ├── Conflict            409
    │   ├── TooManySessions     429
    │   ├── TooLarge            413
    │   ├── TooSlow             408
    │   ├── StorageError        507 or 503: the disk is full, read-only or gone
    │   ├── Crowded             503: too many requests wait for the session
    │   └── Draining            503: the task is about to stop
    └── RunnerError             a dev server reported an error or did not get ready

Each message names the thing, the value, what is allowed and the fix. None of them holds a secret.
"""

from __future__ import annotations

from typing import Any

from contract.messages import ErrorCode


class GatewayError(Exception):
    """Base of every error that the gateway raises on purpose."""


class SettingsError(GatewayError):
    """A value of the environment is missing or out of range."""


class StartError(GatewayError):
    """A part that the gateway cannot run without did not start."""


class TokenError(GatewayError):
    """A token is forged, expired, used up or meant for something else."""


class SessionError(GatewayError):
    """A request about a session cannot be met."""

    status = 500
    code = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.details: dict[str, Any] = {}
        """What a program needs to know besides, by name: members of the answer."""


class UnknownSession(SessionError):
    status = 404
    code = "unknown-session"


class UnknownBuild(SessionError):
    status = 404
    code = "unknown-build"


class BadRequest(SessionError):
    status = 400
    code = "bad-request"


class Conflict(SessionError):
    status = 409
    code = "conflict"


class TooManySessions(SessionError):
    status = 429
    code = "too-many-sessions"


class TooLarge(SessionError):
    status = 413
    code = "too-large"


class TooSlow(SessionError):
    status = 408
    code = "too-slow"


class StorageError(SessionError):
    """The project's disk refused: full (507), read-only or gone (503)."""

    status = 503
    code = "storage"


class QuotaExceeded(SessionError):
    """A session has as much on the shared disk as it may have."""

    status = 507
    code = "quota"


class Crowded(SessionError):
    """One session's visitors have as many requests under way as one session may."""

    status = 503
    code = "crowded"


class Draining(SessionError):
    status = 503
    code = "draining"


class RunnerError(GatewayError):
    """A dev server reported an error or did not get ready."""

    def __init__(self, code: ErrorCode, message: str, fix: str = "", stack: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix
        self.stack = stack

    @property
    def text(self) -> str:
        """Message and fix as sentences, for people."""
        return " ".join(_sentence(part) for part in (self.message, self.fix) if part.strip())


def _sentence(text: str) -> str:
    text = text.strip()
    if text.split(maxsplit=1)[0].isalpha():  # not a file's name
        text = text[0].upper() + text[1:]
    return text + ("" if text[-1] in ".!?:" else ".")
