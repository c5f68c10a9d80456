"""The children of `awsx:ec2:Vpc`, as its provider registers them
(https://www.pulumi.com/registry/packages/awsx/api-docs/ec2/vpc/).

The component is remote: the program declares one resource and the provider declares twenty.
`expand` declares them through a callback, so the same code serves the in-process engine and the
provider that the real engine calls.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.model.core import Cloud
from local.model.functions import zone_names
from local.values import UNKNOWN, Properties, ResourceReference

TYPE = "awsx:ec2:Vpc"
SUBNET_KINDS = ("public", "private", "isolated")


@dataclass(frozen=True)
class Registered:
    """A child as the engine answered for it."""

    urn: str
    id: Any
    outputs: Properties

    @property
    def reference(self) -> ResourceReference:
        return ResourceReference(self.urn, self.id)


Register = Callable[[str, str, Properties, str, Mapping[str, Registered]], Registered]
"""Declare a child: type token, name, inputs, URN of its parent, and which sibling each input came
from.
"""


@dataclass(frozen=True)
class Expansion:
    """The component's outputs, and the URNs that each of them came from."""

    outputs: Properties
    dependencies: dict[str, list[str]]


@dataclass(frozen=True)
class SubnetPlan:
    """One subnet of the layout."""

    name: str
    kind: str
    zone: str
    cidr: str
    tags: Properties


class VpcError(ValueError):
    """The arguments of `awsx.ec2.Vpc` contradict each other or do not fit the address range."""


