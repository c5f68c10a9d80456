"""Child processes as the supervisor sees them: how one is started, signalled with its whole group,
and which there are.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.messages import supervisor as messages

from . import hardening

GROUP_ATTEMPTS: Final = 4


@dataclass(kw_only=True)
class Supervised:
    """A child on behalf of the control plane."""

    process: subprocess.Popen[bytes]
    metadata: messages.ChildMetadata
    descriptors: list[int]
    """Our ends: of the channel (if it has one) and of the output (if captured), in this order."""


def start_child(spawn: messages.Spawn) -> Supervised:
    """Start what a `Spawn` message names."""
    ours: list[int] = []
    theirs: list[int] = []
    channel = -1
    output: int | None = None
    try:
        if spawn.metadata.channel:
            our_end, their_end = socket.socketpair()
            channel = their_end.detach()
            ours.append(our_end.detach())
            theirs.append(channel)
        if spawn.metadata.capture:
            reading, output = os.pipe()
            ours.append(reading)
            theirs.append(output)

        def prepare() -> None:
            hardening.die_with_parent()
            hardening.forbid_new_privileges()
            if channel >= 0:
                os.dup2(channel, 3, inheritable=True)
            if channel >= 0:  # a dev server
                hardening.be_first_to_go()
                hardening.yield_processors(attempts=GROUP_ATTEMPTS)
            if spawn.descriptors:
                hardening.limit_descriptors(spawn.descriptors)
            if spawn.processes:
                hardening.limit_processes(spawn.processes)

        process = subprocess.Popen(
            spawn.argv,
            env=spawn.environment,
            cwd=spawn.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(3,) if channel >= 0 else (),
            preexec_fn=prepare,
        )
    except BaseException:
        for descriptor in ours:
            os.close(descriptor)
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    return Supervised(process=process, metadata=spawn.metadata, descriptors=ours)


def signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def is_operators(pid: int) -> bool:
    """Whether this is the agent of ECS Exec, which an operator's shell depends on; ECS mounts it
    read-only.
    """
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/exe").readlink().is_relative_to("/managed-agents")
    return False


def child_pids() -> list[int]:
    """Our direct children, zombies included."""
    try:
        return [
            int(word)
            for word in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        ]
    except OSError:
        # a kernel without CONFIG_PROC_CHILDREN: PID 1's end ends all in a container anyway
        return []


def kill_orphans(known: Collection[int]) -> None:
    """Kill our children beside `known`, which nobody asked for: they lost their own parent, and
    with it their purpose.

    One that is still in the session of a process in `known` is that one's business.
    """
    for pid in child_pids():
        if pid not in known and not is_operators(pid) and _process_session(pid) not in known:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _process_session(pid: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        return os.getsid(pid)
    return 0


def kill_all(seconds: float) -> None:
    """Kill and reap every child there is, and those that become ours by that, for at most
    `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and child_pids():
        for pid in child_pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.005)
