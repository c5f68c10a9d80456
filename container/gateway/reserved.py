"""Files that can be replaced on a full disk.

Code of a site can fill the scratch disk, where the files are that Envoy reads. So each has a spare
of the same size beside it, written over in place and then exchanged with the published one: no step
takes room that is not there already. Only a text longer than any before needs more.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from pathlib import Path
from typing import Final

from .cleaner import remove_tree
from .identity import version

SPARE_FOLDER: Final = "spare"
"""Not in the folder itself: Envoy reads its files again at every rename in there."""

LEAST_BYTES: Final = 64 * 1024
GROWTH: Final = 1.5


class ReservedFile:
    """One such file. White space follows its text, up to the size that is reserved."""

    def __init__(self, path: Path) -> None:
        self.path = path
        folder = path.parent / SPARE_FOLDER
        self._spare = folder / path.name
        self._before = folder / (path.name + ".before")
        self._published: tuple[int, ...] | None = None

    def reserve(self, size: int = LEAST_BYTES) -> None:
        """Make room for `size` bytes ahead of need. `OSError` when there is none."""
        self._spare.parent.mkdir(exist_ok=True)
        descriptor = os.open(self._spare, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            have = os.fstat(descriptor).st_size
            if have < size:
                os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)

    def clear_way(self) -> None:
        """Remove what is in the file's place and is none: Envoy would wait for a pipe's other end
        for ever.
        """
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(self.path.lstat().st_mode):
                remove_tree(self.path)

    def intact(self) -> bool:
        """Whether the file is still what was written last. `OSError` when the disk
        cannot be asked.
        """
        return self._published is None or version(self.path) == self._published

    def write(self, text: str) -> None:
        """Replace the content in one step: a reader sees the old one or the new one. `OSError` when
        that fails; the old one stays then.
        """
        self._write(text.encode())
        self._published = None
        with contextlib.suppress(OSError):  # it is written all the same
            self._published = version(self.path)

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._write_spare(data)
            self._exchange()
            return
        self.reserve(max(LEAST_BYTES, int(len(data) * GROWTH)))
        self._write_spare(data)
        self._exchange()

    def _write_spare(self, data: bytes) -> None:
        descriptor = os.open(self._spare, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                self._spare.unlink()  # put there by somebody else
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._spare))
            size = os.fstat(descriptor).st_size
            if size < len(data):
                size = max(LEAST_BYTES, int(len(data) * GROWTH))
                os.posix_fallocate(descriptor, 0, size)
            content = memoryview(data.ljust(size))
            done = 0
            while done < size:
                done += os.pwrite(descriptor, content[done:], done)
        finally:
            os.close(descriptor)

    def _exchange(self) -> None:
        """Publish the spare; what was published becomes the spare."""
        with contextlib.suppress(FileNotFoundError):
            self._before.unlink()
        try:
            self._before.hardlink_to(self.path)
        except (
            OSError
        ):  # the first time, or a file system without links: the next version needs new room
            self._spare.replace(self.path)
            with contextlib.suppress(OSError):
                self.reserve(self.path.stat().st_size)
            return
        self._spare.replace(self.path)
        self._before.replace(self._spare)