def layout(cloud: Cloud, name: str, arguments: Properties) -> list[SubnetPlan]:
    """The subnets that `arguments` ask for, zone by zone: private first, then public, then
    isolated.

    Raises `VpcError` when they do not fit into their zone's share of the range.
    """
    zones = arguments.get("availabilityZoneNames")
    zones = (
        zones
        or zone_names(cloud, only_regional=False)[: arguments.get("numberOfAvailabilityZones") or 3]
    )
    network = ipaddress.IPv4Network(arguments.get("cidrBlock") or "10.0.0.0/16")
    specs = arguments.get("subnetSpecs") or [{"type": "Private"}, {"type": "Public"}]
    order = {"private": 0, "public": 1, "isolated": 2}
    specs = sorted(specs, key=lambda spec: order.get(spec["type"].lower(), 3))
    share = arguments.get("availabilityZoneCidrMask") or network.prefixlen + math.ceil(
        math.log2(len(zones))
    )
    plans = []
    for index, (zone, block) in enumerate(
        zip(zones, network.subnets(new_prefix=share), strict=False)
    ):
        cursor = int(block.network_address)
        for spec in specs:
            if spec.get("cidrBlocks"):
                cidr = ipaddress.IPv4Network(spec["cidrBlocks"][index])
            else:
                smallest = {"private": 19, "public": 20, "isolated": 24}.get(
                    spec["type"].lower(), 20
                )
                mask = spec.get("cidrMask") or max(share + (0 if len(specs) == 1 else 1), smallest)
                size = 1 << (32 - mask)
                start = (
                    -(-cursor // size) * size
                )  # the next address at which a block of this size may begin
                cursor = start + size
                if cursor > int(block.broadcast_address) + 1:
                    raise VpcError(
                        f"{name}: the subnets of {zone} need more than {block}; use smaller masks"
                        " or a larger cidrBlock"
                    )
                cidr = ipaddress.IPv4Network((start, mask))
            label = spec.get("name") or spec["type"].lower()
            plans.append(
                SubnetPlan(
                    f"{name}-{label}-{index + 1}",
                    spec["type"],
                    zone,
                    str(cidr),
                    spec.get("tags") or {},
                )
            )
    return plans


def expand(
    cloud: Cloud, urn: str, name: str, arguments: Properties, register: Register
) -> Expansion:
    """Declare the VPC's children under `urn`."""
    plans = layout(cloud, name, arguments)
    tags = {"Name": name, **(arguments.get("tags") or {})}
    passed = (
        "enableDnsHostnames",
        "enableDnsSupport",
        "instanceTenancy",
        "enableNetworkAddressUsageMetrics",
    )
    options = {key: arguments[key] for key in passed if arguments.get(key) is not None}
    vpc = register(
        "aws:ec2/vpc:Vpc",
        name,
        {"cidrBlock": arguments.get("cidrBlock") or "10.0.0.0/16", "tags": tags, **options},
        urn,
        {},
    )
    gateway = register(
        "aws:ec2/internetGateway:InternetGateway",
        name,
        {"vpcId": vpc.id, "tags": tags},
        vpc.urn,
        {"vpcId": vpc},
    )
    builder = _Subnets(name, arguments, vpc, gateway, register)
    for zone in dict.fromkeys(plan.zone for plan in plans):
        for plan in sorted(
            (p for p in plans if p.zone == zone), key=lambda p: p.kind.lower() != "public"
        ):
            builder.add(plan, zone)
    endpoints = [
        register(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            spec["serviceName"],
            {
                **{key: value for key, value in spec.items() if key != "tags"},
                "vpcId": vpc.id,
                "tags": {**tags, **(spec.get("tags") or {})},
            },
            vpc.urn,
            {"vpcId": vpc},
        )
        for spec in arguments.get("vpcEndpointSpecs") or []
    ]
    specs = arguments.get("subnetSpecs") or [{"type": "Private"}, {"type": "Public"}]
    groups = {
        "vpc": [vpc],
        "internetGateway": [gateway],
        "vpcEndpoints": endpoints,
        **builder.groups(),
    }
    outputs: Properties = {
        name: [child.reference for child in children] for name, children in groups.items()
    }
    outputs |= {"vpc": vpc.reference, "vpcId": vpc.id, "internetGateway": gateway.reference}
    outputs["subnetLayout"] = [{"type": spec["type"]} for spec in specs]
    dependencies = {
        name: [child.urn for child in children] for name, children in groups.items()
    } | {"vpcId": [vpc.urn]}
    for kind in SUBNET_KINDS:
        outputs[f"{kind}SubnetIds"] = [subnet.id for subnet in groups[f"{kind}Subnets"]]
        dependencies[f"{kind}SubnetIds"] = dependencies[f"{kind}Subnets"]
    return Expansion(outputs, dependencies)


class _Subnets:
    """Collects what each subnet brings with it: its route table, routes and, where it is public, a
    NAT gateway.
    """

    def __init__(
        self,
        name: str,
        arguments: Properties,
        vpc: Registered,
        gateway: Registered,
        register: Register,
    ) -> None:
        nat = arguments.get("natGateways") or {}
        self._strategy = str(nat.get("strategy") or "OnePerAz").lower()
        self._allocations = nat.get("elasticIpAllocationIds") or []
        self._name, self._vpc, self._gateway, self._register = name, vpc, gateway, register
        self._tags = arguments.get("tags") or {}
        self._zones: list[str] = []
        self._nat: dict[str, Registered] = {}
        self._subnets: dict[str, list[Registered]] = {kind: [] for kind in SUBNET_KINDS}
        self._all: dict[str, list[Registered]] = {
            key: []
            for key in (
                "subnets",
                "routeTables",
                "routes",
                "routeTableAssociations",
                "natGateways",
                "eips",
            )
        }

    def add(self, plan: SubnetPlan, zone: str) -> None:
        if zone not in self._zones:
            self._zones.append(zone)
        kind = plan.kind.lower()
        tags = {"Name": plan.name, **self._tags, **plan.tags, "SubnetType": plan.kind}
        subnet = self._declare(
            "subnets",
            "aws:ec2/subnet:Subnet",
            plan.name,
            {
                "vpcId": self._vpc.id,
                "availabilityZone": zone,
                "cidrBlock": plan.cidr,
                "mapPublicIpOnLaunch": kind == "public",
                "assignIpv6AddressOnCreation": False,
                "tags": tags,
            },
            self._vpc,
            {"vpcId": self._vpc},
        )
        self._subnets.get(kind, []).append(subnet)
        table = self._declare(
            "routeTables",
            "aws:ec2/routeTable:RouteTable",
            plan.name,
            {
                "vpcId": self._vpc.id,
                "tags": {key: value for key, value in tags.items() if key not in plan.tags},
            },
            subnet,
            {"vpcId": self._vpc},
        )
        self._declare(
            "routeTableAssociations",
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            plan.name,
            {"routeTableId": table.id, "subnetId": subnet.id},
            table,
            {"routeTableId": table, "subnetId": subnet},
        )
        if kind == "public" and (
            self._strategy == "oneperaz" or (self._strategy == "single" and not self._nat)
        ):
            self._nat[zone] = self._nat_gateway(subnet)
        if target := self._route_target(kind, zone):
            key, way = target
            route = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", key: way.id}
            self._declare(
                "routes",
                "aws:ec2/route:Route",
                plan.name,
                route,
                table,
                {"routeTableId": table, key: way},
            )

    def _nat_gateway(self, subnet: Registered) -> Registered:
        index = len(self._zones)
        name = f"{self._name}-{index}"
        tags = {**self._tags, "Name": name}
        sources = {"subnetId": subnet}
        if self._allocations:
            allocation = self._allocations[index - 1]
        else:
            sources["allocationId"] = self._declare(
                "eips", "aws:ec2/eip:Eip", name, {"tags": tags}, subnet, {}
            )
            allocation = sources["allocationId"].outputs.get("allocationId", UNKNOWN)
        inputs = {"subnetId": subnet.id, "allocationId": allocation, "tags": tags}
        return self._declare(
            "natGateways", "aws:ec2/natGateway:NatGateway", name, inputs, subnet, sources
        )

    def _route_target(self, kind: str, zone: str) -> tuple[str, Registered] | None:
        if kind == "public":
            return "gatewayId", self._gateway
        if kind == "private" and self._strategy != "none" and self._nat:
            return "natGatewayId", self._nat.get(zone) or next(iter(self._nat.values()))
        return None

    def _declare(
        self,
        group: str,
        token: str,
        name: str,
        inputs: Properties,
        parent: Registered,
        sources: Mapping[str, Registered],
    ) -> Registered:
        child = self._register(token, name, inputs, parent.urn, sources)
        self._all[group].append(child)
        return child

    def groups(self) -> dict[str, list[Registered]]:
        """The children by the component's output that lists them."""
        return {
            **self._all,
            **{f"{kind}Subnets": subnets for kind, subnets in self._subnets.items()},
        }
