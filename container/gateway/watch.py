"""Noticing that someone edits a project whose dev server does not run, and so cannot notice it
itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

MAX_ENTRIES: Final = 2000
MAX_SNAPSHOT: Final = 50_000
NOT_WATCHED: Final = frozenset({"node_modules", ".git", "dist", ".astro"})


def signature(root: Path) -> int:
    """A number that changes when a file of the project is written, added or removed (the first
    2,000 entries, generated folders left out).

    Unreadable folders count as empty: the next start says what is wrong with them.
    """
    return hash(tuple(sorted((path, *seen) for path, seen in snapshot(root, MAX_ENTRIES).items())))


def snapshot(root: Path, most: int = MAX_SNAPSHOT) -> dict[str, tuple[int, int]]:
    """Path, and modification time in nanoseconds and size, of the project's files: the first `most`
    entries, generated folders left out.
    """
    seen: dict[str, tuple[int, int]] = {}
    todo = [root]
    while todo and len(seen) < most:
        folder = todo.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if (
                        entry.name in NOT_WATCHED
                    ):  # `node_modules` may be a link, which a start makes
                        continue
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(Path(entry.path))
                    else:
                        seen[entry.path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            continue
    return seen
