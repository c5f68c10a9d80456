"""Running other people's commands (pulumi, docker), with a dry run that only prints them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from local.pulumi_cli import INSTALL, search_path
from scripts.release.errors import ReleaseError

INSTALL_HINTS = {
    "pulumi": f"install the Pulumi CLI: {INSTALL}",
    "docker": "install Docker with buildx: https://docs.docker.com/engine/install/",
}


class CommandFailed(ReleaseError):
    """A command exited non-zero. `output` is what it wrote to standard error, where that was
    captured.
    """

    def __init__(self, command: Sequence[str], code: int, output: str = "") -> None:
        self.code, self.output = code, output
        reason = output.strip().splitlines()
        super().__init__(
            f"'{shlex.join(command)}' exited with {code}{': ' + reason[-1] if reason else ''}"
        )


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Runs commands that change something, or only prints them when `dry_run` is set."""

    dry_run: bool = False

    def change(self, *command: str, stdin: str | None = None) -> None:
        """Run a command that changes something. Raises ReleaseError when it is missing or exits
        non-zero.
        """
        print(f"{'would run' if self.dry_run else 'run'}: {shlex.join(command)}", flush=True)
        if not self.dry_run:
            _run(command, capture=False, stdin=stdin)

    def show(self, *command: str) -> None:
        """Run a command that changes nothing, its output shown. Raises ReleaseError
        like `change`.
        """
        print(f"run: {shlex.join(command)}", flush=True)
        _run(command, capture=False)

    def read(self, *command: str) -> str:
        """Standard output of a command that changes nothing; it runs in a dry run too."""
        return _run(command, capture=True)


def _run(command: tuple[str, ...], *, capture: bool, stdin: str | None = None) -> str:
    program = command[0]
    path = search_path()
    if shutil.which(program, path=path) is None:
        raise ReleaseError(
            f"'{program}' is not on PATH; {INSTALL_HINTS.get(program, 'install it')}"
        )
    done = subprocess.run(
        command,
        text=True,
        input=stdin,
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.PIPE if capture else None,
        env={**os.environ, "PATH": path},
    )
    if done.returncode != 0:
        raise CommandFailed(command, done.returncode, done.stderr or "")
    return done.stdout or ""
