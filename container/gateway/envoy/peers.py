"""Routes and clusters for sessions that other tasks own, and the TLS between tasks.

    edge:   session listener ─▶ the session's route ─▶ cluster of the owner ──TLS──▶ owner: peers listener ─▶ its dev server
                                                    └─▶ (owner gone, or not the owner) the edge's
                                                    control plane, which asks the table

The peers listener's route table has none of these routes, so nothing is ever forwarded twice.
"""

from __future__ import annotations

import re
from typing import Final

from contract.hmr import HmrContract

from ..ownership.model import Task
from ..peers.certificates import AUTHORITIES_FILE, CERTIFICATE_FILE, KEY_FILE, peer_name
from ..peers.headers import API_AUTHORITY, NOT_OWNER, TO_TASK
from ..tokens import CookieNames
from .auth import JWT_FILTER, PEERS_REQUIREMENT
from .clusters import CONTROL_SOCKET, UNLIMITED, cluster, endpoint
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


def peer_cluster_name(task: Task) -> str:
    """Another run of a task, or another address of it, is another cluster: no pooled connection
    outlives what it was made for.
    """
    return f"peer.{task.id}.{task.run}.{re.sub('[^0-9a-f]', '-', task.address)}"


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


def peer_cluster(task: Task) -> Json:
    """The task first; this task's own control plane for a request that the other one did not take
    (`_forward`).
    """
    host, _, port = task.address.rpartition(":")
    there = endpoint({"socket_address": {"address": host.strip("[]"), "port_value": int(port)}})
    here = {
        **endpoint({"pipe": {"path": CONTROL_SOCKET}}),
        "metadata": {"filter_metadata": {OWN: {"own": True}}},
    }
    name = peer_cluster_name(task)
    return {
        **cluster(name, {}, idle_seconds=PEER_IDLE_SECONDS, requests=UNLIMITED),
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


def _forward(session_id: str, task: Task, contract: HmrContract, retry_on: str) -> Json:
    return {
        "cluster": peer_cluster_name(task),
        "timeout": "0s",
        "idle_timeout": f"{contract.upstream_keep_alive_seconds}s",
        "host_rewrite_literal": contract.session_authority(session_id),
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
        "retry_policy": {
            "retry_on": retry_on,
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
    rules = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
        "requirement_name": PEERS_REQUIREMENT,
    }
    variants: list[tuple[str, list[Json], str, Json]] = []
    for kind, headers, retry_on in (("read", [reads], f"{LEFT},reset"), ("write", [], LEFT)):
        variants.append((kind, [*headers, several], retry_on, {}))
        variants.append((kind, headers, retry_on, {JWT_FILTER: rules}))
    return [
        {
            "name": f"peer-{kind}.{session_id}",
            "match": {"prefix": contract.session_base(session_id), "headers": [*here, *headers]},
            "route": _forward(session_id, task, contract, retry_on),
            "typed_per_filter_config": configuration,
            "request_headers_to_add": [
                {
                    "header": {"key": TO_TASK, "value": task.id},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                }
            ],
        }
        for kind, headers, retry_on, configuration in variants
    ]
