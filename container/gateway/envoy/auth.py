"""Who may pass: configuration of Envoy's `jwt_authn` filter.

A request to a running session must carry a session cookie that one of the public keys verifies and whose audience is that session:
each route names the requirement of its session. Requirements come and go with sessions, so the filter's configuration is published
like routes are (ECDS); a route whose requirement is unknown refuses. The Origin of upgrades and unsafe methods is judged by the route
table (`routes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..tokens import ISSUER, CookieNames, audience
from .model import Json

JWT_FILTER: Final = "envoy.filters.http.jwt_authn"
COOKIE_FILTER: Final = "astro_live.strip_cookies"
COOKIE_SCRIPT: Final = "strip"
PROVIDER: Final = "gateway"
JWT_CONFIGURATION: Final = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
JWT_CACHE_SIZE: Final = 1000
CLOCK_SKEW_SECONDS: Final = 1
"""Signer and verifier share a clock; 0 would mean Envoy's default of 60 s."""

_STRIP: Final = """
local mine = { ["SESSION"] = true, ["FRESH"] = true }
function envoy_on_request(handle)
  local headers = handle:headers()
  local count = headers:getNumValues("cookie")
  if count == 0 then return end
  local kept = {}
  for index = 0, count - 1 do
    for pair in string.gmatch(headers:getAtIndex("cookie", index), "[^;]+") do
      local text = string.match(pair, "^%s*(.-)%s*$")
      local name = string.match(text, "^([^=%s]*)")
      if text ~= "" and not mine[name] and not string.match(name, "^AWS[AE]LB") then kept[#kept + 1] = text end
    end
  end
  headers:remove("cookie")
  if #kept > 0 then headers:add("cookie", table.concat(kept, "; ")) end
end
"""
"""Envoy's `jwt_authn` removes a token it took from a header, but not one from a cookie; a few lines of Lua do."""


def strip_cookies(names: CookieNames) -> str:
    """The Lua script that takes the gateway's cookies off a request."""
    return _STRIP.replace("SESSION", names.session).replace("FRESH", names.fresh)


def jwt_filter(source: Json) -> Json:
    """The verifying filter, configured by `source`. It does nothing on a route that does not ask for it."""
    return {"name": JWT_FILTER, "config_discovery": {"config_source": source, "type_urls": [JWT_CONFIGURATION]}}


def jwt_requirements(jwks: str, session_ids: Iterable[str], names: CookieNames) -> Json:
    """What `jwt_filter` asks of each session's requests. `jwks` holds public keys as JSON."""
    provider = {
        "issuer": ISSUER,
        "from_cookies": [names.session],
        "local_jwks": {"inline_string": jwks},
        "clock_skew_seconds": CLOCK_SKEW_SECONDS,
        "jwt_cache_config": {"jwt_cache_size": JWT_CACHE_SIZE},
    }
    return {
        "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
        "name": JWT_FILTER,
        "typed_config": {
            "@type": JWT_CONFIGURATION,
            "providers": {PROVIDER: provider},
            # No `WWW-Authenticate` with the reason: it would tell a session that runs from one that does not exist.
            "strip_failure_response": True,
            "requirement_map": {
                session_id: {"provider_and_audiences": {"provider_name": PROVIDER, "audiences": [audience("session", session_id)]}}
                for session_id in session_ids
            },
        },
    }


def cookie_filter(names: CookieNames) -> Json:
    """Takes the gateway's cookies off a request, so that neither a dev server nor a site's own endpoint sees them.

    It is made only for requests whose route asks for it (`session_rules`): a filter that is there and does nothing costs too.
    """
    return {
        "name": COOKIE_FILTER,
        "disabled": True,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "source_codes": {COOKIE_SCRIPT: {"inline_string": strip_cookies(names)}},
            # The route was chosen by the cookies that are now gone; chosen again, a fresh cookie would look stale.
            "clear_route_cache": False,
        },
    }


def session_rules(session_id: str) -> Json:
    """Per-route configuration of every route to a dev server: a verified token, for this session, and no cookie of ours goes on."""
    return {
        JWT_FILTER: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
            "requirement_name": session_id,
        },
        COOKIE_FILTER: {
            "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
            "config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute", "name": COOKIE_SCRIPT},
        },
    }


def without_cookies(rules: Json) -> Json:
    """Rules of a route that drops the Cookie header whole: there is nothing left to edit."""
    return {name: rule for name, rule in rules.items() if name != COOKIE_FILTER}
