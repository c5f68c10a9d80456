"""Target groups: a session's requests and its WebSocket meet the same, healthy task, over HTTP/1.1
(S18, S19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.place import Place, be_one_of, be_true, be_within
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number
from .core.types import TARGET_GROUP
from .core.values import UNKNOWN, Value, as_dict, integer
from .core.well_known import OTHER_SERVICES

LONGEST_STICKINESS_SECONDS: Final = 604_800
AWS_DEFAULT_STICKINESS_SECONDS: Final = 86_400
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
"""

_ATTRIBUTES: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"


def serves_http(resource: Resource) -> bool:
    """Whether this target group stands behind an ALB. TCP-like protocols and Lambda targets have no
    HTTP.
    """
    if resource.props.get("targetType") == "lambda":
        return False
    protocol = resource.props.get("protocol")
    return protocol in (None, UNKNOWN) or str(protocol).upper() in ("HTTP", "HTTPS")


# Stickiness

_STICKINESS: Final[dict[str, Schema]] = {
    "minimumSeconds": {
        "type": "integer",
        "minimum": 1,
        "maximum": LONGEST_STICKINESS_SECONDS,
        "default": 3600,
        "description": "Shortest allowed life of the load balancer's cookie.",
    },
    "remedySeconds": {
        "type": "integer",
        "minimum": 1,
        "maximum": LONGEST_STICKINESS_SECONDS,
        "default": 3600,
        "description": "Life of the cookie to set under the enforcement level `remediate`.",
    },
}


def _passes_connections(resource: Resource) -> bool:
    """Whether a network load balancer spreads single connections over these targets. One ALB behind
    it is one target.
    """
    protocol = resource.asked.get("protocol")
    other = integer(resource.asked.get("port")) in OTHER_SERVICES
    return (
        str(protocol).upper() in _CONNECTIONS
        and resource.asked.get("targetType") in (None, "instance", "ip")
        and not other
    )


_CONNECTIONS: Final = ("TCP", "TLS", "TCP_UDP", "QUIC", "TCP_QUIC")
"""Protocols that can carry pages to a target. UDP alone cannot."""


def _is_remote_calls(resource: Resource) -> bool:
    """Whether a group speaks gRPC, which serves no pages: `target-group-http1` says so, once."""
    return str(resource.asked.get("protocolVersion")).upper() == "GRPC"


