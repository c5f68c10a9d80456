"""The static part of Envoy's configuration: admin socket, the one listener, limits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from contract.hmr import HmrContract
from contract.settings.session import SessionSettings

from ..heads import ADDED_HEADERS, ADDED_KIB, MOST_HEADERS, MOST_KIB
from ..pages import REFUSALS, refusal_headers
from ..peers.headers import FROM_PEER, TO_TASK
from ..peers.keep_alive import keep_alive
from ..tokens import CookieNames
from .access_log import access_logs
from .address_limit import address_limit_filter
from .auth import jwt_filter
from .clusters import BUFFER_BYTES
from .cookie_filters import (
    only_reads_filter,
    own_cookie_filter,
    site_cookies_filter,
    strip_cookies_filter,
)
from .model import Json, file_source
from .peer_clusters import HTTP2, downstream_tls
from .refusals import BLOCKED, FORBIDDEN_ORIGIN, MALFORMED
from .routes import PEERS_ROUTE_CONFIG, ROUTE_CONFIG

ADMIN_SOCKET: Final = "admin.sock"
CDS_FILE: Final = "cds.json"
ECDS_FILE: Final = "ecds.json"
RDS_FILE: Final = "rds.json"
PEERS_RDS_FILE: Final = "rds-peers.json"

HEADERS_TIMEOUT_SECONDS: Final = 10
DELAYED_CLOSE: Final = "0.1s"
"""How long Envoy waits for the client to close first. With its default of 1 s a browser learns that
late that its WebSocket has ended.
"""

CONTRADICTING: Final = (
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-original-url",
    "x-rewrite-url",
    "forwarded",
)
"""Request headers by which a client or a balancer could tell a dev server another address than the
public one.
"""

BALANCERS_CLAIMS: Final = ("x-amzn-oidc-data", "x-amzn-oidc-accesstoken", "x-amzn-oidc-identity")
"""What a load balancer tells of who signed in there. A site has no business with a visitor's access
token
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html).
"""

REPLY_STATUS: Final = {FORBIDDEN_ORIGIN: 403, BLOCKED: 404, MALFORMED: 400, 401: 404, 403: 404}
"""Envoy's own refusals and the status that the client sees. A missing or wrong token (401), or one
of another session (403), looks like a session that does not exist, so that unauthenticated clients
learn nothing.
"""


@dataclass(frozen=True, kw_only=True)
class ListenerOptions:
    """What the static part depends on."""

    address: str
    contract: HmrContract
    settings: SessionSettings
    """Its request timeout is until a request is complete or answered. An upgrade is never complete,
    so this bounds the handshake with the dev server.
    """
    peers_port: int | None = None
    """Port of the listener for other tasks of the service; None: there are none."""


RUNTIME: Final[Json] = {"overload.premature_reset_total_stream_count": 2**53}
"""Envoy ends a connection of HTTP/2 of whose first 500 requests half were cancelled within 2 s
(https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/runtime). Only other
tasks speak it, and all their visitors share a connection: one who reloads a page again and again
would cut the others off.
"""


def _status_is(status: int) -> Json:
    return {
        "status_code_filter": {
            "comparison": {
                "op": "EQ",
                "value": {"default_value": status, "runtime_key": f"astro_live.never.{status}"},
            }
        }
    }


def _reply_mappers() -> list[Json]:
    """Each refusal that Envoy itself makes becomes one of our pages."""
    mappers = []
    for status in [
        *REPLY_STATUS,
        *(status for status in REFUSALS if status not in (403, 404)),
        404,
    ]:
        shown = REPLY_STATUS.get(status, status)
        mappers.append(
            {
                "filter": _status_is(status),
                "status_code": shown,
                "body": {"inline_string": REFUSALS[shown]},
                "headers_to_add": [
                    {
                        "header": {"key": key, "value": value},
                        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                    }
                    for key, value in refusal_headers(shown).items()
                ],
                "body_format_override": {
                    "text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"},
                    "content_type": "text/html; charset=utf-8",
                },
            }
        )
    return mappers


def _forwarded(contract: HmrContract, *, peers: bool) -> Json:
    """What a dev server may believe about the address a browser sees. Done here, before routes are
    asked: cheaper than in the route table.

    The port is part of the host; a port beside it, and the other names for the same things, could
    only contradict it.
    """
    # Under host routing the Host that arrived: no route to a dev server takes any but its
    # session's.
    host = "%REQ(:AUTHORITY)%" if contract.by_host else contract.public_url.partition("://")[2]
    values = {"x-forwarded-proto": contract.scheme, "x-forwarded-host": host}
    overwrite = "OVERWRITE_IF_EXISTS_OR_ADD"
    removed = [*CONTRADICTING, *BALANCERS_CLAIMS]
    if peers:
        values[FROM_PEER] = "1"
    else:
        removed += [FROM_PEER, TO_TASK]
    return {
        "name": "astro_live.forwarded",
        "typed_config": {
            "@type": (
                "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
            ),
            "mutations": [
                *({"remove": name} for name in removed),
                *(
                    {"append": {"header": {"key": key, "value": value}, "append_action": overwrite}}
                    for key, value in values.items()
                ),
            ],
        },
    }


def connection_manager(options: ListenerOptions, *, peers: bool = False) -> Json:
    """HTTP handling of the session listener, or of the one for peers."""
    names = CookieNames.of(options.contract)
    keep_alive = f"{options.contract.upstream_keep_alive_seconds}s"
    return {
        "@type": (
            "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
        ),
        "stat_prefix": "peers" if peers else "sessions",
        # The load balancer speaks HTTP/1.1 to its targets; WebSocket upgrades exist there alone.
        # Peers choose in TLS (`peers.py`).
        "codec_type": "AUTO" if peers else "HTTP1",
        **({"http2_protocol_options": HTTP2} if peers else {}),
        "rds": {
            "route_config_name": PEERS_ROUTE_CONFIG if peers else ROUTE_CONFIG,
            "config_source": file_source(PEERS_RDS_FILE if peers else RDS_FILE),
        },
        "http_filters": [
            address_limit_filter(options.settings.address_requests_per_second),
            own_cookie_filter(names),
            jwt_filter(file_source(ECDS_FILE)),
            only_reads_filter(),
            strip_cookies_filter(names),
            site_cookies_filter(names),
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                    # Counters by status code and zone, whose names are put together per request.
                    # What the gateway reads is not among them.
                    "dynamic_stats": False,
                },
            },
        ],
        # Allowed here, or Envoy would answer before the route table is asked; the routes to the
        # control plane take it back.
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "common_http_protocol_options": {
            "idle_timeout": keep_alive,
            "max_headers_count": MOST_HEADERS + (ADDED_HEADERS if peers else 0),
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http_protocol_options": {"accept_http_10": False},
        # Routes name it where something may stay open. The timer is reset with every read and
        # write: 3 % of the work of a page's module.
        "stream_idle_timeout": "0s",
        "request_timeout": f"{options.settings.request_timeout_seconds}s",
        "request_headers_timeout": f"{HEADERS_TIMEOUT_SECONDS}s",
        "max_request_headers_kb": MOST_KIB + (ADDED_KIB if peers else 0),
        "drain_timeout": "1s",
        "delayed_close_timeout": DELAYED_CLOSE,
        "use_remote_address": True,
        "xff_num_trusted_hops": 1,
        "skip_xff_append": True,
        "server_header_transformation": "PASS_THROUGH",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "generate_request_id": False,
        "early_header_mutation_extensions": [_forwarded(options.contract, peers=peers)],
        "local_reply_config": {"mappers": _reply_mappers()},
        "access_log": access_logs(),
    }


def _listener(options: ListenerOptions, name: str, port: int) -> Json:
    peers = name == "peers"
    manager = {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": connection_manager(options, peers=peers),
    }
    return {
        "name": name,
        "address": {"socket_address": {"address": options.address, "port_value": port}},
        # A task that ends closes the one for visitors first.
        "traffic_direction": "OUTBOUND" if peers else "INBOUND",
        **({"tcp_keepalive": keep_alive()} if peers else {}),
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "filter_chains": [
            {"filters": [manager], **({"transport_socket": downstream_tls()} if peers else {})}
        ],
    }


def bootstrap(options: ListenerOptions) -> Json:
    """The whole bootstrap. Paths in it are relative: Envoy runs in the gateway's private folder."""
    listeners = [_listener(options, "sessions", options.contract.session_port)]
    if options.peers_port is not None:
        listeners.append(_listener(options, "peers", options.peers_port))
    connections = {
        "name": "envoy.resource_monitors.global_downstream_max_connections",
        "typed_config": {
            "@type": (
                "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
            ),
            "max_active_downstream_connections": options.settings.max_connections,
        },
    }
    return {
        "node": {"id": "gateway", "cluster": "astro-live"},
        "admin": {"address": {"pipe": {"path": ADMIN_SOCKET, "mode": 0o600}}},
        "dynamic_resources": {"cds_config": file_source(CDS_FILE)},
        "static_resources": {"listeners": listeners},
        "overload_manager": {"resource_monitors": [connections]},
        "layered_runtime": {"layers": [{"name": "static", "static_layer": RUNTIME}]},
        "stats_config": {"stats_tags": [], "use_all_default_tags": True},
    }


def bootstrap_text(options: ListenerOptions) -> str:
    return json.dumps(bootstrap(options), indent=1)
