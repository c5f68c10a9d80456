"""The projects' disk, asked in a way that cannot stop the gateway.

EFS is NFS: when it is out of reach, a call on it may hang for minutes. So every call is made by a
thread of a small pool and is given up after a while; the thread comes back when the disk does.
Calls that may take long (batches, archives, Git, checkpoints) have a pool for themselves: the
task's health and the files of other sessions do not wait for them.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from .errors import StorageError, StorageFull, StorageSilent

Result = TypeVar("Result")

ANSWER_SECONDS: Final = 5.0
THREADS: Final = 8
LONG_THREADS: Final = 8
LONG_SECONDS: Final = 60.0
"""A call that may take longer is a long one."""

CAUSES: Final = {
    errno.ENOSPC: ("the {disk} is full", "Free space, or remove old projects"),
    errno.EDQUOT: ("the quota of the {disk} is used up", "Free space, or remove old projects"),
    errno.EROFS: ("the {disk} is read-only", "Mount it writable"),
    errno.EACCES: ("access is denied", "Give the gateway's user write access to the {folder}"),
    errno.EPERM: ("access is denied", "Give the gateway's user write access to the {folder}"),
    errno.ENOENT: (
        "the {folder} is not there",
        "It is tried again with the next request; check the mount",
    ),
    errno.ESTALE: (
        "the file system has gone",
        "It is tried again with the next request; check the mount",
    ),
    errno.EIO: (
        "the {disk} reports an error",
        "It is tried again with the next request; check the mount",
    ),
    errno.ENOTCONN: (
        "the file system has gone",
        "It is tried again with the next request; check the mount",
    ),
}
FULL: Final = (errno.ENOSPC, errno.EDQUOT)
SCRATCH: Final = {"disk": "scratch disk", "folder": "scratch folder"}
SITES: Final = {"disk": "disk", "folder": "sites folder"}


def storage_error(error: OSError, what: str, names: Mapping[str, str] = SITES) -> StorageError:
    """Say what an operating-system error of a disk (the projects' one, or `SCRATCH`) means to a
    user.
    """
    cause, fix = CAUSES.get(
        error.errno or 0, (error.strerror or "the {disk} refused", "Check the {folder}")
    )
    kind = StorageFull if error.errno in FULL else StorageError
    return kind(f"{what}: {cause.format(**names)}. {fix.format(**names)}.")


class Storage:
    """Runs calls on the projects' disk."""

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._answer_seconds = answer_seconds
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        self._long = ThreadPoolExecutor(LONG_THREADS, thread_name_prefix="storage-long")

    async def call(
        self,
        what: str,
        function: Callable[..., Result],
        *arguments: Any,
        seconds: float | None = None,
    ) -> Result:
        """The function's result. `StorageError`, with `what` as its subject, when the disk refuses
        or does not answer in time.
        """
        seconds = seconds or self._answer_seconds
        pool = self._long if seconds > LONG_SECONDS else self._pool
        future = asyncio.get_running_loop().run_in_executor(pool, function, *arguments)
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            raise StorageSilent(
                f"{what}: the disk does not answer. It is tried again with the next request; check"
                " the mount."
            ) from None
        except OSError as error:
            raise storage_error(error, what) from error

    def close(self) -> None:
        """Do not wait for calls that hang."""
        for pool in (self._pool, self._long):
            pool.shutdown(wait=False, cancel_futures=True)
