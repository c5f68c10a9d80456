"""What Envoy does to cookies and by them, in a few lines of Lua each: filters that a route asks
for, and that are not there on any other.

own cookie      of several session cookies in a request, the one that can be valid goes on to be verified
strip cookies   the gateway's cookies and the load balancer's are taken off a request before a dev server sees it
only reads      a visitor whose cookie says that they may only look is refused
site cookies    a site's answers set cookies for their own session only
"""  # noqa: W505 - a table

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import urlsplit

from contract.hmr import HmrContract

from ..tokens import ONLY_LOOKS, CookieNames, audience
from .auth import AUDIENCE_HEADER
from .model import Json, Upstream

OWN_COOKIE: Final = "astro_live.own_cookie"
ONLY_READS: Final = "astro_live.only_reads"
STRIP_COOKIES: Final = "astro_live.strip_cookies"
SITE_COOKIES: Final = "astro_live.site_cookies"

READ_ONLY: Final = 405
"""What a visitor gets who may only look, and sends what may change something."""

_OWN: Final = """
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local value = {}
for index = 1, 64 do value[string.byte(alphabet, index)] = index - 1 end
local function decoded(text)
  local bytes, bits, held = {}, 0, 0
  for index = 1, #text do
    local six = value[string.byte(text, index)]
    if six == nil then return "" end
    held, bits = held * 64 + six, bits + 6
    if bits >= 8 then
      bits = bits - 8
      local unit = 2 ^ bits
      bytes[#bytes + 1] = string.char(math.floor(held / unit))
      held = held % unit
    end
  end
  return table.concat(bytes)
end
function envoy_on_request(handle)
  local headers = handle:headers()
  local mine, others = {}, {}
  for index = 0, headers:getNumValues("cookie") - 1 do
    for pair in string.gmatch(headers:getAtIndex("cookie", index), "[^;]+") do
      local text = string.match(pair, "^%s*(.-)%s*$")
      local token = string.match(text, "^SESSION=(.*)$")
      local list = token and mine or others
      list[#list + 1] = token or text
    end
  end
  if #mine < 2 then return end
  local audience = handle:metadata():get("audience")
  local function mine_in(claims)
    for _, begin in ipairs({ "", "LOOKS" }) do
      local wanted = '"aud":"' .. begin .. audience
      local first, last = string.find(claims, wanted, 1, true)
      if first and string.find(claims, '^["%.]', last + 1) then return true end
    end
    return false
  end
  for _, token in ipairs(mine) do
    local payload = string.match(token, "^[^.]+%.([^.]+)%.[^.]+$")
    if payload and #payload <= 1024 and mine_in(decoded(payload)) then
      table.insert(others, 1, "SESSION=" .. token)
      headers:remove("cookie")
      headers:add("cookie", table.concat(others, "; "))
      return
    end
  end
end
"""
"""`jwt_authn` verifies the first cookie of a name, and browsers send that of the longest path
first: a script of another session may have set it. None but this session's own tokens name its
epoch, followed by the credential that made the sign-in or by nothing; whether that one is genuine
is verified next.
"""

_READS: Final = """
function envoy_on_request(handle)
  handle:respond({ [":status"] = "STATUS" }, "")
end
"""
"""For requests that may change something, of a visitor who may only look."""

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
"""`jwt_authn` removes a token that it took from a header, but not one from a cookie."""

_SITE: Final = """
local function allowed(line, metadata)
  local name = string.gsub(string.match(line, "^[%s=]*([^=;%s]*)"), "^__[Hh][Oo][Ss][Tt]%-", "")
  if name == "SESSION" or name == "FRESH" or string.match(name, "^AWS[AE]LB") then return false end
  for key, value in string.gmatch(line, ";%s*([%a]+)%s*=%s*([^;]*)") do
    key, value = string.lower(key), string.match(value, "^(.-)%s*$")
    if key == "path" and value ~= "" then
      local base = metadata:get("base")
      if value .. "/" ~= base and string.sub(value, 1, #base) ~= base then return false end
    elseif key == "domain" and value ~= "" then
      if string.gsub(string.lower(value), "^%.", "") ~= metadata:get("host") then return false end
    end
  end
  return true
end
function envoy_on_response(handle)
  local headers = handle:headers()
  local count = headers:getNumValues("set-cookie")
  if count == 0 then return end
  local kept, metadata = {}, handle:metadata()
  for index = 0, count - 1 do
    local line = headers:getAtIndex("set-cookie", index)
    if allowed(line, metadata) then kept[#kept + 1] = line end
  end
  if #kept == count then return end
  headers:remove("set-cookie")
  for _, line in ipairs(kept) do headers:add("set-cookie", line) end
end
"""
"""A name like one of ours, without a name (browsers send its value as it is) or with any Path or
Domain beyond the session: the cookie is dropped. Of several attributes of a name browsers take the
last; here each has to fit.
"""


