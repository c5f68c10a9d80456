"""Load balancers and accelerators: nothing open besides the front door (S18)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .core.display import show
from .core.exposure import Limits
from .core.listening import action_must, protocol_of, redirects_to_https
from .core.place import Place, be_set, be_true
from .core.rule import (
    Finding,
    Resource,
    ResourceRule,
    Schema,
    Settings,
    Stack,
    StackRule,
    texts,
    unjudged,
)
from .core.types import (
    ACCELERATOR_CUSTOM_LISTENER,
    ACCELERATOR_ENDPOINTS,
    ACCELERATOR_LISTENER,
    CLASSIC_LOAD_BALANCER,
    LISTENER,
    LISTENER_RULE,
    LOAD_BALANCER,
)
from .core.values import UNKNOWN, boolean, integer
from .public_ports import NO_PUBLIC_PORT


def _entrances(resource: Resource, settings: Settings) -> Iterable[Finding]:
    front_ports = Limits(settings).front_ports
    if resource.type in LOAD_BALANCER:
        return _network_balancer(resource)
    if resource.type in CLASSIC_LOAD_BALANCER:
        return resource.at("internal").must(
            be_true,
            "true, as a classic load balancer can neither redirect to HTTPS nor ask for TLS 1.3",
        )
    if resource.type == ACCELERATOR_ENDPOINTS:
        return _accelerated(resource, front_ports)
    if resource.type == ACCELERATOR_CUSTOM_LISTENER:
        return [
            Finding(
                message=(
                    f"{resource.name} leads straight to addresses of the VPC; allowed is an"
                    " accelerator of a load balancer"
                )
            )
        ]
    return _accelerator(resource, front_ports)


def _network_balancer(resource: Resource) -> Iterator[Finding]:
    if (
        str(resource.asked.get("loadBalancerType")).lower() not in ("network", "gateway")
        or boolean(resource.asked.get("internal")) is True
    ):
        return
    groups, internal = resource.at("securityGroups"), resource.at("internal")
    if groups.unknown or be_set(groups.value):
        return
    yield (
        internal.question()
        if internal.unknown
        else groups.wrong("a security group, as the balancer faces the internet")
    )


def _accelerator(resource: Resource, front_ports: frozenset[int]) -> Iterator[Finding]:
    yield from resource.at("protocol").must(
        lambda protocol: str(protocol).upper() == "TCP", "'TCP'", default="TCP"
    )
    for span in resource.at("portRanges").each():
        first, last = span.at("fromPort"), span.at("toPort")
        for port in (first, last):
            yield from port.must(
                lambda number: integer(number) in front_ports, _listed(front_ports)
            )
        if not first.unknown and not last.unknown and integer(first.value) != integer(last.value):
            yield span.wrong(
                f"one port, {_listed(front_ports)}", found=f"{show(first.value)}-{show(last.value)}"
            )


_NOT_A_BALANCER: Final = re.compile("(?:i|eipalloc)-[0-9a-f]+")


def _accelerated(resource: Resource, front_ports: frozenset[int]) -> Iterator[Finding]:
    for override in resource.at("portOverrides").each():
        yield from override.at("endpointPort").must(
            lambda port: integer(port) in front_ports, _listed(front_ports)
        )
    for endpoint in resource.at("endpointConfigurations").each():
        identity = endpoint.at("endpointId")
        if isinstance(identity.value, str) and _NOT_A_BALANCER.fullmatch(identity.value):
            yield identity.wrong("the ARN of a load balancer", found="an instance or an address")


def _listed(ports: frozenset[int]) -> str:
    return " or ".join(map(str, sorted(ports)))


PUBLIC_LISTENER = ResourceRule(
    id="no-public-listener",
    title="No load balancer or accelerator bypasses the front door",
    reason=(
        "A classic or network load balancer or a global accelerator beside the ALB brings traffic"
        " in past its rules and its sign-in."
    ),
    fix=(
        "put an ALB there and make this one internal, with security groups; an accelerator listens"
        " on the front door's ports only"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html",
    severity="high",
    level="mandatory",
    shares=NO_PUBLIC_PORT,
    types=LOAD_BALANCER
    | CLASSIC_LOAD_BALANCER
    | {ACCELERATOR_LISTENER, ACCELERATOR_CUSTOM_LISTENER, ACCELERATOR_ENDPOINTS},
    check=_entrances,
)

# Listeners with their load balancers

_SETTINGS: Final[dict[str, Schema]] = {
    "internalLoadBalancers": {
        "type": "array",
        "items": {
            "type": "string",
            "pattern": (
                "^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/[A-Za-z0-9/-]+$"
            ),
        },
        "default": [],
        "description": (
            "ARNs of load balancers outside the stack that do not face the internet: listeners of"
            " theirs may have any port."
        ),
    },
}

_PASSED_THROUGH: Final = ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
"""Protocols of a network load balancer, which hands on whatever comes: it has neither rules nor a
default of 4xx nor a sign-in, also where it terminates TLS.
"""


def _listeners_stack(stack: Stack, settings: Settings) -> Iterable[Finding]:
    front_ports, internal = (
        Limits(settings).front_ports,
        frozenset(texts(settings, "internalLoadBalancers")),
    )
    for listener in stack.of(LISTENER):
        port = listener.at("port")
        shut = integer(port.value) not in front_ports if not port.unknown else False
        if shut or port.unknown:
            yield from _not_the_front_door(
                stack, listener, port, internal, f"allowed is {_listed(front_ports)}"
            )
        elif protocol_of(listener) in _PASSED_THROUGH:
            protocol = listener.at("protocol")
            yield from _not_the_front_door(
                stack,
                listener,
                protocol,
                internal,
                "allowed are HTTP that redirects, and HTTPS, as others have no rules and no sign-in",
            )
    yield from _plain_rules(stack)
    yield from _accelerated_inside(stack, internal)
    yield from _accelerated_outside(stack)


def _not_the_front_door(
    stack: Stack, listener: Resource, place: Place, internal: frozenset[str], allowed: str
) -> Iterator[Finding]:
    """A finding about `place` of a listener unless its load balancer is known to be internal."""
    join = stack.join(
        listener, "loadBalancerArn", listener.props.get("loadBalancerArn"), LOAD_BALANCER
    )
    facing = [each for each in join.found if boolean(each.asked.get("internal")) is not True]
    known = [each for each in facing if each.asked.get("internal") is not UNKNOWN]
    outside = [arn for arn in join.outside if arn not in internal]
    if not place.unknown and known:
        balancers = ", ".join(each.name for each in known)
        yield Finding(
            message=(
                f"{place} is {show(place.value)} on {balancers}, which faces the internet;"
                f" {allowed}"
            ),
            urn=place.urn,
        )
    elif not place.unknown and outside:
        message = (
            f"{place} is {show(place.value)} on a load balancer outside this stack, which counts as"
            f" facing the internet; {allowed}"
        )
        yield Finding(message=message, urn=place.urn)
    elif facing or outside or join.unknown:
        yield unjudged(
            f"{place} is {show(place.value)} on a load balancer that may face the internet;"
            f" {allowed}",
            place.urn,
        )


def _plain_rules(stack: Stack) -> Iterator[Finding]:
    http = {each.urn for each in stack.of(LISTENER) if protocol_of(each) == "HTTP"}
    for rule in stack.of(LISTENER_RULE):
        join = stack.join(rule, "listenerArn", rule.props.get("listenerArn"), LISTENER)
        if any(each.urn in http for each in join.found):
            for action in rule.at("actions").each():
                yield from action_must(
                    action,
                    redirects_to_https,
                    "a redirect to HTTPS, as the listener speaks plain HTTP",
                )


def _accelerated_inside(stack: Stack, internal: frozenset[str]) -> Iterator[Finding]:
    """Accelerators in front of internal load balancers. Without the caller's address every caller
    comes from inside the VPC, so that security groups for private networks admit the internet.
    """
    for group in stack.of({ACCELERATOR_ENDPOINTS}):
        for endpoint in group.at("endpointConfigurations").each():
            preserved = endpoint.at("clientIpPreservationEnabled")
            if boolean(preserved.value) is True:
                continue
            join = stack.join(
                group, "endpointConfigurations", endpoint.at("endpointId").value, LOAD_BALANCER
            )
            inside = [
                each.name for each in join.found if boolean(each.asked.get("internal")) is True
            ]
            inside += [arn for arn in join.outside if arn in internal]
            if inside:
                message = (
                    f"{preserved} is {show(preserved.value)} in front of {inside[0]}, which is"
                    " internal; allowed is true"
                )
                known = not preserved.unknown and len(inside) == len(join.found) + len(join.outside)
                yield Finding(message=message, urn=group.urn, known=known)


_NETWORK_BALANCER: Final = re.compile(
    r"arn:aws[\w-]*:elasticloadbalancing:[^:]*:[^:]*:loadbalancer/net/.+"
)


def _accelerated_outside(stack: Stack) -> Iterator[Finding]:
    """Endpoints behind an accelerator's listener outside the stack, which may take any port: a
    network load balancer hands all on.
    """
    for group in stack.of({ACCELERATOR_ENDPOINTS}):
        if not stack.join(
            group, "listenerArn", group.props.get("listenerArn"), {ACCELERATOR_LISTENER}
        ).outside:
            continue
        for endpoint in group.at("endpointConfigurations").each():
            identity = endpoint.at("endpointId")
            for arn in stack.join(
                group, "endpointConfigurations", identity.value, LOAD_BALANCER
            ).outside:
                both = (
                    "a load balancer outside this stack behind an accelerator's listener outside it"
                )
                message = (
                    f"{identity} is {both}; allowed is a listener or a balancer of this stack,"
                    " whose ports show"
                )
                yield Finding(
                    message=message, urn=group.urn, known=bool(_NETWORK_BALANCER.fullmatch(arn))
                )


LISTENERS_STACK = StackRule(
    id="listeners-stack",
    title="Listeners of load balancers that face the internet keep to the front door",
    reason=(
        "Whether a listener is public depends on its load balancer, and whether a rule serves plain"
        " HTTP depends on its listener: both show only when the resources are put together."
    ),
    fix=(
        "listen on 80 and 443 with HTTP and HTTPS only, make the load balancer internal (name one of another stack in"
        " listeners-stack.internalLoadBalancers), or move the rule to the HTTPS listener"
    ),
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html",
    severity="high",
    level="mandatory",
    properties=_SETTINGS,
    shares=NO_PUBLIC_PORT,
    check=_listeners_stack,
)

RULES = (PUBLIC_LISTENER, LISTENERS_STACK)
