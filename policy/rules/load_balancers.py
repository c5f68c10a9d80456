"""The load balancer itself: WebSockets that live, requests that mean one thing, a record of who came (S18, S19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number, unjudged
from .core.types import LOAD_BALANCER
from .core.values import UNKNOWN, as_dict, boolean, integer, show

ALB_LONGEST_IDLE_TIMEOUT_SECONDS: Final = 4000
ALB_DEFAULT_IDLE_TIMEOUT_SECONDS: Final = 60
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and the page linked in the rule."""

_ATTRIBUTES: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"


def is_application(resource: Resource) -> bool:
    """Whether this is an ALB. An absent type is one, as `application` is the default, and an unknown one may be."""
    return resource.props.get("loadBalancerType") in (None, UNKNOWN, "application")


def must_be_true(resource: Resource, prop: str, why: str) -> Iterable[Finding]:
    """A boolean property that has to be set to true; absent is a violation."""
    value = resource.props.get(prop)
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: {prop} is not known yet")
    elif boolean(value) is not True:
        yield Finding(message=f"{resource.name}: {prop} is {show(value)}; allowed is true, {why}")


# Idle timeout

_IDLE_TIMEOUT: Final[dict[str, Schema]] = {
    "heartbeatSeconds": {
        "type": "integer",
        "minimum": 1,
        "default": 60,
        "description": "Longest gap between two heartbeats of a healthy WebSocket client: 30 s in Vite, 60 s in a hidden tab.",
    },
    "lostHeartbeats": {
        "type": "integer",
        "minimum": 0,
        "default": 1,
        "description": "How many heartbeats in a row may be lost without losing the socket.",
    },
    "remedySeconds": {
        "type": "integer",
        "minimum": 1,
        "maximum": ALB_LONGEST_IDLE_TIMEOUT_SECONDS,
        "default": 3600,
        "description": "Idle timeout to set under the enforcement level `remediate`.",
    },
}


