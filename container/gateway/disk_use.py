"""How much of a disk a folder takes."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 512
"""The unit of `st_blocks`, whatever the file system's own block is (stat(2))."""

LONGEST_PATH: Final = 1000
"""Characters, of four bytes at most. Longer ones begin at an open folder."""


@dataclass
class Use:
    """What a folder takes."""

    bytes: int = 0
    entries: int = 0
    """Each takes an inode, of which a disk has a fixed number."""


class _Place:
    """An open folder that paths may begin at: a path has 4,096 characters at most, and a site makes
    deeper folders.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = os.dup(descriptor)

    def __del__(self) -> None:
        os.close(self.descriptor)


def folder_bytes(folder: Path, *, seconds: float) -> int:
    """Bytes on disk below `folder`, as `folder_use` counts them."""
    return folder_use(folder, seconds=seconds).bytes


def folder_use(folder: Path, *, seconds: float) -> Use:
    """What is below `folder`: what is allocated, not what a sparse file pretends; a file with
    several names counts in part.

    After `seconds` the count so far is returned: a folder with so many files is measured in part
    rather than holding up the others.
    """
    deadline, use = time.monotonic() + seconds, Use()
    todo: list[tuple[_Place | None, str]] = [(None, str(folder))]
    while todo and time.monotonic() < deadline:
        place, path = todo.pop()
        with contextlib.suppress(OSError):
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, dir_fd=place.descriptor if place else None)
            try:
                todo += _count(descriptor, place, path, use)
            finally:
                os.close(descriptor)
    return use


def _count(
    descriptor: int, place: _Place | None, path: str, use: Use
) -> list[tuple[_Place | None, str]]:
    """Add one folder's entries to `use`; returns the folders among them."""
    folders: list[tuple[_Place | None, str]] = []
    here: _Place | None = None
    with os.scandir(descriptor) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            is_folder = stat.S_ISDIR(status.st_mode)
            use.entries += 1
            use.bytes += (
                status.st_blocks * BLOCK_BYTES // max(1, 1 if is_folder else status.st_nlink)
            )
            if is_folder and len(path) + len(entry.name) < LONGEST_PATH:
                folders.append((place, f"{path}/{entry.name}"))
            elif is_folder:
                here = here or _Place(descriptor)
                folders.append((here, entry.name))
    return folders


def inode_bytes(folder: Path) -> int:
    """What an entry counts for on the folder's disk: as much of its bytes as of its inodes. 0 where
    inodes are not counted.
    """
    status = os.statvfs(folder)
    return status.f_blocks * status.f_frsize // status.f_files if status.f_files else 0


def free_bytes(folder: Path) -> int:
    """What the folder's disk has left for us, of bytes or of inodes, whichever is less."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    return min(free, status.f_favail * inode_bytes(folder)) if status.f_files else free


def oldest_first(folder: Path) -> list[Path]:
    """The folders in `folder`, that which was changed longest ago first. Empty when it cannot be
    read.
    """
    found: list[tuple[float, Path]] = []
    try:
        with os.scandir(folder) as entries:
            found = [
                (entry.stat(follow_symlinks=False).st_mtime, Path(entry.path))
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    return [path for _, path in sorted(found)]


def room_bytes(folder: Path) -> int:
    """How much of the folder's disk should be left for the next start: 1 GiB, of a small disk a
    tenth.
    """
    status = os.statvfs(folder)
    return min(1 << 30, status.f_blocks * status.f_frsize // 10)
