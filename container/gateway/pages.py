"""The pages that the gateway itself shows: refusals, the waiting page, a session's error.

A refusal says what the reader can do and nothing about the gateway, the session or why exactly it
was refused. No page loads anything from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import html
from typing import TYPE_CHECKING, Final

from contract.git_secrets import is_loopback

if TYPE_CHECKING:
    from .settings import Configuration

STYLE: Final = (
    ":root{color-scheme:light dark}body{font:16px/1.5"
    " system-ui,sans-serif;max-width:40rem;margin:18vh auto;padding:0 1.5rem}"
    "h1{font-size:1.4rem}p{opacity:.85}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:1rem;border:1px solid"
    " #8886;border-radius:.4rem;font-size:.85rem;"
    "max-height:40vh;overflow:auto}progress{width:100%}small{opacity:.6}"
)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def document(title: str, body: str, script: str = "") -> str:
    """A whole HTML page. `title` is escaped here; `body` is HTML already."""
    tail = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width">'
        '<meta name="robots"'
        f' content="noindex"><title>{html.escape(title)}</title><style>{STYLE}</style></head>'
        f"<body><h1>{html.escape(title)}</h1>{body}{tail}</body></html>"
    )


def page_headers(script: str = "") -> dict[str, str]:
    """Strict headers for the gateway's own pages."""
    scripts = f"script-src '{_digest(script)}'; connect-src 'self'; " if script else ""
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src '{_digest(STYLE)}'; {scripts}base-uri 'none';"
            " form-action 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


_MESSAGES: Final = {
    400: (
        "This address cannot be read",
        "Check the address for extra characters, or open the link that you were given again.",
    ),
    403: (
        "Request from another site",
        (
            "The request came from another site. Open the session in a separate tab, with the link"
            " that you were given."
        ),
    ),
    404: (
        "No session here for you",
        (
            "The address is wrong, or your sign-in is missing, has expired or was ended. A link works"
            " once: it does not sign in a second time. Ask the owner of the session for a new link."
        ),
    ),
    405: (
        "Not allowed",
        (
            "This address answers page visits only. If you have pressed a button in the page: your"
            " link lets you look at the site, and you cannot change anything with it. Ask the owner"
            " of the session for another link."
        ),
    ),
    408: ("The request took too long", "It did not arrive completely in time. Reload the page."),
    413: ("Too large", "The request is larger than the limit. Send less at once."),
    429: (
        "Too many requests",
        "Your address sends more requests than are accepted. Try again in a moment.",
    ),
    431: (
        "Too large",
        ("The request's headers are too long. Clear this site's cookies and open your link again."),
    ),
    502: (
        "The site did not answer",
        "Its server closed the connection. This page tries again by itself.",
    ),
    503: ("Not ready", "The session is starting or busy. This page tries again by itself."),
    504: (
        "The site took too long",
        "Its server did not answer in time. This page tries again by itself.",
    ),
}

PASSING: Final = (429, 502, 503, 504)
"""Troubles that are over in a moment, as a rule: the page that tells of one asks again."""

REFUSALS: Final = {
    status: document(title, f"<p>{html.escape(text)}</p>")
    for status, (title, text) in _MESSAGES.items()
}


def refusal_headers(status: int) -> dict[str, str]:
    headers = page_headers()
    if status in PASSING:
        # Browsers follow `Refresh` on a page that is shown; programs read `Retry-After`.
        headers |= {"Retry-After": "1", "Refresh": "1"}
    return headers


def site_headers(configuration: Configuration) -> dict[str, str]:
    """Headers that every answer of a site gets unless the site sets them itself."""
    ancestors = " ".join(["'self'", *configuration.settings.frame_ancestors])
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Content-Security-Policy": f"frame-ancestors {ancestors}",
    }
    contract, seconds = configuration.contract, configuration.settings.hsts_seconds
    # A browser keeps it for the whole host, all ports: other programs of a developer's machine are
    # on the same loopback host.
    if seconds and contract.scheme == "https" and not is_loopback(contract.public_host):
        headers["Strict-Transport-Security"] = f"max-age={seconds}"
    return headers
