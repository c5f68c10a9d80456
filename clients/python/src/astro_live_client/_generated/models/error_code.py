from typing import Literal, cast

ErrorCode = Literal[
    "build",
    "build-memory",
    "build-timeout",
    "config",
    "crashed",
    "endless",
    "install",
    "internal",
    "limit",
    "storage",
    "timeout",
    "unsupported-astro",
]


def check_error_code(value: str) -> ErrorCode:
    """A newer gateway may send values that are not known here."""
    return cast(ErrorCode, value)
