"""The local stack as a fixture, and the sessions that tests open in it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.addresses import own_address

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 180
PORT: Final = 8443


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A running local stack: its public origin, its API, and the folder that stands for EFS."""

    origin: str
    address: str
    session_url_pattern: str
    api_url: str
    api_token: str
    sites: Path
    log: Path

    def api(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        raw: bytes | None = None,
    ) -> Any:
        request = urllib.request.Request(
            self.api_url.rstrip("/") + path,
            method=method,
            data=raw if body is None else json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {self.api_token}",
                "content-type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=START_SECONDS) as response:
            return json.loads(response.read() or b"null")

    def session(self, session_id: str) -> Session:
        return Session(stack=self, id=session_id)

    def session_from(self, session_id: str, site: Path) -> Session:
        """Copy a site that has its own packages into a project folder, and start it. Its packages
        are linked, not copied.
        """
        folder = self.sites / session_id
        shutil.copytree(
            site, folder, ignore=shutil.ignore_patterns("node_modules", ".astro", "dist")
        )
        (folder / "node_modules").symlink_to(site / "node_modules")
        answer = self.api("POST", f"/sessions/{session_id}/start")
        assert answer["state"] == "ready", f"{answer}\n{self.log.read_text()[-3000:]}"
        return self.session(session_id)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One session of the stack and its project folder."""

    stack: Stack
    id: str

    @property
    def url(self) -> str:
        return self.stack.session_url_pattern.replace("{id}", self.id)

    @property
    def folder(self) -> Path:
        return self.stack.sites / self.id

    def one_time_url(self) -> str:
        return str(self.stack.api("POST", f"/sessions/{self.id}/tokens")["url"])

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in a file of the project, as an editor on the shared file system would."""
        path = self.folder / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))


@contextlib.contextmanager
def running_stack(
    folder: Path, *, by_host: bool = False, config: tuple[str, ...] = ()
) -> Iterator[Stack]:
    """`python -m local up` in `folder`, ready; ended afterwards with everything it started.
    `config` are values of the stack besides (`KEY=VALUE`).

    Under host routing the browser must find names below `localhost` at the stack's own address
    (`Stack.address`).
    """
    address = own_address()
    routing = ["--config", "routing=host"] if by_host else []
    directory, log = folder / "stack", folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "local",
                "up",
                "--directory",
                directory,
                "--address",
                address,
                "--config",
                f"publicUrl=https://{'edit.localhost' if by_host else address}:{PORT}",
                *routing,
                *(part for value in config for part in ("--config", value)),
            ],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    try:
        ready = _wait_until_ready(process, directory / "ready.json", log)
        parts = urlsplit(ready["session_url"])
        yield Stack(
            origin=f"{parts.scheme}://{parts.netloc}",
            address=address,
            session_url_pattern=ready["session_url_pattern"],
            api_url=ready["api_url"],
            api_token=ready["api_token"],
            sites=Path(ready["site_dir"]).parent,
            log=log,
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def running_gateway(folder: Path) -> Iterator[Stack]:
    """The container's gateway alone, without load balancer and TLS: quicker to start while working
    on the runner.
    """
    address, log, token = own_address(), folder / "gateway.log", "credential-of-the-browser-tests"
    sites = folder / "sites"
    sites.mkdir()
    seed = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    environment = {
        "PATH": os.environ["PATH"],
        "ASTRO_LIVE_PUBLIC_URL": f"http://{address}:4321",
        "ASTRO_LIVE_BIND_ADDRESS": address,
        "ASTRO_LIVE_SITES_DIR": str(sites),
        "ASTRO_LIVE_SCRATCH_DIR": str(folder / "scratch"),
        "ASTRO_LIVE_API_TOKEN": token,
        "ASTRO_LIVE_SIGNING_KEYS": json.dumps([{"kid": "k1", "seed": seed}]),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "container.gateway"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    stack = Stack(
        origin=f"http://{address}:4321",
        address=address,
        session_url_pattern=f"http://{address}:4321/session/{{id}}/",
        api_url=f"http://{address}:8080/api/v1",
        api_token=token,
        sites=sites,
        log=log,
    )
    try:
        _wait_until_healthy(process, f"http://{address}:8080/health/ready", log)
        stack.api("POST", "/sessions", {"id": "demo", "template": "starter"})
        yield stack
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, (
            f"the gateway ended with {process.returncode}:\n{log.read_text()[-3000:]}"
        )
        assert time.monotonic() < deadline, f"the gateway is not ready:\n{log.read_text()[-3000:]}"
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.1)


def _wait_until_ready(process: subprocess.Popen[bytes], file: Path, log: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while not file.is_file():
        assert process.poll() is None, (
            f"the stack ended with {process.returncode}:\n{log.read_text()[-3000:]}"
        )
        assert time.monotonic() < deadline, f"the stack is not ready:\n{log.read_text()[-3000:]}"
        time.sleep(0.1)
    ready: dict[str, str] = json.loads(file.read_text())
    return ready
