"""Pages that frame a session: an address that serves them, and the example's editor."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Frame, Page

from tests.node import NODE

from .stack import ROOT, Session
from .visitor import FIRST_VISIT_MS, WAIT_MS

EXAMPLE: Final = ROOT / "examples" / "embed" / "server.mjs"
PARENT: Final = """<!doctype html><iframe id="frame" name="session" width="900" height="600"></iframe>
<script>
  window.heard = [];
  addEventListener("message", ({ data, origin }) => heard.push({ data, origin }));
  window.say = (message) => document.getElementById("frame").contentWindow.postMessage(message, "*");
</script>"""
"""Has no manners: it speaks to anybody and hears everything."""


@contextmanager
def serving(address: str, pages: Mapping[str, str]) -> Iterator[str]:
    """The origin of a server with these pages by path. Frames of it in one another are admitted."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            page = pages.get(path, "").encode()
            self.send_response(200 if page else 404)
            kind = "javascript" if path.endswith(".js") else "html"
            self.send_header("Content-Type", f"text/{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def running_example(session: Session, address: str, port: int, log: Path) -> Iterator[str]:
    """`examples/embed` as it is, for this session; its address."""
    environment = {
        **os.environ,
        "ASTRO_LIVE_API_URL": session.stack.api_url,
        "ASTRO_LIVE_API_TOKEN": session.stack.api_token,
        "HOST": address,
        "PORT": str(port),
        "NODE_TLS_REJECT_UNAUTHORIZED": "0",
        "NO_PROXY": "*",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [NODE, str(EXAMPLE), session.id],
            env=environment, stdout=subprocess.PIPE, stderr=output, text=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.match(r"open (\S+)$", process.stdout.readline())
        assert found, log.read_text()
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def framed(
    browser: Browser, parent: str, session: Session, *, touch: bool = False
) -> Iterator[tuple[Page, Frame]]:
    """A page of `PARENT` with the session signed in, in its frame, and greeted."""
    context = browser.new_context(has_touch=touch)
    try:
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(parent)
        page.evaluate(f"document.getElementById('frame').src = {session.one_time_url()!r}")
        greet(page)
        (frame,) = page.frames[1:2]
        yield page, frame
    finally:
        context.close()


def greet(page: Page) -> dict[str, Any]:
    """Say hello until the page in the frame answers; its answer."""
    page.evaluate("heard.length = 0")
    page.evaluate("window.greeting = setInterval(() => say({ astroLive: 1, type: 'hello' }), 300)")
    page.wait_for_function(
        "heard.some(({ data }) => data.type === 'ready')", timeout=FIRST_VISIT_MS
    )
    page.evaluate("clearInterval(greeting)")
    # Answers to what was said besides have come when this one has.
    return answer(page, {"astroLive": 1, "type": "hello", "id": 1})


def answer(page: Page, command: dict[str, Any]) -> dict[str, Any]:
    """What the page in the frame answers to a command that has an id."""
    page.evaluate("(command) => { heard.length = 0; say(command) }", command)
    found = page.wait_for_function(
        "(id) => heard.find(({ data }) => data.id === id)?.data", arg=command["id"]
    )
    value: dict[str, Any] = found.json_value()
    return value
