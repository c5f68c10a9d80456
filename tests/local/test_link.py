"""`python -m local link`: another one-time link into a stack that runs (S23)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local import link
from local.errors import LocalError

TOKEN = "Bearer secret"


class Api(BaseHTTPRequestHandler):
    """The part of the API that gives links: for `demo`, to who has the token."""

    def do_POST(self) -> None:
        known = (
            self.path == "/api/v1/sessions/demo/tokens" and self.headers["Authorization"] == TOKEN
        )
        self.send_response(201 if known else 404)
        self.end_headers()
        if "/demoo/" in self.path:
            detail = "session 'demoo' does not exist. Did you mean 'demo'?"
            self.wfile.write(json.dumps({"detail": detail}).encode())
        if known:
            self.wfile.write(
                json.dumps({"url": "https://localhost:8443/session/demo/?t=1"}).encode()
            )

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is not for it."""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Path]:
    """The folder of a stack that is ready."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ready = {
        "session": "demo",
        "api_url": f"http://127.0.0.1:{server.server_port}/api/v1",
        "api_token": "secret",
    }
    (tmp_path / "ready.json").write_text(json.dumps(ready))
    yield tmp_path
    server.shutdown()
    server.server_close()


def test_a_link_is_for_the_session_that_up_opened_or_the_one_that_is_named(stack: Path) -> None:
    assert (
        link.new(directory=stack)
        == link.new("demo", stack)
        == "https://localhost:8443/session/demo/?t=1"
    )


def test_what_stands_in_the_way_is_named(stack: Path, tmp_path: Path) -> None:
    """No such session, no answer, and nothing that runs."""
    with pytest.raises(LocalError, match=r"session 'other': HTTP 404.*POST /sessions"):
        link.new("other", stack)
    with pytest.raises(LocalError, match=r"HTTP 404, session 'demoo' .* Did you mean 'demo'\?$"):
        link.new("demoo", stack)
    ready = json.loads((stack / "ready.json").read_text())
    (stack / "ready.json").write_text(json.dumps({**ready, "api_url": "http://127.0.0.1:1/api/v1"}))
    with pytest.raises(LocalError, match="does not answer"):
        link.new(directory=stack)
    (stack / "ready.json").write_text("{")
    with pytest.raises(LocalError, match="no local stack runs in"):
        link.new(directory=stack)
