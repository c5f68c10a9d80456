"""The declared load balancer, read out of a deployment's resources.

What the local stack cannot run is refused by name (`DeclarationError`) instead of being left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.engine import Deployment
from local.errors import LocalError
from local.monitor import Resource
from local.values import reveal


class DeclarationError(LocalError):
    """The local stack cannot run what was declared."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a rule: any of `values` must match. `field` and the wildcards
    are the ALB's.
    """

    field: str
    values: tuple[str, ...] = ()
    header: str = ""
    """Name of the header when `field` is `http-header`."""
    parameters: tuple[tuple[str | None, str], ...] = ()
    """Key (or any) and value patterns when `field` is `query-string`."""


@dataclass(frozen=True, kw_only=True)
class Forward:
    targets: tuple[tuple[str, int], ...]
    """ARN of each target group and its weight."""


@dataclass(frozen=True, kw_only=True)
class Redirect:
    status: int
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True, kw_only=True)
class FixedResponse:
    status: int
    content_type: str = "text/plain"
    body: str = ""


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True, kw_only=True)
class Rule:
    name: str
    priority: int
    conditions: tuple[Condition, ...]
    action: Action


@dataclass(frozen=True, kw_only=True)
class Listener:
    name: str
    port: int
    tls: bool
    tls_policy: str
    strict_transport_security: str
    """Header that each response of the listener gets; empty: none."""
    default: Action
    rules: tuple[Rule, ...]
    """By ascending priority, which is the order in which an ALB tries them."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    path: str
    port: int | None
    """`None` is the traffic port."""
    interval_seconds: int
    timeout_seconds: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    name: str
    arn: str
    port: int
    algorithm: str
    stickiness_seconds: int | None
    """Life of the `lb_cookie`; `None` when stickiness is off."""
    health_check: HealthCheck | None
    deregistration_delay_seconds: int


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    name: str
    arn: str
    idle_timeout_seconds: int
    client_keep_alive_seconds: int
    http2: bool
    drop_invalid_headers: bool
    forwarded_for: str
    """`append`, `preserve` or `remove`."""
    listeners: tuple[Listener, ...]
    target_groups: Mapping[str, TargetGroup]
    """By ARN."""


def read(deployment: Deployment) -> LoadBalancer:
    """The deployment's load balancer. Raises `DeclarationError` when there is not exactly one, or
    it has what cannot run locally.
    """
    balancers = deployment.of_type(
        "aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"
    )
    if len(balancers) != 1:
        names = ", ".join(balancer.name for balancer in balancers) or "none"
        raise DeclarationError(
            f"the local stack runs exactly one load balancer; the program declares {names}"
        )
    balancer, properties = balancers[0], reveal(balancers[0].outputs)
    if properties.get("loadBalancerType", "application") != "application":
        raise DeclarationError(
            f"{balancer.name} is of type {properties['loadBalancerType']}; the local stack runs"
            " application ones"
        )
    arn = properties["arn"]
    listeners = deployment.of_type("aws:lb/listener:Listener", "aws:alb/listener:Listener")
    rules = deployment.of_type(
        "aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule"
    )
    groups = [
        _target_group(group)
        for group in deployment.of_type(
            "aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup"
        )
    ]
    return LoadBalancer(
        name=balancer.name,
        arn=arn,
        idle_timeout_seconds=int(properties["idleTimeout"]),
        client_keep_alive_seconds=int(properties["clientKeepAlive"]),
        http2=bool(properties["enableHttp2"]),
        drop_invalid_headers=bool(properties["dropInvalidHeaderFields"]),
        forwarded_for=str(properties["xffHeaderProcessingMode"]),
        listeners=tuple(
            _listener(each, rules)
            for each in listeners
            if reveal(each.inputs)["loadBalancerArn"] == arn
        ),
        target_groups={group.arn: group for group in groups},
    )


_HSTS = "routingHttpResponseStrictTransportSecurityHeaderValue"


def _listener(resource: Resource, rules: Sequence[Resource]) -> Listener:
    properties = reveal(resource.outputs)
    own = [_rule(rule) for rule in rules if reveal(rule.inputs)["listenerArn"] == properties["arn"]]
    return Listener(
        name=resource.name,
        port=int(properties["port"]),
        tls=properties.get("protocol", "HTTP") == "HTTPS",
        tls_policy=properties.get("sslPolicy") or "ELBSecurityPolicy-2016-08",
        strict_transport_security=properties.get(_HSTS) or "",
        default=_action(resource.name, properties["defaultActions"]),
        rules=tuple(sorted(own, key=lambda rule: rule.priority)),
    )


