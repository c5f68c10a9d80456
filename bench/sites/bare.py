"""A site as its owner runs it: `astro dev`, with the packages that the session installed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.core.gateway import stop
from container.gateway.programs import node_executable

START_SECONDS: Final = 180


def bare_copy(repo: Path, target: Path) -> None:
    """A copy of the repository with its packages in it: Vite serves no file from outside the
    repository.

    The packages are hard links, so that both sides read the same files and neither pays for reading
    them first.
    """
    shutil.copytree(repo, target, symlinks=True, ignore=shutil.ignore_patterns(".astro"))
    for parent, folders, _files in os.walk(target):
        modules = Path(parent) / "node_modules"
        folders[:] = [name for name in folders if name not in ("node_modules", ".git")]
        if modules.is_symlink() and (packages := modules.resolve()).is_dir():
            modules.unlink()
            shutil.copytree(
                packages,
                modules,
                symlinks=True,
                copy_function=_link,
                ignore=shutil.ignore_patterns(".vite", ".astro"),
            )


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


@dataclass(kw_only=True)
class BareServer:
    """`astro dev` as the site's owner starts it."""

    process: subprocess.Popen[bytes]
    base: str
    port: int
    log: Path

    def wait(self) -> None:
        """Until it answers. Raises `RuntimeError` with its last lines when it ends or takes too
        long.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1),
            ):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"bare astro dev did not start: {self.log.read_text(errors='replace')[-400:]}"
                )
            time.sleep(0.05)


@contextlib.contextmanager
def bare_server(site: Path, folder: Path) -> Iterator[BareServer]:
    """`astro dev` of the site's own packages on a free port; its log and home lie in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    astro = (site / "node_modules" / "astro").resolve()
    program = json.loads((astro / "package.json").read_text())["bin"]["astro"]
    log, home = folder / "bare.log", folder / "bare-home"
    home.mkdir(exist_ok=True)
    environment = {
        "PATH": f"{node_executable().parent}:/usr/bin:/bin",
        "HOME": str(home),
        "ASTRO_TELEMETRY_DISABLED": "1",
    }
    command = [
        str(node_executable()),
        str(astro / program),
        "dev",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=site, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield BareServer(
            process=process, base=f"http://127.0.0.1:{port}{own_base(site)}", port=port, log=log
        )
    finally:
        stop(process)


def own_base(site: Path) -> str:
    """The site's own `base`, where its configuration names one plainly."""
    for config in site.glob("astro.config.*"):
        if found := re.search(
            r"^\s*base:\s*['\"](/[^'\"]*)['\"]", config.read_text(), re.MULTILINE
        ):
            return found[1].rstrip("/") + "/"
    return "/"
