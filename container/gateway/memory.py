"""Memory of a process and what it started, from /proc."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

PAGE_KIB: Final = 4


def descendants(pid: int) -> list[int]:
    """`pid` and all processes below it."""
    found, todo = [], [pid]
    while todo:
        current = todo.pop()
        found.append(current)
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{current}/task").iterdir():
                with contextlib.suppress(OSError):
                    todo += [int(word) for word in (thread / "children").read_text().split()]
    return found


def memory_mib(pid: int) -> int:
    """Proportional set size of the tree below `pid` in MiB: pages shared with others count in part. 0 when it is gone."""
    return sum(_pss_kib(each) for each in descendants(pid)) // 1024


def _pss_kib(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KIB
    return 0
