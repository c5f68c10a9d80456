"""Memory of a process and what it started."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from dataclasses import dataclass

import psutil

from .units import MEBIBYTE


@dataclass(frozen=True)
class Allowance:
    """Memory of a process group that does not count: a build's, up to so much. A site says which
    group that is, and need not be right.
    """

    group: int
    mib: int


def memory_mib(pid: int, others: Collection[int] = (), *, build: Allowance | None = None) -> int:
    """Proportional set size of the tree below `pid` in MiB: pages shared with others count in part.
    0 when it is gone.

    `others` are counted with it: processes that it started and that are no longer in its tree; the
    group of `build` only with what is above its allowance. Of a process that may not be looked into
    (a program that can be run but not read, as Node.js in the image) the resident set counts.
    """
    try:
        root = psutil.Process(pid)
        family = {root.pid: root, **{child.pid: child for child in root.children(recursive=True)}}
    except psutil.Error:
        return 0
    for other in others:
        with contextlib.suppress(psutil.Error):
            family.setdefault(other, psutil.Process(other))
    apart = [
        process
        for process in family.values()
        if build is not None and build.group != pid and _group(process) == build.group
    ]
    total = sum(_bytes(process) for process in family.values() if process not in apart)
    if build is not None:
        total += max(0, sum(map(_bytes, apart)) - build.mib * MEBIBYTE)
    return total // MEBIBYTE


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
