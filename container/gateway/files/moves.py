"""Move and delete files and whole folders, each in one step."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from ..errors import BadRequest, Conflict, TooLarge
from ..records import trash_name
from .changes import Done
from .listing import walk
from .paths import check_replaceable, open_folder, split_path, status_of, translated, unknown_file
from .versions import Changed, Precondition, version_of

MOST_MOVED: Final = 5000
"""Files of a folder that is moved or deleted: each is reported to the dev server."""


def move(
    root: Path, source: str, target: str, *, overwrite: bool, expect: Precondition
) -> list[Done]:
    """Rename a file or folder. Raises `Changed` when there is a file at `target`, `Conflict` when
    there is a folder.
    """
    parts, to = split_path(source), split_path(target)
    if to[: len(parts)] == parts:
        raise BadRequest(f"{source!r} cannot be moved to {target!r}: that is itself, or below it")
    files, status = _contents(root, source, expect)
    with translated(root, target, "written"), open_folder(root, to[:-1], create=True) as folder:
        there = status_of(folder, to[-1])
        if there is not None:
            if stat.S_ISDIR(status.st_mode):
                raise Conflict(
                    f"{target!r} is there already, and {source!r} is a folder. Delete it first, or"
                    " choose another name"
                )
            check_replaceable(there, target)
            if not overwrite:
                raise Changed(
                    f'{target!r} exists already. Choose another name, or send "overwrite": true',
                    target,
                    version_of(root, target),
                )
        with translated(root, source, "moved"), open_folder(root, parts[:-1]) as old:
            os.rename(parts[-1], to[-1], src_dir_fd=old, dst_dir_fd=folder)
    gone = [Done(event="unlink", path=path, version=None) for path in files]
    moved = [target + path[len(source) :] for path in files]
    come = [
        Done(event="add" if there is None else "change", path=path, version=None) for path in moved
    ]
    if not stat.S_ISDIR(status.st_mode):
        come = [
            Done(
                event=come[0].event,
                path=target,
                version=version_of(root, target) if stat.S_ISREG(status.st_mode) else None,
            )
        ]
    return [*gone, *come]


def delete(
    root: Path, sites_dir: Path, path: str, *, recursive: bool, expect: Precondition
) -> tuple[list[Done], Path | None]:
    """Remove a file, or (`recursive`) a folder with all that is in it; and where the folder is now,
    which is for the caller to clear away.

    A symbolic link is removed itself, not what it points to.
    """
    parts = split_path(path)
    files, status = _contents(root, path, expect)
    trash = None
    with translated(root, path, "deleted"), open_folder(root, parts[:-1]) as folder:
        if not stat.S_ISDIR(status.st_mode):
            os.unlink(parts[-1], dir_fd=folder)
        elif not recursive:
            raise Conflict(
                f"{path!r} is a folder. Send recursive=1 to delete it with everything in it"
            )
        else:
            trash = trash_name(sites_dir)
            os.rename(parts[-1], trash, src_dir_fd=folder)
    return [Done(event="unlink", path=each, version=None) for each in files], trash


def _contents(root: Path, path: str, expect: Precondition) -> tuple[list[str], os.stat_result]:
    """The files that `path` is or has, and the status of itself."""
    parts = split_path(path)
    with translated(root, path, "read"), open_folder(root, parts[:-1]) as folder:
        status = status_of(folder, parts[-1])
    if status is None:
        if expect.given:
            expect.check(path, None)
        raise unknown_file(path)
    if expect.given and not stat.S_ISREG(status.st_mode):
        raise Conflict(f"{path!r} is not a plain file, and has no version")
    if expect.given:
        expect.check(path, version_of(root, path))
    if not stat.S_ISDIR(status.st_mode):
        return [path], status
    files = []
    with contextlib.closing(walk(root, parts, [])) as entries:
        for entry in entries:
            if entry["type"] != "folder":
                files.append(str(entry["path"]))
            if len(files) > MOST_MOVED:
                raise TooLarge(
                    f"{path!r} has more than {MOST_MOVED} files, which are not moved or deleted"
                    " together. Do it in parts"
                )
    return files, status
