"""Holds each site to its share of the task: processes, and bytes on the scratch disk.

Dev servers run as one user, so that the system's own limits (`RLIMIT_NPROC`, quotas) count all of
them together. Therefore each site is counted by itself, every `ROUND_SECONDS`. One that is above
its share is ended; its page says why, and the next visit starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from contract.messages import ErrorCode

from .children import is_operators
from .cleaner import Cleaner, empty
from .disk_use import folder_bytes, folder_use, free_bytes, inode_bytes, oldest_first, room_bytes
from .errors import RunnerError, StorageError
from .family import Families, Process, process_table
from .processes import Processes
from .registry import SessionRegistry
from .sessions import Session
from .settings import GatewaySettings
from .states import State
from .telemetry import Telemetry
from .units import MEBIBYTE

ROUND_SECONDS: Final = 2.0
NOTICED_BYTES: Final = 64 * MEBIBYTE
"""The sites' folders are measured when the disk has lost as much since the last time: to walk them
costs processor time.
"""
MEASURED_SECONDS: Final = 300.0
"""They are measured this often in any case: what another program frees meanwhile hides what a site
takes.
"""
AGAIN: Final = "Its files were not touched; the next visit starts it again."
REMOVED: Final = ".old-"
TMP_ROUNDS: Final = 5
"""Rounds between two looks at the temporary files."""
MEASURE_SECONDS: Final = 5.0
"""For one folder."""

log = logging.getLogger(__name__)


class SiteLimits:
    """Runs beside the servers."""

    def __init__(
        self,
        settings: GatewaySettings,
        registry: SessionRegistry,
        processes: Processes,
        cleaner: Cleaner,
        telemetry: Telemetry,
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._processes = processes
        self._cleaner = cleaner
        self._telemetry = telemetry
        self._families = Families(supervisor=os.getppid())
        self._strays: dict[int, int] = {}
        """`pid` → when it started, of those that the last look found."""
        self._stopped: dict[int, int] = {}
        """The same of processes that a signal had stopped."""
        self._free: int | None = None
        self._measured = time.monotonic()
        self._tmp_looks = 0
        self._family_of: dict[int, set[int]] = {}
        self._started: dict[int, int] = {}

    def family(self, pid: int) -> set[int]:
        """The processes of a dev server, as of the last look."""
        return self._family_of.get(pid, set())

    async def look(self) -> None:
        """One round."""
        leaders = {session.pid: session for session in self._registry if session.pid is not None}
        others = {os.getpid(), *self._processes.pids} - set(leaders)
        table = await asyncio.to_thread(process_table)
        self._family_of, strays = self._families.look(leaders, others, table)
        self._started = {pid: process.started for pid, process in table.items()}
        self._end_strays(strays)
        self._wake(
            {
                os.getppid(),
                *others,
                *(pid for family in self._family_of.values() for pid in family),
            },
            table,
        )
        limit = self._settings.session_processes
        for pid, family in self._family_of.items():
            if len(family) > limit:
                text = (
                    f"the site runs {len(family)} processes; {limit} are allowed"
                    " (ASTRO_LIVE_SESSION_PROCESSES)"
                )
                self._end(leaders[pid], "processes", text)
        await self._look_at_disk(list(leaders.values()))
        await self._look_at_files(list(leaders.values()))
        await self._make_room()
        await self._look_at_tmp()

    def _end_strays(self, strays: dict[int, Process]) -> None:
        """End those that were strays in the last look too: one whose start is only just being
        reported is none.
        """
        for pid, process in strays.items():
            if self._strays.get(pid) == process.started and not is_operators(pid):
                log.warning("process %s has left its site: it is ended", pid)
                self._telemetry.reaped.labels("stray").inc()
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        self._strays = {pid: process.started for pid, process in strays.items()}

    def _wake(self, ours: set[int], table: Mapping[int, Process]) -> None:
        """Have those go on that were stopped in the last look too. Any site can stop any process
        here, and nobody else would notice: a stopped dev server neither answers nor ends, and
        without the supervisor nothing starts.
        """
        stopped = {pid: table[pid].started for pid in ours if pid in table and table[pid].stopped}
        for pid, started in stopped.items():
            if self._stopped.get(pid) == started:
                log.warning("process %s was stopped by a signal: it is made to go on", pid)
                self._telemetry.reaped.labels("stopped").inc()
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGCONT)
        self._stopped = stopped

    async def _look_at_disk(self, sessions: list[Session]) -> None:
        scratch, limit = self._settings.scratch_dir, self._settings.session_disk_mib
        try:
            free, each = free_bytes(scratch), inode_bytes(scratch)
        except OSError:  # health says so
            return
        now = time.monotonic()
        if self._free is None or free > self._free:
            self._free = free
        if self._free - free < NOTICED_BYTES and now - self._measured < MEASURED_SECONDS:
            return
        self._free, self._measured = free, now
        for session in sessions:
            folders = [scratch / "sessions" / session.id, *([session.home] if session.home else [])]
            uses = [
                await asyncio.to_thread(folder_use, folder, seconds=MEASURE_SECONDS)
                for folder in folders
            ]
            used = sum(use.bytes for use in uses) // MEBIBYTE
            entries = sum(use.entries for use in uses)
            if max(used, entries * each // MEBIBYTE) > limit:
                text = (
                    f"the site has {used} MiB in {entries} files and folders on the scratch disk; "
                )
                text += f"{limit} MiB are allowed (ASTRO_LIVE_SESSION_DISK_MIB)"
                text += (
                    f", and as much of the disk's inodes: {limit * MEBIBYTE // each} files"
                    if each
                    else ""
                )
                self._end(session, "disk", text)
                await session.settled()
                await self._cleaner.remove(folders[0])

    async def _look_at_files(self, sessions: list[Session]) -> None:
        """On the shared disk, of one session in each round."""
        quota = self._registry.environment.files
        session = next((session for session in sessions if quota.due(session.id)), None)
        if session is None:
            return
        with contextlib.suppress(StorageError):  # health says so
            if await quota.measure(session.id) > self._settings.session_files_mib * MEBIBYTE:
                self._end(
                    session,
                    "files",
                    quota.excess(session.id),
                    "Delete some through the API: it does not start before.",
                )

    async def _make_room(self) -> None:
        """On a disk that is nearly full, remove packages and caches of sessions that are stopped:
        their next start makes them again.
        """
        scratch = self._settings.scratch_dir
        try:
            room = room_bytes(scratch)
            if free_bytes(scratch) >= room:
                return
            for folder in await asyncio.to_thread(oldest_first, scratch / "sessions"):
                if any(
                    session.id == folder.name and session.state is not State.STOPPED
                    for session in self._registry
                ):
                    continue
                # Out of the way in one step: the session may start again at any moment.
                old = folder.rename(folder.with_name(f"{REMOVED}{secrets.token_hex(6)}"))
                log.warning(
                    "the scratch disk is nearly full: the caches of the stopped session %s are"
                    " removed",
                    folder.name,
                )
                self._telemetry.reaped.labels("room").inc()
                await self._cleaner.remove(old)
                if free_bytes(scratch) >= room:
                    return
        except OSError as error:
            log.warning("no room can be made on the scratch disk: %s", error)

    async def _look_at_tmp(self) -> None:
        """Nobody can say which site has put what there: above one site's share all of it goes."""
        if not self._settings.tmp_dir or self._tmp_looks % TMP_ROUNDS:
            self._tmp_looks += 1
            return
        self._tmp_looks += 1
        folder = Path(self._settings.tmp_dir)
        used = await asyncio.to_thread(folder_bytes, folder, seconds=MEASURE_SECONDS) // MEBIBYTE
        if used > self._settings.session_disk_mib:
            log.warning("%s has %s MiB of sites' temporary files: it is emptied", folder, used)
            self._telemetry.reaped.labels("tmp").inc()
            await asyncio.to_thread(empty, folder)

    def _end(self, session: Session, reason: str, text: str, fix: str = AGAIN) -> None:
        self._telemetry.session_reaped(session.id, reason)
        family = self.family(session.pid or 0)
        session.condemn(RunnerError(ErrorCode.LIMIT, text, fix))
        table = process_table(only=family)
        for pid in family:  # also those that the dev server's group does not hold any more
            if pid in table and table[pid].started == self._started.get(
                pid
            ):  # the number may be another's by now
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
