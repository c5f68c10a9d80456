"""Child processes: own process group, allow-listed environment, staged stop.

Every child leads a process group of its own, so that what it started is ended with it. Stop has two stages, TERM and KILL, each for
the whole group and each with a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import hardening

TERM_SECONDS: Final = 5.0
"""From TERM to KILL. A dev server needs 0.07 s; a site's own shutdown handlers may need more."""

PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "npm_config_registry",
)
"""Variables of the container that children may see. Everything else, AWS credentials and the gateway's secrets included, stays out."""


def child_environment(environment: Mapping[str, str], **extra: str) -> dict[str, str]:
    """The allow-list applied to `environment`, and what the gateway adds."""
    return {name: environment[name] for name in PASSED_ON if name in environment} | extra


@dataclass(kw_only=True)
class Child:
    """A running child and the parent's end of its channel (descriptor 3 of the child), if it has one."""

    name: str
    process: asyncio.subprocess.Process
    channel: socket.socket | None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    async def wait(self) -> int:
        """Wait for the end; negative is the number of the signal that ended it."""
        return await self.process.wait()

    def signal_group(self, number: signal.Signals) -> bool:
        """Signal the whole group. False when nothing is left of it."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    async def stop(self, *, term_seconds: float = TERM_SECONDS) -> int:
        """TERM, then KILL, to the whole group. Returns the exit status. Safe to call again."""
        self.close_channel()
        if self.running:
            self.signal_group(signal.SIGTERM)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.process.wait()), term_seconds)
        # Also when the leader ended by itself: what it started may live on in its group.
        self.signal_group(signal.SIGKILL)
        return await self.process.wait()

    def close_channel(self) -> None:
        if self.channel is not None:
            self.channel.close()
            self.channel = None


def _prepare(channel: socket.socket | None, descriptors: int) -> None:
    """In the child, between fork and exec."""
    import resource

    hardening.die_with_parent()
    hardening.forbid_new_privileges()
    if channel is not None:
        if channel.fileno() == 3:
            os.set_inheritable(3, True)
        else:
            os.dup2(channel.fileno(), 3, inheritable=True)
    if descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


async def spawn(
    name: str,
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: Path,
    with_channel: bool = False,
    capture: bool = False,
    descriptors: int = 0,
) -> Child:
    """Start a child. `capture` gives its output as `process.stdout`; otherwise it shares ours. `descriptors` caps its open files."""
    ours, theirs = socket.socketpair() if with_channel else (None, None)
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if capture else None,
            stderr=asyncio.subprocess.STDOUT if capture else None,
            start_new_session=True,
            # Descriptor 3 is set up in `_prepare`, after which close_fds would close it: hence pass_fds.
            pass_fds=(3,) if theirs is not None else (),
            preexec_fn=lambda: _prepare(theirs, descriptors),
        )
    except BaseException:
        if ours is not None:
            ours.close()
        raise
    finally:
        if theirs is not None:
            theirs.close()
    if ours is not None:
        ours.setblocking(False)
    return Child(name=name, process=process, channel=ours)
