"""The route table. Order matters: the first match wins.

-  per running session: a script; another plain read                  its dev server, behind JWT and session rules
0  a Host header that is not one host                              refused (MALFORMED)
1  an upgrade whose Origin is missing or not the public one        refused (FORBIDDEN_ORIGIN)
2  a POST, PUT, … that names another Origin                        refused (FORBIDDEN_ORIGIN)
3  the dev server's own endpoints (open-in-editor and its like)    refused (BLOCKED)
4  a link with a sign-in token                                     control plane
per session that another task owns: everything else of it       that task
the gateway's own paths                                         control plane
5  per running session: a page visit whose cookie is due           control plane, which renews it
an upgrade that Vite would never answer    refused (BLOCKED)
another upgrade, a write, a read           its dev server, behind JWT and session rules
6  the control plane's question whether Envoy answers              204
7  the rest: sessions that do not run, unknown ones, other paths   control plane

A plain read is what nearly every request of a page is, and none of 0 to 4 can apply to it: its Host
is the public one, its method GET, its cookies are the gateway's own and not due, and its path has
neither `/__` nor a sign-in token. A dozen cheap comparisons that fail early stand in for the whole
list. 0 to 3 say nothing about which sessions exist, and neither does a plain read without a valid
token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from contract.hmr import HmrContract

from ..ownership.model import Task
from ..peers.headers import FROM_PEER, NOT_OWNER, TO_TASK
from ..tokens import QUERY_PARAMETER, CookieNames
from .address_limit import ADDRESS_LIMIT
from .auth import session_rules
from .clusters import CONTROL
from .cookie_filters import OWN_COOKIE, SITE_COOKIES, STRIP_COOKIES, metadata, wanted
from .model import PROBE_PATH, Json, Upstream
from .peers import API, api_route, peer_routes

ROUTE_CONFIG: Final = "sessions"
PEERS_ROUTE_CONFIG: Final = "peers"
"""Of the listener for other tasks: the same without routes to other tasks, and with the API."""
OWN_SEGMENT: Final = "__astro_live"
"""Paths of the gateway itself below a session: `/session/{id}/__astro_live/…`."""

FORBIDDEN_ORIGIN: Final = 460
BLOCKED: Final = 461
MALFORMED: Final = 462
"""Marks that the listener's reply mapping turns into 403, 404 and 400 pages; no client ever sees
these numbers.
"""

READ_ONLY: Final = 405
"""What a visitor gets who may look only, and wants to do more."""

HOST: Final = r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
"""A single host with or without a port. Envoy joins two Host headers with a comma."""

BLOCKED_DOORS: Final = r"(?i)(?:__open-[a-z-]*editor|__open-in-[a-z-]+|__inspect|__devtools__?|__vite_devtools__|__react-devtools)(?:/.*)?"
"""Middlewares that open files in the user's editor or show the server's inside: Vite and Astro
(`__open-in-editor`), Create React App's `__open-stack-frame-in-editor`, vite-plugin-inspect, Vite's
and Vue's developer tools. Connect compares paths without regard to case.
"""

OWN_PATHS: Final = "/__"
"""In every path of the gateway's own and of the dev server's endpoints, and in few others. Those
that it is in take the longer way.
"""

SCRIPT: Final = ("sec-fetch-dest", "script")
"""By which a browser says that it will run the answer, and can make nothing else of it. Pages
cannot set or change this header.
"""

NEEDED: Final[dict[str, frozenset[str]]] = {
    "script": frozenset({"x-content-type-options"}),
    "socket": frozenset(),
}
"""Security headers of what can never be a document, by the first part of its route's name. Each
costs a hundredth of the work of a script, and 352 bytes for as long as a WebSocket is open.
"""

OVER_THE_ORIGIN: Final = (
    "clear-site-data",
    "nel",
    "report-to",
    "reporting-endpoints",
    "alt-svc",
    "strict-transport-security",
)
"""Response headers by which a site would speak for its whole origin, or for longer than its session
lives.
"""
OVER_A_SHARED_ORIGIN: Final = (
    "service-worker-allowed",
    "accept-ch",
    "secure-session-registration",
    "sec-session-registration",
    "set-login",
    "use-as-dictionary",
)
"""The same, of what is the site's own affair where it has an origin to itself. A worker is limited
to the folder of its script unless the first widens it; the registration of a device-bound session
names cookies and paths of the whole origin, whose requests then wait for an answer of the site that
registered it (https://w3c.github.io/webappsec-dbsc/).
"""

UNBOUNDED: Final = "0s"

READS: Final = "GET|HEAD"
ASK_AGAIN: Final[Json] = {
    "retry_on": "connect-failure,reset",
    "num_retries": 4,
    "retry_back_off": {"base_interval": "0.02s", "max_interval": "0.5s"},
}
"""For reads, which may be asked twice. An edit of the configuration restarts the dev server in
place: it breaks its connections off, and a request under way goes to the next server instead of
ending in a page that says "not ready".
"""
WRITE_ONCE: Final[Json] = {"retry_on": "connect-failure,reset-before-request", "num_retries": 1}
"""For everything else: only if the dev server has seen nothing of it."""


def _header(name: str, **match: object) -> Json:
    return {"name": name, **match}


def _exact(name: str, value: str, *, invert: bool = False) -> Json:
    return _header(
        name, string_match={"exact": value}, **({"invert_match": True} if invert else {})
    )


def _idle(contract: HmrContract) -> Json:
    return {"idle_timeout": f"{contract.upstream_keep_alive_seconds}s"}


def _to_control(
    name: str, match: Json, contract: HmrContract, *, with_upgrades: bool = False
) -> Json:
    """`with_upgrades`: it never accepts one, but learns which task to forward the next one to."""
    upgrades = [{"upgrade_type": "websocket", "enabled": with_upgrades}]
    return {
        "name": name,
        "match": match,
        "route": {
            "cluster": CONTROL,
            "timeout": UNBOUNDED,
            **_idle(contract),
            "upgrade_configs": upgrades,
        },
        "typed_per_filter_config": wanted(ADDRESS_LIMIT),
    }


def _refuse(name: str, match: Json, status: int) -> Json:
    return {"name": name, "match": match, "direct_response": {"status": status}}


BALANCERS_COOKIES: Final = "AWS[AE]LB[A-Za-z0-9-]*=[^; ]*"
"""What an Application Load Balancer sets: stickiness (`AWSALB`, `AWSALBCORS`, `AWSALBTG`) and
sign-in (`AWSELBAuthSessionCookie-0`).
"""


def own_cookies_alone(names: CookieNames) -> str:
    """A Cookie header with both of the gateway's cookies, in the order in which they were set,
    perhaps the load balancer's, and nothing of the site's own. Of several Cookie headers Envoy
    matches the values joined by commas: no match.
    """
    own = rf"{names.session}=[A-Za-z0-9._-]*; {names.fresh}=[A-Za-z0-9._-]*"
    return f"(?:{BALANCERS_COOKIES}; )*{own}(?:; {BALANCERS_COOKIES})*"


def _origin_routes(contract: HmrContract) -> list[Json]:
    """1 and 2: `Origin` is what a browser vouches for; `null` and look-alikes differ from a
    session's origin and are refused.

    Under host routing any session's origin passes here; each session's routes admit its own only
    (`_own_origin_routes`).
    """
    foreign = _exact("origin", contract.public_url, invert=True)
    if contract.by_host:
        # A suffix, not an expression: Envoy refuses expressions that compile to more than 100
        # steps, and a host may have 126 characters.
        host = contract.public_url.partition("://")[2]
        foreign = _header("origin", string_match={"suffix": f".{host}"}, invert_match=True)
    present = _header("origin", present_match=True)
    upgrade = {"prefix": "/", "headers": [_header("upgrade", present_match=True)]}
    return [
        _refuse(
            "upgrade-without-origin",
            {**upgrade, "headers": [*upgrade["headers"], {**present, "invert_match": True}]},
            FORBIDDEN_ORIGIN,
        ),
        _refuse(
            "upgrade-foreign-origin",
            {**upgrade, "headers": [*upgrade["headers"], foreign]},
            FORBIDDEN_ORIGIN,
        ),
        _refuse(
            "write-foreign-origin",
            {"prefix": "/", "headers": [_unsafe(), present, foreign]},
            FORBIDDEN_ORIGIN,
        ),
    ]


def _unsafe() -> Json:
    return _header(
        ":method", string_match={"safe_regex": {"regex": "GET|HEAD|OPTIONS"}}, invert_match=True
    )


def _own_origin_routes(session_id: str, contract: HmrContract) -> list[Json]:
    """5, under host routing: another session's origin is as foreign as any other."""
    if not contract.by_host:
        return []
    here = _here(session_id, contract)
    foreign = [
        _header("origin", present_match=True),
        _exact("origin", contract.session_origin(session_id), invert=True),
    ]
    upgrade = _header("upgrade", present_match=True)
    return [
        _refuse(
            f"upgrade-other-origin.{session_id}",
            {"prefix": "/", "headers": [*here, upgrade, *foreign]},
            FORBIDDEN_ORIGIN,
        ),
        _refuse(
            f"write-other-origin.{session_id}",
            {"prefix": "/", "headers": [*here, _unsafe(), *foreign]},
            FORBIDDEN_ORIGIN,
        ),
    ]


def _here(session_id: str, contract: HmrContract) -> list[Json]:
    """Header matches that tell this session's requests from others', beside its base: its host,
    under host routing.
    """
    return (
        [_exact(":authority", contract.session_authority(session_id))] if contract.by_host else []
    )


def _forward(upstream: Upstream, contract: HmrContract) -> Json:
    return {
        "cluster": upstream.cluster,
        "timeout": UNBOUNDED,
        "host_rewrite_literal": contract.session_authority(upstream.session_id),
        "retry_policy": ASK_AGAIN,
    }


def _plain_reads(upstream: Upstream, contract: HmrContract) -> list[Json]:
    """The short way, for a page's scripts and for everything else."""
    page = _plain_read(upstream, contract)
    match = page["match"]
    script = {
        **page,
        "name": f"script.{upstream.session_id}",
        "match": {**match, "headers": [_exact(*SCRIPT), *match["headers"]]},
    }
    return [script, page]


def _plain_read(upstream: Upstream, contract: HmrContract) -> Json:
    """Its Cookie header goes whole, which costs less than the filter that edits it.

    No idle timeout: what waits for an answer ends with its client's connection or with the dev
    server's.
    """
    return {
        "name": f"page.{upstream.session_id}",
        "match": {
            "prefix": contract.session_base(upstream.session_id),
            "headers": [
                _exact(":method", "GET"),
                _exact(":authority", contract.session_authority(upstream.session_id)),
                _header("upgrade", present_match=True, invert_match=True),
                _header(":path", string_match={"contains": OWN_PATHS}, invert_match=True),
                _header(":path", string_match={"contains": QUERY_PARAMETER}, invert_match=True),
                _header(
                    "cookie",
                    string_match={
                        "safe_regex": {"regex": own_cookies_alone(CookieNames.of(contract))}
                    },
                ),
            ],
        },
        "route": _forward(upstream, contract),
        "stat_prefix": f"page.{upstream.session_id}",
        "typed_per_filter_config": {**session_rules(upstream.session_id), **wanted(SITE_COOKIES)},
        "metadata": metadata(upstream, contract),
        "request_headers_to_remove": ["cookie"],
    }


def _session_routes(
    upstream: Upstream, contract: HmrContract, *, may_post: bool = True
) -> list[Json]:
    """5: one running session."""
    base = contract.session_base(upstream.session_id)
    here = _here(upstream.session_id, contract)
    fresh = CookieNames.of(contract).fresh
    forward = {**_forward(upstream, contract), **_idle(contract)}
    told = {"metadata": metadata(upstream, contract)}
    rules = {**session_rules(upstream.session_id), **wanted(OWN_COOKIE, STRIP_COOKIES)}
    secured = {"typed_per_filter_config": {**rules, **wanted(SITE_COOKIES)}, **told}
    navigation = [
        _exact(":method", "GET"),
        _exact("sec-fetch-mode", "navigate"),
        _header("upgrade", present_match=True, invert_match=True),
    ]
    stale = _header(
        "cookie",
        string_match={"contains": f"{fresh}="},
        invert_match=True,
        treat_missing_header_as_empty=True,
    )
    upgrade = _header("upgrade", present_match=True)
    write = _header(":method", string_match={"safe_regex": {"regex": READS}}, invert_match=True)
    return [
        *_own_origin_routes(upstream.session_id, contract),
        _to_control(
            f"renew.{upstream.session_id}",
            {"prefix": base, "headers": [*here, *navigation, stale]},
            contract,
        ),
        *_unanswered_upgrades(upstream.session_id, base, contract),
        {
            "name": f"socket.{upstream.session_id}",
            "match": {"prefix": base, "headers": [*here, upgrade]},
            "route": {
                **forward,
                "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
            },
            "stat_prefix": f"socket.{upstream.session_id}",
            "typed_per_filter_config": rules,
            **told,
        },
        {
            "name": f"write.{upstream.session_id}",
            "match": {"prefix": base, "headers": [*here, write]},
            "route": {**forward, "retry_policy": WRITE_ONCE},
            "stat_prefix": f"page.{upstream.session_id}",
            **secured,
        }
        if may_post
        else {
            **_refuse(
                f"write-refused.{upstream.session_id}",
                {"prefix": base, "headers": [*here, write]},
                READ_ONLY,
            ),
            "typed_per_filter_config": rules,  # nobody learns without a cookie that it runs
        },
        {
            "name": f"page.{upstream.session_id}",
            "match": {"prefix": base, "headers": here},
            "route": forward,
            "stat_prefix": f"page.{upstream.session_id}",
            **secured,
        },
    ]


def _unanswered_upgrades(session_id: str, base: str, contract: HmrContract) -> list[Json]:
    """Vite never answers an upgrade of its subprotocols on another path, nor of others on its own
    path: refused here at once.
    """
    vite = _header(
        "sec-websocket-protocol",
        string_match={"safe_regex": {"regex": r".*\bvite-(?:hmr|ping)\b.*"}},
    )
    not_vite = {**vite, "invert_match": True, "treat_missing_header_as_empty": True}
    paths = [
        re.escape(path.removeprefix("/")) for path in (contract.hmr_path, contract.legacy_hmr_path)
    ]
    elsewhere = f"{re.escape(base)}(?:{'|'.join(paths)})?"
    here, upgrade = _here(session_id, contract), _header("upgrade", present_match=True)
    hmr = {"path": base.rstrip("/") + contract.hmr_path, "headers": [*here, upgrade, not_vite]}
    return [
        _refuse(f"socket-protocol.{session_id}", hmr, BLOCKED),
        _refuse(
            f"socket-path.{session_id}",
            {
                "prefix": base,
                "headers": [
                    *here,
                    upgrade,
                    vite,
                    _header(
                        ":path",
                        string_match={"safe_regex": {"regex": elsewhere + r"(?:\?.*)?"}},
                        invert_match=True,
                    ),
                ],
            },
            BLOCKED,
        ),
    ]


def _security_headers(route: Json, headers: Mapping[str, str]) -> list[Json]:
    """What an answer on this route gets unless the site sets it itself."""
    needed = NEEDED.get(route["name"].partition(".")[0])
    return [
        {"header": {"key": key, "value": value}, "append_action": "ADD_IF_ABSENT"}
        for key, value in headers.items()
        if needed is None or key.lower() in needed
    ]


def route_table(
    upstreams: Iterable[Upstream],
    contract: HmrContract,
    *,
    security_headers: Mapping[str, str] | None = None,
    peers: Mapping[str, Task] | None = None,
    name: str = ROUTE_CONFIG,
    may_post: bool = True,
) -> Json:
    """The whole `RouteConfiguration` for the sessions that are ready. `peers` are the owners of
    sessions that other tasks run; None where there are no other tasks. `may_post`: whether visitors
    may do more than read.
    """
    above = "" if contract.by_host else contract.session_prefix
    inside = "/" if contract.by_host else f"{re.escape(contract.session_prefix)}/[^/]+/"
    sign_in_link = {
        "prefix": above + "/",
        "query_parameters": [{"name": QUERY_PARAMETER, "present_match": True}],
    }
    own = {"safe_regex": {"regex": f"{inside}{OWN_SEGMENT}/.*"}}
    running = sorted(upstreams, key=lambda item: item.session_id)
    here = {upstream.session_id for upstream in running}
    routes = [
        *([api_route()] if name == PEERS_ROUTE_CONFIG else []),
        *(route for upstream in running for route in _plain_reads(upstream, contract)),
        _refuse(
            "malformed-host",
            {
                "prefix": "/",
                "headers": [
                    _header(
                        ":authority",
                        string_match={"safe_regex": {"regex": HOST}},
                        invert_match=True,
                    )
                ],
            },
            MALFORMED,
        ),
        *_origin_routes(contract),
        _refuse("blocked-door", {"safe_regex": {"regex": f"{inside}{BLOCKED_DOORS}"}}, BLOCKED),
        _to_control("sign-in link", sign_in_link, contract),
        *(
            route
            for session, task in sorted((peers or {}).items())
            if session not in here
            for route in peer_routes(session, task, contract)
        ),
        _to_control("own-paths", own, contract),
    ]
    for upstream in running:
        routes += _session_routes(upstream, contract, may_post=may_post)
    routes.append(
        {"name": "probe", "match": {"path": PROBE_PATH}, "direct_response": {"status": 204}}
    )
    routes.append(
        _to_control(
            "rest",
            {"prefix": "/"},
            contract,
            with_upgrades=peers is not None or name == PEERS_ROUTE_CONFIG,
        )
    )
    _edit_headers(routes, contract, security_headers or {}, from_peers=name == PEERS_ROUTE_CONFIG)
    return {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": name,
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
        "response_headers_to_remove": ["server", "x-powered-by"],
    }


def _edit_headers(
    routes: list[Json],
    contract: HmrContract,
    security_headers: Mapping[str, str],
    *,
    from_peers: bool,
) -> None:
    """What each route takes off an answer and adds to it; what another task has forwarded, its
    owner has edited.
    """
    removed = [*OVER_THE_ORIGIN, *([] if contract.by_host else OVER_A_SHARED_ORIGIN)]
    for route in routes:
        target = route.get("route", {}).get("cluster", "")
        if target == API or target.startswith("peer."):
            continue
        # On the route, where Envoy removes before it adds: what the site said of it does not keep
        # our own away. The answer to an upgrade sets no cookie: to look at it would keep a script's
        # memory for as long as the socket is open.
        route["response_headers_to_remove"] = (
            [*removed, "set-cookie"] if route["name"].startswith("socket.") else list(removed)
        )
        route["response_headers_to_add"] = _security_headers(route, security_headers)
        if from_peers and target != CONTROL and target:
            # A site neither learns how its request came nor says that it is not the owner.
            route["request_headers_to_remove"] = [
                *route.get("request_headers_to_remove", []),
                FROM_PEER,
                TO_TASK,
            ]
            route["response_headers_to_remove"].append(NOT_OWNER)
