"""The route table. Order matters: the first match wins.

-  per running session: a script; another plain read               its dev server, behind its rules
   per session that another task owns: a plain read                that task
0  a Host header that is not one host                              refused (MALFORMED)
1  an upgrade whose Origin is missing or not the public one        refused (FORBIDDEN_ORIGIN)
2  a POST, PUT, … that names another Origin                        refused (FORBIDDEN_ORIGIN)
3  the dev server's own endpoints (open-in-editor and its like)    refused (BLOCKED)
4  a link with a sign-in token                                     control plane
   per session that another task owns: everything else of it       that task
   the gateway's own paths                                         control plane
5  per running session: a page visit whose cookie is due           control plane, which renews it
                        an upgrade that Vite would never answer    refused (BLOCKED)
                        another upgrade, a write, a read           its dev server, behind its rules
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
from ..tokens import QUERY_PARAMETER
from .clusters import CONTROL
from .matches import header
from .model import PROBE_PATH, Json, Upstream
from .peer_clusters import API
from .peers import api_route, peer_plain_read, peer_routes
from .refusals import BLOCKED, BLOCKED_DOORS, HOST, MALFORMED, origin_routes, refuse, to_control
from .session_routes import session_plain_reads, session_routes

ROUTE_CONFIG: Final = "sessions"
PEERS_ROUTE_CONFIG: Final = "peers"
"""Of the listener for other tasks: the same without routes to other tasks, and with the API."""
OWN_SEGMENT: Final = "__astro_live"
"""Paths of the gateway itself below a session: `/session/{id}/__astro_live/…`."""

SOCKETS: Final = frozenset({"socket", "hmr"})
"""Kinds of routes that forward an upgrade to a dev server."""
NEEDED: Final[dict[str, frozenset[str]]] = {
    "script": frozenset({"x-content-type-options"}),
    **dict.fromkeys(SOCKETS, frozenset[str]()),
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


def _kind(route: Json) -> str:
    """The first part of its name."""
    return str(route["name"]).partition(".")[0]


def _security_headers(route: Json, headers: Mapping[str, str]) -> list[Json]:
    """What an answer on this route gets unless the site sets it itself."""
    needed = NEEDED.get(_kind(route))
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
    others = [
        (session, task) for session, task in sorted((peers or {}).items()) if session not in here
    ]
    routes = [
        *([api_route()] if name == PEERS_ROUTE_CONFIG else []),
        *(route for upstream in running for route in session_plain_reads(upstream, contract)),
        *(peer_plain_read(session, task, contract) for session, task in others),
        refuse(
            "malformed-host",
            {
                "prefix": "/",
                "headers": [
                    header(
                        ":authority",
                        string_match={"safe_regex": {"regex": HOST}},
                        invert_match=True,
                    )
                ],
            },
            MALFORMED,
        ),
        *origin_routes(contract),
        refuse("blocked-door", {"safe_regex": {"regex": f"{inside}{BLOCKED_DOORS}"}}, BLOCKED),
        to_control("sign-in link", sign_in_link, contract),
        *(route for session, task in others for route in peer_routes(session, task, contract)),
        to_control("own-paths", own, contract),
    ]
    for upstream in running:
        routes += session_routes(upstream, contract, may_post=may_post)
    routes.append(
        {"name": "probe", "match": {"path": PROBE_PATH}, "direct_response": {"status": 204}}
    )
    routes.append(
        to_control(
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
            [*removed, "set-cookie"] if _kind(route) in SOCKETS else list(removed)
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