def _rule(resource: Resource) -> Rule:
    properties = reveal(resource.outputs)
    return Rule(
        name=resource.name,
        priority=int(properties.get("priority") or 50000),
        conditions=tuple(
            _condition(resource.name, condition) for condition in properties["conditions"]
        ),
        action=_action(resource.name, properties["actions"]),
    )


_FIELDS = {
    "pathPattern": "path-pattern",
    "hostHeader": "host-header",
    "httpRequestMethod": "http-request-method",
    "sourceIp": "source-ip",
}


def _condition(rule: str, condition: Mapping[str, Any]) -> Condition:
    for key, field in _FIELDS.items():
        if found := condition.get(key):
            return Condition(field=field, values=tuple(found["values"]))
    if found := condition.get("httpHeader"):
        return Condition(
            field="http-header", values=tuple(found["values"]), header=found["httpHeaderName"]
        )
    if found := condition.get("queryStrings"):
        return Condition(
            field="query-string",
            parameters=tuple((each.get("key"), each["value"]) for each in found),
        )
    raise DeclarationError(
        f"rule {rule} has the condition {sorted(condition)}, which the local load balancer cannot"
        " judge"
    )


def _action(owner: str, actions: Sequence[Mapping[str, Any]]) -> Action:
    """The action that answers. Sign-in actions before it need an identity provider."""
    for action in sorted(actions, key=lambda each: each.get("order") or 50000):
        kind = action["type"]
        if kind == "forward":
            groups = (action.get("forward") or {}).get("targetGroups")
            if groups:
                return Forward(
                    targets=tuple((group["arn"], int(group.get("weight", 1))) for group in groups)
                )
            return Forward(targets=((action["targetGroupArn"], 1),))
        if kind == "redirect":
            redirect = action["redirect"]
            options = {
                key: redirect[key]
                for key in ("protocol", "host", "port", "path", "query")
                if redirect.get(key) is not None
            }
            return Redirect(status=int(redirect["statusCode"].removeprefix("HTTP_")), **options)
        if kind == "fixed-response":
            fixed = action["fixedResponse"]
            return FixedResponse(
                status=int(fixed.get("statusCode") or 200),
                content_type=fixed["contentType"],
                body=fixed.get("messageBody") or "",
            )
        raise DeclarationError(
            f"{owner} has the action {kind!r}; it needs an identity provider. Leave it out of the"
            " local stack's config"
        )
    raise DeclarationError(f"{owner} has no action")


def _target_group(resource: Resource) -> TargetGroup:
    properties = reveal(resource.outputs)
    if properties.get("protocolVersion", "HTTP1") != "HTTP1":
        raise DeclarationError(
            f"target group {resource.name} speaks {properties['protocolVersion']}; WebSocket"
            " upgrades need HTTP1"
        )
    stickiness = properties.get("stickiness") or {}
    enabled = stickiness.get("enabled", bool(stickiness))
    if enabled and stickiness.get("type") != "lb_cookie":
        raise DeclarationError(
            f"target group {resource.name} sticks by {stickiness.get('type')!r}; the local load"
            " balancer does lb_cookie"
        )
    return TargetGroup(
        name=resource.name,
        arn=properties["arn"],
        port=int(properties["port"]),
        algorithm=properties.get("loadBalancingAlgorithmType") or "round_robin",
        stickiness_seconds=int(stickiness.get("cookieDuration") or 86400) if enabled else None,
        health_check=_health_check(properties.get("healthCheck") or {}),
        deregistration_delay_seconds=int(properties["deregistrationDelay"]),
    )


def _health_check(check: Mapping[str, Any]) -> HealthCheck | None:
    """Absent values are the ALB's defaults
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
    """
    if check.get("enabled") is False:
        return None
    port = check.get("port") or "traffic-port"
    return HealthCheck(
        path=check.get("path") or "/",
        port=None if port == "traffic-port" else int(port),
        interval_seconds=int(check.get("interval") or 30),
        timeout_seconds=int(check.get("timeout") or 5),
        healthy_threshold=int(check.get("healthyThreshold") or 5),
        unhealthy_threshold=int(check.get("unhealthyThreshold") or 2),
        matcher=check.get("matcher") or "200",
    )
