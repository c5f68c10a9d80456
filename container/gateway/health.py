"""Whether the task can take traffic."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from .cleaner import Cleaner
from .envoy.process import Admin
from .envoy.xds import XdsPublisher
from .errors import StorageError
from .records import open_up
from .registry import SessionRegistry
from .storage import SCRATCH, SITES, Storage, storage_error
from .units import MEBIBYTE

ANSWER_SECONDS: Final = 2.0
LEAST_FREE_BYTES: Final = 64 * MEBIBYTE
LEAST_FREE_SHARE: Final = 0.02
"""A disk with less free than both of these is called full: a dev server's caches do not fit any
more.
"""


def disk_error(folder: Path) -> OSError | None:
    """What keeps `folder`'s disk from being written to; None when nothing does. `OSError` when it
    cannot be asked.
    """
    status = os.statvfs(folder)
    if status.f_flag & os.ST_RDONLY:
        return OSError(errno.EROFS, os.strerror(errno.EROFS))
    free, size = status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize
    # File systems that do not count (EFS counts 8 EiB; some count nothing) are never full here.
    if (size and free < LEAST_FREE_BYTES and free < size * LEAST_FREE_SHARE) or (
        status.f_files and not status.f_favail
    ):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return None


def readable(folder: Path) -> bool:
    """Whether projects can be found. A site may have changed the folder's mode, since it belongs to
    the same user.
    """
    return open_up(folder) or os.access(folder, os.R_OK | os.X_OK)


class Health:
    """Live means the control plane answers; ready means that a visitor would be served.

    A full disk leaves the task ready: what runs goes on, and to end the task for it would let one
    site end every other. It is named all the same.
    """

    def __init__(
        self,
        *,
        admin: Admin,
        publisher: XdsPublisher,
        registry: SessionRegistry,
        cleaner: Cleaner,
        storage: Storage,
        sites_dir: Path,
        scratch_dir: Path,
    ) -> None:
        self._admin = admin
        self._publisher = publisher
        self._registry = registry
        self._cleaner = cleaner
        self._storage = storage
        self._sites_dir = sites_dir
        self._scratch_dir = scratch_dir

    async def problems(self) -> list[str]:
        """Why the task is not ready; empty when it is."""
        found = []
        if self._registry.draining:
            found.append("draining")
        if not await self._admin.ready():
            found.append("Envoy does not serve")
        try:
            if not await self._storage.call(
                "the sites folder", readable, self._sites_dir, seconds=ANSWER_SECONDS
            ):
                found.append("the sites folder cannot be read")
        except StorageError as error:
            found.append(str(error))
        return found

    async def warnings(self) -> list[str]:
        """What fails although visitors are served."""
        found = []
        for folder, names in ((self._scratch_dir, SCRATCH), (self._sites_dir, SITES)):
            try:
                error = await self._storage.call(
                    f"the {names['folder']}", disk_error, folder, seconds=ANSWER_SECONDS
                )
            except StorageError as problem:
                found.append(str(problem))
                continue
            if error is not None:
                found.append(str(storage_error(error, f"the {names['folder']}", names)))
        if self._publisher.trouble is not None:
            found.append(
                str(
                    storage_error(
                        self._publisher.trouble, "Envoy's routes cannot be written", SCRATCH
                    )
                )
            )
        if self._cleaner.pending:
            found.append(f"{len(self._cleaner.pending)} folders cannot be removed yet")
        return found
