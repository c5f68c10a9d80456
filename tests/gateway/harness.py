"""Starts the real gateway process for tests and talks to it as browsers and services do."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from multidict import CIMultiDictProxy

from container.gateway.epochs import read_epoch
from container.gateway.tokens import CookieNames, SigningKey, TokenService
from contract.api import API_ROOT
from contract.hmr import ContractError, HmrContract
from tests.addresses import own_address

ROOT: Final = Path(__file__).resolve().parents[2]
FAKE_RUNNER: Final = [sys.executable, str(Path(__file__).with_name("fake_runner.py"))]
PUBLIC_URL: Final = "https://edit.example.test"
COOKIE, FRESH_COOKIE = "astro_live_session", "astro_live_fresh"
API_TOKEN: Final = "test-credential-0123456789abcdef"
SEED: Final = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
KEYS_JSON: Final = json.dumps([{"kid": "k1", "seed": SEED}])
KEYS: Final = SigningKey.parse_list(KEYS_JSON)
START_SECONDS: Final = 30


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(kw_only=True)
class Gateway:
    """A running gateway process."""

    process: subprocess.Popen[bytes]
    address: str
    sites: Path
    scratch: Path
    log: Path
    tokens: TokenService = field(default_factory=lambda: TokenService(KEYS))
    contract: HmrContract = field(default_factory=lambda: HmrContract(public_url=PUBLIC_URL))

    @property
    def public_url(self) -> str:
        return self.contract.public_url

    @property
    def url(self) -> str:
        return f"http://{self.address}:4321"

    @property
    def api_url(self) -> str:
        return f"http://{self.address}:8080"

    def make_site(self, session_id: str, plan: Mapping[str, Any] | None = None) -> Path:
        """A project folder, and with it a known session."""
        folder = self.sites / session_id
        folder.mkdir(parents=True)
        (folder / "fake.json").write_text(json.dumps(plan or {}))
        return folder

    def cookie(
        self, session_id: str, *, seconds: int = 600, fresh: bool = True, visitor: str = ""
    ) -> dict[str, str]:
        """The Cookie header of a browser that is signed in to `session_id`, each time of another
        visitor unless `visitor` is named.
        """
        token, _ = self.tokens.sign(
            "session",
            session_id,
            seconds=seconds,
            epoch=read_epoch(self.sites, session_id),
            visitor=visitor,
        )
        names = CookieNames.of(self.contract)
        return {"Cookie": f"{names.session}={token}" + (f"; {names.fresh}=1" if fresh else "")}

    async def get(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        data: Any = None,
    ) -> Answer:
        """Ask the session port as a browser does, at the public host; without following redirects
        and without changing the path.
        """
        return await _ask(
            method,
            self.url,
            path,
            {"Host": self.public_url.partition("://")[2], **(headers or {})},
            data,
        )

    async def api(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        data: bytes | None = None,
        token: str | None = API_TOKEN,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the API port with the service credential."""
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await _ask(
            method, self.api_url, path, headers, data if body is None else json.dumps(body).encode()
        )

    async def delete_sessions(self) -> None:
        """Leave room for other sessions."""
        for session in (await self.api("GET", "/api/v1/sessions")).json["sessions"]:
            await self.api("DELETE", f"/api/v1/sessions/{session['id']}")

    async def state(self, session_id: str) -> str:
        answer = await self.api("GET", f"/api/v1/sessions/{session_id}")
        return str(answer.json["state"])

    async def until(self, session_id: str, *states: str, seconds: float = 20) -> None:
        """Wait until the session is in one of `states`."""
        deadline = time.monotonic() + seconds
        while (state := await self.state(session_id)) not in states:
            assert time.monotonic() < deadline, (
                f"{session_id} is {state}, not {' or '.join(states)}\n{self.tail()}"
            )
            await asyncio.sleep(0.05)

    async def start(self, session_id: str, plan: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Make a project, have it started, and return the cookie header for it."""
        self.make_site(session_id, plan)
        answer = await self.api("POST", f"/api/v1/sessions/{session_id}/start")
        assert answer.json.get("state") == "ready", answer.text + self.tail()
        return self.cookie(session_id)

    async def ready(self) -> None:
        """Wait until a visitor would be served."""
        await _until_ready(self)

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        self.process.send_signal(number)
        return self.process.wait(seconds)


async def _ask(method: str, base: str, path: str, headers: Mapping[str, str], data: Any) -> Answer:
    from yarl import URL

    if isinstance(data, bytes):
        data = io.BytesIO(data)
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:
        url = URL(base + path, encoded=True)
        sent = {"Accept-Encoding": "identity", **headers}
        async with session.request(
            method, url, headers=sent, data=data, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())


def environment(address: str, sites: Path, scratch: Path, **extra: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TMPDIR": tempfile.gettempdir(),
        "ASTRO_LIVE_PUBLIC_URL": PUBLIC_URL,
        "ASTRO_LIVE_SITES_DIR": str(sites),
        "ASTRO_LIVE_SCRATCH_DIR": str(scratch),
        "ASTRO_LIVE_BIND_ADDRESS": address,
        "ASTRO_LIVE_SIGNING_KEYS": KEYS_JSON,
        "ASTRO_LIVE_API_TOKEN": API_TOKEN,
        "ASTRO_LIVE_RUNNER_COMMAND": json.dumps(FAKE_RUNNER),
        "ASTRO_LIVE_ENVOY_CONCURRENCY": "1",
        "ASTRO_LIVE_MAX_SESSIONS": "20",
        "ASTRO_LIVE_WARM_RUNNERS": "0",
        **extra,
    }


@contextlib.contextmanager
def running_gateway(
    folder: Path, *, wait: bool = True, launcher: Sequence[str] = (), **extra: str
) -> Iterator[Gateway]:
    """The gateway process in `folder`, ready; ended afterwards, whatever happened. `launcher` is
    put before its command.

    `ASTRO_LIVE_SITES_DIR` in `extra` is a folder of projects that several gateways share.
    """
    sites = Path(extra.get("ASTRO_LIVE_SITES_DIR", folder / "sites"))
    address, scratch, log = own_address(), folder / "scratch", folder / "log"
    folder.mkdir(exist_ok=True)
    sites.mkdir(exist_ok=True)
    scratch.mkdir(exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*launcher, sys.executable, "-m", "container.gateway"],
            cwd=ROOT,
            env=environment(address, sites, scratch, **extra),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    gateway = Gateway(process=process, address=address, sites=sites, scratch=scratch, log=log)
    with contextlib.suppress(ContractError):  # a test of how the gateway refuses it
        gateway.contract = HmrContract.from_environment(
            {"ASTRO_LIVE_PUBLIC_URL": PUBLIC_URL, **extra}
        )
    try:
        if wait:
            asyncio.run(gateway.ready())
        yield gateway
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def _until_ready(gateway: Gateway) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert gateway.process.poll() is None, (
            f"the gateway ended with {gateway.process.returncode}\n{gateway.tail()}"
        )
        with contextlib.suppress(aiohttp.ClientError):
            if (await gateway.api("GET", "/health/ready", token=None)).status == 200:
                return
        assert time.monotonic() < deadline, gateway.tail()
        await asyncio.sleep(0.05)


def private_folder(gateway: Gateway) -> Path:
    """The gateway's folder of sockets and routes, in which its Envoy works. Others of the same run
    stand beside it.
    """
    folders = {Path(f"/proc/{pid}/cwd").resolve() for pid in descendants(gateway.process.pid)}
    (found,) = {folder for folder in folders if folder.name.startswith("gateway-")}
    return found


def descendants(pid: int) -> set[int]:
    """All processes below `pid`, by /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
    found: set[int] = set()
    todo = {pid}
    while todo:
        todo = {child for child, parent in parents.items() if parent in todo} - found
        found |= todo
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of `pids` that still run (zombies do not)."""
    running = set()
    for pid in pids:
        with contextlib.suppress(OSError, IndexError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                running.add(pid)
    return running


async def gone(pids: set[int], seconds: float = 10) -> set[int]:
    """Wait until none of `pids` runs; returns what is left."""
    for _ in range(int(seconds / 0.05)):
        if not alive(pids):
            break
        await asyncio.sleep(0.05)
    return alive(pids)


async def viewer_credential(gateway: Gateway, **members: Any) -> dict[str, Any]:
    """A new credential of the API that lets look at the session `shop`, or what `members` say."""
    body = {"name": "viewer", "scopes": ["view"], "sessions": ["shop"], **members}
    answer = await gateway.api("POST", f"{API_ROOT}/credentials", body=body)
    assert answer.status == 201, answer.text
    return dict(answer.json)


@contextlib.asynccontextmanager
async def websocket(
    gateway: Gateway, path: str, headers: Mapping[str, str]
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A WebSocket through the gateway, with the public Origin unless `headers` has another."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.ws_connect(
            gateway.url + path, headers={"Origin": gateway.public_url, **headers}
        ) as socket,
    ):
        yield socket
