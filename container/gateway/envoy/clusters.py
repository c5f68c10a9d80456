"""Clusters: the control plane's front, and one per dev server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .model import Json, Upstream

HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
CONTROL: Final = "control"
CONTROL_SOCKET: Final = "control.sock"
"""Relative to Envoy's working directory: a Unix socket's path may have 107 characters only."""

CONNECT_TIMEOUT: Final = "2s"
UPSTREAM_IDLE_SECONDS: Final = 4
"""Node.js closes a kept-alive connection after 5 s (`server.keepAliveTimeout`); give it up first,
or a request meets the closing.
"""

BUFFER_BYTES: Final = 32 * 1024
"""Per connection. Envoy's default of 1 MiB lets idle sockets with slow readers hold far more than
they need.
"""

UNLIMITED: Final = 1_000_000
"""Envoy's circuit breakers open at 1,024 requests by default, and each open WebSocket is one; at
three retries, and a page that meets a restart has hundreds of requests. The listener's own limit
applies instead.
"""


def endpoint(address: Json) -> Json:
    """One host of a cluster."""
    return {"endpoint": {"address": address}}


def cluster(name: str, address: Json, *, idle_seconds: int, requests: int = UNLIMITED) -> Json:
    """A cluster of one host that speaks HTTP/1.1. `requests` may be under way at a time, open
    WebSockets among them.
    """
    # Not of connections: above that limit requests wait for one, above this they are refused at
    # once.
    limits = {
        "max_connections": UNLIMITED,
        "max_pending_requests": UNLIMITED,
        "max_requests": requests,
        "max_retries": UNLIMITED,
    }
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "connect_timeout": CONNECT_TIMEOUT,
        "per_connection_buffer_limit_bytes": BUFFER_BYTES,
        "circuit_breakers": {"thresholds": [limits, {"priority": "HIGH", **limits}]},
        "typed_extension_protocol_options": {
            HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
                "explicit_http_config": {"http_protocol_options": {}},
                "common_http_protocol_options": {"idle_timeout": f"{idle_seconds}s"},
            }
        },
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [endpoint(address)]}],
        },
    }


def control_cluster() -> Json:
    return cluster(CONTROL, {"pipe": {"path": CONTROL_SOCKET}}, idle_seconds=UPSTREAM_IDLE_SECONDS)


def session_cluster(upstream: Upstream, requests: int = UNLIMITED) -> Json:
    """`requests` is how many may be under way at a time, open WebSockets among them: one session
    does not use up the task's connections.
    """
    return cluster(
        upstream.cluster,
        {"pipe": {"path": upstream.socket}},
        idle_seconds=UPSTREAM_IDLE_SECONDS,
        requests=requests,
    )


def clusters(upstreams: Iterable[Upstream], requests: int = UNLIMITED) -> list[Json]:
    """All clusters, in a stable order."""
    return [
        control_cluster(),
        *(
            session_cluster(upstream, requests)
            for upstream in sorted(upstreams, key=lambda item: item.session_id)
        ),
    ]
