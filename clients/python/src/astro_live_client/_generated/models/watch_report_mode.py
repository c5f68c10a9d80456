from typing import Literal, cast

WatchReportMode = Literal["hybrid", "native", "off", "polling"]


def check_watch_report_mode(value: str) -> WatchReportMode:
    """A newer gateway may send values that are not known here."""
    return cast(WatchReportMode, value)
