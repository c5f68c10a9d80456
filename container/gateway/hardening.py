"""What the operating system is asked to do so that code of a session cannot read the gateway's
secrets.

Sessions run as the gateway's own user. Linux lets a process read `/proc/PID/environ`,
`/proc/PID/mem` and the descriptors of any other process of its user, unless that process is not
dumpable: then those files belong to root (proc(5), "dumpable"). The kernel keeps the environment a
process was started with for as long as it lives, so removing a variable from `os.environ` hides
nothing by itself: the process must be not dumpable *before* its first child exists, and stay so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Final

GROUP_SECONDS: Final = 0.11
"""Between two changes of a group's niceness without privileges: `HZ / 10` in the kernel."""
PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_CHILD_SUBREAPER: Final = 36
PR_SET_NO_NEW_PRIVS: Final = 38

_LIBC: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> None:
    if _LIBC is None:
        return  # a laptop's macOS has no prctl; sessions there are the developer's own
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl({option}, {value}): {os.strerror(code)}")


def protect_memory() -> None:
    """Make this process's memory, environment and descriptors unreadable to other processes of the
    same user.
    """
    _prctl(PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent died, as an init process would, so that
    they can be ended and reaped.
    """
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """In a child, before exec: get `number` when the parent ends in whatever way."""
    _prctl(PR_SET_PDEATHSIG, int(number))


def forbid_new_privileges() -> None:
    """In a child, before exec: setuid programs give nothing more."""
    _prctl(PR_SET_NO_NEW_PRIVS, 1)


def raise_descriptor_limit() -> int:
    """Lift the soft limit on open files to the hard one; return it. An idle WebSocket costs Envoy
    two descriptors.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def limit_descriptors(count: int) -> None:
    """In a child, before exec: at most `count` open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), min(count, hard)))


def limit_processes(count: int) -> None:
    """In a child, before exec: it can start no process or thread while its user has `count`. A user
    with CAP_SYS_RESOURCE has no limit.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    count = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (count, count))


def be_first_to_go(score: int = 500) -> None:
    """In a child, before exec: when memory is short, the kernel ends this process rather than the
    gateway.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(score))


def yield_processors(pid: int = 0, *, niceness: int = 5, attempts: int = 1) -> None:
    """Have a process (0: this one) that leads a session leave the processors to the gateway where
    they are short.

    When several sites start at once, their dev servers take all processors of a task. Without this
    the control plane writes its beat to the ownership table too late then and loses its sessions.
    One dev server on a task with room is not slowed.

    Linux may schedule each session as a separate group ("autogroup", sched(7),
    https://man7.org/linux/man-pages/man7/sched.7.html): unless a cgroup has its processors, as in a
    container, the niceness of a process counts among those of its session only. So the group gets
    it, too. Without privileges that is refused twice within a tenth of a second, for all processes
    together; `attempts` are so far apart.
    """
    with contextlib.suppress(OSError):
        before = os.getpriority(os.PRIO_PROCESS, pid)
        os.setpriority(os.PRIO_PROCESS, pid, max(niceness, before))
    while attempts:
        attempts -= 1
        with contextlib.suppress(OSError):  # no such groups
            try:
                Path(f"/proc/{pid or 'self'}/autogroup").write_text(str(niceness))
            except BlockingIOError:
                if attempts:
                    time.sleep(GROUP_SECONDS)
                continue
        return
