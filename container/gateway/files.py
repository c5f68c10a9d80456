"""Reading and writing a project's files for the API: within the project, whole or not at all, limited in size.

Paths are opened piece by piece from the project folder with O_NOFOLLOW, so that no symbolic link, by whom it was made and however
quickly, leads out.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .errors import BadRequest, Conflict, TooLarge, UnknownSession
from .storage import storage_error

MAX_PATH: Final = 1024
MAX_DEPTH: Final = 32
FORBIDDEN_PARTS: Final = frozenset({"", ".", "..", ".git", "node_modules"})


def split_path(text: str) -> list[str]:
    """The parts of a project-relative path; `BadRequest` says what is allowed."""
    parts = text.split("/")
    bad = (
        len(text) > MAX_PATH
        or len(parts) > MAX_DEPTH
        or any(part.lower() in FORBIDDEN_PARTS or len(part.encode("utf-8", "surrogatepass")) > 255 for part in parts)
        or any(ord(character) < 32 or character in "\\\x7f" or 0xD800 <= ord(character) <= 0xDFFF for character in text)
    )
    if bad:
        raise BadRequest(
            f"path is {text[:120]!r}; allowed is a file below the project such as 'src/pages/index.astro': at most "
            f"{MAX_PATH} characters and {MAX_DEPTH} levels, without '..', '.git', 'node_modules', backslashes and control characters"
        )
    return parts


@contextlib.contextmanager
def _folder(root: Path, parts: list[str], *, create: bool) -> Iterator[int]:
    """A descriptor of the folder `root/parts…`, reached without following links below `root`."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    current = os.open(root, flags)
    try:
        for part in parts:
            if create:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=current)
            following = os.open(part, flags, dir_fd=current)
            os.close(current)
            current = following
        yield current
    finally:
        os.close(current)


@contextlib.contextmanager
def _translated(root: Path, path: str, doing: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if not root.is_dir():
            raise storage_error(error, f"{path!r} cannot be {doing}") from error
        problem = UnknownSession(f"there is no file {path!r} in the project")
        problem.code = "unknown-file"
        raise problem from error
    except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise Conflict(f"{path!r} is, or lies below, something that is not a plain file or folder. Choose another path") from error
    except OSError as error:
        if error.errno == 40:  # ELOOP: a symbolic link where none may be
            raise BadRequest(f"{path!r} leads over a symbolic link; write the file it points to") from error
        raise storage_error(error, f"{path!r} cannot be {doing}") from error


def read_file(root: Path, path: str, limit: int) -> bytes:
    """The content of a project's file; `TooLarge` above `limit` bytes."""
    parts = split_path(path)
    with _translated(root, path, "read"), _folder(root, parts[:-1], create=False) as folder:
        descriptor = os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Conflict(f"{path!r} is not a plain file")
            if status.st_size > limit:
                raise TooLarge(f"{path!r} has {status.st_size} bytes; allowed are {limit} (ASTRO_LIVE_MAX_FILE_MIB)")
            return file.read(limit + 1)


def write_file(root: Path, path: str, content: bytes) -> bool:
    """Replace or create a project's file in one step; True when it is new."""
    parts = split_path(path)
    with _translated(root, path, "written"), _folder(root, parts[:-1], create=True) as folder:
        mode = 0o644
        new = True
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                raise BadRequest(f"{path!r} is a symbolic link; write the file it points to")
            if not stat.S_ISREG(status.st_mode):
                raise Conflict(f"{path!r} is not a plain file. Choose another path")
            mode, new = stat.S_IMODE(status.st_mode) & 0o777, False
        temporary = f".{secrets.token_hex(8)}.astro-live-tmp"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            raise
        return new


def delete_file(root: Path, path: str) -> None:
    """Remove a project's file (a link is removed itself, not what it points to)."""
    parts = split_path(path)
    with _translated(root, path, "deleted"), _folder(root, parts[:-1], create=False) as folder:
        os.unlink(parts[-1], dir_fd=folder)
