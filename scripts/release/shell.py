"""Running other people's commands (pulumi, docker), with a dry run that only prints them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import dataclass

from scripts.release.errors import ReleaseError

INSTALL_HINTS = {
    "pulumi": "install the Pulumi CLI: https://www.pulumi.com/docs/install/",
    "docker": "install Docker with buildx: https://docs.docker.com/engine/install/",
}


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Runs commands that change something, or only prints them when `dry_run` is set."""

    dry_run: bool = False

    def change(self, *command: str, stdin: str | None = None) -> None:
        """Run a command that changes something. Raises ReleaseError when it is missing or exits non-zero."""
        print(f"{'would run' if self.dry_run else 'run'}: {shlex.join(command)}", flush=True)
        if not self.dry_run:
            _run(command, capture=False, stdin=stdin)

    def read(self, *command: str) -> str:
        """Standard output of a command that changes nothing; it runs in a dry run too."""
        return _run(command, capture=True)


def _run(command: tuple[str, ...], *, capture: bool, stdin: str | None = None) -> str:
    program = command[0]
    if shutil.which(program) is None:
        raise ReleaseError(f"'{program}' is not on PATH; {INSTALL_HINTS.get(program, 'install it')}")
    done = subprocess.run(
        command, text=True, input=stdin, stdout=subprocess.PIPE if capture else None, stderr=subprocess.PIPE if capture else None
    )
    if done.returncode != 0:
        reason = (done.stderr or "").strip().splitlines()
        raise ReleaseError(f"'{shlex.join(command)}' exited with {done.returncode}{': ' + reason[-1] if reason else ''}")
    return done.stdout or ""
