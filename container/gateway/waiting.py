"""The page a visitor sees until the site can be shown, and what it asks meanwhile.

The page holds one question open (`__astro_live/status`), which is answered at each change of the
session; when the session is ready it reloads and so becomes the site by itself.
"""

from __future__ import annotations

import html
import json
from typing import Any, Final

from aiohttp import web

from contract.hmr import HmrContract

from .envoy.routes import OWN_SEGMENT
from .errors import SessionError
from .pages import document, page_headers
from .sessions import Session
from .states import STAGES, State

SCRIPT: Final = """
const base = document.documentElement.dataset.base, el = (id) => document.getElementById(id);
let seen = document.documentElement.dataset.seen, wait = 200;
(async () => {
  for (;;) {
    try {
      const answer = await fetch(base + "status?seen=" + encodeURIComponent(seen), { cache: "no-store", credentials: "same-origin" });
      if (answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error(answer.status);
      const now = await answer.json();
      wait = 200;
      if (now.state === "ready") return location.reload();
      seen = now.seen;
      el("title").textContent = document.title = now.title;
      el("text").textContent = now.text;
      el("stack").textContent = now.stack;
      el("stack").hidden = !now.stack;
      el("bar").hidden = !now.busy;
    } catch {
      await new Promise((done) => setTimeout(done, (wait = Math.min(wait * 2, 5000))));
    }
  }
})();
"""


def fingerprint(session: Session) -> str:
    """Changes whenever the page would look different."""
    return json.dumps(
        [session.starts, session.state.value, session.progress.stage, session.progress.detail]
    )


def status(session: Session, seen: str) -> dict[str, Any]:
    """What the page shows: `{"state", "title", "text", "stack", "busy", "seen"}`."""
    busy = session.state in (State.STARTING, State.STOPPING)
    title, text, stack = "Opening the session", STAGES[session.progress.stage], ""
    if session.progress.detail:
        text = f"{text}: {session.progress.detail}"
    if session.state is State.STOPPED:
        title, text = (
            "The session is asleep",
            "Nobody has used it for a while. Reload this page to wake it.",
        )
    elif session.state in (State.BACKING_OFF, State.FAILED) and session.error is not None:
        title = (
            "The site does not start"
            if session.state is State.FAILED
            else "The dev server stopped; it is started again"
        )
        text = session.error.text
        stack = session.error.stack
    return {
        "state": session.state.value,
        "title": title,
        "text": text,
        "stack": stack,
        "busy": busy,
        "seen": seen,
    }


def waiting_page(session: Session, contract: HmrContract) -> web.Response:
    """The page, answered as 503: nothing may take it for the site."""
    seen = fingerprint(session)
    now = status(session, seen)
    base = contract.session_base(session.id) + OWN_SEGMENT + "/"
    body = (
        f'<p id="text">{html.escape(now["text"])}</p><progress'
        f' id="bar"{"" if now["busy"] else " hidden"}></progress><pre'
        f' id="stack"{"" if now["stack"] else " hidden"}>{html.escape(now["stack"])}</pre><noscript><p>Reload'
        " this page in a few seconds.</p></noscript>"
    )
    text = document(now["title"], body, SCRIPT)
    text = text.replace(
        "<html ", f'<html data-base="{html.escape(base)}" data-seen="{html.escape(seen)}" ', 1
    ).replace("<h1>", '<h1 id="title">', 1)
    return web.Response(status=503, text=text, headers={**page_headers(SCRIPT), "Retry-After": "1"})


def trouble_page(error: SessionError) -> web.Response:
    """A signed-in visitor learns what keeps the session from running."""
    body = f"<p>{html.escape(str(error))}</p>"
    return web.Response(
        status=error.status,
        text=document("The session cannot be opened", body),
        headers={**page_headers(), "Retry-After": "5"},
    )
