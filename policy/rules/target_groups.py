"""Target groups: a session's requests and its WebSocket must meet the same task (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, unjudged
from .core.types import TARGET_GROUP
from .core.values import UNKNOWN, Value, as_dict, boolean, integer, show

STICKINESS_SECONDS: Final = (1, 604_800)
AWS_DEFAULT_STICKINESS_SECONDS: Final = 86_400


def serves_http(resource: Resource) -> bool:
    """Whether this target group stands behind an ALB. TCP-like protocols and Lambda targets have no HTTP stickiness."""
    protocol = resource.props.get("protocol")
    if resource.props.get("targetType") == "lambda":
        return False
    return protocol in (None, UNKNOWN) or str(protocol).upper() in ("HTTP", "HTTPS")


_STICKINESS: Final[dict[str, Schema]] = {
    "minimumSeconds": {
        "type": "integer",
        "minimum": 1,
        "maximum": 604_800,
        "default": 3600,
        "description": "Shortest allowed life of the load balancer's cookie.",
    },
    "remedySeconds": {
        "type": "integer",
        "minimum": 1,
        "maximum": 604_800,
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
        return
    if not isinstance(value, dict):
        yield Finding(message=f"{resource.name}: stickiness is {show(value)}; allowed is enabled, of type 'lb_cookie'")
        return
    yield from _stickiness_fields(resource.name, value, int(settings["minimumSeconds"]))  # type: ignore[call-overload]


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
        yield Finding(
            message=f"{name}: stickiness.type is {show(kind)}; allowed is 'lb_cookie', as an application cookie is not on the upgrade"
        )
    if seconds is UNKNOWN:
        yield unjudged(f"{name}: stickiness.cookieDuration is not known yet")
        return
    life = integer(AWS_DEFAULT_STICKINESS_SECONDS if seconds is None else seconds)
    if life is None or not minimum <= life <= STICKINESS_SECONDS[1]:
        yield Finding(message=f"{name}: stickiness.cookieDuration is {show(seconds)} s; allowed is {minimum}-{STICKINESS_SECONDS[1]} s")


def _set_stickiness(resource: Resource, settings: Settings) -> Mapping[str, object]:
    seconds = integer(as_dict(resource.props.get("stickiness")).get("cookieDuration")) or 0
    keep = int(settings["minimumSeconds"]) <= seconds <= STICKINESS_SECONDS[1]  # type: ignore[call-overload]
    return {"stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": seconds if keep else settings["remedySeconds"]}}


TARGET_GROUP_STICKINESS = ResourceRule(
    id="target-group-stickiness",
    title="The target group is sticky by the load balancer's cookie",
    reason=(
        "A dev server keeps its state in one task: its module graph, its HMR token and the WebSocket. Without stickiness the page, its "
        "modules and the upgrade land on different tasks, the token does not match, and edits do not arrive."
    ),
    fix="set stickiness={'enabled': True, 'type': 'lb_cookie', 'cookie_duration': 3600} on the target group.",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
    severity="high",
    level="mandatory",
    spec="S11 S18",
    properties=_STICKINESS,
    types=TARGET_GROUP,
    check=_stickiness,
    remedy=_set_stickiness,
)

RULES = (TARGET_GROUP_STICKINESS,)
