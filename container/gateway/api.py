"""The REST API and the health checks on port 8080. `openapi.py` describes them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from contract.api import API_ROOT, LIVE_PATH, READY_PATH

from . import metrics, openapi
from .access import CALLER, CREDENTIAL, check
from .agents.endpoint import McpEndpoint
from .audit import Audit
from .bodies import flag, model_body, query
from .builds_api import BuildsApi
from .caller_limit import CallerLimit
from .changes_api import ChangesApi
from .changing import Changing
from .checkpointing import Checkpoints
from .checkpoints_api import CheckpointsApi
from .codes import ERRORS_PATH, Code
from .credentials.keyring import Keyring
from .credentials_api import CredentialsApi
from .elsewhere import Elsewhere, over_socket
from .errors import GatewayError, RunnerError, SessionError, Unauthorised
from .events_api import EventsApi
from .files_api import FilesApi
from .git_api import GitApi
from .git_models import CreateRequest
from .heads import check_head
from .health import Health
from .once.guard import Once
from .once.store import OnceStore
from .parse_errors import with_expect
from .peers.headers import ANSWERED, FROM_PEER
from .presence import viewer_name
from .problems import of_http, page, problem
from .registry import Fill, SessionRegistry, nothing
from .run_models import ChangeRequest, TokenRequest
from .service import CUT_OFF_PATH, PEERS_PREFIX, Service
from .session_options import options_with
from .sessions import Session
from .settings import Configuration
from .standing import STANDING, Standing
from .states import State
from .suggestions import Suggestions, nearest_path
from .telemetry import Telemetry
from .tokens import LONGEST_NAME, QUERY_PARAMETER, TokenService
from .units import MEBIBYTE
from .verdict import Verdicts

CLIENT_LEFT: Final = 499
"""Status of an answer that nobody gets, as nginx notes it in its log."""
FOLLOW_SECONDS: Final = 5.0
"""How often a log that says nothing is left to see whether its reader is still there."""
OPEN_PATHS: Final = (LIVE_PATH, READY_PATH, ERRORS_PATH)
"""They need no credential."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)


async def _anonymous(request: web.Request, response: web.StreamResponse) -> None:
    """Nobody needs to know what answers, and in which version; another task has to know that it is
    not Envoy.
    """
    response.headers["Server"] = "astro-live"
    if FROM_PEER in request.headers and over_socket(request):
        response.headers[ANSWERED] = "1"


