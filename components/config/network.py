"""Keys: the network, new or existing."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from components.config.address import RULES_PER_GROUP, too_many_ranges
from components.config.shapes import HEX, Ranges, VpcRange, given, matching, reaches_the_internet
from components.efs_fargate_service import EfsFargateServiceArgs
from components.flow_logs import FlowLogs, Traffic
from components.network import Egress, NetworkArgs
from contract.settings import Names, Problem, Problems, Rule, Settings, setting

NETWORK: Final = "Network"

MOST_EGRESS_RANGES: Final = RULES_PER_GROUP - 10
"""Leaves room for the rules between the stack's own parts."""


Subnets = Annotated[
    tuple[str, ...],
    matching(
        rf"subnet-{HEX}",
        "subnets' ids",
        '["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]',
    ),
]


def egress_ranges_fit_the_group(names: Names, egress_cidrs: tuple[str, ...]) -> Problems:
    """The same for the tasks' group."""
    why = f"AWS takes {RULES_PER_GROUP} rules a security group, and the stack needs some itself"
    yield from too_many_ranges(names["egress_cidrs"], egress_cidrs, MOST_EGRESS_RANGES, why)


def subnets_go_with_a_vpc(
    names: Names,
    vpc_id: str,
    public_subnet_ids: tuple[str, ...],
    private_subnet_ids: tuple[str, ...],
) -> Problems:
    """An existing VPC needs two of each kind, a new one none."""
    vpc = names["vpc_id"]
    given_ids = {"public_subnet_ids": public_subnet_ids, "private_subnet_ids": private_subnet_ids}
    for field, ids in given_ids.items():
        name = names[field]
        if given(vpc_id) and len(set(ids)) < 2:
            allowed = f"with {vpc}, two or more subnets in different zones"
            yield Problem(
                key=name,
                value=str(list(ids)),
                allowed=allowed,
                fix=f"name them in {name}, or remove {vpc}",
            )
        if ids and not given(vpc_id):
            allowed = f"subnets only together with {vpc}"
            yield Problem(
                key=name, value=str(list(ids)), allowed=allowed, fix=f"set {vpc}, or remove {name}"
            )


def subnets_are_of_one_kind(
    names: Names, public_subnet_ids: tuple[str, ...], private_subnet_ids: tuple[str, ...]
) -> Problems:
    """A public subnet gives its tasks no way out, since they have no public address; a private one
    no way in to the load balancer.
    """
    public = (
        [each for each in public_subnet_ids if isinstance(each, str)]
        if isinstance(public_subnet_ids, tuple)
        else []
    )
    private = private_subnet_ids if isinstance(private_subnet_ids, tuple) else ()
    if both := [
        each
        for each in public
        if any(isinstance(other, str) and other == each for other in private)
    ]:
        yield Problem(
            key=names["private_subnet_ids"],
            value=", ".join(both),
            allowed=(
                f"subnets that {names['public_subnet_ids']} does not name: tasks have no public"
                " address, and need NAT or endpoints"
            ),
            fix=(
                "name private subnets. For a load balancer in private ones set internal, and"
                f" {names['public_subnet_ids']} to others"
            ),
        )


def tasks_reach_aws(
    names: Names, vpc_id: str, egress: Egress, egress_cidrs: tuple[str, ...]
) -> Problems:
    """A new VPC has no other way to AWS than the internet, by IPv4, or endpoints. An existing one
    may have private ones.
    """
    if given(vpc_id) or egress == "endpoints" or any(map(reaches_the_internet, egress_cidrs)):
        return
    yield Problem(
        key=names["egress_cidrs"],
        value=", ".join(egress_cidrs),
        allowed=(
            f"ranges of the internet with {names['egress']} {egress}: the tasks pull their image,"
            " read secrets and write logs there"
        ),
        fix=f"add 0.0.0.0/0 or AWS's ranges of the region, or set {names['egress']} to endpoints",
    )


