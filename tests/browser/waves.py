"""What an open page hears from its server, message by message."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Page, Request, WebSocket

WAVES: Final = ("update", "full-reload", "astro-live:update", "astro-live:reload")
"""Messages by which a page is changed: modules and styles, a reload, its HTML in place, a reload by
its own script.
"""


@dataclass
class Heard:
    """Of one page, from its next navigation on."""

    page: Page
    messages: Counter[str] = field(default_factory=Counter)
    renders: int = 0
    """How often the page has asked for its HTML again, to show it in place."""

    def __post_init__(self) -> None:
        self.page.on("websocket", self._socket)
        self.page.on("request", self._request)

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._message)

    def _message(self, message: str | bytes) -> None:
        payload = json.loads(message)
        kind = payload["event"] if payload["type"] == "custom" else payload["type"]
        if kind in WAVES:
            self.messages[kind] += 1

    def _request(self, request: Request) -> None:
        # The earlier HTML has an address below the base that begins with `@astro-live/`.
        if request.resource_type == "fetch" and request.url == self.page.url.partition("#")[0]:
            self.renders += 1

    def forget(self) -> None:
        self.messages.clear()
        self.renders = 0
