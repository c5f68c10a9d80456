"""Noticing that someone edits a project whose dev server does not run, and so cannot notice it itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

MAX_ENTRIES: Final = 2000
NOT_WATCHED: Final = frozenset({"node_modules", ".git", "dist", ".astro"})


def signature(root: Path) -> int:
    """A number that changes when a file of the project is written, added or removed (the first 2,000 entries, generated folders left out).

    Unreadable folders count as empty: the next start says what is wrong with them.
    """
    seen: list[tuple[str, int, int]] = []
    todo = [root]
    while todo and len(seen) < MAX_ENTRIES:
        folder = todo.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name in NOT_WATCHED:  # `node_modules` may be a link, which a start makes
                        continue
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(Path(entry.path))
                    else:
                        seen.append((entry.path, status.st_mtime_ns, status.st_size))
        except OSError:
            continue
    return hash(tuple(sorted(seen)))
