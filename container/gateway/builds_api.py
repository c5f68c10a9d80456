"""The API's part for production mode: build, list the builds, serve one of them."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from .bodies import model_body
from .errors import BadRequest, Conflict, UnknownBuild
from .kept_builds import NUMBER, choose, list_builds, published
from .registry import SessionRegistry
from .run_models import RebuildRequest, ServeRequest
from .session_environment import Environment
from .sessions import Session
from .states import State

LISTING: Final = "the builds cannot be listed"


class BuildsApi:
    """Handlers below `/sessions/{id}`."""

    def __init__(self, registry: SessionRegistry, environment: Environment) -> None:
        self._registry = registry
        self._environment = environment
        self._seconds = environment.settings.request_timeout_seconds

    def routes(self, session: str) -> list[web.RouteDef]:
        """`session` is the path of one session."""
        return [
            web.post(session + "/rebuild", self._rebuild),
            web.get(session + "/builds", self._list),
            web.post(session + "/builds/{number}/serve", self._serve),
        ]

    async def _rebuild(self, request: web.Request) -> web.Response:
        """Build again; `{"publish": false}` keeps what is served, `{"force": true}` builds sources
        that have not changed.
        """
        session = await self._registry.get(request.match_info["id"])
        body = await model_body(request, self._seconds, RebuildRequest)
        built = await session.rebuild(publish=body.publish, force=body.force)
        return web.json_response({"changed": built.changed, "build": built.build})

    async def _list(self, request: web.Request) -> web.Response:
        session = await self._registry.get(request.match_info["id"])
        return web.json_response(await self._listing(session))

    async def _listing(self, session: Session) -> dict[str, object]:
        storage, sites = self._environment.storage, self._environment.settings.sites_dir
        found = await storage.call(LISTING, list_builds, sites, session.id)
        record = await storage.call(LISTING, published, sites, session.id)
        serving = session.serving_build
        if serving is None and record is not None:
            serving = record.build
        return {
            "builds": [build.describe(serving) for build in found],
            "serving": serving,
            "pinned": bool(record and record.pinned and record.build == serving),
        }

    async def _serve(self, request: web.Request) -> web.Response:
        """Serve a build that is kept: at once, or (the session does not run) from its next start
        on.
        """
        session = await self._registry.get(request.match_info["id"])
        storage, settings = self._environment.storage, self._environment.settings
        if settings.mode != "production":
            raise Conflict(
                "there are no builds in development mode (NODE_ENV=production builds sites)"
            )
        await model_body(request, self._seconds, ServeRequest)
        text = request.match_info["number"]
        if not NUMBER.fullmatch(text):
            raise BadRequest(
                f"the build is {text[:20]!r}; allowed is a number that GET …/builds lists"
            )
        number = int(text)
        kept = [
            build.number
            for build in await storage.call(LISTING, list_builds, settings.sites_dir, session.id)
        ]
        if number not in kept:
            raise UnknownBuild(
                f"there is no build {number}; kept are {', '.join(map(str, kept)) or 'none'}"
            )
        if session.state in (State.STOPPED, State.FAILED):
            record = await storage.call(LISTING, published, settings.sites_dir, session.id)
            pinned = number != kept[0]
            await storage.call(
                "the build cannot be chosen",
                lambda: choose(settings.sites_dir, session.id, number, pinned=pinned),
            )
            return web.json_response(
                {"changed": record is None or record.build != number, "build": number}
            )
        built = await session.serve_build(number)
        return web.json_response({"changed": built.changed, "build": built.build})
