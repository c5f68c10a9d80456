"""Ranges that several declarations share: of settings, of the messages that carry them, of
components that check their arguments.

Plain numbers: the supervisor, which stays small, reads them without the library of the settings.
"""

from __future__ import annotations

from typing import Final

Range = tuple[int, int]
"""Smallest and largest value."""

TASK_PORTS: Final[Range] = (1024, 65535)
"""Ports of the task, which runs without root."""

STOP_VARIABLE: Final = "ASTRO_LIVE_STOP_TIMEOUT_SECONDS"
STOP_TIMEOUT_SECONDS: Final[Range] = (2, 120)
"""Fargate's range of a container's stop timeout
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout).
"""
DEFAULT_STOP_SECONDS: Final = 60

HSTS_SECONDS: Final[Range] = (0, 63_072_000)
DEFAULT_HSTS_SECONDS: Final = 31_536_000

POLL_INTERVAL_MS: Final[Range] = (20, 5000)
INSTALL_TIMEOUT_SECONDS: Final[Range] = (10, 7200)
BUILDS_KEPT: Final[Range] = (1, 100)
BUILD_MEMORY_MIB: Final[Range] = (256, 65536)
BUILD_TIMEOUT_SECONDS: Final[Range] = (5, 7200)
VISITOR_CONNECTIONS: Final[Range] = (10, 100_000)
SESSION_FILES_MIB: Final[Range] = (64, 1_048_576)
SESSION_DESCRIPTORS: Final[Range] = (256, 65536)
SESSION_PROCESSES: Final[Range] = (8, 32768)

BUILDS_SHARE: Final = 2
"""One in so many MiB of a session's files may be builds that are kept."""
