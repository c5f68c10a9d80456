"""The programs that ours is measured against: configurable-http-proxy (npm), jupyter-server-proxy
(PyPI), bare `astro dev`, bare Envoy.

Each is pinned by a lock file: bench/peers/package-lock.json, bench/peers/requirements.txt,
container/astro/package-lock.json.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from container.gateway.envoy.process import ALLOCATOR
from container.gateway.programs import envoy_executable, node_executable

from .gateway import STUB, own_address, stop
from .machine import ROOT
from .registry import Unavailable

PEERS: Final = ROOT / "bench" / "peers"
VENV: Final = ROOT / ".local" / "bench-peers"
START_SECONDS: Final = 60
UNLIMITED: Final = ("max_connections", "max_pending_requests", "max_requests")
MANY: Final = 100_000
"""In place of Envoy's defaults of 1,024 each, which would refuse WebSockets."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A running peer."""

    name: str
    process: subprocess.Popen[bytes]
    address: str
    port: int
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.address}:{self.port}{self.path}"


@contextlib.contextmanager
def _process(
    argv: Sequence[str], log: Path, *, folder: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that writes to `log`, ended with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process, 5)


@contextlib.contextmanager
def _started(
    name: str,
    argv: Sequence[str],
    *,
    folder: Path,
    address: str,
    port: int,
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    **environment: str,
) -> Iterator[Peer]:
    log = folder / f"{name}.log"
    environment = {"HOME": str(folder), **environment}
    with _process(argv, log, folder=folder, environment=environment) as process:
        wait_for_port(process, address, port, log)
        yield Peer(
            name=name,
            process=process,
            address=address,
            port=port,
            path=path,
            headers=headers or {},
            log=log,
        )


def wait_for_port(process: subprocess.Popen[bytes], address: str, port: int, log: Path) -> None:
    """Return once the port takes connections; `RuntimeError` with the log's end when the process
    ends or takes too long.
    """
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise RuntimeError(f"{process.args!r} did not open {address}:{port}:\n{tail}")
        time.sleep(0.02)


@contextlib.contextmanager
def stub_server(folder: Path) -> Iterator[Peer]:
    """The stub behind the peers, alone."""
    log = folder / "stub.log"
    argv = [*STUB, "--alone"]
    with _process(argv, log, folder=folder, environment=os.environ) as process:
        yield Peer(
            name="stub",
            process=process,
            address="127.0.0.1",
            port=_announced_port(process, r"^port (\d+)$", log),
            log=log,
        )


@contextlib.contextmanager
def configurable_http_proxy(folder: Path, target: str) -> Iterator[Peer]:
    """JupyterHub's proxy, without authentication, everything to `target`."""
    address = own_address()
    program = PEERS / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    if not program.is_file():
        raise Unavailable("configurable-http-proxy is not installed; run scripts/setup.sh test")
    argv = [
        str(node_executable()),
        str(program),
        "--ip",
        address,
        "--port",
        "8000",
        "--api-ip",
        address,
        "--api-port",
        "8001",
    ]
    argv += ["--default-target", target, "--log-level", "error"]
    with _started(
        "configurable-http-proxy",
        argv,
        folder=folder,
        address=address,
        port=8000,
        CONFIGPROXY_AUTH_TOKEN=secrets.token_hex(16),
        NODE_ENV="production",
    ) as peer:
        yield peer


