"""Subnets: tasks, instances and mount targets are where no route and no switch leads to the
internet (S12, S14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from .core.place import be_false
from .core.placement import placed, places
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule, unjudged
from .core.types import (
    DEFAULT_ROUTE_TABLE,
    DEFAULT_SUBNET,
    DEFAULT_VPC,
    INTERNET_GATEWAY,
    MAIN_ROUTE_TABLE_ASSOCIATION,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SUBNET,
    VPC,
)
from .core.values import UNKNOWN, Value, boolean

_TABLES: Final = frozenset({ROUTE_TABLE, DEFAULT_ROUTE_TABLE})
_VPCS: Final = frozenset({VPC, DEFAULT_VPC})
_SUBNETS: Final = frozenset({SUBNET, DEFAULT_SUBNET})

_SWITCHES: Final = ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "ipv6Native")
"""By which a subnet gives each interface in it a public address. One for IPv6 only always does:
https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html"""


def _check(stack: Stack, _: Settings) -> Iterable[Finding]:
    routes, paths = _Routes(stack), placed()
    for each in stack.of(paths):
        unknown = False
        for prop, place in places(each, paths):
            join = stack.join(each, prop, place.value, _SUBNETS)
            unknown = unknown or join.unknown
            for subnet in join.found:
                for why in routes.why_public(subnet):
                    message = f"{each.name} is in {subnet.name}, {why}; allowed are private subnets"
                    yield Finding(message=message, urn=each.urn)
        if unknown:
            yield unjudged(
                f"{each.name}: whether its subnets are private is not known yet", each.urn
            )
    if stack.of(paths):
        yield from (
            unjudged(f"{name}: {prop} is not known yet", urn) for urn, name, prop in routes.unknown
        )


class _Routes:
    """Which route tables of a stack lead to the internet, and which subnets use them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.unknown: dict[tuple[str, str, str], None] = {}
        """URN, name and property of what may lead to the internet: not known yet, and made from
        nothing in the stack.
        """

        self._open = set(self._open_tables())
        self._own: dict[str, list[str]] = {}
        """URN of a subnet to the keys of the route tables that it names."""

        for association in stack.of({ROUTE_TABLE_ASSOCIATION}):
            for subnet in self._join(
                association, "subnetId", association.props.get("subnetId"), _SUBNETS
            ):
                self._own.setdefault(subnet.urn, []).extend(self._keys(association, "routeTableId"))
        self._main: dict[str, list[str]] = {}
        """URN of a VPC to the keys of its main route table."""

        for vpc in stack.of(_VPCS):
            ids = (vpc.props.get("mainRouteTableId"), vpc.props.get("defaultRouteTableId"))
            self._main[vpc.urn] = [
                key for each in ids if isinstance(each, str) for key in self._named(each)
            ]
        for association in stack.of({MAIN_ROUTE_TABLE_ASSOCIATION}):
            for vpc in self._vpcs(association):
                self._main[vpc.urn] = self._keys(association, "routeTableId")

    def why_public(self, subnet: Resource) -> Iterator[str]:
        """What makes a subnet public; nothing when it is private."""
        if subnet.type == DEFAULT_SUBNET:
            yield "a subnet of the default VPC, which is public"
            return
        tables = self._own.get(subnet.urn) or [
            key for vpc in self._vpcs(subnet) for key in self._main.get(vpc.urn, ())
        ]
        if any(each in self._open for each in tables):
            yield "with a route to an internet gateway"
        for switch in _SWITCHES:
            if boolean(subnet.asked.get(switch)) is True:
                yield f"which assigns public addresses ({switch})"

    def _open_tables(self) -> Iterator[str]:
        for route in self._stack.of({ROUTE}):
            if self._leads_out(route, "gatewayId", route.asked.get("gatewayId")) or route.asked.get(
                "carrierGatewayId"
            ) not in (
                None,
                UNKNOWN,
            ):
                yield from self._keys(route, "routeTableId")
        for table in self._stack.of(_TABLES):
            gateways = [place.value for place in table.at().within("routes.gatewayId")]
            carrier = any(
                place.value not in (None, "", UNKNOWN)
                for place in table.at().within("routes.carrierGatewayId")
            )
            if carrier or any(self._leads_out(table, "routes", gateway) for gateway in gateways):
                yield table.urn
                yield from (
                    each
                    for each in (table.asked.get("defaultRouteTableId"),)
                    if isinstance(each, str)
                )

    def _leads_out(self, resource: Resource, prop: str, gateway: Value) -> bool:
        outside = isinstance(gateway, str) and gateway.startswith("igw-")
        return outside or bool(self._join(resource, prop, gateway, {INTERNET_GATEWAY}))

    def _join(
        self, resource: Resource, prop: str, value: Value, types: Collection[str]
    ) -> tuple[Resource, ...]:
        join = self._stack.join(resource, prop, value, types)
        if join.unknown and not resource.references.get(prop):
            self.unknown[resource.urn, resource.name, prop] = None
        return join.found

    def _keys(self, resource: Resource, prop: str) -> list[str]:
        """What a property that names a route table stands for: URNs of tables here, and ids of
        others (a VPC's main table has no URN).
        """
        value = resource.props.get(prop)
        found = [each.urn for each in self._join(resource, prop, value, _TABLES)]
        return [*found, value] if isinstance(value, str) else found

    def _named(self, identity: str) -> list[str]:
        return [identity, *(each.urn for each in self._stack.named(identity, _TABLES))]

    def _vpcs(self, resource: Resource) -> tuple[Resource, ...]:
        return self._stack.join(resource, "vpcId", resource.props.get("vpcId"), _VPCS).found


PRIVATE_SUBNETS = StackRule(
    id="private-subnets",
    title="Tasks, instances and mount targets are in private subnets",
    reason=(
        "In a subnet with a route to an internet gateway one switch, a public address, is all that"
        " is missing to be on the internet; some subnets set that switch by themselves."
    ),
    fix=(
        "name private subnets: those whose route table leads to a NAT gateway, or nowhere, and that"
        " assign no public addresses"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
    severity="medium",
    level="mandatory",
    check=_check,
)


def _auto_assign(resource: Resource, _: Settings) -> Iterable[Finding]:
    for switch in _SWITCHES:
        default = resource.type == DEFAULT_SUBNET and switch == "mapPublicIpOnLaunch"
        yield from resource.at(switch).must(
            be_false, "false", default=default, absent="not set, so it stays on" if default else ""
        )


SUBNET_AUTO_ASSIGN = ResourceRule(
    id="subnet-auto-assign",
    title="Subnets assign no public addresses automatically",
    reason=(
        "Whatever is started in such a subnet is on the internet without anyone asking for it. Load"
        " balancers and NAT gateways do not need the setting: they get their addresses in any"
        " subnet with a route to an internet gateway."
    ),
    fix=(
        "set map_public_ip_on_launch=False and assign_ipv6_address_on_creation=False on the subnet,"
        " and leave ipv6_native out"
    ),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html",
    severity="medium",
    level="advisory",
    types=_SUBNETS,
    check=_auto_assign,
    remedy=lambda _resource, _settings: {
        "mapPublicIpOnLaunch": False,
        "assignIpv6AddressOnCreation": False,
    },
)

RULES = (PRIVATE_SUBNETS, SUBNET_AUTO_ASSIGN)
