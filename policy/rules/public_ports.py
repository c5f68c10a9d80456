"""No public port, judged on each resource by itself, before it is created or changed (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .core.exposure import NETWORK_SETTINGS, Limits, at_every_port, exposures
from .core.ingress import ingress_of
from .core.networks import NetworkError, Sources, parse
from .core.place import Place
from .core.rule import Finding, Resource, ResourceRule, Settings, unjudged
from .core.types import INGRESS_SOURCES, PREFIX_LIST, PREFIX_LIST_ENTRY
from .core.well_known import OTHER_SERVICES


def _check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    limits = Limits(settings)
    if resource.type in (PREFIX_LIST, PREFIX_LIST_ENTRY):
        return _prefix_list(resource, limits)
    return _security_group(resource, limits)


def _security_group(resource: Resource, limits: Limits) -> Iterator[Finding]:
    ingress = list(ingress_of(resource))
    for each in ingress:
        place = f"{resource.name}: {each.where}" if each.where else resource.name
        for source in each.unreadable:
            yield Finding(
                message=(
                    f"{place}: {source} is not a CIDR block; what cannot be read counts as public"
                )
            )
        if not each.named:
            yield Finding(
                message=(
                    f"{place} does not say whom it admits; allowed are private networks and"
                    " security groups"
                )
            )
        if each.ports is None and (wide := limits.too_wide(each)):
            # too much for the front door as well, so whichever the port will be
            yield Finding(
                message=f"{place} admits {wide.describe()} to a port that is not known yet"
            )
        elif each.unknown:
            yield unjudged(f"{place} cannot be judged: {', '.join(each.unknown)} not known yet")
    for exposure in exposures(ingress, limits):
        places = f": {', '.join(exposure.places)}" if exposure.places else ""
        yield Finding(message=f"{resource.name}{places} opens {exposure.describe()}")


def _prefix_list(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """A prefix list is an open port in waiting: its users cannot tell from the rule
    what it holds.
    """
    if resource.type == PREFIX_LIST_ENTRY:
        cidrs = [resource.at("cidr")]
    else:
        entries = resource.at("entries")
        cidrs = [entries] if entries.unknown else [entry.at("cidr") for entry in entries.each()]
    for cidr in cidrs:
        yield from _entry(cidr, limits)


def _entry(cidr: Place, limits: Limits) -> Iterator[Finding]:
    if cidr.unknown:
        yield cidr.question()
        return
    try:
        wide = Sources.of([parse(str(cidr.value))]).public - limits.named
    except NetworkError:
        yield Finding(message=f"{cidr} is not a CIDR block; what cannot be read counts as public")
        return
    if wide:
        yield Finding(
            message=(
                f"{cidr} holds {wide.describe()}; allowed are private networks and those that"
                " configuration names"
            )
        )


_MOST_PORTS: Final = 50
"""Listeners of one ALB:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
"""


def _sense(settings: Settings) -> Iterable[str]:
    front_ports = Limits(settings).front_ports
    if len(front_ports) > _MOST_PORTS:
        yield (
            f"frontDoorPorts are {len(front_ports)} ports; allowed are at most {_MOST_PORTS}, the"
            " listeners that one load balancer has"
        )
    elif other := {
        port: OTHER_SERVICES[port] for port in sorted(front_ports) if port in OTHER_SERVICES
    }:
        named = ", ".join(f"{port} ({service})" for port, service in other.items())
        yield (
            f"frontDoorPorts have {named}; allowed are ports on which a load balancer serves pages,"
            " as 443"
        )
    yield from at_every_port(settings, "trustedCidrs")


NO_PUBLIC_PORT = ResourceRule(
    id="no-public-port",
    title="No port is open to the internet",
    reason=(
        "A dev server runs whatever is in the site it serves. Anyone who reaches its port runs code"
        " in the task; only the load balancer's own ports may face people, and only those people"
        " that the configuration names."
    ),
    fix=(
        "admit the load balancer's security group instead of addresses, or private addresses; name"
        " the sources of the load balancer's own 80 and 443 in the policy configuration as"
        " no-public-port.frontDoorCidrs, and other public ranges that you trust as trustedCidrs"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    severity="critical",
    level="mandatory",
    properties=NETWORK_SETTINGS,
    sense=_sense,
    types=INGRESS_SOURCES | {PREFIX_LIST, PREFIX_LIST_ENTRY},
    check=_check,
)

RULES = (NO_PUBLIC_PORT,)
