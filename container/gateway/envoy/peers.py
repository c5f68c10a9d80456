"""Routes and clusters for sessions that other tasks own, and the TLS between tasks.

    edge:   session listener ─▶ the session's route ─▶ cluster of the owner ──TLS──▶ owner: peers listener ─▶ its dev server
                                                    └─▶ (owner gone, or not the owner) the edge's
                                                    control plane, which asks the table

The peers listener's route table has none of these routes, so nothing is ever forwarded twice.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from contract.hmr import HmrContract

from ..ownership.model import Task
from ..peers.certificates import AUTHORITIES_FILE, CERTIFICATE_FILE, KEY_FILE, peer_name
from ..peers.headers import API_AUTHORITY, NOT_OWNER, TO_TASK
from ..peers.keep_alive import BODY_SECONDS, NOTICED_SECONDS, keep_alive, user_timeout
from ..tokens import CookieNames
from .auth import JWT_FILTER, PEERS_REQUIREMENT
from .clusters import CONTROL_SOCKET, UNLIMITED, cluster, endpoint
from .matches import plain_read
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

READS: Final = "GET|HEAD|OPTIONS"
LEFT: Final = "connect-failure,refused-stream,reset-before-request,retriable-headers"
SIGNED: Final[Json] = {
    JWT_FILTER: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
        "requirement_name": PEERS_REQUIREMENT,
    }
}
"""Per-route configuration: the token's signature and time are verified."""


Carries = Literal["read", "write"]
"""What a cluster's requests carry: heads and the frames of WebSockets, or bodies too."""
RETRY_ON: Final[dict[Carries, str]] = {"read": f"{LEFT},reset", "write": LEFT}
SILENCE_SECONDS: Final[dict[Carries, float]] = {"read": NOTICED_SECONDS, "write": BODY_SECONDS}


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
            "common_tls_context": _tls({}),
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
    """Of one task, for all that is forwarded to it."""
    return [_peer_cluster(task, carries) for carries in SILENCE_SECONDS]


def _peer_cluster(task: Task, carries: Carries) -> Json:
    """The task first; this task's own control plane for a request that the other one did not take
    (`_forward`).
    """
    host, _, port = task.address.rpartition(":")
    there = endpoint({"socket_address": {"address": host.strip("[]"), "port_value": int(port)}})
    here = {
        **endpoint({"pipe": {"path": CONTROL_SOCKET}}),
        "metadata": {"filter_metadata": {OWN: {"own": True}}},
    }
    name = peer_cluster_name(task, carries)
    return {
        **cluster(name, {}, idle_seconds=PEER_IDLE_SECONDS, requests=UNLIMITED),
        "upstream_connection_options": {"tcp_keepalive": keep_alive()},
        "upstream_bind_config": {"socket_options": [user_timeout(SILENCE_SECONDS[carries])]},
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


def api_route() -> Json:
    """Of the peers' table: the API has a host that no session has."""
    host = {"name": ":authority", "string_match": {"exact": API_AUTHORITY}}
    return {
        "name": "peer-api",
        "match": {"prefix": "/", "headers": [host]},
        "route": {"cluster": API, "timeout": "0s", "idle_timeout": "0s"},
    }


def _forward(session_id: str, task: Task, contract: HmrContract, carries: Carries) -> Json:
    return {
        "cluster": peer_cluster_name(task, carries),
        "timeout": "0s",
        "host_rewrite_literal": contract.session_authority(session_id),
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
        "retry_policy": {
            "retry_on": RETRY_ON[carries],
            "num_retries": 1,
            "retriable_headers": [{"name": NOT_OWNER, "present_match": True}],
            "retry_priority": {
                "name": "envoy.retry_priorities.previous_priorities",
                "typed_config": {
                    "@type": (
                        "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig"
                    ),
                    "update_frequency": 1,
                },
            },
        },
    }


def peer_routes(session_id: str, task: Task, contract: HmrContract) -> list[Json]:
    """A session of another task. That one does all that is done to a session's requests; here only
    the token's signature is verified.

    Of several session cookies the first may be another script's (`cookie_filters.py`): which one
    counts is left to the owner then.
    """
    here = (
        [{"name": ":authority", "string_match": {"exact": contract.session_authority(session_id)}}]
        if contract.by_host
        else []
    )
    name = CookieNames.of(contract).session
    several = {
        "name": "cookie",
        "string_match": {"safe_regex": {"regex": f"(?s).*{name}=.*{name}=.*"}},
    }
    reads = {"name": ":method", "string_match": {"safe_regex": {"regex": READS}}}
    variants: list[tuple[Carries, list[Json], Json]] = []
    idle = {"idle_timeout": f"{contract.upstream_keep_alive_seconds}s"}
    kinds: tuple[tuple[Carries, list[Json]], ...] = (("read", [reads]), ("write", []))
    for kind, headers in kinds:
        variants.append((kind, [*headers, several], {}))
        variants.append((kind, headers, SIGNED))
    return [
        _peer_route(
            f"peer-{kind}.{session_id}",
            {"prefix": contract.session_base(session_id), "headers": [*here, *headers]},
            {**_forward(session_id, task, contract, kind), **idle},
            rules,
            task,
        )
        for kind, headers, rules in variants
    ]


def peer_plain_read(session_id: str, task: Task, contract: HmrContract) -> Json:
    """The short way, as for a session of this task. There is one session cookie: it is verified."""
    return _peer_route(
        f"peer-page.{session_id}",
        plain_read(session_id, contract),
        _forward(session_id, task, contract, "read"),
        SIGNED,
        task,
    )


def _peer_route(name: str, match: Json, action: Json, rules: Json, task: Task) -> Json:
    return {
        "name": name,
        "match": match,
        "route": action,
        "typed_per_filter_config": rules,
        "request_headers_to_add": [
            {
                "header": {"key": TO_TASK, "value": task.id},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }
        ],
    }
