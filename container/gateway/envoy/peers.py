"""Routes of sessions that other tasks own.

    edge:   session listener ─▶ the session's route ─▶ cluster of the owner ──TLS──▶ owner: peers listener ─▶ its dev server
                                                    └─▶ (owner gone, or not the owner) the edge's
                                                    control plane, which asks the table

The peers listener's route table has none of these routes, so nothing is ever forwarded twice.
"""  # noqa: W505 - a table

from __future__ import annotations

from typing import Final

from contract.hmr import HmrContract

from ..ownership.model import Task
from ..peers.headers import API_AUTHORITY, NOT_OWNER, TO_TASK
from ..tokens import CookieNames
from .auth import JWT_FILTER, PEERS_REQUIREMENT
from .matches import plain_read
from .model import Json
from .peer_clusters import API, Carries, peer_cluster_name

READS: Final = "GET|HEAD|OPTIONS"
LEFT: Final = "connect-failure,refused-stream,reset-before-request,retriable-headers"
SIGNED: Final[Json] = {
    JWT_FILTER: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
        "requirement_name": PEERS_REQUIREMENT,
    }
}
"""Per-route configuration: the token's signature and time are verified."""

RETRY_ON: Final[dict[Carries, str]] = {
    "page": f"{LEFT},reset",
    "read": f"{LEFT},reset",
    "write": LEFT,
}


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
        _forward(session_id, task, contract, "page"),
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
