"""Memory of a process and what it started."""

from __future__ import annotations

import psutil

MEBIBYTE = 1024 * 1024


def memory_mib(pid: int) -> int:
    """Proportional set size of the tree below `pid` in MiB: pages shared with others count in part. 0 when it is gone.

    Of a process that may not be looked into (a program that can be run but not read, as Node.js in the image) the resident set counts.
    """
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(_bytes(process) for process in family) // MEBIBYTE


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        pass
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
