"""How much of a disk a folder takes."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 512
"""The unit of `st_blocks`, whatever the file system's own block is (stat(2))."""


def folder_bytes(folder: Path, *, seconds: float) -> int:
    """Bytes on disk below `folder`: what is allocated, not what a sparse file pretends; a file with several names counts in part.

    After `seconds` the count so far is returned: a folder with so many files is measured in part rather than holding up the others.
    """
    deadline, total, todo = time.monotonic() + seconds, 0, [folder]
    while todo and time.monotonic() < deadline:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    total += status.st_blocks * BLOCK_BYTES // max(1, 1 if stat.S_ISDIR(status.st_mode) else status.st_nlink)
                    if stat.S_ISDIR(status.st_mode):
                        todo.append(Path(entry.path))
        except OSError:
            continue
    return total


def free_bytes(folder: Path) -> int:
    """What the folder's disk has left for us."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def oldest_first(folder: Path) -> list[Path]:
    """The folders in `folder`, that which was changed longest ago first. Empty when it cannot be read."""
    found: list[tuple[float, Path]] = []
    try:
        with os.scandir(folder) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime, Path(entry.path)) for entry in entries if entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    return [path for _, path in sorted(found)]


def room_bytes(folder: Path) -> int:
    """How much of the folder's disk should be left for the next start: 1 GiB, of a small disk a tenth."""
    status = os.statvfs(folder)
    return min(1 << 30, status.f_blocks * status.f_frsize // 10)
