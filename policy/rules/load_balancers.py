"""The load balancer itself: a live WebSocket must survive between two heartbeats (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, unjudged
from .core.types import LOAD_BALANCER
from .core.values import UNKNOWN, integer, show

ALB_IDLE_TIMEOUT_SECONDS: Final = (1, 4000)
ALB_DEFAULT_IDLE_TIMEOUT_SECONDS: Final = 60


def is_application(resource: Resource) -> bool:
    """Whether this is an ALB. An unknown type counts as one: the default is `application`."""
    return resource.props.get("loadBalancerType") in (None, UNKNOWN, "application")


_HEARTBEAT: Final[dict[str, Schema]] = {
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
        "maximum": 4000,
        "default": 3600,
        "description": "Idle timeout to set under the enforcement level `remediate`.",
    },
}


def _idle_timeout(resource: Resource, settings: Settings) -> Iterable[Finding]:
    if not is_application(resource):
        return
    value = resource.props.get("idleTimeout")
    low = int(settings["heartbeatSeconds"]) * (1 + int(settings["lostHeartbeats"]))  # type: ignore[call-overload]
    high = ALB_IDLE_TIMEOUT_SECONDS[1]
    allowed = f"allowed is {low}-{high} s, because a hidden tab's heartbeat comes every {show(settings['heartbeatSeconds'])} s"
    if value is UNKNOWN:
        yield unjudged(f"{resource.name}: idleTimeout is not known yet; {allowed}")
        return
    seconds = integer(ALB_DEFAULT_IDLE_TIMEOUT_SECONDS if value is None else value)
    if seconds is None or not low <= seconds <= high:
        found = f"not set, so AWS takes {ALB_DEFAULT_IDLE_TIMEOUT_SECONDS} s" if value is None else f"{show(value)} s"
        yield Finding(message=f"{resource.name}: idleTimeout is {found}; {allowed}")


def _set_idle_timeout(_: Resource, settings: Settings) -> Mapping[str, object]:
    return {"idleTimeout": settings["remedySeconds"]}


ALB_IDLE_TIMEOUT = ResourceRule(
    id="alb-idle-timeout",
    title="The load balancer's idle timeout outlasts the WebSocket heartbeat",
    reason=(
        "An ALB cuts a connection on which nothing moved for its idle timeout. Vite's HMR client only sends heartbeats, at most once a "
        "minute from a hidden tab: with AWS's default of 60 s such a tab loses its socket again and again, and each loss reloads the page."
    ),
    fix="set idle_timeout on the load balancer, for example idle_timeout=3600.",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    severity="high",
    level="mandatory",
    spec="S3 S11 S18",
    properties=_HEARTBEAT,
    types=LOAD_BALANCER,
    check=_idle_timeout,
    remedy=_set_idle_timeout,
)

RULES = (ALB_IDLE_TIMEOUT,)
