from typing import Literal, cast

DownloadArchiveFormat = Literal["tar", "tar.gz", "zip"]


def check_download_archive_format(value: str) -> DownloadArchiveFormat:
    """A newer gateway may send values that are not known here."""
    return cast(DownloadArchiveFormat, value)
