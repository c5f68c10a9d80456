"""The session cookie and its companion."""

from __future__ import annotations

from aiohttp import web

from .settings import Configuration
from .tokens import COOKIE, FRESH_COOKIE, TokenService


class CookieJar:
    """Writes the cookies of a session.

    `astro_live_session` holds the signed token. `astro_live_fresh` holds nothing and lapses at half its life; a page visit without
    it is sent to the control plane, which issues both anew. So the sign-in slides along, and Envoy need not compare times.
    """

    def __init__(self, configuration: Configuration, tokens: TokenService) -> None:
        self._contract = configuration.contract
        self._settings = configuration.settings
        self._tokens = tokens

    def set(self, response: web.StreamResponse, session_id: str) -> None:
        """Add both `Set-Cookie` headers for `session_id`."""
        seconds = self._settings.cookie_seconds
        token, _ = self._tokens.sign("session", session_id, seconds=seconds)
        response.headers.add("Set-Cookie", self._line(COOKIE, token, session_id, seconds))
        response.headers.add("Set-Cookie", self._line(FRESH_COOKIE, "1", session_id, seconds // 2))

    def _line(self, name: str, value: str, session_id: str, seconds: int) -> str:
        parts = [f"{name}={value}", f"Path={self._contract.session_base(session_id)}", f"Max-Age={seconds}", "HttpOnly"]
        if self._contract.scheme == "https":
            parts.append("Secure")
        if self._settings.cookie_same_site == "none":
            parts += ["SameSite=None", "Partitioned"]
        else:
            parts.append("SameSite=Lax")
        return "; ".join(parts)
