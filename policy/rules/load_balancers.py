"""The load balancer itself: WebSockets that live, requests that mean one thing, a record of who
came (S18, S19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.listening import protocol_of
from .core.place import be_false, be_one_of, be_set, be_true, be_within
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number
from .core.types import CLASSIC_LOAD_BALANCER, LISTENER, LOAD_BALANCER
from .core.values import UNKNOWN

ALB_LONGEST_IDLE_TIMEOUT_SECONDS: Final = 4000
ALB_DEFAULT_IDLE_TIMEOUT_SECONDS: Final = 60
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and
the page linked in the rule.
"""

_ATTRIBUTES: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"


def is_application(resource: Resource) -> bool:
    """Whether this is an ALB. An absent type is one, as `application` is the default, and an
    unknown one may be.
    """
    kind = resource.props.get("loadBalancerType")
    return kind in (None, UNKNOWN) or str(kind).lower() == "application"


# Idle timeout

_IDLE_TIMEOUT: Final[dict[str, Schema]] = {
    "heartbeatSeconds": {
        "type": "integer",
        "minimum": 1,
        "default": 60,
        "description": (
            "Longest gap between two heartbeats of a healthy WebSocket client: 30 s in Vite, 60 s"
            " in a hidden tab."
        ),
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


NLB_LONGEST_IDLE_TIMEOUT_SECONDS: Final = 6000
NLB_DEFAULT_IDLE_TIMEOUT_SECONDS: Final = 350
"""Of TCP listeners; that of TLS listeners is the default and cannot be changed:
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html"""

_TIMEOUTS: Final = {
    "idleTimeout": (ALB_LONGEST_IDLE_TIMEOUT_SECONDS, ALB_DEFAULT_IDLE_TIMEOUT_SECONDS),
    "tcpIdleTimeoutSeconds": (NLB_LONGEST_IDLE_TIMEOUT_SECONDS, NLB_DEFAULT_IDLE_TIMEOUT_SECONDS),
}
"""Property to its longest value and AWS's default."""


def _timeout_of(resource: Resource) -> str:
    """The property that says how long a connection may be idle; empty where another
    resource does.
    """
    if resource.type in LISTENER:
        return "tcpIdleTimeoutSeconds" if protocol_of(resource) in ("TCP", "TLS", "GENEVE") else ""
    return (
        "idleTimeout" if resource.type in CLASSIC_LOAD_BALANCER or is_application(resource) else ""
    )


def _idle_timeout(resource: Resource, settings: Settings) -> Iterable[Finding]:
    prop = _timeout_of(resource)
    if not prop:
        return
    gap = number(settings, "heartbeatSeconds")
    high, default = _TIMEOUTS[prop]
    low = gap * (1 + number(settings, "lostHeartbeats"))
    yield from resource.at(prop).must(
        be_within(low, high),
        f"{low}-{high} s, as heartbeats of a hidden tab come every {gap} s,"
        f" {number(settings, 'lostHeartbeats')} may be lost",
        default=default,
        absent=f"not set, so AWS takes {default} s",
    )


def _idle_timeout_sense(settings: Settings) -> Iterable[str]:
    low, remedy = (
        number(settings, "heartbeatSeconds") * (1 + number(settings, "lostHeartbeats")),
        number(settings, "remedySeconds"),
    )
    if low > ALB_LONGEST_IDLE_TIMEOUT_SECONDS:
        yield (
            f"heartbeatSeconds times (1 + lostHeartbeats) is {low}; allowed is at most"
            f" {ALB_LONGEST_IDLE_TIMEOUT_SECONDS}, the longest idle timeout of an ALB"
        )
    elif remedy < low:
        yield (
            f"remedySeconds is {remedy}; allowed is at least {low}, heartbeatSeconds times (1 +"
            " lostHeartbeats)"
        )


def _remedy_idle_timeout(resource: Resource, settings: Settings) -> Mapping[str, object]:
    return {_timeout_of(resource): settings["remedySeconds"]}


ALB_IDLE_TIMEOUT = ResourceRule(
    id="alb-idle-timeout",
    title="The load balancer's idle timeout outlasts the WebSocket heartbeat",
    reason=(
        "An ALB cuts a connection on which nothing moved for its idle timeout. Vite's HMR client"
        " only sends heartbeats, at most once a minute from a hidden tab: with AWS's default of 60"
        " s such a tab loses its socket again and again, and each loss reloads the page."
    ),
    fix="set idle_timeout on the load balancer, for example idle_timeout=3600",
    link=_ATTRIBUTES,
    severity="high",
    level="mandatory",
    properties=_IDLE_TIMEOUT,
    sense=_idle_timeout_sense,
    types=LOAD_BALANCER | CLASSIC_LOAD_BALANCER | LISTENER,
    check=_idle_timeout,
    remedy=_remedy_idle_timeout,
)

# Headers


def _invalid_headers(resource: Resource, _: Settings) -> Iterable[Finding]:
    if is_application(resource):
        allowed = "true, as AWS forwards malformed headers otherwise"
        yield from resource.at("dropInvalidHeaderFields").must(be_true, allowed)


ALB_DROP_INVALID_HEADERS = ResourceRule(
    id="alb-drop-invalid-headers",
    title="The load balancer drops malformed header fields",
    reason=(
        "Header names that are not valid tokens are read differently by each server behind the load"
        " balancer. Request smuggling uses that difference; it also hides a second Origin or Cookie"
        " from the gateway's checks."
    ),
    fix="set drop_invalid_header_fields=True on the load balancer",
    link=_ATTRIBUTES,
    severity="medium",
    level="mandatory",
    types=LOAD_BALANCER,
    check=_invalid_headers,
    remedy=lambda _resource, _settings: {"dropInvalidHeaderFields": True},
)


def _desync(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not is_application(resource):
        return
    desync, forwarded = resource.at("desyncMitigationMode"), resource.at("xffHeaderProcessingMode")
    yield from desync.must(
        be_one_of("defensive", "strictest"), "'defensive' or 'strictest'", default="defensive"
    )
    yield from forwarded.must(
        be_one_of("append", "remove"), "'append' or 'remove'", default="append"
    )
    yield from resource.at("enableWafFailOpen").must(
        be_false, "false, as requests would pass unchecked", default=False
    )


ALB_REQUEST_INTEGRITY = ResourceRule(
    id="alb-request-integrity",
    title="The load balancer forwards no ambiguous, unchecked or forged requests",
    reason=(
        "Mode 'monitor' lets through requests whose end two servers see at different places. Mode"
        " 'preserve' hands on whatever address a client claims to have, so that logs and limits by"
        " address mean nothing. A firewall that fails open can be switched off by load."
    ),
    fix=(
        "leave desync_mitigation_mode at 'defensive', xff_header_processing_mode at 'append' and"
        " enable_waf_fail_open at False"
    ),
    link=_ATTRIBUTES,
    severity="medium",
    level="mandatory",
    types=LOAD_BALANCER | CLASSIC_LOAD_BALANCER,
    check=_desync,
)

# Production


def _access_logs(resource: Resource, _: Settings) -> Iterable[Finding]:
    logs = resource.at("accessLogs")
    yield from logs.at("enabled").must(be_true, "true")
    if be_set(logs.value):
        bucket = logs.at("bucket")
        if not bucket.unknown:  # there will be one
            yield from bucket.must(be_set, "the name of an S3 bucket")


ALB_ACCESS_LOGS = ResourceRule(
    id="alb-access-logs",
    title="The load balancer writes access logs",
    reason=(
        "Without them nobody can say afterwards who opened whose session, or why a WebSocket was"
        " refused."
    ),
    fix=(
        "set access_logs={'enabled': True, 'bucket': …} on the load balancer, with a bucket that"
        " the region's load balancing may write to"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html",
    severity="medium",
    level="advisory",
    types=LOAD_BALANCER,
    check=_access_logs,
)

ALB_DELETION_PROTECTION = ResourceRule(
    id="alb-deletion-protection",
    title="The load balancer is protected against deletion",
    reason=(
        "Deleting it cuts every live session and gives its host name away; a new one has another"
        " name."
    ),
    fix="set enable_deletion_protection=True on the load balancer",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#deletion-protection",
    severity="medium",
    level="advisory",
    types=LOAD_BALANCER,
    check=lambda resource, _: resource.at("enableDeletionProtection").must(
        be_true, "true, where people depend on it"
    ),
)

RULES = (
    ALB_IDLE_TIMEOUT,
    ALB_DROP_INVALID_HEADERS,
    ALB_REQUEST_INTEGRITY,
    ALB_ACCESS_LOGS,
    ALB_DELETION_PROTECTION,
)
