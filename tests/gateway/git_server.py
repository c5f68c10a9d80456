"""A Git server for tests: `git http-backend`, the real one, behind a small HTTP server on loopback,
and servers that behave badly.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.addresses import own_address

USER, PASSWORD = "agent", "pass-word-0123456789"
COMMITTER: Final = {
    "GIT_AUTHOR_NAME": "Somebody", "GIT_AUTHOR_EMAIL": "somebody@example.test",
    "GIT_COMMITTER_NAME": "Somebody", "GIT_COMMITTER_EMAIL": "somebody@example.test",
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "HOME": "/nonexistent",
    "PATH": os.environ["PATH"], "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8",
}  # fmt: skip


def git_reason() -> str:
    """Why these tests cannot run here; empty when they can."""
    if shutil.which("git") is None:
        return "this machine has no git program"
    folder = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True)
    if not (Path(folder.stdout.strip()) / "git-http-backend").exists():
        return "this machine's git has no http-backend"
    text = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = (int(part) for part in text.split()[2].split(".")[:2])
    return "" if (major, minor) >= (2, 38) else f"{text.strip()} is older than 2.38"


def git(folder: Path, *arguments: str, data: bytes = b"", check: bool = True) -> str:
    """A developer's git."""
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder, env=COMMITTER, input=data, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    if check and done.returncode:
        raise AssertionError(f"git {arguments}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "replace").strip()


@dataclass
class GitServer:
    """A running server, and the folder of its bare repositories."""

    folder: Path
    address: str
    port: int
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Authorization of each request."""
    needs_credential: bool = False
    requests: list[bytes] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    """While it is not set, packs are not sent."""
    held: threading.Event = field(default_factory=threading.Event)
    """A client waits for one."""

    @property
    def host(self) -> str:
        return f"{self.address}:{self.port}"

    def url(self, name: str) -> str:
        return f"http://{self.host}/{name}.git"

    def make(self, name: str, files: Mapping[str, str | bytes], message: str = "first") -> Path:
        """A repository with one commit, and a developer's clone of it."""
        bare, clone = self.folder / f"{name}.git", self.folder / f"{name}-clone"
        self.folder.mkdir(exist_ok=True)
        git(self.folder, "init", "-q", "--bare", str(bare))
        git(bare, "config", "http.receivepack", "true")
        git(self.folder, "init", "-q", str(clone))
        git(clone, "remote", "add", "origin", str(bare))
        self.commit(name, files, message)
        return clone

    def commit(self, name: str, files: Mapping[str, str | bytes | None], message: str) -> str:
        """Somebody else's commit, pushed."""
        clone = self.folder / f"{name}-clone"
        if git(clone, "ls-remote", "origin", "main"):
            git(clone, "pull", "-q", "--ff-only", "origin", "main")
        for path, content in files.items():
            target = clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                target.unlink()
            else:
                target.write_bytes(content.encode() if isinstance(content, str) else content)
        git(clone, "add", "-A", "-f")
        git(clone, "commit", "-q", "-m", message)
        git(clone, "push", "-q", "origin", "HEAD:main")
        return git(clone, "rev-parse", "HEAD")

    def tip(self, name: str, branch: str = "main") -> str:
        return git(self.folder / f"{name}.git", "rev-parse", f"refs/heads/{branch}")

    def show(self, name: str, path: str, branch: str = "main") -> str:
        return git(self.folder / f"{name}.git", "show", f"{branch}:{path}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _much(self, *, endless: bool) -> None:
        """References without an end; or 32 MiB of them that are sent as some kilobytes, which is
        not asked for.
        """
        media = "application/x-git-upload-pack-advertisement"
        if not endless:
            packed = gzip.compress(b"001e# service=git-upload-pack\n0000" + b"0" * (32 << 20))
            self._send(200, {"Content-Type": media, "Content-Encoding": "gzip"}, packed)
            return
        self.send_response(200)
        self.send_header("Content-Type", media)
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(40):
                self.wfile.write(b"0000" * (1 << 18))
        self.close_connection = True

    def _answer(self) -> None:
        state, body = self.server.state, self._body()
        path, _, query = self.path.partition("?")
        given = self.headers.get("Authorization", "")
        state.seen.append((self.command, self.path, given))
        name = path.split("/")[1]
        if name == "hang.git":
            time.sleep(3600 if not self.server.ended.wait(3600) else 0)
            return
        if name.startswith("inward"):
            self._send(302, {"Location": "http://169.254.169.254/latest/meta-data"}, b"")
            return
        if name == "odd.git":
            self._send(302, {"Location": "mailto:x/info/refs"}, b"")
            return
        if name in ("endless.git", "bomb-answer.git"):
            self._much(endless=name == "endless.git")
            return
        if name.startswith("renamed"):
            target = self.path.replace("renamed", "site")
            self._send(301, {"Location": target}, b"")
            return
        if name == "page.git":
            self._send(200, {"Content-Type": "text/html"}, b"<h1>Sign in</h1>")
            return
        if name == "junk.git":
            media = "application/x-git-upload-pack-advertisement"
            self._send(200, {"Content-Type": media}, b"zzzz not a packet")
            return
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if state.needs_credential and given != wanted:
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
            return
        if self.command == "POST" and not state.hold.is_set():
            state.held.set()
            state.hold.wait(120)
        status, headers, answer = _backend(state.folder, self.command, path, query, self, body)
        self._send(status, headers, answer)


def _backend(
    folder: Path, method: str, path: str, query: str, handler: _Handler, body: bytes
) -> tuple[int, dict[str, str], bytes]:
    environment = {
        **COMMITTER, "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1", "REQUEST_METHOD": method,
        "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": USER, "REMOTE_ADDR": "127.0.0.1",
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
    }  # fmt: skip
    done = subprocess.run(
        ["git", "http-backend"], env=environment, input=body, capture_output=True, timeout=60, check=False
    )  # fmt: skip
    head, _, answer = done.stdout.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode().splitlines():
        key, _, value = line.partition(": ")
        headers[key] = value
    status = int(headers.pop("Status", "200").split()[0])
    return status, headers, answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: GitServer
    ended: threading.Event


@contextlib.contextmanager
def git_server(folder: Path) -> Iterator[GitServer]:
    """A server of the repositories in `folder`, on a separate address."""
    address = own_address()
    server = _Server((address, 0), _Handler)
    server.ended = threading.Event()
    server.state = GitServer(folder, address, server.server_address[1])
    server.state.hold.set()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.state
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
