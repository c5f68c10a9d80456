"""Removes folders that nobody needs any more. What cannot be removed now is tried again: a disk
recovers, and nothing stays behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

RETRY_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 30.0
"""How long a removal is waited for; it goes on afterwards."""
THREADS: Final = 2
RWX: Final = 0o700
FLATTENED: Final = ".deep-"
"""Beginning of the names that `_flatten` gives."""

logger = logging.getLogger(__name__)


def remove_tree(folder: Path) -> bool:
    """Remove `folder` with everything in it, however deep, or what else has this name; True when
    nothing is left.

    Folders that their owner made unreadable are opened up first.
    """
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            folder.unlink()
            return True
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        _remove(folder)
    except RecursionError:
        with contextlib.suppress(OSError):
            _flatten(folder)
            _remove(folder)
    try:
        folder.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _remove(folder: Path) -> None:
    """As far as it can be removed. `RecursionError` when the folders in it are too many levels
    deep.
    """

    def open_up(function: Callable[..., Any], path: str, _error: Any) -> None:
        with contextlib.suppress(OSError):
            if Path(path) != folder:
                Path(path).parent.chmod(RWX)
            if function in (os.unlink, os.rmdir):
                function(path)
            else:
                Path(path).chmod(RWX)
                shutil.rmtree(path, ignore_errors=True)

    with contextlib.suppress(OSError):
        shutil.rmtree(folder, onerror=open_up)


def _flatten(folder: Path) -> None:
    """Move each folder below `folder` directly into it. No path gets longer by that, and nothing
    recurses.
    """
    prefix, names, todo = f"{FLATTENED}{secrets.token_hex(6)}-", itertools.count(), [folder]
    while todo:
        current = todo.pop()
        with contextlib.suppress(OSError), os.scandir(current) as entries:
            for entry in [entry for entry in entries if entry.is_dir(follow_symlinks=False)]:
                above = Path(entry.path)
                if current != folder:
                    above.chmod(RWX)  # it is written to: its parent is another one
                    above = above.rename(folder / f"{prefix}{next(names)}")
                todo.append(above)


def empty(folder: Path) -> None:
    """Remove what is in a folder, as far as that can be removed now."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                remove_tree(Path(entry.path))
            else:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


class Cleaner:
    """Removes folders of one disk, in its own thread: a disk that hangs keeps nothing else from
    being done.
    """

    def __init__(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="cleaner")
        self.pending: set[Path] = set()
        """Folders that could not be removed yet."""

    async def remove(self, folder: Path) -> bool:
        """Remove a folder now; False when it is left for `retry`."""
        removal = asyncio.get_running_loop().run_in_executor(self._pool, remove_tree, folder)
        done, _ = await asyncio.wait({removal}, timeout=self._patience_seconds)
        if done and removal.exception() is None and removal.result():
            self.pending.discard(folder)
            return True
        if folder not in self.pending:
            self.pending.add(folder)
            logger.warning("%s cannot be removed now; it is tried again", folder)
        return False

    async def retry(self) -> None:
        """Try what is left again. Due every `RETRY_SECONDS`."""
        for folder in tuple(self.pending):
            await self.remove(folder)

    def close(self) -> None:
        """Do not wait for a disk that hangs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
