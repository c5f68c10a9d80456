"""Starts the whole local stack for a benchmark: `python -m local up`, with TLS and the load
balancer's stand-in.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .gateway import own_address, stop
from .machine import ROOT

START_SECONDS: Final = 180
PORT: Final = 8443


@dataclass(frozen=True, kw_only=True)
class LocalStack:
    """A running local stack."""

    process: subprocess.Popen[bytes]
    origin: str
    api_url: str
    api_token: str
    sites: Path

    def api(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - an address that we made
            f"{self.api_url.rstrip('/')}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.api_token}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=START_SECONDS) as response:  # noqa: S310
            return json.loads(response.read() or b"null")

    def link(self, session_id: str) -> str:
        return str(self.api("POST", f"/sessions/{session_id}/tokens")["url"])


@contextlib.contextmanager
def running(folder: Path, *, config: Mapping[str, object] | None = None) -> Iterator[LocalStack]:
    """The stack in `folder`, ready with its session `demo`; ended afterwards with everything it
    started. `config` are stack settings.
    """
    address, directory, log = own_address(), folder / "stack", folder / "up.log"
    argv = [
        sys.executable,
        "-m",
        "local",
        "up",
        "--directory",
        str(directory),
        "--address",
        address,
    ]
    for key, value in {"publicUrl": f"https://{address}:{PORT}", **(config or {})}.items():
        argv += ["--config", f"{key}={value}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        ready = _ready(process, directory / "ready.json", log)
        yield LocalStack(
            process=process,
            origin=f"https://{address}:{PORT}",
            api_url=ready["api_url"],
            api_token=ready["api_token"],
            sites=Path(ready["site_dir"]).parent,
        )
    finally:
        stop(process, 60)


def _ready(process: subprocess.Popen[bytes], file: Path, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError, ValueError):
            found: dict[str, str] = json.loads(file.read_text())
            return found
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise RuntimeError(f"the local stack did not become ready:\n{tail}")
        time.sleep(0.1)
