from typing import Literal, cast

ReadLogsFollow = Literal["0", "1"]


def check_read_logs_follow(value: str) -> ReadLogsFollow:
    """A newer gateway may send values that are not known here."""
    return cast(ReadLogsFollow, value)
