"""No public port, judged on each resource alone, before it is created or changed (S18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .core.exposure import NETWORK_SETTINGS, Limits, exposures
from .core.ingress import Ingress, ingress_of
from .core.rule import Finding, Resource, ResourceRule, Settings, unjudged
from .core.types import INGRESS_SOURCES


def judge(name: str, ingress: Sequence[Ingress], limits: Limits) -> Iterator[Finding]:
    """What is wrong with the admissions that one resource makes."""
    for each in ingress:
        place = f"{name}: {each.where}" if each.where else name
        for source in each.unreadable:
            yield Finding(message=f"{place}: {source} is no CIDR block; what cannot be read counts as public")
        if each.ports is None and limits.public(each.sources - limits.front_sources):
            # whichever the port will be, the front door's included
            yield Finding(message=f"{place} admits {each.sources.describe()} to a port that is not known yet")
        elif each.unknown:
            yield unjudged(f"{place} cannot be judged: {', '.join(each.unknown)} not known yet")
    for exposure in exposures(ingress, limits):
        places = ", ".join(dict.fromkeys(each.where for each in exposure.contributors if each.where))
        yield Finding(message=f"{name}: {places} opens {exposure.describe()}" if places else f"{name} opens {exposure.describe()}")


def _check(resource: Resource, settings: Settings) -> Iterable[Finding]:
    return judge(resource.name, list(ingress_of(resource)), Limits(settings))


NO_PUBLIC_PORT = ResourceRule(
    id="no-public-port",
    title="No port is open to the internet",
    reason=(
        "A dev server runs whatever is in the site it serves. Anyone who reaches its port runs code in the task; only the load "
        "balancer's own ports may face people, and only those people that the configuration names."
    ),
    fix=(
        "admit the load balancer's security group instead of addresses, or narrow the sources; for the load balancer's own 80 and 443 "
        "name the sources in the policy configuration (no-public-port.frontDoorCidrs)"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    severity="critical",
    level="mandatory",
    spec="S18 S21",
    properties=NETWORK_SETTINGS,
    types=INGRESS_SOURCES,
    check=_check,
)


RULES = (NO_PUBLIC_PORT,)
