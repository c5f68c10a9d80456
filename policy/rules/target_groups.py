"""Target groups: a session's requests and its WebSocket meet the same, healthy task, over HTTP/1.1 (S18, S19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number, unjudged
from .core.types import TARGET_GROUP
from .core.values import UNKNOWN, Value, as_dict, boolean, integer, show

LONGEST_STICKINESS_SECONDS: Final = 604_800
AWS_DEFAULT_STICKINESS_SECONDS: Final = 86_400
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""

_ATTRIBUTES: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"


def serves_http(resource: Resource) -> bool:
    """Whether this target group stands behind an ALB. TCP-like protocols and Lambda targets have no HTTP."""
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


def _stickiness(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if not serves_http(resource):
        return
    value = resource.props.get("stickiness")
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: stickiness is not known yet")
    elif isinstance(value, dict):
        yield from _stickiness_fields(resource.name, value, number(settings, "minimumSeconds"))
    else:
        yield Finding(message=f"{resource.name}: stickiness is {show(value)}; allowed is enabled, of type 'lb_cookie'")


def _stickiness_fields(name: str, stickiness: Mapping[str, Value], minimum: int) -> Iterable[Finding]:
    enabled, kind = stickiness.get("enabled"), stickiness.get("type")
    seconds = stickiness.get("cookieDuration")
    if enabled is UNKNOWN:
        yield unjudged(f"{name}: stickiness.enabled is not known yet")
    elif enabled is not None and boolean(enabled) is not True:  # the provider enables it when it is not set
        yield Finding(message=f"{name}: stickiness.enabled is {show(enabled)}; allowed is true")
    if kind is UNKNOWN:
        yield unjudged(f"{name}: stickiness.type is not known yet")
    elif kind != "lb_cookie":
        allowed = "allowed is 'lb_cookie', as a dev server sets no application cookie to follow"
        yield Finding(message=f"{name}: stickiness.type is {show(kind)}; {allowed}")
    if seconds is UNKNOWN:
        yield unjudged(f"{name}: stickiness.cookieDuration is not known yet")
        return
    life = integer(AWS_DEFAULT_STICKINESS_SECONDS if seconds is None else seconds)
    if life is None or not minimum <= life <= LONGEST_STICKINESS_SECONDS:
        allowed = f"allowed is {minimum}-{LONGEST_STICKINESS_SECONDS} s"
        yield Finding(message=f"{name}: stickiness.cookieDuration is {show(seconds)} s; {allowed}")


def _remedy_stickiness(resource: Resource, settings: Settings) -> Mapping[str, object]:
    seconds = integer(as_dict(resource.props.get("stickiness")).get("cookieDuration")) or 0
    keep = number(settings, "minimumSeconds") <= seconds <= LONGEST_STICKINESS_SECONDS
    return {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": seconds if keep else settings["remedySeconds"]}}


TARGET_GROUP_STICKINESS = ResourceRule(
    id="target-group-stickiness",
    title="The target group is sticky by the load balancer's cookie",
    reason=(
        "A dev server keeps its state in one task: its module graph, its HMR token and the WebSocket. Without stickiness the page, its "
        "modules and the upgrade land on different tasks, the token does not match, and edits do not arrive."
    ),
    fix="set stickiness={'enabled': True, 'type': 'lb_cookie', 'cookie_duration': 3600} on the target group",
    link=_ATTRIBUTES,
    severity="high",
    level="mandatory",
    spec="S11 S18",
    properties=_STICKINESS,
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
        "description": "Longest allowed time until a dead task is taken out: interval times unhealthy threshold.",
    },
}

_HEALTH_DEFAULTS: Final[dict[str, int]] = {"interval": 30, "timeout": 5, "healthyThreshold": 3, "unhealthyThreshold": 3}
"""The provider's: https://www.pulumi.com/registry/packages/aws/api-docs/lb/targetgroup/"""