def endpoints_need_a_new_vpc(names: Names, vpc_id: str, egress: Egress) -> Problems:
    """Those of an existing VPC belong to its owner."""
    if given(vpc_id) and egress == "endpoints":
        vpc = names["vpc_id"]
        yield Problem(
            key=names["egress"],
            value=f'"{egress}" with {vpc}',
            allowed="endpoints only in a new VPC; those of an existing one are its owner's",
            fix=f"remove {names['egress']}, or {vpc}",
        )


def zones_are_as_many_as_named(
    names: Names, vpc_id: str, availability_zones: int, availability_zone_names: tuple[str, ...]
) -> Problems:
    """Names and number agree, and only a new VPC has a choice."""
    key, number = names["availability_zone_names"], names["availability_zones"]
    if not availability_zone_names:
        return
    if given(vpc_id):
        allowed = f"zones of a new VPC only; with {names['vpc_id']} they follow from the subnets"
        yield Problem(
            key=key, value=str(list(availability_zone_names)), allowed=allowed, fix=f"remove {key}"
        )
    elif (
        len(set(availability_zone_names)) != len(availability_zone_names)
        or len(availability_zone_names) != availability_zones
    ):
        yield Problem(
            key=key,
            value=str(list(availability_zone_names)),
            allowed=f"as many different zones as {number}, {availability_zones}",
            fix=f"name {availability_zones} zones, or set {number} to their number",
        )


class NetworkKeys(Settings):
    """New VPC or existing ids."""

    rules: ClassVar[tuple[Rule, ...]] = (
        subnets_go_with_a_vpc,
        endpoints_need_a_new_vpc,
        subnets_are_of_one_kind,
        tasks_reach_aws,
        egress_ranges_fit_the_group,
        zones_are_as_many_as_named,
    )

    vpc_id: Annotated[str, matching(rf"vpc-{HEX}", "a VPC's id", "vpc-0123456789abcdef0")] = (
        setting("", "Existing VPC. Empty: a new one.", group=NETWORK, late=True)
    )
    public_subnet_ids: Subnets = setting(
        (),
        "With `vpcId`: subnets of the load balancer, at least two in different zones.",
        group=NETWORK,
        late=True,
    )
    private_subnet_ids: Subnets = setting(
        (),
        "With `vpcId`: subnets of tasks and mount targets, one per zone. They need a way to AWS:"
        " NAT or endpoints.",
        group=NETWORK,
        late=True,
    )
    vpc_cidr: VpcRange = setting(NetworkArgs.cidr, "IPv4 range of a new VPC.", group=NETWORK)
    availability_zones: int = setting(
        NetworkArgs.availability_zones,
        "Availability zones of a new VPC.",
        group=NETWORK,
        within=(2, 3),
    )
    availability_zone_names: Annotated[
        tuple[str, ...],
        matching(
            r"[a-z]{2}(?:-[a-z]+)+-\d[a-z]",
            "names of availability zones, which local zones are not",
            '["eu-central-1a", "eu-central-1b"]',
        ),
    ] = setting(
        (),
        "Zones of a new VPC by name, as many as `availabilityZones`. Empty: the first ones of the"
        " region.",
        group=NETWORK,
    )
    egress: Egress = setting(
        NetworkArgs.egress,
        "How tasks of a new VPC reach AWS and the internet: a NAT gateway per zone, one for all, or"
        " only AWS by endpoints (no npm).",
        group=NETWORK,
    )
    egress_cidrs: Ranges = setting(
        EfsFargateServiceArgs.egress_cidrs,
        "Where tasks may open HTTPS connections to; unused with `egress: endpoints`.",
        group=NETWORK,
    )

    flow_logs: Literal["none", Traffic] = setting(
        FlowLogs.traffic,
        "Log connections of a new VPC in CloudWatch, kept for `logRetentionDays`: those that were"
        " refused, all, or none.",
        group=NETWORK,
    )

    @property
    def in_own_vpc(self) -> bool:
        """Whether the service is in an existing VPC."""
        return given(self.vpc_id)
