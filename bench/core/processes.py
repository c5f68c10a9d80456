"""Memory, descriptors and processor time of processes, read from /proc.

Memory is PSS, the proportional set size: a page shared by n processes counts 1/n in each, so that
sums over a tree are true. https://docs.kernel.org/filesystems/proc.html (smaps_rollup)
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

_TICKS: Final = os.sysconf("SC_CLK_TCK")
MIB: Final = 1024 * 1024


def pss_bytes(pid: int) -> int:
    """PSS of one process. Raises `ProcessLookupError` when it is gone, `PermissionError` when the
    kernel does not say.
    """
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except FileNotFoundError:
        pass
    raise ProcessLookupError(f"process {pid} is gone")


def memory_bytes(pid: int) -> int:
    """PSS, or the resident size where the kernel keeps PSS from us (the control plane is not
    dumpable).
    """
    try:
        return pss_bytes(pid)
    except PermissionError:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    """Open descriptors; -1 where the kernel does not say."""
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except PermissionError:
        return -1


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads so far, to one tick (10 ms)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def tree(pid: int) -> list[psutil.Process]:
    """The process and all its descendants that live right now."""
    try:
        top = psutil.Process(pid)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def tree_memory_mib(pid: int) -> float:
    """Memory of a process and its descendants."""
    return sum(_quietly(process.pid) for process in tree(pid)) / MIB


def _quietly(pid: int) -> int:
    try:
        return memory_bytes(pid)
    except (ProcessLookupError, FileNotFoundError):
        return 0


def named(processes: Iterable[psutil.Process], part: str) -> list[int]:
    """Pids of the processes whose command line holds `part`."""
    found = []
    for process in processes:
        try:
            if any(part in word for word in process.cmdline()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def confine(pids: Iterable[int], processors: set[int]) -> None:
    """Let the threads of these processes run on `processors` only, and what they start later.
    Processes that are gone are passed over.
    """
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), processors)


def alive(pids: Iterable[int]) -> set[int]:
    """Those of `pids` that run; a zombie does not."""
    found = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.add(pid)
        except OSError:
            continue
    return found
