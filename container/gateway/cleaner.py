"""Removes folders that nobody needs any more. What cannot be removed now is tried again: a disk recovers, and nothing stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

RETRY_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 30.0
"""How long a removal is waited for; it goes on afterwards."""
THREADS: Final = 2
RWX: Final = 0o700

logger = logging.getLogger(__name__)


def remove_tree(folder: Path) -> bool:
    """Remove `folder` with everything in it; True when nothing is left. Folders that their owner made unreadable are opened up first."""

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
    try:
        folder.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


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
    """Removes folders of one disk, in its own thread: a disk that hangs keeps nothing else from being done."""

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