def _idle_timeout(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if not is_application(resource):
        return
    value = resource.props.get("idleTimeout")
    gap = number(settings, "heartbeatSeconds")
    low, high = gap * (1 + number(settings, "lostHeartbeats")), ALB_LONGEST_IDLE_TIMEOUT_SECONDS
    allowed = f"allowed is {low}-{high} s, as heartbeats of a hidden tab come every {gap} s and one may be lost"
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: idleTimeout is not known yet; {allowed}")
        return
    seconds = integer(ALB_DEFAULT_IDLE_TIMEOUT_SECONDS if value is None else value)
    if seconds is None or not low <= seconds <= high:
        found = f"not set, so AWS takes {ALB_DEFAULT_IDLE_TIMEOUT_SECONDS} s" if value is None else f"{show(value)} s"
        yield Finding(message=f"{resource.name}: idleTimeout is {found}; {allowed}")


def _remedy_idle_timeout(_: Resource, settings: Settings) -> Mapping[str, object]:
    return {"idleTimeout": settings["remedySeconds"]}


ALB_IDLE_TIMEOUT = ResourceRule(
    id="alb-idle-timeout",
    title="The load balancer's idle timeout outlasts the WebSocket heartbeat",
    reason=(
        "An ALB cuts a connection on which nothing moved for its idle timeout. Vite's HMR client only sends heartbeats, at most once a "
        "minute from a hidden tab: with AWS's default of 60 s such a tab loses its socket again and again, and each loss reloads the page."
    ),
    fix="set idle_timeout on the load balancer, for example idle_timeout=3600",
    link=_ATTRIBUTES,
    severity="high",
    level="mandatory",
    spec="S3 S11 S18",
    properties=_IDLE_TIMEOUT,
    types=LOAD_BALANCER,
    check=_idle_timeout,
    remedy=_remedy_idle_timeout,
)

# Headers


def _invalid_headers(resource: Resource, _: Settings) -> Iterable[Finding]:
    if is_application(resource):
        yield from must_be_true(resource, "dropInvalidHeaderFields", "as AWS forwards malformed headers otherwise")


ALB_DROP_INVALID_HEADERS = ResourceRule(
    id="alb-drop-invalid-headers",
    title="The load balancer drops malformed header fields",
    reason=(
        "Header names that are no tokens are read differently by each server behind the load balancer. That difference is what request "
        "smuggling is made of, and what hides a second Origin or Cookie from the gateway's checks."
    ),
    fix="set drop_invalid_header_fields=True on the load balancer",
    link=_ATTRIBUTES,
    severity="medium",
    level="mandatory",
    spec="S11 S19",
    types=LOAD_BALANCER,
    check=_invalid_headers,
    remedy=lambda _resource, _settings: {"dropInvalidHeaderFields": True},
)


def _desync(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not is_application(resource):
        return
    for prop, safe, default in (
        ("desyncMitigationMode", ("defensive", "strictest"), "defensive"),
        ("xffHeaderProcessingMode", ("append", "remove"), "append"),
    ):
        value = resource.props.get(prop)
        if value is UNKNOWN:
            yield unjudged(f"{resource.name}: {prop} is not known yet")
        elif (default if value is None else value) not in safe:
            yield Finding(message=f"{resource.name}: {prop} is {show(value)}; allowed is one of {', '.join(map(repr, safe))}")
    if boolean(resource.props.get("enableWafFailOpen")) is True:
        yield Finding(message=f"{resource.name}: enableWafFailOpen is true; allowed is false, as requests would pass unchecked")


ALB_REQUEST_INTEGRITY = ResourceRule(
    id="alb-request-integrity",
    title="The load balancer forwards no ambiguous, unchecked or forged requests",
    reason=(
        "Mode 'monitor' lets through requests whose end two servers see at different places. Mode 'preserve' hands on whatever address a "
        "client claims to have, so that logs and limits by address mean nothing. A firewall that fails open can be switched off by load."
    ),
    fix="leave desync_mitigation_mode at 'defensive', xff_header_processing_mode at 'append' and enable_waf_fail_open at False",
    link=_ATTRIBUTES,
    severity="medium",
    level="mandatory",
    spec="S11",
    types=LOAD_BALANCER,
    check=_desync,
)

# Production


def _access_logs(resource: Resource, _: Settings) -> Iterable[Finding]:
    logs = resource.props.get("accessLogs")
    if logs is UNKNOWN:
        yield unjudged(f"{resource.name}: accessLogs is not known yet")
        return
    enabled = as_dict(logs).get("enabled")
    if enabled is UNKNOWN:
        yield unjudged(f"{resource.name}: accessLogs.enabled is not known yet")
    elif boolean(enabled) is not True:
        yield Finding(message=f"{resource.name}: accessLogs.enabled is {show(enabled)}; allowed is true")
    if isinstance(logs, dict) and logs.get("bucket") in (None, ""):
        yield Finding(message=f"{resource.name}: accessLogs.bucket is {show(logs.get('bucket'))}; allowed is the name of an S3 bucket")


ALB_ACCESS_LOGS = ResourceRule(
    id="alb-access-logs",
    title="The load balancer writes access logs",
    reason="Without them nobody can say afterwards who opened whose session, or why a WebSocket was refused.",
    fix="set access_logs={'enabled': True, 'bucket': …} on the load balancer, with a bucket that the region's load balancing may write to",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
    severity="medium",
    level="advisory",
    spec="S11 S19",
    types=LOAD_BALANCER,
    check=_access_logs,
)

ALB_DELETION_PROTECTION = ResourceRule(
    id="alb-deletion-protection",
    title="The load balancer is protected against deletion",
    reason="Deleting it cuts every live session and gives its host name away; a new one has another name.",
    fix="set enable_deletion_protection=True on the load balancer",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#deletion-protection",
    severity="medium",
    level="advisory",
    spec="S11 S19",
    types=LOAD_BALANCER,
    check=lambda resource, _: must_be_true(resource, "enableDeletionProtection", "where people depend on it"),
)

RULES = (
    ALB_IDLE_TIMEOUT,
    ALB_DROP_INVALID_HEADERS,
    ALB_REQUEST_INTEGRITY,
    ALB_ACCESS_LOGS,
    ALB_DELETION_PROTECTION,
)