class Api:
    """Handlers of the API listener."""

    def __init__(
        self,
        configuration: Configuration,
        registry: SessionRegistry,
        tokens: TokenService,
        health: Health,
        telemetry: Telemetry,
        service: Service,
        keyring: Keyring,
        kept: OnceStore,
    ) -> None:
        """`kept` has what is known of requests with an `Idempotency-Key`."""
        self._service = service
        self._elsewhere = Elsewhere(service, registry)
        self._configuration = configuration
        self._registry = registry
        self._tokens = tokens
        self._health = health
        self._telemetry = telemetry
        self._keyring = keyring
        self._audit = Audit(telemetry.event)
        self._running = CallerLimit()
        self._suggestions = Suggestions(registry.storage, configuration.settings)
        self._seconds = configuration.settings.request_timeout_seconds
        self._once = Once(
            kept,
            service.ownership,
            self._refusal,
            seconds=self._seconds,
            largest=configuration.settings.max_file_mib * MEBIBYTE,
        )

    def application(self, *outer: Middleware) -> web.Application:
        """`outer` stands before the API's own middleware."""
        limit = self._configuration.settings.max_file_mib * MEBIBYTE
        application = web.Application(middlewares=[*outer, self._guard], client_max_size=limit)
        session = API_ROOT + "/sessions/{id}"
        verdicts = Verdicts(self._registry)
        agents = McpEndpoint(self._configuration, self._registry, self._tokens)
        application.cleanup_ctx.append(agents.lifetime)
        application.cleanup_ctx.append(self._once.lifetime)
        environment = self._registry.environment
        changing = Changing(environment, self._registry.cleaner)
        checkpoints = Checkpoints(environment, changing)
        self._git = GitApi(self._registry, environment, changing, checkpoints, verdicts)
        application.on_response_prepare.append(_anonymous)
        routes = with_expect(
            [
                web.get(LIVE_PATH, self._live),
                web.get(READY_PATH, self._ready),
                web.get("/metrics", self._metrics),
                web.get(CUT_OFF_PATH, self._cut_off),
                *self._service.routes_for_peers(),
                web.get(ERRORS_PATH, self._errors),
                web.get(f"{API_ROOT}/openapi.json", self._describe),
                web.get(f"{API_ROOT}/sessions", self._list),
                web.post(f"{API_ROOT}/sessions", self._create),
                web.get(session, self._show),
                web.patch(session, self._change),
                web.delete(session, self._delete),
                web.post(session + "/start", self._start),
                web.post(session + "/restart", self._restart),
                web.post(session + "/stop", self._stop),
                *BuildsApi(self._registry, self._registry.environment).routes(session),
                web.post(session + "/tokens", self._token),
                web.delete(session + "/tokens", self._revoke),
                web.get(session + "/logs", self._logs),
                *FilesApi(self._registry, self._registry.environment).routes(session),
                *ChangesApi(
                    self._registry,
                    environment,
                    self._registry.cleaner,
                    verdicts,
                    changing,
                    checkpoints,
                ).routes(session),
                *CheckpointsApi(self._registry, checkpoints, verdicts, self._seconds).routes(
                    session
                ),
                *self._git.routes(session),
                *verdicts.routes(session),
                *EventsApi(self._registry).routes(session),
                *agents.routes(session),
                *CredentialsApi(
                    self._keyring, self._seconds, environment.settings.git_secret_names
                ).routes(),
            ]
        )
        application.router.add_routes(routes)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the credential before anything else, turn every error into a problem, and log the
        call where the client has sent it to.
        """
        began, response = time.monotonic(), None
        try:
            response = await self._answer(request, handler)
            return response
        except ConnectionResetError:
            # The client has left while it sent its body, or read an answer. aiohttp would log that
            # as an error with a stack. Nobody gets this response.
            return web.Response(status=CLIENT_LEFT)
        finally:
            if not self._elsewhere.from_peer(request):
                self._audit.record(request, response, began)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if not self._elsewhere.from_peer(request):
                check_head(request)
            if request.path not in OPEN_PATHS:
                await self._admit(request)
            if request.path.startswith(PEERS_PREFIX) and not over_socket(request):
                raise web.HTTPNotFound
            with self._running.counted(request.get(CALLER)):
                return await self._handled(request, handler)
        except ConnectionResetError:
            raise
        except Exception as error:
            await self._suggestions.add(error, request)
            if refusal := self._refusal(error, request):
                return refusal
            log.exception("the API failed on %s %s", request.method, request.path)
            detail = "the gateway failed; its log says why"
            return problem(Code.INTERNAL, detail, request=request)

    def _refusal(self, error: Exception, request: web.Request) -> web.Response | None:
        """The answer for an error of a handler; None for one that nobody raises on purpose."""
        match error:
            case SessionError():
                return problem(error.code, str(error), request=request, details=error.details)
            case web.HTTPRequestEntityTooLarge():
                limit = self._configuration.settings.max_file_mib
                return problem(
                    Code.TOO_LARGE,
                    f"the body is larger than {limit} MiB, the limit (ASTRO_LIVE_MAX_FILE_MIB)",
                    request=request,
                )
            case web.HTTPNotFound():
                return of_http(error, request, nearest_path(request.rel_url.raw_path))
            case web.HTTPException():
                return of_http(error, request)
            case RunnerError():
                return problem(error.problem_code, error.text, request=request)
            case GatewayError():
                return problem(Code.INTERNAL, str(error), request=request)
        return None

    async def _handled(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """By the session's owner, or by a task with room where a session is to be started and there
        is none here.
        """
        if request.path.startswith(PEERS_PREFIX):
            return await handler(request)
        if "id" in request.match_info and (
            answer := await self._elsewhere.answer_api(request, request.match_info["id"])
        ):
            return answer

        async def carried_out(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except SessionError as error:  # before it becomes the answer to a key
                await self._suggestions.add(error, request)
                raise

        try:
            return await self._once.answer(request, carried_out)
        except SessionError as error:
            if answer := await self._elsewhere.instead_api(request, error):
                return answer
            raise

    async def _admit(self, request: web.Request) -> None:
        """Say who sends the request, and raise unless they may."""
        values = request.headers.getall("Authorization", [])
        scheme, _, credential = values[0].partition(" ") if len(values) == 1 else ("", "", "")

        async def admit() -> None:
            caller = (
                await self._keyring.caller(credential.strip())
                if scheme.lower() == "bearer"
                else None
            )
            if caller is None:
                raise Unauthorised(
                    "send one valid credential: 'Authorization: Bearer <ASTRO_LIVE_API_TOKEN>', or"
                    " one that POST /api/v1/credentials has made"
                )
            request[CALLER], request[CREDENTIAL] = caller, credential.strip()
            check(request, caller)

        await admit()
        request[STANDING] = Standing(admit)

    # Health

    async def _live(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def _ready(self, _request: web.Request) -> web.Response:
        """503 when a visitor would not be served; 200 otherwise, with what fails all the same (a
        full disk) among the problems.
        """
        reasons, warnings = await asyncio.gather(self._health.problems(), self._health.warnings())
        status = "not ready" if reasons else "degraded" if warnings else "ready"
        return web.json_response(
            {"status": status, "problems": [*reasons, *warnings]}, status=503 if reasons else 200
        )

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=metrics.render(self._telemetry), headers={"Content-Type": metrics.CONTENT_TYPE}
        )

    async def _cut_off(self, _request: web.Request) -> web.Response:
        """For other tasks: whether this one reaches the ownership table."""
        return web.json_response({"cut_off": self._service.cut_off})

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.json_response(openapi.document())

    async def _errors(self, _request: web.Request) -> web.Response:
        return page()

    # Sessions

    async def _session(self, request: web.Request) -> Session:
        return await self._registry.get(request.match_info["id"])

    async def _list(self, request: web.Request) -> web.Response:
        """All sessions of the service; of a peer's request those that run here."""
        if self._elsewhere.from_peer(request):
            return web.json_response(
                {
                    "sessions": [
                        each.describe()
                        for each in self._registry
                        if self._registry.runs(each.id) and not each.prepared
                    ]
                }
            )
        others = await self._service.others_sessions()
        here = [session.describe() for session in await self._registry.all()]
        return web.json_response(
            {
                "sessions": [
                    others.get(each["id"], each) if each["state"] == "stopped" else each
                    for each in here
                ]
            }
        )

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response((await self._session(request)).describe())

    async def _create(self, request: web.Request) -> web.Response:
        body = await model_body(request, self._seconds, CreateRequest)
        options = options_with(body.root) if body.root is not None else None
        fill: Fill | None = None
        if body.repository is not None:
            root = options.root if options else ""
            fill = self._git.filling(body.repository, root, request[CALLER])
        elif body.template == "empty":
            fill = nothing
        start = fill is not nothing
        session, created = await self._registry.create(
            body.id, options, fill, asked=body.source(), start=start
        )
        if start:
            await session.start()
        return web.json_response(session.describe(), status=201 if created else 200)

    async def _change(self, request: web.Request) -> web.Response:
        """Change what is set for the session; a session that runs starts again with it."""
        session = await self._session(request)
        body = await model_body(request, self._seconds, ChangeRequest)
        options, runs = options_with(body.root), session.state is not State.STOPPED
        if runs:  # else nothing is set
            await self._registry.admit(session.id)
        await self._registry.change_options(session.id, options)
        if runs:
            await session.restart()
        return web.json_response(session.describe())

    async def _start(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        await self._registry.admit(session.id)
        await session.start()
        return web.json_response(session.describe())

    async def _restart(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        await self._registry.admit(session.id)
        await session.restart()
        return web.json_response(session.describe())

    async def _stop(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        await session.stop()
        return web.json_response(session.describe())

    async def _delete(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        await self._keyring.forget_session(session.id)
        await self._registry.delete(session.id)
        return web.Response(status=204)

    async def _token(self, request: web.Request) -> web.Response:
        session = await self._session(request)
        body = await model_body(request, self._seconds, TokenRequest)
        name, caller = viewer_name(body.name), request[CALLER]
        settings = self._configuration.settings
        limits = (settings.viewers_may_post, caller.viewers_may_post, body.may_post)
        if not caller.is_service:  # who looks with a session's credential does not choose a name
            name = "".join(filter(str.isprintable, caller.name))[:LONGEST_NAME]
        epoch = await self._registry.epoch(session.id)
        token, claims = self._tokens.sign(
            "link",
            session.id,
            seconds=settings.sign_in_link_seconds,
            epoch=epoch,
            name=name,
            may_post=all(limits),
            # A service's own program signs its users in, and its credential is rotated.
            credential="" if caller.is_service else caller.id,
        )
        url = f"{self._configuration.contract.session_url(session.id)}?{QUERY_PARAMETER}={token}"
        return web.json_response(
            {
                "token": token,
                "url": url,
                "expires_at": claims.expires_at,
                "may_post": claims.may_post,
            },
            status=201,
            headers={"Cache-Control": "no-store"},
        )

    async def _revoke(self, request: web.Request) -> web.Response:
        await self._registry.revoke((await self._session(request)).id)
        return web.Response(status=204)

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        """The log as text; with `?follow=1` the response stays open and each new line is sent."""
        session = await self._session(request)
        follow = flag(query(request, follow="0"), "follow")
        response = web.StreamResponse(
            headers={"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        number = 0
        lines = session.log.since(0)
        while await request[STANDING].holds():
            if lines:
                number = lines[-1][0]
                await response.write("".join(f"{line}\n" for _, line in lines).encode())
            if not follow:
                break
            lines = await session.log.follow(number, FOLLOW_SECONDS)
            if request.transport is None or request.transport.is_closing():
                return response
        await response.write_eof()
        return response