@contextlib.contextmanager
def envoy(folder: Path, target_port: int) -> Iterator[Peer]:
    """The gateway's Envoy with one route to `target_port` and nothing else: no filter, no log, no
    limit, with the gateway's setting of the allocator. WebSockets are upgraded.
    """
    address = own_address()
    extension = "type.googleapis.com/envoy.extensions.filters"
    manager = {
        "@type": f"{extension}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "codec_type": "HTTP1",
        "generate_request_id": False,
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "stub"}}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{extension}.http.router.v3.Router"},
            }
        ],
    }
    endpoint = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": target_port}}}
    listener = {
        "name": "bare",
        "address": {"socket_address": {"address": address, "port_value": 4321}},
        "filter_chains": [
            {
                "filters": [
                    {
                        "name": "envoy.filters.network.http_connection_manager",
                        "typed_config": manager,
                    }
                ]
            }
        ],
    }
    cluster = {
        "name": "stub",
        "load_assignment": {
            "cluster_name": "stub",
            "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}],
        },
        "circuit_breakers": {"thresholds": [dict.fromkeys(UNLIMITED, MANY)]},
    }
    bootstrap = {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
    (folder / "bare-envoy.json").write_text(json.dumps(bootstrap))
    argv = [
        str(envoy_executable()),
        "--config-path",
        "bare-envoy.json",
        "--concurrency",
        "1",
        "--disable-hot-restart",
    ]
    with _started(
        "envoy",
        [*argv, "--log-level", "warning"],
        folder=folder,
        address=address,
        port=4321,
        GLIBC_TUNABLES=ALLOCATOR["GLIBC_TUNABLES"],
    ) as peer:
        yield peer


@contextlib.contextmanager
def jupyter_server_proxy(folder: Path, target_port: int) -> Iterator[Peer]:
    """Jupyter Server with jupyter-server-proxy, with its own token authentication."""
    address, token = own_address(), secrets.token_hex(16)
    argv = [
        str(peers_python()),
        "-m",
        "jupyter_server",
        f"--ServerApp.ip={address}",
        "--ServerApp.port=8888",
        "--ServerApp.open_browser=False",
    ]
    argv += [
        "--ServerApp.allow_root=True",
        "--ServerApp.log_level=ERROR",
        f"--ServerApp.root_dir={folder}",
    ]
    with _started(
        "jupyter-server-proxy",
        argv,
        folder=folder,
        address=address,
        port=8888,
        path=f"/proxy/{target_port}/",
        headers={"Authorization": f"token {token}"},
        JUPYTER_TOKEN=token,
    ) as peer:
        yield peer


def peers_python() -> Path:
    """Python of the peers' own environment, installed from its hashed lock file when that changed.

    Raises `Unavailable` when it cannot be installed.
    """
    python, lock = VENV / "bin" / "python", PEERS / "requirements.txt"
    stamp, digest = VENV / ".stamp", hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    uv = str(Path(sys.executable).with_name("uv"))
    print("   installing bench/peers/requirements.txt", flush=True)
    try:
        subprocess.run(
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)],
            check=True,
            capture_output=True,
            text=True,
        )
        argv = [
            uv,
            "pip",
            "install",
            "--quiet",
            "--no-build",
            "--python",
            str(python),
            "--require-hashes",
            "-r",
            str(lock),
        ]
        subprocess.run(argv, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", "") or str(error)
        raise Unavailable(f"the peers' packages cannot be installed: {detail[-500:]}") from error
    stamp.write_text(digest)
    return python


@contextlib.contextmanager
def astro_dev(folder: Path, site: Path) -> Iterator[Peer]:
    """`astro dev` as its own command line starts it, on the same site, without prefix, gateway or
    runner. It is ready then.
    """
    address = own_address()
    log = folder / "astro-dev.log"
    environment = {
        "ASTRO_TELEMETRY_DISABLED": "1",
        "ASTRO_DISABLE_UPDATE_CHECK": "true",
        "NODE_ENV": "development",
        "HOME": str(folder),
    }
    argv = [
        str(node_executable()),
        str(_astro_program()),
        "dev",
        "--host",
        address,
        "--ignore-lock",
    ]
    with _process(argv, log, folder=site, environment=environment) as process:
        yield Peer(
            name="astro dev",
            process=process,
            address=address,
            port=_announced_port(process, rf"http://{re.escape(address)}:(\d+)/", log),
            log=log,
        )


def _astro_program() -> Path:
    astro = ROOT / "container" / "astro" / "node_modules" / "astro"
    if not (astro / "package.json").is_file():
        raise Unavailable("astro is not installed; run scripts/setup.sh test")
    entry: dict[str, str] = json.loads((astro / "package.json").read_text())["bin"]
    return astro / entry["astro"]


def _announced_port(process: subprocess.Popen[bytes], line: str, log: Path) -> int:
    """The port in the line that the process prints when it is ready: it finds a free one itself."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        text = log.read_text(errors="replace")
        if found := re.search(line, text, re.MULTILINE):
            return int(found[1])
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not become ready:\n{text[-2000:]}")
        time.sleep(0.01)
