"""Which file a name stands for, so that another one in its place is noticed."""

from __future__ import annotations

from pathlib import Path

Identity = tuple[int, int] | None
"""Device and inode; None for nothing. A socket that is listened on, and a folder that a process
works in, keep their inode.
"""


def identity(path: Path) -> Identity:
    """What `path` names now, a link itself and not what it leads to. `OSError` when the disk cannot
    be asked.
    """
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def version(path: Path) -> tuple[int, ...] | None:
    """The same, of a file that nobody holds open, with what changes when it is written to."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns
