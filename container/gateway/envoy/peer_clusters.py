"""Clusters of the other tasks, and the TLS between tasks.

What nearly all requests are, a page's plain reads, share a few connections by HTTP/2: one TLS
record then carries frames of several requests, and a visitor who breaks off ends a stream, no
connection. WebSockets and bodies have an HTTP/1.1 connection each, as behind the load balancer.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from ..ownership.model import Task
from ..peers.certificates import AUTHORITIES_FILE, CERTIFICATE_FILE, KEY_FILE, peer_name
from ..peers.keep_alive import BODY_SECONDS, NOTICED_SECONDS, keep_alive, user_timeout
from .clusters import CONTROL, CONTROL_SOCKET, HTTP_OPTIONS, UNLIMITED, cluster, endpoint
from .model import Json

API: Final = "api"
API_SOCKET: Final = "api.sock"

PEER_IDLE_SECONDS: Final = 60
RAW: Final = {
    "name": "envoy.transport_sockets.raw_buffer",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"
    },
}
OWN: Final = "envoy.transport_socket_match"
"""Endpoint metadata by which a cluster's endpoints choose their transport."""

Carries = Literal["page", "read", "write"]
"""What a cluster's requests carry: heads alone; heads and the frames of WebSockets; bodies too."""
SILENCE_SECONDS: Final[dict[Carries, float]] = {
    "page": NOTICED_SECONDS,
    "read": NOTICED_SECONDS,
    "write": BODY_SECONDS,
}
STREAMS: Final = 100
"""Requests on one connection of HTTP/2; further ones get another connection."""
STREAM_WINDOW_BYTES: Final = 64 * 1024
"""What may be under way to one visitor, beyond which its stream waits for the visitor."""
CONNECTION_WINDOW_BYTES: Final = 2 * STREAMS * STREAM_WINDOW_BYTES
"""More than all streams together may have under way: slow visitors never make the others wait."""
HTTP2: Final[Json] = {
    "max_concurrent_streams": STREAMS,
    "initial_stream_window_size": STREAM_WINDOW_BYTES,
    "initial_connection_window_size": CONNECTION_WINDOW_BYTES,
}
BY_HTTP2: Final = "by-http2"
"""Of the name of the cluster behind that for plain reads."""
PROTOCOLS: Final = ("h2", "http/1.1")
"""Negotiated in TLS (ALPN): a task of an earlier version knows HTTP/1.1 alone."""


def peer_cluster_name(task: Task, carries: Carries = "read") -> str:
    """Another run of a task, or another address of it, is another cluster: no pooled connection
    outlives what it was made for.
    """
    return f"peer.{task.id}.{task.run}.{re.sub('[^0-9a-f]', '-', task.address)}.{carries}"


def _tls(validation: Json) -> Json:
    return {
        "tls_params": {
            "tls_minimum_protocol_version": "TLSv1_3",
            "tls_maximum_protocol_version": "TLSv1_3",
        },
        "tls_certificates": [
            {
                "certificate_chain": {"filename": CERTIFICATE_FILE},
                "private_key": {"filename": KEY_FILE},
            }
        ],
        "validation_context": {"trusted_ca": {"filename": AUTHORITIES_FILE}, **validation},
    }


def downstream_tls() -> Json:
    """Of the peers listener: only tasks of this service get in."""
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": (
                "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
            ),
            "common_tls_context": {**_tls({}), "alpn_protocols": list(PROTOCOLS)},
            "require_client_certificate": True,
        },
    }


def _upstream_tls(task: Task) -> Json:
    name = peer_name(task.id)
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": (
                "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
            ),
            "sni": name,
            "common_tls_context": _tls(
                {"match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": name}}]}
            ),
        },
    }


def peer_clusters(task: Task) -> list[Json]:
    """Of one task, for all that is forwarded to it. Each leads to the task first, and to this
    task's own control plane for a request that the other one did not take (`_forward`).
    """
    return [
        *_page_clusters(task),
        *(_peer_cluster(task, carries) for carries in SILENCE_SECONDS if carries != "page"),
    ]


def _endpoint_of(task: Task) -> Json:
    host, _, port = task.address.rpartition(":")
    return endpoint({"socket_address": {"address": host.strip("[]"), "port_value": int(port)}})


def _noticing(carries: Carries) -> Json:
    """Of a cluster: what tells it that a peer has vanished."""
    return {
        "upstream_connection_options": {"tcp_keepalive": keep_alive()},
        "upstream_bind_config": {"socket_options": [user_timeout(SILENCE_SECONDS[carries])]},
    }


def _page_clusters(task: Task) -> list[Json]:
    """The task by HTTP/2, which the control plane does not speak: two clusters as one."""
    name = peer_cluster_name(task, "page")
    member = cluster(f"{name}.{BY_HTTP2}", {}, idle_seconds=PEER_IDLE_SECONDS, requests=UNLIMITED)
    options = member["typed_extension_protocol_options"][HTTP_OPTIONS]
    del options["explicit_http_config"]
    options["auto_config"] = {"http_protocol_options": {}, "http2_protocol_options": HTTP2}
    tls = _upstream_tls(task)
    tls["typed_config"]["common_tls_context"]["alpn_protocols"] = list(PROTOCOLS)
    member |= {
        **_noticing("page"),
        "load_assignment": {
            "cluster_name": member["name"],
            "endpoints": [{"lb_endpoints": [_endpoint_of(task)]}],
        },
        "transport_socket": tls,
    }
    whole = {
        "@type": member["@type"],
        "name": name,
        "connect_timeout": member["connect_timeout"],
        "circuit_breakers": member["circuit_breakers"],
        "per_connection_buffer_limit_bytes": member["per_connection_buffer_limit_bytes"],
        "lb_policy": "CLUSTER_PROVIDED",
        "cluster_type": {
            "name": "envoy.clusters.aggregate",
            "typed_config": {
                "@type": (
                    "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig"
                ),
                "clusters": [member["name"], CONTROL],
            },
        },
    }
    return [member, whole]


def _peer_cluster(task: Task, carries: Carries) -> Json:
    there = _endpoint_of(task)
    here = {
        **endpoint({"pipe": {"path": CONTROL_SOCKET}}),
        "metadata": {"filter_metadata": {OWN: {"own": True}}},
    }
    name = peer_cluster_name(task, carries)
    return {
        **cluster(name, {}, idle_seconds=PEER_IDLE_SECONDS, requests=UNLIMITED),
        **_noticing(carries),
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {"priority": 0, "lb_endpoints": [there]},
                {"priority": 1, "lb_endpoints": [here]},
            ],
        },
        "transport_socket_matches": [
            {"name": "own", "match": {"own": True}, "transport_socket": RAW},
            {"name": "peer", "match": {}, "transport_socket": _upstream_tls(task)},
        ],
    }


def api_cluster() -> Json:
    """This task's API, for requests that peers forward."""
    return cluster(API, {"pipe": {"path": API_SOCKET}}, idle_seconds=PEER_IDLE_SECONDS)
