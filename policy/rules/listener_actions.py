"""What listeners and their rules do with a request: nothing by default, no way out by redirect, one
task for one person (S11, S18).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .core.exposure import Limits
from .core.listening import action_must, denies, protocol_of
from .core.place import Place, be_true, be_within
from .core.routing import matches_everything
from .core.rule import Finding, Resource, ResourceRule, Schema, Settings, number, texts, unjudged
from .core.types import LISTENER, LISTENER_RULE
from .core.values import UNKNOWN, Value, integer
from .public_ports import NO_PUBLIC_PORT
from .target_groups import LONGEST_STICKINESS_SECONDS, TARGET_GROUP_STICKINESS

_ACTIONS: Final = (
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html"
)


def _actions(resource: Resource) -> list[Place]:
    return resource.at("defaultActions" if resource.type in LISTENER else "actions").each()


# Nothing by default


def _default_deny(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type in LISTENER_RULE:
        yield from _catch_all(resource)
        return
    protocol = protocol_of(resource)
    if protocol is UNKNOWN:
        yield resource.at("protocol").question()
    if protocol == "HTTPS":
        for action in _actions(resource):
            yield from action_must(action, denies, "a fixed response of 4xx")


def _catch_all(rule: Resource) -> Iterator[Finding]:
    """A rule whose conditions match everything is the default action by another name."""
    if all(not each.unknown and _serves_nothing(each) for each in _actions(rule)):
        return
    everything = matches_everything(rule)
    if everything:
        message = (
            f"{rule.name}: conditions match every request, so this is the default action; allowed"
            " is a fixed response of 4xx there"
        )
        yield Finding(message=message)
    elif everything is None:
        yield unjudged(f"{rule.name}: whether its conditions match every request is not known yet")


def _serves_nothing(action: Place) -> bool:
    """Whether an action answers with an error, as a page for maintenance does, or leads
    elsewhere.
    """
    error = re.fullmatch("5[0-9]{2}", str(action.at("fixedResponse", "statusCode").value))
    kind = action.at("type").value
    return (
        denies(action.value)
        or kind == "redirect"
        or (kind == "fixed-response" and error is not None)
    )


LISTENER_DEFAULT_DENY = ResourceRule(
    id="listener-default-deny",
    title="Requests that no rule matches get a fixed 4xx response",
    reason=(
        "A default action that forwards, or a rule that matches everything, makes every path of"
        " every host name reach the tasks, those included that nobody thought of. Listing what is"
        " served keeps the rest shut."
    ),
    fix=(
        "set default_actions=[{'type': 'fixed-response', 'fixed_response': {'content_type':"
        " 'text/plain', 'status_code': '404'}}], and give each rule the paths or the host name that"
        " it serves"
    ),
    link=_ACTIONS,
    severity="medium",
    level="mandatory",
    types=LISTENER | LISTENER_RULE,
    check=_default_deny,
)

# Redirects

_REDIRECT_SETTINGS: Final[dict[str, Schema]] = {
    "redirectHosts": {
        "type": "array",
        "items": {"type": "string", "pattern": "^[A-Za-z0-9#{}-]+([.][A-Za-z0-9#{}-]+)*$"},
        "default": [],
        "description": "Host names, besides the request's own, that a redirect may lead to.",
    },
}


def _redirect_target(resource: Resource, settings: Settings) -> Iterable[Finding]:
    ports, hosts = Limits(settings).front_ports, texts(settings, "redirectHosts")
    shown = " or ".join(map(str, sorted(ports)))
    plain = resource.type in LISTENER and protocol_of(resource) == "HTTP"
    for action in _actions(resource):
        redirect = action.at("redirect")
        if action.unknown or redirect.unknown or redirect.value is not None:
            if not plain:  # whose own redirect is the business of `listener-https-redirect`
                yield from redirect.at("protocol").must(
                    _stays_on_https, "'HTTPS'", default="#{protocol}"
                )
            yield from redirect.at("host").must(
                lambda host: host == "#{host}" or host in hosts, "'#{host}'", default="#{host}"
            )
            yield from redirect.at("port").must(
                lambda port: port == "#{port}" or integer(port) in ports, shown, default="#{port}"
            )


def _stays_on_https(protocol: Value) -> bool:
    """A rule with `#{protocol}` on a plain listener is the business of `listeners-stack`."""
    return str(protocol).upper() in ("HTTPS", "#{PROTOCOL}")


REDIRECT_TARGET = ResourceRule(
    id="listener-redirect-target",
    title="Redirects stay on HTTPS and on the host",
    reason=(
        "A redirect carries the path and the query along, a one-time sign-in link among them. To"
        " another host, or to plain HTTP, it hands them to somebody else."
    ),
    fix=(
        "leave host at '#{host}' and port at '443' with protocol 'HTTPS', or name the other host in"
        " listener-redirect-target.redirectHosts"
    ),
    link=_ACTIONS,
    severity="medium",
    level="mandatory",
    properties=_REDIRECT_SETTINGS,
    shares=NO_PUBLIC_PORT,
    types=LISTENER | LISTENER_RULE,
    check=_redirect_target,
)

# Stickiness between target groups


def _forward_stickiness(resource: Resource, settings: Settings) -> Iterable[Finding]:
    shortest = number(settings, "minimumSeconds")
    for action in _actions(resource):
        forward = action.at("forward")
        groups = forward.at("targetGroups")
        if groups.unknown:
            yield groups.question()
        elif len(groups.each()) > 1:
            stickiness = forward.at("stickiness")
            yield from stickiness.at("enabled").must(
                be_true, "true, as there is more than one target group"
            )
            allowed = f"{shortest}-{LONGEST_STICKINESS_SECONDS} s"
            yield from stickiness.at("duration").must(
                be_within(shortest, LONGEST_STICKINESS_SECONDS), allowed
            )


FORWARD_STICKINESS = ResourceRule(
    id="forward-stickiness",
    title="A forward to several target groups is sticky",
    reason=(
        "The load balancer picks a target group for each request before the group's own cookie is"
        " looked at. Without stickiness of the forward a page and its WebSocket land in different"
        " groups, however sticky each of them is."
    ),
    fix=(
        "set forward={'target_groups': …, 'stickiness': {'enabled': True, 'duration': 3600}} on the"
        " action, or forward to one group"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#forward-actions",
    severity="high",
    level="mandatory",
    shares=TARGET_GROUP_STICKINESS,
    types=LISTENER | LISTENER_RULE,
    check=_forward_stickiness,
)

RULES = (LISTENER_DEFAULT_DENY, REDIRECT_TARGET, FORWARD_STICKINESS)
