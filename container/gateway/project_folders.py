"""The folders of the sites folder: which are projects, which are left over, and how a project is
copied.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path
from typing import Final

from contract.hmr import is_session_id

from .records import TRASH

NOT_COPIED: Final = ("node_modules", "dist", ".astro")
"""Generated folders that a new project does not take from the starter."""

UNFINISHED: Final = ".new-"
UNFINISHED_SECONDS: Final = 3600.0


def list_projects(sites_dir: Path) -> list[str]:
    """Ids of all project folders, sorted. Links are none: a project is a folder of the sites folder
    itself.
    """
    with os.scandir(sites_dir) as entries:
        return sorted(
            entry.name
            for entry in entries
            if is_session_id(entry.name) and entry.is_dir(follow_symlinks=False)
        )


def is_project(sites_dir: Path, session_id: str) -> bool:
    """Whether the project's folder exists. `OSError` when the sites folder itself
    cannot be asked.
    """
    try:
        return stat.S_ISDIR((sites_dir / session_id).lstat().st_mode)
    except FileNotFoundError:
        sites_dir.stat()
        return False


def leftovers(sites_dir: Path) -> list[Path]:
    """What was not finished being created (an hour ago: another task may be at it) or removed.
    Trash need not be a folder.
    """
    found = []
    with os.scandir(sites_dir) as entries:
        for entry in entries:
            old = (
                entry.name.startswith(UNFINISHED)
                and entry.stat(follow_symlinks=False).st_mtime < time.time() - UNFINISHED_SECONDS
            )
            if old or entry.name.startswith(TRASH):
                found.append(Path(entry.path))
    return found


def copy_sources(source: Path, target: Path) -> None:
    """Copy a project without what is generated in it. Stops at the first thing that cannot be
    copied, with that `OSError`.

    `shutil.copytree` goes on to the end instead, and then has only the texts of the errors, not
    their numbers.
    """
    target.mkdir()
    with os.scandir(source) as entries:
        for entry in entries:
            copy = target / entry.name
            if entry.name in NOT_COPIED:
                continue
            if entry.is_symlink():
                copy.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                copy_sources(Path(entry.path), copy)
            else:
                shutil.copy2(entry.path, copy)
    shutil.copystat(source, target)
