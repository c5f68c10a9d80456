"""Small files and folders that the gateway keeps on the shared disk, beside the projects.

Code of a site writes there as the same user. A pipe in the place of a file would hold a thread of
the gateway for ever, in every task that reads it, and a folder in its place, or a file in the place
of a folder, would make every later write fail. So a file is read only if it is a plain file, and
what is in the way of a write is moved to the trash, which is emptied later
(`project_folders.leftovers`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from pathlib import Path
from typing import Final

TRASH: Final = ".gone-"
"""Beginning of the names of what is to be removed, in the sites folder."""
FOLDER_MODE: Final = 0o755
ABSENT: Final = (errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENOTDIR, errno.ENODEV)
"""What opening a link, a socket, or a file below what is not a folder ends with, besides a file
that is not there.
"""


def trash_name(sites_dir: Path) -> Path:
    """A new name for something that is to be removed."""
    return sites_dir / f"{TRASH}{secrets.token_hex(6)}"


def is_absent(error: OSError) -> bool:
    """Whether there is nothing of this name that the gateway has put there."""
    return error.errno in ABSENT


def read_record(file: Path, most: int) -> bytes | None:
    """Up to `most` bytes; None when there is no plain file of this name. `OSError` when the disk
    cannot be asked.
    """
    try:
        descriptor = _open_to_read(file)
    except OSError as error:
        if is_absent(error):
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as opened:
        return opened.read(most)


def _open_to_read(file: Path) -> int:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(file, flags)
    except PermissionError:  # its mode may have been changed, and it is ours
        file.chmod(0o600)
        return os.open(file, flags)


def write_record(sites_dir: Path, file: Path, text: str) -> None:
    """Replace or create a file in one step. Its folder is a folder of `sites_dir`."""
    ensure_folder(sites_dir, file.parent)
    temporary = file.with_name(f".{secrets.token_hex(6)}.new")
    try:
        temporary.write_text(text)
        try:
            temporary.replace(file)
        except IsADirectoryError:
            file.rename(trash_name(sites_dir))
            temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def remove_record(sites_dir: Path, file: Path) -> None:
    """Have nothing of this name."""
    try:
        file.unlink(missing_ok=True)
    except IsADirectoryError:
        file.rename(trash_name(sites_dir))
    except OSError as error:
        if not is_absent(error):
            raise


def ensure_folder(sites_dir: Path, folder: Path) -> None:
    """Have a folder of this name that can be written to; what else has the name goes to
    the trash.
    """
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        clear_way(sites_dir, folder)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(FOLDER_MODE)
        open_up(folder)


def clear_way(sites_dir: Path, folder: Path) -> None:
    """Move away what has the name of a folder and is none: a file, a pipe, a link."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISDIR(folder.lstat().st_mode):
            folder.rename(trash_name(sites_dir))


def open_up(folder: Path) -> bool:
    """Whether the folder can be read and written to; if it is ours and its mode was changed, after
    that was taken back.
    """
    wanted = os.R_OK | os.W_OK | os.X_OK
    if os.access(folder, wanted):
        return True
    with contextlib.suppress(OSError):
        if (
            folder.stat().st_uid == os.geteuid()
            and folder.stat().st_mode & stat.S_IRWXU != stat.S_IRWXU
        ):
            folder.chmod(FOLDER_MODE)
    return os.access(folder, wanted)
