"""What browsers get from the control plane itself: sign-in, cookie renewal, the waiting page,
refusals.

Envoy sends here, over a Unix socket, every request that no running session answers
(`envoy/routes.py`). Nothing is believed because it came that way: the session cookie is verified
again here.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from contract.hmr import is_session_id

from . import pages, waiting
from .cookies import CookieJar
from .elsewhere import Elsewhere
from .envoy.routes import OWN_SEGMENT
from .errors import Crowded, SessionError, TokenError, UnknownSession
from .registry import SessionRegistry
from .service import Service
from .sessions import Session
from .settings import Configuration
from .sign_ins import SignIns
from .states import State
from .telemetry import Telemetry
from .tokens import QUERY_PARAMETER, Claims, TokenService

POLL_SECONDS: Final = 20.0
"""The waiting page's question is answered at the next change, and at the latest after this."""
PART_SECONDS: Final = 30.0
"""How long a script or an image of an open page waits for a session that is starting again. An
answer that it is not ready would break the page for good: a failed module is not asked for again.
"""
EDIT_SECONDS: Final = 1.0
"""How often a site that does not start is looked at for edits, while someone has its error page
open.
"""


def refusal(status: int) -> web.Response:
    """One of the fixed pages that say nothing about why."""
    return web.Response(
        status=status, text=pages.REFUSALS[status], headers=pages.refusal_headers(status)
    )


def _is_part_of_a_page(request: web.Request) -> bool:
    """Whether a browser asks for it on behalf of a page that it shows already."""
    return (
        request.method == "GET" and request.headers.get("sec-fetch-mode", "navigate") != "navigate"
    )


