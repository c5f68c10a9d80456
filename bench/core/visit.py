"""What a browser does at a session, without a browser: pages over HTTP, the waiting page's
questions, the HMR WebSocket.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from .gateway import LiveGateway

PATIENCE_SECONDS: Final = 120.0
WAITING: Final = re.compile(r'data-seen="([^"]*)"')
RESOURCE: Final = re.compile(
    r'(?:src|href|component-url|renderer-url|before-hydration-url)="([^"]+)"'
)
HMR_TOKEN: Final = re.compile(r'wsToken\s*=\s*"([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer, read whole."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(kw_only=True)
class Visitor:
    """Someone who is signed in to a session, over one kept-alive connection."""

    host: str
    port: int
    base: str
    cookie: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(
            self.host, self.port, timeout=PATIENCE_SECONDS
        )

    @classmethod
    def of(cls, live: LiveGateway, session_id: str) -> Visitor:
        return cls(
            host=live.address,
            port=live.port,
            base=live.contract.session_base(session_id),
            cookie=live.cookie(session_id),
            origin=live.contract.public_url,
        )

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def get(self, path: str = "", *, absolute: bool = False) -> Answer:
        """A page visit, with the headers of a navigation. A connection that was closed meanwhile is
        opened again.
        """
        headers = {
            "Accept": "text/html",
            "Sec-Fetch-Mode": "navigate",
            **({"Cookie": self.cookie} if self.cookie else {}),
        }
        for attempt in range(2):
            try:
                self._connection.request(
                    "GET", path if absolute else self.base + path, headers=headers
                )
                answer = self._connection.getresponse()
                return Answer(status=answer.status, body=answer.read())
            except (http.client.HTTPException, OSError):
                self._connection.close()
                if attempt:
                    raise
        raise AssertionError("unreachable")

    def first_page(self) -> tuple[float, float]:
        """Visit a session that does not run: seconds until it is ready, and until its first page is
        there.

        Follows the waiting page as its own script does. Raises `RuntimeError` when the session
        fails.
        """
        began = time.monotonic()
        page = self.get()
        while page.status == 503:
            found = WAITING.search(page.text)
            seen = found[1].replace("&quot;", '"') if found else ""
            answer = self.get("__astro_live/status?seen=" + quote(seen))
            if answer.status == 200:
                state = json.loads(answer.body)["state"]
                if state in ("failed", "backing-off"):
                    raise RuntimeError(f"the session is {state}: {answer.text[:500]}")
                if state != "ready":
                    page = Answer(
                        status=503,
                        body=(
                            f'data-seen="{json.loads(answer.body)["seen"].replace(chr(34), "&quot;")}"'.encode()
                        ),
                    )
                    continue
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise RuntimeError(f"no page after {PATIENCE_SECONDS:.0f} s")
            ready = time.monotonic()
            page = self.get()
        if page.status != 200 or b"</html>" not in page.body:
            raise RuntimeError(
                f"the first page was answered with {page.status}: {page.text[:300]!r}"
            )
        return ready - began, time.monotonic() - began

    @contextlib.contextmanager
    def socket(self, path: str = "_hmr") -> Iterator[ClientConnection]:
        """The HMR WebSocket, opened as Vite's client opens it: with the token from the client's own
        script.
        """
        script = self.get("@vite/client").text
        token = found[1] if (found := HMR_TOKEN.search(script)) else ""
        with connect(
            f"ws://{self.host}:{self.port}{self.base}{path}?token={token}",
            subprotocols=[Subprotocol("vite-hmr")],
            additional_headers={"Cookie": self.cookie} if self.cookie else {},
            origin=Origin(self.origin) if self.origin else None,
            open_timeout=30,
            max_size=None,
            compression=None,
            user_agent_header=None,
        ) as socket:
            yield socket

    def load_pages(self) -> None:
        """The first page with everything it names, and a second page. Raises `RuntimeError` on a
        page that is not answered with 200.
        """
        first = self.get()
        if first.status != 200:
            raise RuntimeError(f"the page was answered with {first.status}: {first.text[:200]!r}")
        for path in dict.fromkeys(RESOURCE.findall(first.text)):
            if path.startswith("/") and not path.startswith("//"):
                self.get(path.replace("&#38;", "&").replace("&amp;", "&"), absolute=True)
        self.get("notes/write-here")
