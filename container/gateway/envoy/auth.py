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
    """Takes the gateway's cookies off every request, so that neither a dev server nor a site's own endpoint sees them."""
    return {
        "name": COOKIE_FILTER,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "default_source_code": {"inline_string": STRIP_COOKIES},
            # The route was chosen by the cookies that are now gone; chosen anew, a fresh cookie would look stale.
            "clear_route_cache": False,
        },
    }


def session_rules(session_id: str) -> Json:
    """Per-route configuration: a verified token, and for this session."""
    return {
        JWT_FILTER: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
            "requirement_name": REQUIREMENT,
        },
        RBAC_FILTER: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
            "rbac": {"rules": {"action": "ALLOW", "policies": {"own-session": _token_names(session_id)}}},
        },
    }


def open_rules() -> Json:
    """Per-route configuration of routes to the control plane, which checks the cookie itself and therefore must see it."""
    return {COOKIE_FILTER: cookie_filter_off()}


def cookie_filter_off() -> Json:
    """Per-route configuration of `cookie_filter` where it has nothing to do."""
    return {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute", "disabled": True}


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
