"""How much each session may have on the shared disk: its project and the builds that are kept of
it.

EFS has no quotas, and all sites write to it as one user, so this is counted here: before each write
through the API, and every `MEASURED_SECONDS` of a session that runs. A site that writes by itself
may be above its share until then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .disk_use import folder_bytes
from .errors import QuotaExceeded
from .git.checkpoints import store_folder
from .kept_builds import builds_folder
from .storage import Storage
from .units import MEBIBYTE

MEASURED_SECONDS: Final = 300.0
"""To walk a project on a network disk costs some milliseconds for each folder."""
WALK_SECONDS: Final = 5.0
"""For one measurement; of a project that takes longer, what was counted by then."""
MARGIN_SECONDS: Final = 2.0


@dataclass
class Use:
    """What a session has on the disk."""

    bytes: int
    at: float
    """When that was measured; `bytes` has what the API has written since."""


class FileQuota:
    """The shares of all sessions that this task has to do with."""

    def __init__(
        self,
        sites_dir: Path,
        storage: Storage,
        *,
        most_mib: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sites_dir = sites_dir
        self._storage = storage
        self._most_mib = most_mib
        self._clock = clock
        self._uses: dict[str, Use] = {}

    def known_bytes(self, session_id: str) -> int:
        """As last measured; 0 before."""
        use = self._uses.get(session_id)
        return use.bytes if use else 0

    def due(self, session_id: str) -> bool:
        """Whether it is time to measure."""
        use = self._uses.get(session_id)
        return use is None or self._clock() - use.at >= MEASURED_SECONDS

    async def measure(self, session_id: str) -> int:
        """Count again; bytes. `StorageError` when the disk does not answer."""
        count = await self._storage.call(
            "the session's files cannot be counted",
            self._count,
            session_id,
            seconds=WALK_SECONDS + MARGIN_SECONDS,
        )
        self._uses[session_id] = Use(count, self._clock())
        return count

    async def admit(self, session_id: str, new_bytes: int) -> None:
        """Raise `QuotaExceeded` unless so many bytes more fit. Counted again before a refusal:
        files may have been removed.
        """
        if self.due(session_id):
            await self.measure(session_id)
        if self.known_bytes(session_id) + new_bytes > self._most_mib * MEBIBYTE:
            await self.measure(session_id)
        if self.known_bytes(session_id) + new_bytes > self._most_mib * MEBIBYTE:
            raise QuotaExceeded(
                f"{self.excess(session_id)}; {new_bytes} bytes more do not fit. Delete files, or"
                " raise it"
            )
        self._uses[session_id].bytes += new_bytes

    async def above(self, session_id: str) -> bool:
        """Whether the session is above its share, of one that was the last time: then it is counted
        again. Others are not looked at.
        """
        if self.known_bytes(session_id) <= self._most_mib * MEBIBYTE:
            return False
        return await self.measure(session_id) > self._most_mib * MEBIBYTE

    def excess(self, session_id: str) -> str:
        """What is wrong, for people."""
        have = self.known_bytes(session_id) // MEBIBYTE
        return (
            f"the session has {have} MiB of files and builds; {self._most_mib} MiB are allowed"
            " (ASTRO_LIVE_SESSION_FILES_MIB)"
        )

    def forget(self, session_id: str) -> None:
        """Its files have been removed."""
        self._uses.pop(session_id, None)

    def _count(self, session_id: str) -> int:
        deadline = time.monotonic() + WALK_SECONDS
        folders = (
            self._sites_dir / session_id,
            builds_folder(self._sites_dir, session_id),
            store_folder(self._sites_dir, session_id),
        )
        return sum(
            folder_bytes(folder, seconds=max(0.0, deadline - time.monotonic()))
            for folder in folders
        )
