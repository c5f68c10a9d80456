"""Starts the real gateway process for a benchmark, with real dev servers or with the stub, and
talks to it.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from container.gateway.epochs import read_epoch
from container.gateway.programs import node_executable
from container.gateway.settings import NODE_FLAGS
from container.gateway.tokens import QUERY_PARAMETER, CookieNames, SigningKey, TokenService
from contract.api import API_ROOT, READY_PATH
from contract.hmr import HmrContract, Routing

from . import processes
from .machine import ROOT

STUB: Final = [sys.executable, str(Path(__file__).with_name("stub_server.py"))]
WITHOUT: Final = str(Path(__file__).with_name("without.mjs"))
START_SECONDS: Final = 60
_numbers = itertools.count(1)


def runner_without(*parts: Literal["prewarm", "ahead", "memory"]) -> dict[str, str]:
    """Settings of a gateway whose dev servers do without these modules of the runner; without
    `memory`, with V8's own limits too.
    """
    flags = () if "memory" in parts else NODE_FLAGS
    return {
        "ASTRO_LIVE_RUNNER_COMMAND": json.dumps([str(node_executable()), *flags, WITHOUT, *parts])
    }


def own_address() -> str:
    """A loopback address that nothing else uses, so that the standard ports are free on it."""
    high, low = divmod(os.getpid(), 250)
    return f"127.{60 + high % 190}.{low + 1}.{next(_numbers)}"


@dataclass(kw_only=True)
class LiveGateway:
    """A running gateway process."""

    process: subprocess.Popen[bytes]
    address: str
    folder: Path
    contract: HmrContract
    tokens: TokenService
    credential: str

    sites_folder: Path | None = None
    """Of the projects, where several tasks share it; by default in this gateway's own folder."""

    @property
    def sites(self) -> Path:
        return self.sites_folder or self.folder / "sites"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def port(self) -> int:
        return self.contract.session_port

    def api(self, method: str, path: str, body: object = None, *, raw: bytes | None = None) -> Any:
        """Ask the API; the answer as JSON. Raises `RuntimeError` with the answer when it is an
        error.
        """
        connection = http.client.HTTPConnection(self.address, self.contract.api_port, timeout=120)
        try:
            data = raw if raw is not None else None if body is None else json.dumps(body)
            connection.request(
                method,
                API_ROOT + path,
                body=data,
                headers={"Authorization": f"Bearer {self.credential}"},
            )
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}\n{self.tail()}")
        return json.loads(text) if text else None

    def create(self, session_id: str) -> None:
        """Make a session from the starter site and wait until it is ready."""
        state = self.api("POST", "/sessions", {"id": session_id})
        if state["state"] != "ready":
            raise RuntimeError(
                f"session {session_id} is {state['state']}: {state['error']}\n{self.tail()}"
            )

    def cookie(self, session_id: str, *, seconds: int = 7200) -> str:
        """Value of the Cookie header of a browser that is signed in."""
        token, _ = self.tokens.sign(
            "session", session_id, seconds=seconds, epoch=read_epoch(self.sites, session_id)
        )
        names = CookieNames.of(self.contract)
        return f"{names.session}={token}; {names.fresh}=1"

    def link(self, session_id: str) -> str:
        """A one-time link, as the API hands it out."""
        token, _ = self.tokens.sign(
            "link", session_id, seconds=600, epoch=read_epoch(self.sites, session_id)
        )
        return f"{self.contract.session_url(session_id)}?{QUERY_PARAMETER}={token}"

    @property
    def envoy_pid(self) -> int:
        found = processes.named(processes.tree(self.process.pid), "envoy/_bin/envoy")
        if not found:
            raise RuntimeError(f"no Envoy below the gateway\n{self.tail()}")
        return found[0]

    def tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@contextlib.contextmanager
def running(
    folder: Path,
    *,
    stub: bool = False,
    settings: Mapping[str, str] | None = None,
    public_url: str | None = None,
    routing: Routing = "path",
) -> Iterator[LiveGateway]:
    """The gateway in `folder`, ready; ended afterwards whatever happened. `settings` are
    environment variables of the container.

    By host its sessions are at `http://{id}.edit.localhost:4321/`, which the browser must look for
    at the gateway's address.
    """
    address = own_address()
    usual = f"http://{address}:4321" if routing == "path" else "http://edit.localhost:4321"
    contract = HmrContract(public_url=public_url or usual, routing=routing)
    seed, credential = (
        base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        secrets.token_urlsafe(32),
    )
    keys = json.dumps([{"kid": "bench", "seed": seed}])
    for name in ("sites", "scratch"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        **contract.environment(),
        "ASTRO_LIVE_SITES_DIR": str(folder / "sites"),
        "ASTRO_LIVE_SCRATCH_DIR": str(folder / "scratch"),
        "ASTRO_LIVE_BIND_ADDRESS": address,
        "ASTRO_LIVE_SIGNING_KEYS": keys,
        "ASTRO_LIVE_API_TOKEN": credential,
        "ASTRO_LIVE_MAX_SESSIONS": "40",
        **(
            {"ASTRO_LIVE_RUNNER_COMMAND": json.dumps(STUB), "ASTRO_LIVE_WARM_RUNNERS": "0"}
            if stub
            else {}
        ),
        **(settings or {}),
    }
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "container.gateway"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    gateway = LiveGateway(
        process=process,
        address=address,
        folder=folder,
        contract=contract,
        tokens=TokenService(SigningKey.parse_list(keys)),
        credential=credential,
    )
    try:
        _wait(gateway)
        yield gateway
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    """TERM, then KILL."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(gateway: LiveGateway) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        if gateway.process.poll() is not None:
            raise RuntimeError(
                f"the gateway ended with {gateway.process.returncode}:\n{gateway.tail()}"
            )
        with (
            contextlib.suppress(OSError),
            contextlib.closing(
                http.client.HTTPConnection(gateway.address, gateway.contract.api_port, timeout=5)
            ) as connection,
        ):
            connection.request("GET", READY_PATH)
            if connection.getresponse().status == 200:
                return
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"the gateway was not ready after {START_SECONDS} s:\n{gateway.tail()}"
            )
        time.sleep(0.05)
