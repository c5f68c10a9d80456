"""Paths of a project: which are allowed, and how they are opened.

A path is opened piece by piece from the project folder with O_NOFOLLOW, so that no symbolic link
leads out, by whom it was made and however quickly.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from contract.messages.runner import TEMPORARY

from ..errors import BadRequest, Conflict, UnknownFile
from ..storage import storage_error

MAX_PATH: Final = 1024
MAX_DEPTH: Final = 32
FORBIDDEN_PARTS: Final = frozenset({"", ".", "..", ".git", "node_modules"})
FORBIDDEN_CHARACTERS: Final = re.compile(r"[\x00-\x1f\\\x7f\ud800-\udfff]")
MAX_NAME_BYTES: Final = 255
SHORT_NAME: Final = MAX_NAME_BYTES // 4
"""So many characters are not more bytes, of which one has four at most."""


def is_hidden(name: str) -> bool:
    """Whether the API does not know an entry of this name."""
    return name.lower() in FORBIDDEN_PARTS or name.endswith(TEMPORARY)


def _is_long(name: str) -> bool:
    return len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES


def split_path(text: str) -> list[str]:
    """The parts of a project-relative path; `BadRequest` says what is allowed."""
    parts = text.split("/")
    bad = (
        len(text) > MAX_PATH
        or len(parts) > MAX_DEPTH
        or FORBIDDEN_CHARACTERS.search(text) is not None
        or any(map(is_hidden, parts))
        or (len(text) > SHORT_NAME and any(map(_is_long, parts)))
    )
    if bad:
        raise BadRequest(
            f"path is {text[:120]!r}; allowed is a file below the project such as"
            f" 'src/pages/index.astro': at most {MAX_PATH} characters and {MAX_DEPTH} levels,"
            " without '..', '.git', 'node_modules', backslashes and control characters"
        )
    return parts


def split_folder(text: str) -> list[str]:
    """The parts of a project-relative folder; none for the project itself."""
    return split_path(text) if text else []


@contextlib.contextmanager
def open_folder(root: Path, parts: list[str], *, create: bool = False) -> Iterator[int]:
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


class OpenFolders:
    """Folders of a project for many paths one after another, of which neighbours are in the same
    one: `open_folder` for a path, and kept open for those that follow.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open = contextlib.ExitStack()
        self._parts: list[str] | None = None
        self._descriptor = -1

    def of(self, parts: list[str], *, create: bool = False) -> int:
        """A descriptor that is good until the next call."""
        if parts != self._parts:
            self.close()
            self._descriptor = self._open.enter_context(
                open_folder(self._root, parts, create=create)
            )
            self._parts = parts
        return self._descriptor

    def close(self) -> None:
        """Until the next call."""
        self._parts = None
        self._open.close()


@contextlib.contextmanager
def translated(root: Path, path: str, doing: str) -> Iterator[None]:
    """Errors of the operating system as the API's."""
    try:
        yield
    except FileNotFoundError as error:
        if not root.is_dir():
            raise storage_error(error, f"{path!r} cannot be {doing}") from error
        raise unknown_file(path) from error
    except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise Conflict(
            f"{path!r} is, or lies below, something that is not a plain file or folder. Choose"
            " another path"
        ) from error
    except OSError as error:
        if error.errno == errno.ELOOP:  # a symbolic link where none may be
            raise BadRequest(
                f"{path!r} leads over a symbolic link; write the file it points to"
            ) from error
        raise storage_error(error, f"{path!r} cannot be {doing}") from error


def unknown_file(path: str) -> UnknownFile:
    return UnknownFile(f"the project has no file {path!r}", path)


def status_of(folder: int, name: str) -> os.stat_result | None:
    """Of an entry itself, not of what it points to; None when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    return None


def check_replaceable(status: os.stat_result | None, path: str) -> None:
    """Raise unless nothing or a plain file is there."""
    if status is None:
        return
    if stat.S_ISLNK(status.st_mode):
        raise BadRequest(f"{path!r} is a symbolic link; write the file it points to")
    if not stat.S_ISREG(status.st_mode):
        raise Conflict(f"{path!r} is not a plain file. Choose another path")
