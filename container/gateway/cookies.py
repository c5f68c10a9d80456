"""The session cookie and its companion."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from .settings import Configuration
from .tokens import Claims, CookieNames, TokenService

LISTED_SECONDS: Final = 300
"""How often a visitor whom a credential of the API has signed in comes by the control plane. The
list that lets them in (`sign_in_records.py`) may be lost, by a full disk or by code of a site:
after so long a page visit has them listed again.
"""


class CookieJar:
    """Writes the cookies of a session.

    `astro_live_session` holds the signed token. `astro_live_fresh` holds nothing and lapses at half
    its life, sooner for a sign-in by a credential of the API; a page visit without it is sent to
    the control plane, which issues both again. So the sign-in slides along, and Envoy need not
    compare times.
    """

    def __init__(self, configuration: Configuration, tokens: TokenService) -> None:
        self._contract = configuration.contract
        self._names = CookieNames.of(configuration.contract)
        self._settings = configuration.settings
        self._tokens = tokens

    def read(self, request: web.Request) -> list[str]:
        """What the browser sent under the cookie's name, in its order: a script may have set
        another one for a longer path.
        """
        pairs = (
            pair.strip()
            for header in request.headers.getall("Cookie", [])
            for pair in header.split(";")
        )
        values = (
            value
            for name, _, value in (pair.partition("=") for pair in pairs)
            if name == self._names.session
        )
        return list(dict.fromkeys(values))

    def clear(self, response: web.StreamResponse, session_id: str) -> None:
        """Have the browser forget both cookies."""
        for name in (self._names.session, self._names.fresh):
            response.headers.add("Set-Cookie", self._line(name, "", session_id, 0))

    def set(self, response: web.StreamResponse, claims: Claims, *, admitted: bool = True) -> None:
        """Add both `Set-Cookie` headers for the session of `claims`. An empty `visitor` of theirs
        is a new one. A visitor who is not `admitted` gets the first alone: the next page visit then
        goes to the control plane of the task that runs the session (`sign_ins.py`).
        """
        session_id, seconds = claims.session_id, self._settings.cookie_seconds
        token, _ = self._tokens.sign(
            "session",
            session_id,
            seconds=seconds,
            epoch=claims.epoch,
            visitor=claims.visitor,
            name=claims.name,
            credential=claims.credential,
            may_post=claims.may_post and self._settings.viewers_may_post,
        )
        response.headers.add(
            "Set-Cookie", self._line(self._names.session, token, session_id, seconds)
        )
        if admitted:
            fresh = min(seconds // 2, LISTED_SECONDS) if claims.credential else seconds // 2
            response.headers.add(
                "Set-Cookie", self._line(self._names.fresh, "1", session_id, fresh)
            )

    def _line(self, name: str, value: str, session_id: str, seconds: int) -> str:
        parts = [
            f"{name}={value}",
            f"Path={self._contract.session_base(session_id)}",
            f"Max-Age={seconds}",
            "HttpOnly",
        ]
        if self._contract.scheme == "https":
            parts.append("Secure")
        if self._settings.cookie_same_site == "none":
            parts += ["SameSite=None", "Partitioned"]
        else:
            parts.append("SameSite=Lax")
        return "; ".join(parts)
