"""Listeners: TLS everywhere, plain HTTP only to redirect, and nothing open besides the front door (S18, S19)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .core.display import show
from .core.exposure import Limits
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, Stack, StackRule, unjudged
from .core.types import CLASSIC_LOAD_BALANCER, GLOBAL_ACCELERATOR_LISTENER, LISTENER, LISTENER_RULE, LOAD_BALANCER
from .core.values import UNKNOWN, Value, as_dict, as_list, boolean, integer
from .public_ports import NO_PUBLIC_PORT

_TLS: Final = ("HTTPS", "TLS")


def _protocol(resource: Resource) -> Value:
    """`HTTP`, `HTTPS`, `TCP` and so on, or `UNKNOWN`. A listener that names none but has a certificate speaks TLS."""
    value = resource.asked.get("protocol")
    if value is UNKNOWN:
        return UNKNOWN
    if value is None:
        return "HTTPS" if resource.asked.get("certificateArn") is not None else "HTTP"
    return str(value).strip().upper()


# TLS

_TLS_SETTINGS: Final[dict[str, Schema]] = {
    "policyPattern": {
        "type": "string",
        "format": "regex",
        "default": r"^ELBSecurityPolicy-TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?-20[0-9]{2}-[0-9]{2}$",
        "description": "Regular expression of the allowed security policies: TLS 1.2 and 1.3, without the extended ones that admit CBC.",
    },
}


def _tls_policy(resource: Resource, settings: Settings) -> Iterable[Finding]:
    protocol = _protocol(resource)
    if protocol is not UNKNOWN and protocol not in _TLS:
        return
    policy, certificate = resource.props.get("sslPolicy"), resource.props.get("certificateArn")
    if policy is UNKNOWN or protocol is UNKNOWN:
        yield unjudged(f"{resource.name}: {'protocol' if protocol is UNKNOWN else 'sslPolicy'} is not known yet")
    elif not (isinstance(policy, str) and re.search(str(settings["policyPattern"]), policy)):
        found = "not set, so AWS takes one with TLS 1.0" if policy is None else show(policy)
        yield Finding(
            message=f"{resource.name}: sslPolicy is {found}; allowed is TLS 1.2 and 1.3, as 'ELBSecurityPolicy-TLS13-1-2-2021-06'"
        )
    if protocol is not UNKNOWN and certificate in (None, ""):
        yield Finding(message=f"{resource.name}: certificateArn is not set; allowed is the ARN of a certificate")


LISTENER_TLS_POLICY = ResourceRule(
    id="listener-tls-policy",
    title="TLS listeners take TLS 1.2 and 1.3 only",
    reason=(
        "AWS's default policy for listeners still speaks TLS 1.0 and 1.1. The session cookie and everything a person edits goes through "
        "this listener."
    ),
    fix="set ssl_policy='ELBSecurityPolicy-TLS13-1-2-2021-06' and certificate_arn on the listener",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    severity="high",
    level="mandatory",
    spec="S11 S19",
    properties=_TLS_SETTINGS,
    types=LISTENER,
    check=_tls_policy,
)

# Redirect


def _redirects(action: Value) -> bool:
    """Whether an action sends the browser to HTTPS. Redirecting to `#{protocol}` would stay where it is."""
    action = as_dict(action)
    redirect = action.get("redirect")
    if action.get("type") != "redirect" or not isinstance(redirect, dict):
        return False
    return str(redirect.get("protocol")).upper() == "HTTPS" and str(redirect.get("statusCode")) in ("HTTP_301", "HTTP_302")


def _https_redirect(resource: Resource, _: Settings) -> Iterable[Finding]:
    if _protocol(resource) != "HTTP":
        return
    actions = resource.props.get("defaultActions")
    if actions is UNKNOWN:
        yield unjudged(f"{resource.name}: defaultActions is not known yet")
    elif not as_list(actions):
        yield Finding(message=f"{resource.name}: defaultActions is not set; allowed is a redirect to HTTPS")
    for index, action in enumerate(as_list(actions) if actions is not UNKNOWN else []):
        if action is UNKNOWN:
            yield unjudged(f"{resource.name}: defaultActions[{index}] is not known yet")
        elif not _redirects(action):
            kind = as_dict(action).get("type")
            yield Finding(
                message=f"{resource.name}: defaultActions[{index}] is {show(kind)} over plain HTTP; allowed is a redirect to HTTPS"
            )


HTTP_REDIRECT = ResourceRule(
    id="listener-https-redirect",
    title="Plain HTTP only redirects to HTTPS",
    reason="A page, a cookie or a one-time token that travels over plain HTTP once is known to everyone on the way.",
    fix="give the HTTP listener one default action: type='redirect' with protocol='HTTPS', port='443', status_code='HTTP_301'",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html",
    severity="high",
    level="mandatory",
    spec="S11 S19",
    types=LISTENER,
    check=_https_redirect,
)

# Default action


def _default_deny(resource: Resource, _: Settings) -> Iterable[Finding]:
    if _protocol(resource) != "HTTPS":
        return
    actions = resource.props.get("defaultActions")
    for index, action in enumerate(as_list(actions)):
        if action is UNKNOWN:
            yield unjudged(f"{resource.name}: defaultActions is not known yet")
            continue
        kind = as_dict(action).get("type")
        status = as_dict(as_dict(action).get("fixedResponse")).get("statusCode")
        if kind != "fixed-response" or not str(status).startswith("4"):
            found = f"fixed-response {show(status)}" if kind == "fixed-response" else show(kind)
            yield Finding(message=f"{resource.name}: defaultActions[{index}] is {found}; allowed is a fixed response of 4xx")


LISTENER_DEFAULT_DENY = ResourceRule(
    id="listener-default-deny",
    title="What no rule matches gets a fixed 4xx answer",
    reason=(
        "A default action that forwards makes every path of every host name reach the tasks, those included that nobody thought of. "
        "Listing what is served keeps the rest shut."
    ),
    fix="set default_actions=[{'type': 'fixed-response', 'fixed_response': {'content_type': 'text/plain', 'status_code': '404'}}]",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html",
    severity="medium",
    level="mandatory",
    spec="S11",
    types=LISTENER,
    check=_default_deny,
)

# Nothing but the front door


def _entrances(resource: Resource, settings: Settings) -> Iterable[Finding]:
    allowed = Limits(settings).front_ports
    ports = " or ".join(map(str, sorted(allowed)))
    props = resource.props
    if resource.type in LOAD_BALANCER:
        network = props.get("loadBalancerType") in ("network", "gateway")
        if network and boolean(props.get("internal")) is not True and props.get("securityGroups") in (None, []):
            message = f"{resource.name}: an internet-facing network load balancer without securityGroups admits everyone"
            yield unjudged(f"{resource.name}: internal is not known yet") if props.get("internal") is UNKNOWN else Finding(message=message)
    elif resource.type in CLASSIC_LOAD_BALANCER and boolean(props.get("internal")) is not True:
        for index, listener in enumerate(as_list(props.get("listeners"))):
            port = as_dict(listener).get("lbPort") if listener is not UNKNOWN else UNKNOWN
            if port is UNKNOWN:
                yield unjudged(f"{resource.name}: listeners[{index}].lbPort is not known yet")
            elif integer(port) not in allowed:
                yield Finding(message=f"{resource.name}: listeners[{index}].lbPort is {show(port)}; allowed is {ports}")
    elif resource.type == GLOBAL_ACCELERATOR_LISTENER:
        for index, ports_ in enumerate(as_list(props.get("portRanges"))):
            span = as_dict(ports_)
            first, last = span.get("fromPort"), span.get("toPort")
            if ports_ is UNKNOWN or first is UNKNOWN or last is UNKNOWN:
                yield unjudged(f"{resource.name}: portRanges[{index}] is not known yet")
            elif not (first is not None and first == last and integer(first) in allowed):
                yield Finding(message=f"{resource.name}: portRanges[{index}] is {show(first)}-{show(last)}; allowed is {ports}")


PUBLIC_LISTENER = ResourceRule(
    id="no-public-listener",
    title="No other way leads in from the internet",
    reason="A classic or network load balancer or a global accelerator beside the ALB brings traffic in past its rules and its sign-in.",
    fix="make it internal, give it security groups, or listen on the front door's ports only",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html",
    severity="high",
    level="mandatory",
    spec="S18",
    shares=NO_PUBLIC_PORT,
    types=LOAD_BALANCER | CLASSIC_LOAD_BALANCER | {GLOBAL_ACCELERATOR_LISTENER},
    check=_entrances,
)


def _listeners_stack(stack: Stack, settings: Settings) -> Iterable[Finding]:
    allowed = Limits(settings).front_ports
    for listener in stack.of(LISTENER):
        port = listener.asked.get("port")
        if integer(port) in allowed:
            continue
        join = stack.join(listener, "loadBalancerArn", listener.props.get("loadBalancerArn"), LOAD_BALANCER)
        facing = [each for each in join.found if boolean(each.asked.get("internal")) is not True]
        if port is not UNKNOWN and any(each.asked.get("internal") is not UNKNOWN for each in facing):
            names = ", ".join(each.name for each in facing)
            wanted = " or ".join(map(str, sorted(allowed)))
            message = f"{listener.name}: port is {show(port)} on {names}, which faces the internet; allowed is {wanted}"
            yield Finding(message=message, urn=listener.urn)
        elif facing or not join.found:
            yield unjudged(f"{listener.name}: port {show(port)} is open on a load balancer that may face the internet", listener.urn)
    http = {each.urn for each in stack.of(LISTENER) if _protocol(each) == "HTTP"}
    for rule in stack.of(LISTENER_RULE):
        join = stack.join(rule, "listenerArn", rule.props.get("listenerArn"), LISTENER)
        if any(each.urn in http for each in join.found):
            for index, action in enumerate(as_list(rule.asked.get("actions"))):
                if not _redirects(action):
                    message = f"{rule.name}: actions[{index}] answers over plain HTTP; allowed is a redirect to HTTPS"
                    yield Finding(message=message, urn=rule.urn)


LISTENERS_STACK = StackRule(
    id="listeners-stack",
    title="Listeners of load balancers that face the internet keep to the front door",
    reason=(
        "Whether a listener is public depends on its load balancer, and whether a rule serves plain HTTP depends on its listener: both "
        "show only when the resources are put together."
    ),
    fix="listen on 80 and 443 only, make the load balancer internal, or move the rule to the HTTPS listener",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html",
    severity="high",
    level="mandatory",
    spec="S18 S19",
    shares=NO_PUBLIC_PORT,
    check=_listeners_stack,
)

RULES = (LISTENER_TLS_POLICY, HTTP_REDIRECT, LISTENER_DEFAULT_DENY, PUBLIC_LISTENER, LISTENERS_STACK)
