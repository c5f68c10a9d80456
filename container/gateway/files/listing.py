"""The tree of a project: what there is, with sizes, times and hashes."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final, Literal

from ..errors import Conflict, SessionError
from .paths import MAX_DEPTH, is_hidden, open_folder, split_folder, status_of, translated
from .versions import hash_of

MOST_ENTRIES: Final = 5000
LISTING_SECONDS: Final = 8.0
"""After this the answer ends, and names where to go on."""
MOST_IN_FOLDER: Final = 20_000
HASHES: Final = 50_000
SETTLED_SECONDS: Final = 2.0
"""A hash of a file that was changed this recently is not kept: another change in the same tick of
the disk's clock would not show.
"""

Kind = Literal["file", "folder", "link", "other"]


class Hashes:
    """Hashes of files by what tells versions apart without reading them, of the files that were
    listed last.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int, int, int, int], str] = OrderedDict()

    def of(self, folder: int, name: str, limit: int) -> str | None:
        """The SHA-256 of a plain file; None when it is larger than `limit` bytes or
        cannot be read.
        """
        try:
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
            )
        except OSError:
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
                return None
            key = (
                status.st_dev,
                status.st_ino,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
            )
            if (known := self._known.get(key)) is not None:
                return known
            found = hash_of(descriptor)
            if time.time() - max(status.st_mtime, status.st_ctime) > SETTLED_SECONDS:
                self._known[key] = found
                if len(self._known) > HASHES:
                    self._known.popitem(last=False)
            return found
        except OSError:
            return None
        finally:
            os.close(descriptor)


def list_tree(
    root: Path, path: str, *, after: str, most: int, depth: int, hashes: Hashes | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Entries below the folder `path`, folders before what is in them; and where to go on, or None
    when there is no more.

    The order is that of the paths' parts, so `after` continues where an earlier listing ended,
    whatever changed meanwhile. `depth` 1 is the folder's own entries. Without `hashes` no file is
    read; of files above `limit` bytes none is.
    """
    parts = split_folder(path)
    deadline = time.monotonic() + LISTING_SECONDS
    entries: list[dict[str, Any]] = []
    for entry in walk(
        root, parts, after.split("/") if after else [], depth=depth, hashes=hashes, limit=limit
    ):
        if len(entries) >= most or (entries and time.monotonic() > deadline):
            return entries, str(entries[-1]["path"])
        entries.append(entry)
    return entries, None


def walk(
    root: Path,
    parts: list[str],
    after: list[str],
    *,
    depth: int = MAX_DEPTH,
    hashes: Hashes | None = None,
    limit: int = 0,
) -> Generator[dict[str, Any], None, None]:
    """What is below the folder `parts` and comes later than the path `after`, in order."""
    with translated(root, "/".join(parts) or ".", "listed"), open_folder(root, parts) as folder:
        for name in _names(folder, "/".join(parts)):
            here = [*parts, name]
            if here < after[: len(here)] or (status := status_of(folder, name)) is None:
                continue
            if here > after:
                hashed = hashes is not None and stat.S_ISREG(status.st_mode)
                yield _entry(
                    here, status, hashes.of(folder, name, limit) if hashed and hashes else None
                )
            if stat.S_ISDIR(status.st_mode) and depth > 1 and len(here) < MAX_DEPTH:
                # What went away meanwhile, or is not ours to read, is left out.
                with contextlib.suppress(SessionError):
                    yield from walk(root, here, after, depth=depth - 1, hashes=hashes, limit=limit)


def _names(folder: int, path: str) -> list[str]:
    names: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if len(names) >= MOST_IN_FOLDER:
                raise Conflict(
                    f"the folder {path!r} has more than {MOST_IN_FOLDER} entries, which are not"
                    " listed"
                )
            if not is_hidden(entry.name) and _is_text(entry.name):
                names.append(entry.name)
    return sorted(names)


def _is_text(name: str) -> bool:
    """Whether the name can be told in JSON: one of stray bytes cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entry(here: list[str], status: os.stat_result, digest: str | None) -> dict[str, Any]:
    mode = status.st_mode
    kind: Kind = (
        "file"
        if stat.S_ISREG(mode)
        else "folder"
        if stat.S_ISDIR(mode)
        else "link"
        if stat.S_ISLNK(mode)
        else "other"
    )
    return {
        "path": "/".join(here),
        "type": kind,
        "bytes": status.st_size if kind == "file" else 0,
        "modified_at": round(status.st_mtime, 3),
        "sha256": digest,
    }
