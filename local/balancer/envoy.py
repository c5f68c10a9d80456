"""The declared load balancer as an Envoy bootstrap configuration.

Where the two differ, the ALB's behaviour is asked for: paths are not normalised, the targets'
`Server` header passes, Envoy's own headers stay out, a target that cannot be reached is 502 and
none at all 503, requests go to all targets when none is healthy. Known differences: the stickiness
cookie is not renewed on each response, and its content names the target instead of being encrypted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.balancer.conditions import route_matches
from local.balancer.declared import (
    Action,
    DeclarationError,
    FixedResponse,
    Forward,
    Listener,
    LoadBalancer,
    Redirect,
    TargetGroup,
)

STICKINESS_COOKIE: Final = "AWSALB"
_TYPE: Final = "type.googleapis.com/envoy.extensions"
_SESSION: Final = "envoy.filters.http.stateful_session"
_MAX: Final = 1_000_000
"""An ALB has no such limits: Envoy's circuit breakers open at 1,024 connections otherwise."""

_REDIRECTS: Final = {301: "MOVED_PERMANENTLY", 302: "FOUND"}


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the declared parts stand on this machine."""

    ports: Mapping[int, int]
    """Declared listener port to local port."""
    addresses: Sequence[str]
    """Loopback addresses that the listeners bind."""
    targets: Mapping[str, Sequence[tuple[str, int]]]
    """ARN of a target group to address and port of its targets."""
    certificate: Path
    private_key: Path
    endpoints: Path | None = None
    """Folder of the files that `write_endpoints` keeps, where targets come and go.
    None: they stay.
    """


def bootstrap(balancer: LoadBalancer, placement: Placement) -> dict[str, Any]:
    """The whole configuration, without an admin interface. Raises `DeclarationError` for what Envoy
    cannot do.
    """
    return {
        "node": {"id": "load-balancer", "cluster": "local"},
        "static_resources": {
            "listeners": [
                _listener(balancer, listener, placement) for listener in balancer.listeners
            ],
            "clusters": [
                _cluster(balancer, group, placement.targets.get(group.arn, ()), placement.endpoints)
                for group in balancer.target_groups.values()
            ],
        },
        "layered_runtime": {
            "layers": [
                {"name": "static", "static_layer": {"re2.max_program_size.error_level": 1000}}
            ]
        },
    }


def _listener(balancer: LoadBalancer, listener: Listener, placement: Placement) -> dict[str, Any]:
    port = placement.ports[listener.port]
    chain: dict[str, Any] = {
        "filters": [
            {
                "name": "envoy.filters.network.http_connection_manager",
                "typed_config": _manager(balancer, listener, placement, port),
            }
        ]
    }
    if listener.tls:
        chain["transport_socket"] = _tls(balancer, listener, placement)
    first, *others = placement.addresses
    return {
        "name": listener.name,
        "address": _address(first, port),
        "additional_addresses": [{"address": _address(address, port)} for address in others],
        "filter_chains": [chain],
        "per_connection_buffer_limit_bytes": 65536,
    }


def _address(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}


def _tls(balancer: LoadBalancer, listener: Listener, placement: Placement) -> dict[str, Any]:
    oldest = "TLSv1_3" if "TLS13-1-3" in listener.tls_policy else "TLSv1_2"
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": f"{_TYPE}.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"] if balancer.http2 else ["http/1.1"],
                "tls_params": {
                    "tls_minimum_protocol_version": oldest,
                    "tls_maximum_protocol_version": "TLSv1_3",
                },
                "tls_certificates": [
                    {
                        "certificate_chain": {"filename": str(placement.certificate)},
                        "private_key": {"filename": str(placement.private_key)},
                    }
                ],
            },
        },
    }


def _manager(
    balancer: LoadBalancer, listener: Listener, placement: Placement, port: int
) -> dict[str, Any]:
    routes = []
    for rule in listener.rules:
        routes += [
            {"match": match, **_route(balancer, rule.action, placement, port)}
            for match in route_matches(rule.conditions)
        ]
    routes.append({"match": {"prefix": "/"}, **_route(balancer, listener.default, placement, port)})
    underscores = "DROP_HEADER" if balancer.drop_invalid_headers else "ALLOW"
    return {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": listener.name,
        "codec_type": "AUTO" if balancer.http2 and listener.tls else "HTTP1",
        "route_config": {
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
            "request_headers_to_add": [
                {
                    "header": {"key": "x-forwarded-port", "value": str(port)},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                },
                {
                    "header": {"key": "x-amzn-trace-id", "value": "Root=%STREAM_ID%"},
                    "append_action": "ADD_IF_ABSENT",
                },
            ],
            "request_headers_to_remove": [
                "x-envoy-external-address",
                "x-envoy-internal",
                "x-envoy-expected-rq-timeout-ms",
            ],
            **_listeners_headers(listener),
        },
        "http_filters": [
            {
                "name": _SESSION,
                "typed_config": {
                    "@type": f"{_TYPE}.filters.http.stateful_session.v3.StatefulSession"
                },
            },
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": f"{_TYPE}.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            },
        ],
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "stream_idle_timeout": f"{balancer.idle_timeout_seconds}s",
        "request_headers_timeout": f"{balancer.idle_timeout_seconds}s",
        "common_http_protocol_options": {
            "idle_timeout": f"{balancer.idle_timeout_seconds}s",
            "max_connection_duration": f"{balancer.client_keep_alive_seconds}s",
            "headers_with_underscores_action": underscores,
        },
        # An expired connection takes its current request, WebSockets included, to the end.
        "http1_safe_max_connection_duration": True,
        "use_remote_address": True,
        "skip_xff_append": balancer.forwarded_for != "append",
        "generate_request_id": False,
        "normalize_path": False,
        "merge_slashes": False,
        "server_header_transformation": "PASS_THROUGH",
        "local_reply_config": {
            "mappers": [
                {
                    "filter": {"response_flag_filter": {"flags": ["UF", "UC", "UPE", "URX"]}},
                    "status_code": 502,
                    "body": {"inline_string": "502 Bad Gateway\n"},
                }
            ]
        },
    }


def _listeners_headers(listener: Listener) -> dict[str, Any]:
    """What the listener's attributes add to each response."""
    if not listener.strict_transport_security:
        return {}
    header = {"key": "strict-transport-security", "value": listener.strict_transport_security}
    return {
        "response_headers_to_add": [
            {"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ]
    }


def _route(
    balancer: LoadBalancer, action: Action, placement: Placement, port: int
) -> dict[str, Any]:
    if isinstance(action, FixedResponse):
        return {
            "direct_response": {"status": action.status, "body": {"inline_string": action.body}},
            "response_headers_to_add": [
                {
                    "header": {"key": "content-type", "value": action.content_type},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                },
                {
                    "header": {"key": "server", "value": "awselb/2.0"},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                },
            ],
        }
    if isinstance(action, Redirect):
        return {"redirect": redirect_action(action, placement.ports, port)}
    return _forward(balancer, action)


def _forward(balancer: LoadBalancer, action: Forward) -> dict[str, Any]:
    groups = [balancer.target_groups[arn] for arn, _ in action.targets]
    clusters: dict[str, Any] = {"cluster": groups[0].name}
    if len(groups) > 1:
        weights = [weight for _, weight in action.targets]
        clusters = {
            "weighted_clusters": {
                "clusters": [
                    {"name": group.name, "weight": weight}
                    for group, weight in zip(groups, weights, strict=True)
                ]
            }
        }
    route: dict[str, Any] = {
        "route": {
            **clusters,
            "timeout": "0s",
            "cluster_not_found_response_code": "SERVICE_UNAVAILABLE",
        }
    }
    if seconds := groups[0].stickiness_seconds:
        route["typed_per_filter_config"] = {_SESSION: _stickiness(seconds)}
    return route


def _stickiness(seconds: int) -> dict[str, Any]:
    return {
        "@type": f"{_TYPE}.filters.http.stateful_session.v3.StatefulSessionPerRoute",
        "stateful_session": {
            "session_state": {
                "name": "envoy.http.stateful_session.cookie",
                "typed_config": {
                    "@type": f"{_TYPE}.http.stateful_session.cookie.v3.CookieBasedSessionState",
                    "cookie": {"name": STICKINESS_COOKIE, "path": "/", "ttl": f"{seconds}s"},
                },
            }
        },
    }


def redirect_action(action: Redirect, ports: Mapping[int, int], own_port: int) -> dict[str, Any]:
    """Envoy's redirect for an ALB's. Of the placeholders, `#{path}` may stand inside a longer path;
    the others stand alone.

    Declared ports become the local ones, so that a redirect to 443 arrives where HTTPS is served.
    """
    result: dict[str, Any] = {"response_code": _REDIRECTS[action.status]}
    if action.protocol != "#{protocol}":
        result["scheme_redirect"] = action.protocol.lower()
    if action.host != "#{host}":
        if "#{" in action.host:
            raise DeclarationError(
                f"a redirect's host is {action.host!r}; the local load balancer needs a literal"
                " host or #{host}"
            )
        result["host_redirect"] = action.host
    result["port_redirect"] = (
        own_port if action.port == "#{port}" else ports.get(int(action.port), int(action.port))
    )
    if action.path != "/#{path}":
        replaced = action.path.replace("\\", "\\\\")
        result["regex_rewrite"] = {
            "pattern": {"regex": "^/([^?]*)"},
            "substitution": replaced.replace("#{path}", "\\1"),
        }
        if "#{" in action.path.replace("#{path}", ""):
            raise DeclarationError(
                f"a redirect's path is {action.path!r}; of the placeholders, only #{{path}} may"
                " stand there"
            )
    if action.query == "":
        result["strip_query"] = True
    elif action.query != "#{query}":
        raise DeclarationError(
            f"a redirect's query is {action.query!r}; the local load balancer keeps it (#{{query}})"
            " or drops it ('')"
        )
    return result


def write_endpoints(
    balancer: LoadBalancer, targets: Mapping[str, Sequence[tuple[str, int]]], folder: Path
) -> None:
    """Have a running load balancer use these targets from now on. Connections to others stay until
    they end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for group in balancer.target_groups.values():
        assignment = _assignment(group, targets.get(group.arn, ()))
        resource = {
            "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
            **assignment,
        }
        part = folder / f".{group.name}.part"
        part.write_text(json.dumps({"resources": [resource]}))
        part.replace(folder / f"{group.name}.json")


def _assignment(group: TargetGroup, targets: Sequence[tuple[str, int]]) -> dict[str, Any]:
    check = group.health_check
    endpoints = []
    for address, port in targets:
        endpoint: dict[str, Any] = {"address": _address(address, port)}
        if check and check.port:
            endpoint["health_check_config"] = {"port_value": check.port}
        endpoints.append({"endpoint": endpoint})
    return {"cluster_name": group.name, "endpoints": [{"lb_endpoints": endpoints}]}


def _place(
    group: TargetGroup, targets: Sequence[tuple[str, int]], folder: Path | None
) -> dict[str, Any]:
    if folder is None:
        return {"type": "STATIC", "load_assignment": _assignment(group, targets)}
    source = {
        "path_config_source": {"path": str(folder / f"{group.name}.json")},
        "resource_api_version": "V3",
    }
    return {
        "type": "EDS",
        "eds_cluster_config": {"eds_config": source},
        "ignore_health_on_host_removal": True,
    }


def _cluster(
    balancer: LoadBalancer,
    group: TargetGroup,
    targets: Sequence[tuple[str, int]],
    folder: Path | None,
) -> dict[str, Any]:
    check = group.health_check
    cluster: dict[str, Any] = {
        "name": group.name,
        **_place(group, targets, folder),
        "connect_timeout": "5s",
        "lb_policy": (
            "LEAST_REQUEST" if group.algorithm == "least_outstanding_requests" else "ROUND_ROBIN"
        ),
        # An ALB without a healthy target asks them all; Envoy does so below this percentage of
        # healthy hosts.
        "common_lb_config": {"healthy_panic_threshold": {"value": 1}},
        "circuit_breakers": {
            "thresholds": [
                {
                    "max_connections": _MAX,
                    "max_pending_requests": _MAX,
                    "max_requests": _MAX,
                    "max_retries": 3,
                }
            ]
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{_TYPE}.upstreams.http.v3.HttpProtocolOptions",
                "common_http_protocol_options": {
                    "idle_timeout": f"{balancer.idle_timeout_seconds}s"
                },
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
    }
    if check:
        cluster["health_checks"] = [
            {
                "timeout": f"{check.timeout_seconds}s",
                "interval": f"{check.interval_seconds}s",
                "no_traffic_interval": f"{check.interval_seconds}s",
                "healthy_threshold": check.healthy_threshold,
                "unhealthy_threshold": check.unhealthy_threshold,
                "http_health_check": {
                    "path": check.path,
                    "host": "health-check",
                    "expected_statuses": matcher_ranges(check.matcher),
                },
            }
        ]
    return cluster


def matcher_ranges(matcher: str) -> list[dict[str, int]]:
    """A health check's matcher (`200`, `200,202`, `200-299`) as Envoy's half-open ranges."""
    ranges = []
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        ranges.append({"start": int(low), "end": int(high or low) + 1})
    return ranges
