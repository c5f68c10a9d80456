"""What of a project is in a checkpoint."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from contract.messages.runner import TEMPORARY

from ..errors import BadRequest, TooLarge
from ..files.paths import split_path
from ..files.unpacking import MOST_FILES
from ..watch import NOT_WATCHED
from .errors import GitUnsupported

HIDDEN: Final = frozenset(name.encode() for name in NOT_WATCHED)
AWAY: Final = (FileNotFoundError, NotADirectoryError, PermissionError)
"""It went away, or is not ours to read."""
ATTRIBUTES: Final = b".gitattributes"


def files_of(root: Path, most_bytes: int | None = None) -> list[bytes]:
    """Files and links of a project, sorted, without generated folders. `TooLarge` above
    `MOST_FILES` and, when given, `most_bytes`. `OSError` when the disk does not say what there is:
    a checkpoint without it would have files deleted by a restore.
    """
    found: list[bytes] = []
    total = 0
    todo = [(os.fsencode(root), b"")]
    while todo:
        folder, prefix = todo.pop()
        with contextlib.suppress(*AWAY), os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(*AWAY):
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name.lower() not in HIDDEN:
                            todo.append((entry.path, prefix + entry.name + b"/"))
                    elif _is_kept(entry):
                        found.append(prefix + entry.name)
                        total += entry.stat(follow_symlinks=False).st_size
        if len(found) > MOST_FILES:
            raise TooLarge(
                f"the project has more than {MOST_FILES} files, of which no checkpoint is made"
            )
        if most_bytes is not None and total > most_bytes:
            raise TooLarge(
                f"the project's files have more than {most_bytes} bytes, of which no checkpoint is"
                " made: a quarter of what the session may have (ASTRO_LIVE_SESSION_FILES_MIB)"
            )
    return sorted(path for path in found if _is_possible(path))


def _is_possible(path: bytes) -> bool:
    """Whether a restore could make it: a name that the API does not take would have all of the
    restore refused, so such a file stays as it is.
    """
    try:
        split_path(os.fsdecode(path))
    except BadRequest:
        return False
    return True


def _is_kept(entry: os.DirEntry[bytes]) -> bool:
    """Whether a name that is not a folder's is a file or link of the project."""
    if entry.name.lower() in HIDDEN or entry.name.endswith(TEMPORARY.encode()):
        return False
    if entry.is_symlink():
        return True
    mode = entry.stat(follow_symlinks=False).st_mode
    if not stat.S_ISREG(mode):
        if entry.name == ATTRIBUTES:  # git opens it, and would wait for a pipe's other end
            raise GitUnsupported(
                "names",
                f"{os.fsdecode(entry.path)!r} is not a file, so no checkpoint can be made."
                " Remove it",
            )
        return False
    return bool(mode & stat.S_IRUSR) or os.access(entry.path, os.R_OK)