def _health_check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if not serves_http(resource):
        return
    check = resource.props.get("healthCheck")
    name = resource.name
    if check is UNKNOWN:
        yield unjudged(f"{name}: healthCheck is not known yet")
        return
    if not isinstance(check, dict):
        yield Finding(message=f"{name}: healthCheck is {show(check)}; allowed is a check of the task's own health page")
        return
    for field in ("enabled", "path", "matcher", "protocol"):
        if check.get(field) is UNKNOWN:
            yield unjudged(f"{name}: healthCheck.{field} is not known yet")
    if check.get("enabled") is not UNKNOWN and boolean(check.get("enabled", True)) is False:
        yield Finding(message=f"{name}: healthCheck.enabled is false; allowed is true")
    path = check.get("path")
    if path is not UNKNOWN and path in (None, "", "/"):
        yield Finding(message=f"{name}: healthCheck.path is {show(path)}; allowed is a page that says whether the task can serve")
    matcher = check.get("matcher")
    if isinstance(matcher, str) and any(not part.strip().startswith("2") for part in matcher.replace("-", ",").split(",")):
        yield Finding(
            message=f"{name}: healthCheck.matcher is {show(matcher)}; allowed are 2xx codes, as errors and sign-in pages are not health"
        )
    yield from _health_times(name, check, settings)


def _health_times(name: str, check: Mapping[str, Value], settings: Settings) -> Iterable[Finding]:
    numbers: dict[str, int] = {}
    for field, default in _HEALTH_DEFAULTS.items():
        value = check.get(field, default)
        if value is UNKNOWN:
            yield unjudged(f"{name}: healthCheck.{field} is not known yet")
        elif (whole := integer(default if value is None else value)) is None:
            yield Finding(message=f"{name}: healthCheck.{field} is {show(value)}; allowed is a whole number")
        else:
            numbers[field] = whole
    interval, timeout, unhealthy = numbers.get("interval"), numbers.get("timeout"), numbers.get("unhealthyThreshold")
    longest, detection = number(settings, "longestIntervalSeconds"), number(settings, "longestDetectionSeconds")
    if interval is not None and interval > longest:
        yield Finding(message=f"{name}: healthCheck.interval is {interval} s; allowed is at most {longest} s")
    if interval is not None and timeout is not None and timeout >= interval:
        yield Finding(message=f"{name}: healthCheck.timeout is {timeout} s; allowed is less than the interval of {interval} s")
    if interval is not None and unhealthy is not None and interval * unhealthy > detection:
        took = f"{interval} s x {unhealthy} = {interval * unhealthy} s"
        yield Finding(message=f"{name}: a dead task is noticed after {took}; allowed is at most {detection} s")


TARGET_GROUP_HEALTH_CHECK = ResourceRule(
    id="target-group-health-check",
    title="The target group checks the task's own health page",
    reason=(
        "Sticky sessions stay with a task until it is unhealthy. Without a check that can fail, a person is tied to a dead task for the "
        "life of the cookie."
    ),
    fix="set health_check with enabled=True, a path such as '/health/ready', matcher='200', interval=30 and timeout=10",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    severity="medium",
    level="mandatory",
    spec="S11 S19",
    properties=_HEALTH,
    types=TARGET_GROUP,
    check=_health_check,
)

# Protocol version


def _protocol_version(resource: Resource, _: Settings) -> Iterable[Finding]:
    if not serves_http(resource):
        return
    value = resource.props.get("protocolVersion")
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: protocolVersion is not known yet")
    elif value is not None and str(value).upper() != "HTTP1":  # the default is HTTP1
        yield Finding(message=f"{resource.name}: protocolVersion is {show(value)}; allowed is 'HTTP1'")


TARGET_GROUP_HTTP1 = ResourceRule(
    id="target-group-http1",
    title="The target group speaks HTTP/1.1",
    reason="An ALB carries WebSocket upgrades to targets over HTTP/1.1 only; with HTTP/2 or gRPC the HMR socket never opens.",
    fix="set protocol_version='HTTP1' on the target group, or leave it out",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
    severity="high",
    level="mandatory",
    spec="S11 S19",
    types=TARGET_GROUP,
    check=_protocol_version,
)

RULES = (TARGET_GROUP_STICKINESS, TARGET_GROUP_HEALTH_CHECK, TARGET_GROUP_HTTP1)