def _stickiness(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if _passes_connections(resource):
        yield from resource.at("stickiness", "enabled").must(
            be_true, "true, as a page and its WebSocket are separate connections"
        )
        yield from resource.at("stickiness", "type").must(
            be_one_of("source_ip"), "'source_ip'", default="source_ip"
        )
    if not serves_http(resource) or _is_remote_calls(resource):
        return
    stickiness = resource.at("stickiness")
    if not stickiness.unknown and not isinstance(stickiness.value, dict):
        yield stickiness.wrong("enabled, of type 'lb_cookie'")
        return
    yield from stickiness.at("enabled").must(be_true, "true", default=True)  # as the provider does
    allowed = "'lb_cookie', as a dev server sets no application cookie to follow"
    yield from stickiness.at("type").must(be_one_of("lb_cookie"), allowed)
    shortest, longest = number(settings, "minimumSeconds"), LONGEST_STICKINESS_SECONDS
    seconds = stickiness.at("cookieDuration")
    yield from seconds.must(
        be_within(shortest, longest),
        f"{shortest}-{longest} s",
        default=AWS_DEFAULT_STICKINESS_SECONDS,
    )


def _stickiness_sense(settings: Settings) -> Iterable[str]:
    shortest, remedy = number(settings, "minimumSeconds"), number(settings, "remedySeconds")
    if remedy < shortest:
        yield f"remedySeconds is {remedy}; allowed is at least {shortest}, which is minimumSeconds"


def _remedy_stickiness(resource: Resource, settings: Settings) -> Mapping[str, object]:
    if _passes_connections(resource):
        return {"stickiness": {"enabled": True, "type": "source_ip"}}
    seconds = integer(as_dict(resource.props.get("stickiness")).get("cookieDuration")) or 0
    keep = number(settings, "minimumSeconds") <= seconds <= LONGEST_STICKINESS_SECONDS
    return {
        "stickiness": {
            "enabled": True,
            "type": "lb_cookie",
            "cookieDuration": seconds if keep else settings["remedySeconds"],
        }
    }


TARGET_GROUP_STICKINESS = ResourceRule(
    id="target-group-stickiness",
    title="The target group is sticky by the load balancer's cookie",
    reason=(
        "A dev server keeps its state in one task: its module graph, its HMR token and the"
        " WebSocket. Without stickiness the page, its modules and the upgrade land on different"
        " tasks, the token does not match, and edits do not arrive."
    ),
    fix=(
        "set stickiness={'enabled': True, 'type': 'lb_cookie', 'cookie_duration': 3600} on the"
        " target group of HTTP or HTTPS; behind a network load balancer, as with TCP, {'enabled':"
        " True, 'type': 'source_ip'}"
    ),
    link=_ATTRIBUTES,
    severity="high",
    level="mandatory",
    properties=_STICKINESS,
    sense=_stickiness_sense,
    types=TARGET_GROUP,
    check=_stickiness,
    remedy=_remedy_stickiness,
)

# Health check

_HEALTH: Final[dict[str, Schema]] = {
    "longestIntervalSeconds": {
        "type": "integer",
        "minimum": 5,
        "maximum": 300,
        "default": 60,
        "description": "Longest allowed time between two checks.",
    },
    "longestDetectionSeconds": {
        "type": "integer",
        "minimum": 10,
        "maximum": 3000,
        "default": 180,
        "description": (
            "Longest allowed time until a dead task is taken out: interval times unhealthy"
            " threshold."
        ),
    },
}

_ANY: Final = 1_000_000

_HEALTH_DEFAULTS: Final[dict[str, int]] = {
    "interval": 30,
    "timeout": 5,
    "healthyThreshold": 3,
    "unhealthyThreshold": 3,
}
"""The provider's: https://www.pulumi.com/registry/packages/aws/api-docs/lb/targetgroup/"""


def _health_check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if not serves_http(resource) or _is_remote_calls(resource):
        return
    check = resource.at("healthCheck")
    if not check.unknown and not isinstance(check.value, dict):
        yield check.wrong("a check of the task's own health page")
        return
    yield from check.at("enabled").must(be_true, "true", default=True)
    yield from check.at("path").must(_is_page, "a page that says whether the task can serve")
    yield from check.at("matcher").must(
        _is_success, "2xx codes, as errors and sign-in pages are not health", default="200"
    )
    yield from _health_times(check, settings)


def _is_page(path: Value) -> bool:
    return path not in (None, "", "/")


def _is_success(matcher: Value) -> bool:
    return all(part.strip().startswith("2") for part in str(matcher).replace("-", ",").split(","))


def _number(check: Place, field: str) -> int | None:
    value = check.at(field).value
    return integer(_HEALTH_DEFAULTS[field] if value is None else value)


def _health_times(check: Place, settings: Settings) -> Iterable[Finding]:
    longest, detection = (
        number(settings, "longestIntervalSeconds"),
        number(settings, "longestDetectionSeconds"),
    )
    for field, default in _HEALTH_DEFAULTS.items():
        high, allowed = (
            (longest, f"at most {longest} s") if field == "interval" else (_ANY, "a whole number")
        )
        yield from check.at(field).must(be_within(0, high), allowed, default=default)
    interval, timeout, unhealthy = (
        _number(check, field) for field in ("interval", "timeout", "unhealthyThreshold")
    )
    if interval is not None and timeout is not None and timeout >= interval:
        yield check.at("timeout").wrong(
            f"less than the interval of {interval} s", found=f"{timeout} s"
        )
    if interval is not None and unhealthy is not None and interval * unhealthy > detection:
        took = f"{interval} s x {unhealthy} = {interval * unhealthy} s"
        yield Finding(
            message=(
                f"{check}: a dead task is noticed after {took}; allowed is at most {detection} s"
            )
        )


TARGET_GROUP_HEALTH_CHECK = ResourceRule(
    id="target-group-health-check",
    title="The target group checks the task's own health page",
    reason=(
        "Sticky sessions stay with a task until it is unhealthy. Without a check that can fail, a"
        " person is tied to a dead task for the life of the cookie."
    ),
    fix=(
        "set health_check with enabled=True, a path such as '/health/ready', matcher='200',"
        " interval=30 and timeout=10"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    severity="medium",
    level="mandatory",
    properties=_HEALTH,
    types=TARGET_GROUP,
    check=_health_check,
)

# Protocol version


def _protocol_version(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not serves_http(resource):
        return
    yield from resource.at("protocolVersion").must(
        lambda version: str(version).upper() == "HTTP1", "'HTTP1'", default="HTTP1"
    )


TARGET_GROUP_HTTP1 = ResourceRule(
    id="target-group-http1",
    title="The target group speaks HTTP/1.1",
    reason=(
        "An ALB carries WebSocket upgrades to targets over HTTP/1.1 only; with HTTP/2 or gRPC the"
        " HMR socket never opens."
    ),
    fix=(
        "set protocol_version='HTTP1' on the target group, or leave it out; exempt a group by name"
        " that serves gRPC and no pages"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
    severity="high",
    level="mandatory",
    types=TARGET_GROUP,
    check=_protocol_version,
)

RULES = (TARGET_GROUP_STICKINESS, TARGET_GROUP_HEALTH_CHECK, TARGET_GROUP_HTTP1)
