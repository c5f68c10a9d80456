"""No public port, judged on each resource by itself, before it is created or changed (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .core.exposure import NETWORK_SETTINGS, Limits, exposures
from .core.ingress import ingress_of
from .core.networks import NetworkError, Sources, parse, size
from .core.place import Place
from .core.rule import Finding, Resource, ResourceRule, Settings, texts, unjudged
from .core.types import INGRESS_SOURCES, PREFIX_LIST, PREFIX_LIST_ENTRY


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
            yield Finding(message=f"{place}: {source} is not a CIDR block; what cannot be read counts as public")
        if not each.named:
            yield Finding(message=f"{place} does not say whom it admits; allowed are private networks and security groups")
        if each.ports is None and (wide := limits.too_wide(each)):
            # too much for the front door as well, so whichever the port will be
            yield Finding(message=f"{place} admits {wide.describe()} to a port that is not known yet")
        elif each.unknown:
            yield unjudged(f"{place} cannot be judged: {', '.join(each.unknown)} not known yet")
    for exposure in exposures(ingress, limits):
        places = f": {', '.join(exposure.places)}" if exposure.places else ""
        yield Finding(message=f"{resource.name}{places} opens {exposure.describe()}")


def _prefix_list(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """A prefix list is an open port in waiting: its users cannot tell from the rule what it holds."""
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
        yield Finding(message=f"{cidr} holds {wide.describe()}; allowed are private networks and those that configuration names")


_MOST_TRUSTED: Final = 2**24
"""Public IPv4 addresses of the widest network that may be trusted at every port: a /8."""


def _sense(settings: Settings) -> Iterable[str]:
    trusted = Sources.of(map(parse, texts(settings, "trustedCidrs"))).public
    if size(trusted.ipv4) > _MOST_TRUSTED or size(trusted.ipv6) > 2 ** (128 - 16):
        yield (
            f"trustedCidrs hold {trusted.describe()}, to every port; allowed are networks that you know. To switch the rule off, set its "
            "enforcementLevel"
        )


NO_PUBLIC_PORT = ResourceRule(
    id="no-public-port",
    title="No port is open to the internet",
    reason=(
        "A dev server runs whatever is in the site it serves. Anyone who reaches its port runs code in the task; only the load "
        "balancer's own ports may face people, and only those people that the configuration names."
    ),
    fix=(
        "admit the load balancer's security group instead of addresses, or private addresses; name the sources of the load balancer's own "
        "80 and 443 in the policy configuration as no-public-port.frontDoorCidrs, and other public ranges that you trust as trustedCidrs"
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
