"""Errors of the gateway, as one tree.

    GatewayError
    ├── SettingsError           a value of the environment is missing or out of range
    ├── StartError              Envoy, a listener or another part the gateway cannot run without did not start
    ├── TokenError              a token is forged, expired, used up or meant for something else
    ├── SessionError            a request about a session cannot be met; `status` is the API's answer
    │   ├── Unauthorised        401
    │   ├── UnknownSession      404
    │   ├── UnknownBuild        404
    │   ├── BadRequest          400
    │   ├── Conflict            409
    │   ├── TooManySessions     429
    │   ├── TooLarge            413
    │   ├── TooSlow             408
    │   ├── StorageError        503: the disk is read-only, gone or does not answer
    │   │   ├── StorageSilent   503: the disk has not answered in time
    │   │   └── StorageFull     507: the disk is full
    │   ├── QuotaExceeded       507: the session has as much on the shared disk as it may have
    │   ├── Crowded             503: too many requests wait for the session
    │   └── Draining            503: the task is about to stop
    └── RunnerError             a dev server reported an error or did not get ready

Each message names the thing, the value, what is allowed and the fix. None of them holds a secret.
`codes.py` says what each code means and which status it has.
"""  # noqa: W505 - a table

from __future__ import annotations

from contract.messages import ErrorCode

from .codes import Code
from .details import Details


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

    code: Code = Code.INTERNAL
    """What the API answers, and with it the status (`codes.PROBLEMS`)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.details: Details = {}
        """Members of the answer besides."""
        self.unsettled = False
        """Whether the change may have been made, or may be made yet, all the same."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.code.status

    def suggest(self, name: str) -> None:
        """Answer that `name` was probably meant; nothing when it is empty, or said already."""
        if name and "nearest" not in self.details:
            self.args = (f"{self}. Did you mean {name!r}?",)
            self.details["nearest"] = name


class Unauthorised(SessionError):
    """The request has no valid credential."""

    code = Code.UNAUTHORISED


class UnknownSession(SessionError):
    code = Code.UNKNOWN_SESSION


class UnknownFile(SessionError):
    code = Code.UNKNOWN_FILE

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path
        """As it was sent."""


class UnknownBuild(SessionError):
    code = Code.UNKNOWN_BUILD


class BadRequest(SessionError):
    code = Code.BAD_REQUEST


class Conflict(SessionError):
    code = Code.CONFLICT


class TooManySessions(SessionError):
    code = Code.TOO_MANY_SESSIONS


class TooLarge(SessionError):
    code = Code.TOO_LARGE


class TooSlow(SessionError):
    code = Code.TOO_SLOW


class StorageError(SessionError):
    """The project's disk refused: it is read-only, gone or does not answer."""

    code = Code.STORAGE


class StorageSilent(StorageError):
    """The project's disk has not answered in time. It may do yet what it was asked."""


class StorageFull(StorageError):
    """The project's disk has no room or no quota left."""

    code = Code.STORAGE_FULL


class QuotaExceeded(SessionError):
    """A session has as much on the shared disk as it may have."""

    code = Code.QUOTA


class Crowded(SessionError):
    """One session's visitors have as many requests under way as one session may."""

    code = Code.CROWDED


class Draining(SessionError):
    code = Code.DRAINING


class RunnerError(GatewayError):
    """A dev server reported an error or did not get ready."""

    def __init__(self, code: ErrorCode, message: str, fix: str = "", stack: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix
        self.stack = stack

    @property
    def problem_code(self) -> Code:
        """What the API answers when an operation fails with it."""
        return Code(self.code.value)

    @property
    def text(self) -> str:
        """Message and fix as sentences, for people."""
        return " ".join(_sentence(part) for part in (self.message, self.fix) if part.strip())


def _sentence(text: str) -> str:
    text = text.strip()
    if text.split(maxsplit=1)[0].isalpha():  # not a file's name
        text = text[0].upper() + text[1:]
    return text + ("" if text[-1] in ".!?:" else ".")
