"""A package registry on loopback, with a few packages; those of `@corp` want a login."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from .packages import tarball

TOKEN: Final = "the-token-of-the-tests"
PACKAGES: Final[dict[str, dict[str, dict[str, str]]]] = {
    # name: version: its dependencies
    "tiny": {"1.0.0": {}, "1.0.1": {}},
    "outer": {"1.0.0": {"tiny": "1.0.0"}},
    "@corp/secret": {"1.0.0": {}},
}


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where it is, and who asked for what: path and Authorization header."""

    url: str
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def npmrc(self) -> str:
        """Settings that take everything from here, logged in with the variable `CORP_TOKEN`."""
        return f"registry={self.url}/\n@corp:registry={self.url}/\n{self.url.removeprefix('http:')}/:_authToken=${{CORP_TOKEN}}\n"

    @property
    def yarnrc(self) -> str:
        """The same for yarn 2 and later."""
        scope = (
            f'npmScopes:\n  corp:\n    npmRegistryServer: "{self.url}"\n    npmAuthToken:'
            ' "${CORP_TOKEN}"\n'
        )
        return f'npmRegistryServer: "{self.url}"\nunsafeHttpWhitelist: ["127.0.0.1"]\n{scope}'


def _archives() -> dict[tuple[str, str], bytes]:
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, versions in PACKAGES.items():
            for version, dependencies in versions.items():
                manifest = {
                    "name": name,
                    "version": version,
                    "main": "index.js",
                    "dependencies": dependencies,
                }
                files = {
                    "package.json": json.dumps(manifest),
                    "index.js": f"module.exports = '{name} {version}';\n",
                }
                made[name, version] = tarball(Path(folder) / "package.tgz", files).read_bytes()
    return made


def _document(url: str, name: str, archives: dict[tuple[str, str], bytes]) -> dict[str, Any]:
    versions = {}
    for version, dependencies in PACKAGES[name].items():
        archive = archives[name, version]
        dist = {
            "tarball": f"{url}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz",
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode(),
            "shasum": hashlib.sha1(archive, usedforsecurity=False).hexdigest(),
        }
        versions[version] = {
            "name": name,
            "version": version,
            "main": "index.js",
            "dependencies": dependencies,
            "dist": dist,
        }
    return {
        "name": name,
        "dist-tags": {"latest": max(versions)},
        "versions": versions,
        "time": dict.fromkeys(versions, "2020-01-01T00:00:00Z"),
    }


@contextlib.contextmanager
def running_registry() -> Iterator[Registry]:
    """A registry that runs until the end of the block."""
    archives = _archives()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            path = unquote(self.path.partition("?")[0]).strip("/")
            login = self.headers.get("Authorization")
            registry.asked.append((path, login))
            name, _, file = path.partition("/-/")
            if name not in PACKAGES:
                self.answer(404, b'{"error": "not found"}')
            elif name.startswith("@corp/") and login != f"Bearer {TOKEN}":
                self.answer(401, b'{"error": "a login is needed"}')
            elif file:
                self.answer(200, archives[name, file.rpartition("-")[2].removesuffix(".tgz")])
            else:
                self.answer(200, json.dumps(_document(registry.url, name, archives)).encode())

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry = Registry(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