class Front:
    """Handlers of the internal listener."""

    def __init__(
        self,
        configuration: Configuration,
        registry: SessionRegistry,
        tokens: TokenService,
        telemetry: Telemetry,
        service: Service,
        sign_ins: SignIns,
    ) -> None:
        self._sign_ins = sign_ins
        self._elsewhere = Elsewhere(service, registry)
        self._telemetry = telemetry
        self._contract = configuration.contract
        self._registry = registry
        self._tokens = tokens
        self._cookies = CookieJar(configuration, tokens)
        self._limit = configuration.settings.session_connections
        self._visitor_limit = configuration.settings.visitor_connections
        self._waiting: Counter[tuple[str, str]] = Counter()
        """Requests that wait for something of a session, by its id and the visitor; an empty
        visitor stands for all of them.
        """

    def application(self) -> web.Application:
        application = web.Application(
            client_max_size=64 * 1024, handler_args={"auto_decompress": False}
        )
        application.router.add_route("*", "/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        found = self._find(request)
        if found is None:
            return refusal(404)
        session_id, slash, rest = found
        if self._from_another_origin(request, session_id):
            return refusal(403)
        try:
            if QUERY_PARAMETER in request.rel_url.query:
                return await self._hand_off(request, session_id)
            if not self._vouched(request, session_id):
                return refusal(404)
            if not slash:
                return web.Response(
                    status=308, headers={"Location": self._contract.session_base(session_id)}
                )
            return await self._elsewhere.answer(request, session_id) or await self._visit(
                request, session_id, rest
            )
        except (TokenError, UnknownSession):
            return refusal(404)
        except SessionError as error:
            return await self._elsewhere.instead(
                request, session_id, error
            ) or waiting.trouble_page(error)

    def _find(self, request: web.Request) -> tuple[str, bool, str] | None:
        """Session id, whether the path goes on below the session's base, and the rest of the path;
        None when no session is named.
        """
        path = request.rel_url.raw_path
        if self._contract.by_host:
            session_id = self._contract.session_of_authority(request.host)
            return (session_id, True, path[1:]) if session_id else None
        prefix = self._contract.session_prefix + "/"
        session_id, slash, rest = path.removeprefix(prefix).partition("/")
        return (
            (session_id, bool(slash), rest)
            if path.startswith(prefix) and is_session_id(session_id)
            else None
        )

    def _from_another_origin(self, request: web.Request, session_id: str) -> bool:
        """Whether a page of another origin wants to change something. Envoy knows that of running
        sessions only, under host routing.
        """
        origin = request.headers.get("origin")
        safe = request.method in ("GET", "HEAD", "OPTIONS")
        return (
            not safe and origin is not None and origin != self._contract.session_origin(session_id)
        )

    async def _hand_off(self, request: web.Request, session_id: str) -> web.Response:
        """A link with a one-time token: set the cookie, go to the clean address.

        Used up last: a visit that cannot be signed in leaves the link as it was. One that can be
        gets its cookie whatever becomes of the session: the clean address then says what keeps it
        from running, and the visitor need not ask for another link.
        """
        if request.method != "GET":  # a HEAD by a link preview must not use the token up
            return refusal(405 if await self._signed_in(request, session_id) else 404)
        token = request.rel_url.query.getone(QUERY_PARAMETER)
        try:
            claims = self._tokens.verify("link", token, session_id)
            if not await self._registry.known(session_id):
                raise UnknownSession(session_id)
            if claims.epoch != await self._registry.epoch(session_id):
                raise TokenError("token was revoked")
            await self._sign_ins.check(claims)
            signed_in = await self._signed_in(
                request, session_id
            )  # the same visitor with another link
            if signed_in:
                claims = replace(
                    claims, visitor=signed_in.visitor, name=claims.name or signed_in.name
                )
            if not await self._registry.ownership.use_up(claims.token_id, claims.expires_at):
                raise TokenError("token was used before")
            self._telemetry.link_answers.labels("accepted").inc()
        except TokenError:
            self._telemetry.link_answers.labels("refused").inc()
            # A link opened twice in the same browser is no trouble: the cookie from the first time
            # is there.
            signed_in = await self._signed_in(request, session_id)
            if signed_in is None or not await self._registry.known(session_id):
                raise
            claims = signed_in
        query = [
            pair
            for pair in parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
            if pair[0] != QUERY_PARAMETER
        ]
        base = self._contract.session_base(session_id)
        path = request.rel_url.raw_path if request.rel_url.raw_path.startswith(base) else base
        admitted = not claims.credential
        with contextlib.suppress(SessionError):  # said at the clean address
            session = await self._registry.visit(session_id)
            await self._sign_ins.admit(session, claims)
            admitted = admitted or session.state is State.READY
        location = path + ("?" + urlencode(query) if query else "")
        return self._redirect(location, claims, admitted=admitted)

    def _redirect(self, location: str, claims: Claims, *, admitted: bool = True) -> web.Response:
        # One slash only: two would name another host.
        headers = {**pages.page_headers(), "Location": "/" + location.lstrip("/\\")}
        response = web.Response(status=303, headers=headers)
        self._cookies.set(response, claims, admitted=admitted)
        return response

    def _vouched(self, request: web.Request, session_id: str) -> bool:
        """Whether any cookie was signed for this session, in whichever epoch: nobody else makes
        this task ask a disk or a table.
        """
        for token in self._cookies.read(request):
            with contextlib.suppress(TokenError):
                self._tokens.verify("session", token, session_id)
                return True
        return False

    async def _signed_in(self, request: web.Request, session_id: str) -> Claims | None:
        """What a cookie of the name says that is valid in the session's epoch. The disk is asked
        only for what we signed.
        """
        for token in self._cookies.read(request):
            with contextlib.suppress(TokenError):
                claims = self._tokens.verify("session", token, session_id)
                if claims.epoch and claims.epoch == await self._registry.epoch(session_id):
                    await self._sign_ins.check(claims)
                    return claims
        return None

    async def _visit(self, request: web.Request, session_id: str, rest: str) -> web.StreamResponse:
        claims = await self._signed_in(request, session_id)
        if claims is None:
            return refusal(404)
        if claims.credential and (known := await self._registry.get(session_id)):
            await self._sign_ins.admit(known, claims)
        if "upgrade" in request.headers:
            # A socket never starts a session that was stopped: an open tab would keep it alive for
            # ever. One whose task is lost goes on: its pages ask for their socket only.
            if await self._registry.ownership.orphaned(session_id):
                await self._registry.visit(session_id)
            return refusal(503)
        if rest.startswith(OWN_SEGMENT + "/"):
            return await self._own(
                request, await self._registry.get(session_id), rest[len(OWN_SEGMENT) + 1 :], claims
            )
        session = await self._registry.get(session_id)
        if session.state is State.READY:
            # Here for a renewal, or the route came up this very moment: come back with a fresh
            # cookie.
            return self._redirect(request.raw_path, claims)
        session = await self._registry.visit(session_id)
        session.touch()
        if _is_part_of_a_page(request):
            with contextlib.suppress(TimeoutError):
                async with self._among_those_who_wait(claims), asyncio.timeout(PART_SECONDS):
                    if await session.settled() is State.READY:
                        return self._redirect(request.raw_path, claims)
        return waiting.waiting_page(session, self._contract)

    async def _own(
        self, request: web.Request, session: Session, name: str, claims: Claims
    ) -> web.StreamResponse:
        if (name, request.method) == ("sign-out", "POST"):
            return self._sign_out(session.id)
        if (name, request.method) != ("status", "GET"):
            return refusal(404)
        async with self._among_those_who_wait(claims):
            return await self._status(request, session)

    @contextlib.asynccontextmanager
    async def _among_those_who_wait(self, claims: Claims) -> AsyncIterator[None]:
        """One session's visitors do not take all of the connections that the task accepts, nor one
        visitor those of the session.
        """
        session, visitor = (claims.session_id, ""), (claims.session_id, claims.visitor)
        if self._waiting[session] >= self._limit:
            raise Crowded(
                f"{self._limit} requests are already waiting for this session"
                " (ASTRO_LIVE_SESSION_CONNECTIONS). Try again in a moment"
            )
        if self._waiting[visitor] >= self._visitor_limit:
            raise Crowded(
                f"{self._visitor_limit} requests from you are already waiting for this session"
                " (ASTRO_LIVE_VISITOR_CONNECTIONS). Try again in a moment"
            )
        self._waiting.update({session, visitor})
        try:
            yield
        finally:
            self._waiting.subtract({session, visitor})
            for key in (session, visitor):
                if not self._waiting[key]:
                    del self._waiting[key]

    async def _status(self, request: web.Request, session: Session) -> web.Response:
        seen = request.rel_url.query.get("seen", "")
        deadline = time.monotonic() + POLL_SECONDS
        while (current := waiting.fingerprint(session)) == seen and time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EDIT_SECONDS):
                    await session.changed()
            if session.state is State.FAILED and await session.edited_since_failure():
                await self._registry.visit(
                    session.id
                )  # someone has edited the site that did not start: it may start now
        return web.json_response(
            waiting.status(session, current), headers={"Cache-Control": "no-store"}
        )

    def _sign_out(self, session_id: str) -> web.Response:
        """Have this browser forget its cookie. The API's `DELETE …/tokens` ends everybody's,
        wherever they are.
        """
        body = (
            "<p>This browser is signed out of the session. Ask its owner for a new link to come"
            " back.</p>"
        )
        response = web.Response(
            text=pages.document("Signed out", body), headers=pages.page_headers()
        )
        self._cookies.clear(response, session_id)
        return response
