"""Who may pass: configuration of Envoy's `jwt_authn` and `rbac` filters.

A request to a running session must carry a session cookie that one of the public keys verifies (`jwt_authn`), and whose `sid` claim
is the session in the path (`rbac`, per route). The Origin of upgrades and unsafe methods is judged by the route table (`routes.py`).
"""

from __future__ import annotations

from typing import Final

from ..tokens import COOKIE, FRESH_COOKIE, ISSUER
from .model import Json

JWT_FILTER: Final = "envoy.filters.http.jwt_authn"
RBAC_FILTER: Final = "envoy.filters.http.rbac"
COOKIE_FILTER: Final = "astro_live.strip_cookies"
COOKIE_SCRIPT: Final = "strip"
REQUIREMENT: Final = "session"
PAYLOAD_KEY: Final = "jwt"
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
      if text ~= "" and not mine[string.match(text, "^([^=%s]*)")] then kept[#kept + 1] = text end
    end
  end
  headers:remove("cookie")
  if #kept > 0 then headers:add("cookie", table.concat(kept, "; ")) end
end
"""
STRIP_COOKIES: Final = _STRIP.replace("SESSION", COOKIE).replace("FRESH", FRESH_COOKIE)
"""Envoy's `jwt_authn` removes a token it took from a header, but not one from a cookie; a few lines of Lua do."""


def jwt_filter(jwks: str) -> Json:
    """The verifying filter. It does nothing on a route that does not ask for it. `jwks` holds public keys as JSON."""
    return {
        "name": JWT_FILTER,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": {
                "gateway": {
                    "issuer": ISSUER,
                    "audiences": ["session"],
                    "from_cookies": [COOKIE],
                    "local_jwks": {"inline_string": jwks},
                    "payload_in_metadata": PAYLOAD_KEY,
                    "clock_skew_seconds": CLOCK_SKEW_SECONDS,
                    "jwt_cache_config": {"jwt_cache_size": JWT_CACHE_SIZE},
                }
            },
            "requirement_map": {REQUIREMENT: {"provider_name": "gateway"}},
        },
    }


def rbac_filter() -> Json:
    """The filter that `session_rules` configures per route. Without rules of a route it lets everything through."""
    return {
        "name": RBAC_FILTER,
        "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"},
    }


def cookie_filter() -> Json:
    """Takes the gateway's cookies off a request, so that neither a dev server nor a site's own endpoint sees them.

    It is made only for requests whose route asks for it (`session_rules`): a filter that is there and does nothing costs too.
    """
    return {
        "name": COOKIE_FILTER,
        "disabled": True,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "source_codes": {COOKIE_SCRIPT: {"inline_string": STRIP_COOKIES}},
            # The route was chosen by the cookies that are now gone; chosen anew, a fresh cookie would look stale.
            "clear_route_cache": False,
        },
    }


def session_rules(session_id: str) -> Json:
    """Per-route configuration of every route to a dev server: a verified token, for this session, and no cookie of ours goes on."""
    return {
        JWT_FILTER: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
            "requirement_name": REQUIREMENT,
        },
        RBAC_FILTER: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
            "rbac": {"rules": {"action": "ALLOW", "policies": {"own-session": _token_names(session_id)}}},
        },
        COOKIE_FILTER: {
            "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
            "config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute", "name": COOKIE_SCRIPT},
        },
    }


def without_cookies(rules: Json) -> Json:
    """Rules of a route that drops the Cookie header whole: there is nothing left to edit."""
    return {name: rule for name, rule in rules.items() if name != COOKIE_FILTER}


def _token_names(session_id: str) -> Json:
    principal = {
        "sourced_metadata": {
            "metadata_matcher": {
                "filter": JWT_FILTER,
                "path": [{"key": PAYLOAD_KEY}, {"key": "sid"}],
                "value": {"string_match": {"exact": session_id}},
            }
        }
    }
    return {"permissions": [{"any": True}], "principals": [principal]}
