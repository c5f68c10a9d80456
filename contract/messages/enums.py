"""Words of the messages that have a meaning in several places: each is a closed list."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """Where a start is, for the waiting page."""

    START = "start"
    INSTALL = "install"
    CONFIG = "config"
    BUILD = "build"
    SERVE = "serve"


class ErrorCode(StrEnum):
    """What went wrong with a session's dev server."""

    CONFIG = "config"
    INSTALL = "install"
    UNSUPPORTED_ASTRO = "unsupported-astro"
    BUILD = "build"
    BUILD_MEMORY = "build-memory"
    """The build needed more memory than it may have."""
    BUILD_TIMEOUT = "build-timeout"
    """The build took longer than it may."""
    INTERNAL = "internal"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    STORAGE = "storage"
    LIMIT = "limit"
    """The site had more processes or more on the scratch disk than one site may have."""
    ENDLESS = "endless"
    """Code of the site did not come to an end, and kept the dev server from everything else."""

    @property
    def fatal(self) -> bool:
        """Whether the same site would fail again at once: a restart without an edit
        does not help.
        """
        return self in FATAL


FATAL: Final = frozenset(
    {
        ErrorCode.CONFIG,
        ErrorCode.INSTALL,
        ErrorCode.UNSUPPORTED_ASTRO,
        ErrorCode.BUILD,
        ErrorCode.BUILD_MEMORY,
        ErrorCode.BUILD_TIMEOUT,
        ErrorCode.LIMIT,
        ErrorCode.ENDLESS,
    }
)


class BuildOutcome(StrEnum):
    """How a build ended, for metrics. A closed list: each value is a label."""

    GOOD = "good"
    FAILED = "failed"
    MEMORY = "memory"
    TIMEOUT = "timeout"


class Turn(StrEnum):
    """Whether a session builds, or waits until the builds of others have ended."""

    NONE = "none"
    WAITING = "waiting"
    BUILDING = "building"


class UpdateKind(StrEnum):
    """Kind of an edited file, for metrics. A closed list: each value is a label for as long as the
    task lives.
    """

    CONFIG = "config"
    CSS = "css"
    ASTRO = "astro"
    CONTENT = "content"
    COMPONENT = "component"
    SCRIPT = "script"
    OTHER = "other"


class Outcome(StrEnum):
    """What became of an edit."""

    SHOWN = "shown"
    """Every open page shows it."""
    RENDERED = "rendered"
    """No page is open; the server renders it."""
    ERROR = "error"
    PENDING = "pending"
    """The time was up before that was known."""


class ProblemSource(StrEnum):
    """Where a problem was seen."""

    MODULE = "module"
    """A file cannot be compiled."""
    PAGE = "page"
    """The server cannot render a page."""
    SITE = "site"
    """Configuration, packages, content collections."""
    BROWSER = "browser"
    """An open page."""


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
