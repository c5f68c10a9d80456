"""Memory of a process and what it started."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection

import psutil

MEBIBYTE = 1024 * 1024


def memory_mib(pid: int, others: Collection[int] = (), *, without_group: int | None = None) -> int:
    """Proportional set size of the tree below `pid` in MiB: pages shared with others count in part. 0 when it is gone.

    `others` are counted with it: processes that it started and that are no longer in its tree. A process group of it that does not
    count is `without_group`. Of a process that may not be looked into (a
    program that can be run but not read, as Node.js in the image) the resident set counts.
    """
    try:
        root = psutil.Process(pid)
        family = {root.pid: root, **{child.pid: child for child in root.children(recursive=True)}}
    except psutil.Error:
        return 0
    for other in others:
        with contextlib.suppress(psutil.Error):
            family.setdefault(other, psutil.Process(other))
    counted = [process for process in family.values() if without_group is None or _group(process) != without_group]
    return sum(map(_bytes, counted)) // MEBIBYTE


def _group(process: psutil.Process) -> int:
    with contextlib.suppress(OSError):
        return os.getpgid(process.pid)
    return 0


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        pass
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