def _lua(script: str) -> Json:
    return {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        "default_source_code": {"inline_string": script},
        # The route was chosen by cookies that may now be gone; chosen again, a fresh cookie would
        # look stale.
        "clear_route_cache": False,
    }


def _filter(name: str, configuration: Json) -> Json:
    """It is made only for requests whose route asks for it: a filter that is there and does nothing
    costs too.
    """
    return {"name": name, "disabled": True, "typed_config": configuration}


def _only_if(
    message: Literal["Request", "Response"], header: str, pattern: str, configuration: Json
) -> Json:
    """Skips the filter where the header does not match, or is not there: to enter a script costs a
    tenth of the work of a page's module.
    """
    header_input = {
        "@type": f"type.googleapis.com/envoy.type.matcher.v3.Http{message}HeaderMatchInput",
        "header_name": header,
    }
    value = {"safe_regex": {"google_re2": {}, "regex": pattern}}
    found = {"input": {"name": header, "typed_config": header_input}, "value_match": value}
    skip = {
        "@type": "type.googleapis.com/envoy.extensions.filters.common.matcher.action.v3.SkipFilter"
    }
    matcher = {
        "predicate": {"not_matcher": {"single_predicate": found}},
        "on_match": {"action": {"name": "skip", "typed_config": skip}},
    }
    return {
        "@type": "type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher",
        "extension_config": {"name": "envoy.filters.http.lua", "typed_config": configuration},
        "xds_matcher": {"matcher_list": {"matchers": [matcher]}},
    }


def _named(script: str, names: CookieNames) -> str:
    return (
        script.replace("SESSION", names.session)
        .replace("FRESH", names.fresh)
        .replace("LOOKS", ONLY_LOOKS)
    )


def only_reads_filter() -> Json:
    """To stand after the filter that verifies, which names the audience in a header."""
    script = _lua(_READS.replace("STATUS", str(READ_ONLY)))
    return _filter(ONLY_READS, _only_if("Request", AUDIENCE_HEADER, f"{ONLY_LOOKS}.*", script))


def own_cookie_filter(names: CookieNames) -> Json:
    """To stand before the filter that verifies."""
    pattern = f'"^{names.session.replace("-", "%-")}='
    twice = f"(?s).*{names.session}=.*{names.session}=.*"
    return _filter(
        OWN_COOKIE,
        _only_if(
            "Request", "cookie", twice, _lua(_named(_OWN.replace('"^SESSION=', pattern), names))
        ),
    )


def strip_cookies_filter(names: CookieNames) -> Json:
    """So that neither a dev server nor a site's own endpoint sees the gateway's cookies."""
    return _filter(STRIP_COOKIES, _lua(_named(_STRIP, names)))


def site_cookies_filter(names: CookieNames) -> Json:
    """What a site may set."""
    bare = CookieNames(
        session=names.session.removeprefix("__Host-"), fresh=names.fresh.removeprefix("__Host-")
    )
    return _filter(
        SITE_COOKIES, _only_if("Response", "set-cookie", "(?s).*", _lua(_named(_SITE, bare)))
    )


def wanted(*names: str) -> Json:
    """Per-route configuration that asks for these filters."""
    return {
        name: {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "config": {}}
        for name in names
    }


def metadata(upstream: Upstream, contract: HmrContract) -> Json:
    """What the scripts know of the route's session."""
    host = urlsplit(contract.session_origin(upstream.session_id)).hostname
    known = {"base": contract.session_base(upstream.session_id), "host": host}
    own = {"audience": audience("session", upstream.session_id, upstream.epoch)}
    return {"filter_metadata": {OWN_COOKIE: own, SITE_COOKIES: known}}
