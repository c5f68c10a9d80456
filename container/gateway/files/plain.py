"""One file: read, and replaced in one step."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from contract.messages.runner import TEMPORARY

from ..errors import Conflict, TooLarge
from .paths import check_replaceable, open_folder, split_path, status_of, translated


@contextlib.contextmanager
def opened(root: Path, path: str) -> Iterator[int]:
    """A descriptor of a plain file of the project, for reading."""
    parts = split_path(path)
    with translated(root, path, "read"), open_folder(root, parts[:-1]) as folder:
        descriptor = os.open(
            parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
        )
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Conflict(f"{path!r} is not a plain file")
            yield descriptor
        finally:
            os.close(descriptor)


def read_file(root: Path, path: str, limit: int) -> bytes:
    """The content of a project's file; `TooLarge` above `limit` bytes."""
    with opened(root, path) as descriptor:
        status = os.fstat(descriptor)
        if status.st_size > limit:
            raise TooLarge(
                f"{path!r} has {status.st_size} bytes; allowed are {limit}"
                " (ASTRO_LIVE_MAX_FILE_MIB)"
            )
        return read_up_to(descriptor, limit + 1)


def read_up_to(descriptor: int, limit: int) -> bytes:
    """The next bytes of a file, `limit` at most."""
    data = bytearray()
    while len(data) < limit and (more := os.read(descriptor, min(limit - len(data), 1 << 20))):
        data += more
    return bytes(data)


def write_file(root: Path, path: str, content: bytes) -> bool:
    """Replace or create a project's file in one step; True when it is new."""
    parts = split_path(path)
    with translated(root, path, "written"), open_folder(root, parts[:-1], create=True) as folder:
        status = status_of(folder, parts[-1])
        check_replaceable(status, path)
        mode = 0o644 if status is None else stat.S_IMODE(status.st_mode) & 0o777
        temporary = f".{secrets.token_hex(8)}{TEMPORARY}"
        try:
            write_new(folder, temporary, content, mode)
            os.rename(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        return status is None


def write_new(folder: int, name: str, content: bytes, mode: int) -> None:
    """A file that was not there, safe on the disk."""
    descriptor = os.open(
        name,
        os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC,
        mode,
        dir_fd=folder,
    )
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
