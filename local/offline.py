"""Commands of the offline engine besides `preview` and `up`: operations on a stack, and a place for
other programs.

`operate` runs the real `pulumi` on a stack of this project against the pretend cloud in
`.local/engine`. `serve` runs any command, such as `pulumi up` in a program of one's own, against a
pretend cloud too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from local.engine import ROOT
from local.errors import LocalError
from local.provider.cli import DRIFT, Engine, environment, executable
from local.provider.server import PACKAGES, serve

DIRECTORY: Final = ROOT / ".local" / "engine"
SERVED: Final = ROOT / ".local" / "offline"
OPERATIONS: Final = ("up", "refresh", "drift", "destroy")


def operate(
    operation: str,
    stack: str,
    config: Mapping[str, object],
    directory: Path = DIRECTORY,
    root: Path = ROOT,
) -> int:
    """`up`, `refresh`, `drift` or `destroy` of `stack` by the real engine; its exit code.

    `drift` changes nothing and fails when the pretend cloud differs from the program.
    """
    executable()
    engine = Engine(directory=directory, root=root)
    engine.prepare(stack, config)
    if operation == "drift":
        name, *options = DRIFT
        return engine.operate(name, stack, *options).returncode
    return engine.operate(operation, stack, "--skip-preview").returncode


def run(command: Sequence[str], folder: Path, directory: Path = SERVED) -> int:
    """Run `command` in `folder` so that every `pulumi` in it deploys to the pretend cloud in
    `directory`; its exit code.

    The backend is a folder there too, whatever the caller is logged in to: a real stack must never
    hold resources that do not exist. Raises `LocalError` when the command does not exist.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "state").mkdir(exist_ok=True)
    shell = list(command) or [os.environ.get("SHELL") or "sh"]
    with serve(directory / "cloud.json", folder) as providers:
        variables = environment(directory, providers)
        if not command:
            print(
                f"pulumi deploys to the pretend cloud in {directory} here ({', '.join(PACKAGES)});"
                " `exit` ends it",
                flush=True,
            )
        try:
            return subprocess.run(shell, cwd=folder, env=variables, check=False).returncode
        except OSError as error:
            raise LocalError(
                f"cannot run {shell[0]!r}: {error.strerror}; name a command, as in:"
                " scripts/offline.sh pulumi preview"
            ) from error
