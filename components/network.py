"""The network: a new VPC by awsx, or an existing one by its ids.

Load balancers stand in the public subnets; tasks and mount targets in the private ones, never with
a public IP.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.base import Component, ComponentError, Transforms
from components.cidr import check_cidr
from components.endpoints import GATEWAY_SERVICES, Endpoints, create_endpoints, create_gateway
from components.flow_logs import FlowLogs
from components.kept import first_value
from components.subnets import subnet_ranges

Egress = Literal["nat", "single-nat", "endpoints"]


@dataclass(frozen=True, kw_only=True)
class ExistingVpc:
    """A VPC that somebody else owns."""

    vpc_id: pulumi.Input[str]
    """`vpc-…`."""
    public_subnet_ids: tuple[pulumi.Input[str], ...]
    """For the load balancer: at least two, in different availability zones."""
    private_subnet_ids: tuple[pulumi.Input[str], ...]
    """For tasks and mount targets: at most one per availability zone, since EFS takes one mount
    target per zone.
    """


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """A new VPC unless `existing` is given."""

    existing: ExistingVpc | None = None
    cidr: str = "10.20.0.0/16"
    """IPv4 range of a new VPC, /16 to /24."""
    availability_zones: int = 2
    """Zones of a new VPC, 2-3: the load balancer needs two."""
    zone_names: tuple[str, ...] = ()
    """Zones of a new VPC by name, as many as `availability_zones`. Without, the first ones of the
    region, less local and wavelength zones: an account that opted in lists them among the others,
    and neither Fargate nor EFS is there.
    """
    egress: Egress = "nat"
    """How tasks reach AWS and the internet: a NAT gateway per zone, one for all zones (cheaper, a
    zone's loss cuts all), or only the interface endpoints that the task needs (no internet:
    dependencies of sites cannot be installed from npm).
    """
    execute_command: bool = False
    """With `egress="endpoints"`: also the endpoint that ECS Exec needs."""
    flow_logs: FlowLogs | None = None
    """Log connections of a new VPC."""
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.existing:
            for kind, ids in (
                ("public", self.existing.public_subnet_ids),
                ("private", self.existing.private_subnet_ids),
            ):
                if len(set(ids)) < 2:
                    raise ComponentError(
                        f"existing VPC: {kind} subnets are {list(ids)}; at least two in different"
                        " zones are needed. Add another"
                    )
            return
        check_cidr("cidr", self.cidr, longest_prefix=24, shortest_prefix=16)
        if not 2 <= self.availability_zones <= 3:
            raise ComponentError(
                f"availability_zones is {self.availability_zones}; allowed is 2 or 3. A load"
                " balancer needs two"
            )
        if self.zone_names and len(set(self.zone_names)) != self.availability_zones:
            raise ComponentError(
                f"zone_names is {list(self.zone_names)}, with availability_zones"
                f" {self.availability_zones}; name as many different zones"
            )


SECOND_STACK = "make a second stack, as docs/runbook.md says under 'Changes that replace something'"


def _check_place(at_first: str, wanted: str) -> None:
    """AWS moves neither a load balancer nor mount targets to another VPC."""
    if at_first == wanted:
        return
    named = [
        f"vpcId {place}" if place.startswith("vpc-") else f"its own VPC, vpcCidr {place}"
        for place in (wanted, at_first)
    ]
    raise ComponentError(
        f"the network is {named[0]}, and the stack was made in {named[1]}; allowed is that one,"
        " since AWS moves neither a load balancer nor mount targets to another VPC. Set it back,"
        f" or {SECOND_STACK}"
    )


def _check_zones(at_first: list[str], wanted: list[str]) -> None:
    """A subnet stays in its zone, and no other takes its range beside it."""
    if at_first == wanted:
        return
    raise ComponentError(
        f"the network's zones are {', '.join(wanted)}, and its subnets were made in"
        f" {', '.join(at_first)}; allowed are those, since AWS moves no subnet, less or more at the"
        f" end. Set availabilityZoneNames {json.dumps(at_first)}, or {SECOND_STACK}"
    )


class Network(Component):
    """VPC and subnet ids, new or existing."""

    vpc: awsx.ec2.Vpc | None
    """The new VPC; None on an existing one."""
    vpc_id: pulumi.Output[str]
    public_subnet_ids: tuple[pulumi.Output[str], ...]
    private_subnet_ids: tuple[pulumi.Output[str], ...]
    endpoints: Endpoints | None
    """With `egress="endpoints"` in a new VPC: what tasks may reach instead of the internet."""
    s3_prefix_list_id: pulumi.Output[str] | None
    """In a new VPC: S3 as its gateway endpoint routes it."""
    dynamodb_prefix_list_id: pulumi.Output[str] | None
    """In a new VPC: DynamoDB as its gateway endpoint routes it."""

    def __init__(
        self,
        name: str,
        args: NetworkArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("Network", name, opts, transforms)
        self.args = args
        self.vpc = None
        self.endpoints = None
        self.s3_prefix_list_id = self.dynamodb_prefix_list_id = None
        if args.existing:
            self._use_existing(args.existing)
        else:
            self._create_vpc(self._zones())
            self._create_endpoints()
            self._close_default_group()
            if args.flow_logs:
                args.flow_logs.attach(self, self.vpc_id, args.tags)
        self.finish(
            {
                "vpcId": self.vpc_id,
                "privateSubnetIds": list(self.private_subnet_ids),
                "publicSubnetIds": list(self.public_subnet_ids),
            }
        )

    def _use_existing(self, existing: ExistingVpc) -> None:
        self._stay_in(existing.vpc_id)
        self.vpc_id = pulumi.Output.from_input(existing.vpc_id)
        self.public_subnet_ids = tuple(
            pulumi.Output.from_input(subnet) for subnet in existing.public_subnet_ids
        )
        self.private_subnet_ids = tuple(
            pulumi.Output.from_input(subnet) for subnet in existing.private_subnet_ids
        )

    def _stay_in(self, place: pulumi.Input[str]) -> None:
        """Refuse another VPC, or another range of it, than that in which the stack was made."""
        stash = self._stash("place", place)
        if isinstance(place, str):
            _check_place(first_value(stash), place)
        else:
            pulumi.Output.all(stash.output, place).apply(lambda both: _check_place(*both))

    def _stay_in_zones(self, zones: list[str]) -> None:
        """Refuse another order or choice of zones; they are added and removed at the end."""
        stashes = [self._stash(f"zone_{index}", zone) for index, zone in enumerate(zones)]
        _check_zones([first_value(stash) for stash in stashes], zones)

    def _stash(self, key: str, value: pulumi.Input[str]) -> pulumi.Stash:
        stash = pulumi.Stash(self.child_name(key), input=value, opts=self.child_options())
        self.expose(**{key: stash})
        return stash

    def _create_vpc(self, zones: list[str]) -> None:
        types, public, private = awsx.ec2.SubnetType, *subnet_ranges(self.args.cidr, len(zones))
        self._stay_in(self.args.cidr)
        self._stay_in_zones(zones)
        vpc = awsx.ec2.Vpc(
            self.child_name("vpc"),
            cidr_block=self.args.cidr,
            availability_zone_names=zones,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            # Without NAT gateways "private" subnets have no way out either. As "isolated" ones they
            # would be others, and a live stack could not change `egress`: AWS takes no second
            # subnet of the same range.
            subnet_specs=[
                awsx.ec2.SubnetSpecArgs(type=types.PUBLIC, cidr_blocks=public),
                awsx.ec2.SubnetSpecArgs(type=types.PRIVATE, cidr_blocks=private),
            ],
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=self._nat_strategy()),
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.vpc = vpc
        self.expose(vpc=vpc)
        self.vpc_id = vpc.vpc_id
        self.private_subnet_ids = tuple(
            vpc.private_subnet_ids[index] for index in range(len(zones))
        )
        self.public_subnet_ids = tuple(vpc.public_subnet_ids[index] for index in range(len(zones)))

    def _zones(self) -> list[str]:
        """The zones by name, or the region's first ones.

        Not only the available ones: a zone that fails must not move the subnets to another.
        """
        count = self.args.availability_zones
        if self.args.zone_names:
            return list(self.args.zone_names)
        zones = aws.get_availability_zones(
            filters=[
                aws.GetAvailabilityZonesFilterArgs(name="zone-type", values=["availability-zone"])
            ],
            opts=pulumi.InvokeOptions(parent=self),
        )
        if len(zones.names) < count:
            found = ", ".join(zones.names) or "none"
            raise ComponentError(
                f"availability_zones is {count}; the region has {len(zones.names)} ({found})."
                " Choose another number or region"
            )
        return sorted(zones.names)[:count]

    def _nat_strategy(self) -> awsx.ec2.NatGatewayStrategy:
        strategies = awsx.ec2.NatGatewayStrategy
        return {
            "nat": strategies.ONE_PER_AZ,
            "single-nat": strategies.SINGLE,
            "endpoints": strategies.NONE,
        }[self.args.egress]

    def _create_endpoints(self) -> None:
        assert self.vpc is not None
        tables: pulumi.Output[list[str]] = self.vpc.route_tables.apply(
            lambda tables: pulumi.Output.all(*(table.id for table in tables))
        )
        region = aws.get_region_output(opts=pulumi.InvokeOptions(parent=self)).region
        vpc_id, tags = self.vpc_id, self.args.tags
        if self.args.egress != "endpoints":
            self.s3_prefix_list_id, self.dynamodb_prefix_list_id = (
                create_gateway(
                    self, service, region=region, vpc_id=vpc_id, route_table_ids=tables, tags=tags
                )
                for service in GATEWAY_SERVICES
            )
            return
        self.endpoints = create_endpoints(
            self,
            region=region,
            vpc_id=vpc_id,
            subnet_ids=self.private_subnet_ids,
            route_table_ids=tables,
            execute_command=self.args.execute_command,
            tags=tags,
        )
        self.s3_prefix_list_id = self.endpoints.s3_prefix_list_id
        self.dynamodb_prefix_list_id = self.endpoints.dynamodb_prefix_list_id

    def _close_default_group(self) -> None:
        """AWS makes a group that lets its members reach each other; whatever is started without a
        group lands there.
        """
        group = aws.ec2.DefaultSecurityGroup(
            self.child_name("default_group"),
            vpc_id=self.vpc_id,
            ingress=[],
            egress=[],
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(default_group=group)
