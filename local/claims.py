"""What a run of the local stack claims for itself: the directory `.local/` and its ports."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from local.engine import ROOT
from local.errors import LocalError

DIRECTORY: Final = ROOT / ".local"
"""Where a run keeps its files unless told otherwise."""


class StartError(LocalError):
    """The local stack cannot start: another one runs, a port is taken, or a process did not become
    ready.
    """


def link_command(directory: Path) -> str:
    """The command that gives a sign-in link to the stack that runs in `directory`."""
    return (
        "make link"
        if directory == DIRECTORY
        else f".venv/bin/python -m local link --directory {directory}"
    )


class Claim:
    """The directory, held by at most one run at a time. The kernel lets go of it when the process
    ends, however that happens.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file: TextIO | None = None

    def take(self) -> None:
        """Raises `StartError` that names the process that holds it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        file = (self.directory / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "?"
            file.close()
            raise StartError(
                f"the local stack already runs in {self.directory} (process {holder}):"
                f" `{link_command(self.directory)}` gives a sign-in link to it, Ctrl-C in its"
                " terminal ends it"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        self.ready_file.unlink(missing_ok=True)

    def release(self) -> None:
        self.ready_file.unlink(missing_ok=True)
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def ready_file(self) -> Path:
        return self.directory / "ready.json"

    def write_ready(self, content: Mapping[str, Any]) -> None:
        """Write ready.json in one step: a reader sees all of it or none."""
        part = self.ready_file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, indent=2)
        part.replace(self.ready_file)


def signal_holder(directory: Path, number: signal.Signals) -> None:
    """Send a signal to the run that holds `directory`. Raises `StartError` when none does."""
    try:
        with (directory / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                os.kill(int(file.read()), number)
                return
    except (OSError, ValueError):
        pass
    raise StartError(f"no local stack runs in {directory}; start it with: make up")


def check_ports(addresses: Iterable[tuple[str, int]], what: str) -> None:
    """Raises `StartError` that names the first address that cannot be bound."""
    for address, port in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise StartError(
                        f"port {port} on {address}, which the {what} needs, is taken by another"
                        f" program; end that program (`lsof -i :{port}` or `ss -ltnp` names it) and"
                        " start again"
                    ) from None
                raise StartError(
                    f"the {what} cannot bind {address}:{port}: {error.strerror}"
                ) from None


def loopback_addresses() -> list[str]:
    """`127.0.0.1`, and `::1` where this machine has it: browsers try either for `localhost`."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "::1"]
