"""Keys: where the service stands and who may reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from components.base import ComponentError
from components.cidr import check_cidr, parse_cidr
from components.config.keys import Problem, given, key
from contract.hmr import ContractError, HmrContract


def is_https_origin(text: str) -> bool:
    """Whether `text` is an https origin without a path."""
    try:
        return HmrContract(public_url=text).scheme == "https"
    except (ContractError, ValueError):
        return False


def are_cidrs(texts: tuple[str, ...]) -> bool:
    """Whether `texts` is one or more ranges, host bits zero."""
    try:
        return bool(texts) and all(parse_cidr("range", text) for text in texts)
    except ComponentError:
        return False


def is_vpc_cidr(text: str) -> bool:
    """Whether `text` can be the range of a new VPC."""
    try:
        check_cidr("vpcCidr", text, shortest_prefix=16, longest_prefix=24)
    except ComponentError:
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class AddressKeys:
    """Name, certificate, visitors."""

    public_url: str = key(
        group="Address",
        help="Origin that browsers use. Its host gets the DNS record and, with `hostedZoneId`, the certificate.",
        check=is_https_origin,
        allowed="an https origin without a path",
        example="https://edit.example.com",
    )
    ingress_cidrs: tuple[str, ...] = key(
        group="Address",
        help="Who may reach ports 443 and 80 of the load balancer. The internet only when `0.0.0.0/0` or `::/0` is named here.",
        check=are_cidrs,
        allowed="at least one range whose host bits are zero",
        example='["203.0.113.0/24"]',
    )
    certificate_arn: str = key(
        group="Address",
        default="",
        help="ACM certificate in the stack's region. Empty: one is issued for the host of `publicUrl` and validated in `hostedZoneId`.",
        pattern=r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36}",
        allowed="an ACM certificate's ARN",
        example="arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    )
    hosted_zone_id: str = key(
        group="Address",
        default="",
        help="Public Route 53 zone of the host: gets the alias record and, without `certificateArn`, the certificate's validation.",
        pattern=r"Z[A-Z0-9]{7,31}",
        allowed="a hosted zone's id",
        example="Z0123456789EXAMPLE",
    )
    dns_record: bool = key(group="Address", default=True, help="With `hostedZoneId`: point the host of `publicUrl` to the load balancer.")

    @property
    def host(self) -> str:
        """Host name of `public_url`."""
        return urlsplit(self.public_url).hostname or ""

    def address_problems(self) -> list[Problem]:
        """Keys that do not go together."""
        if given(self.certificate_arn) or given(self.hosted_zone_id):
            return []
        return [
            Problem(
                key="certificateArn",
                value="not set",
                allowed="an ACM certificate's ARN, or nothing together with hostedZoneId",
                fix="set certificateArn to an issued certificate, or hostedZoneId to the zone in which one can be validated",
            )
        ]


@dataclass(frozen=True, kw_only=True)
class NetworkKeys:
    """New VPC or existing ids."""

    vpc_id: str = key(
        group="Network",
        default="",
        help="Existing VPC. Empty: a new one.",
        pattern=r"vpc-[0-9a-f]{8,17}",
        allowed="a VPC's id",
        example="vpc-0123456789abcdef0",
    )
    public_subnet_ids: tuple[str, ...] = key(
        group="Network",
        default=(),
        help="With `vpcId`: subnets of the load balancer, at least two in different zones.",
        pattern=r"subnet-[0-9a-f]{8,17}",
        allowed="subnets' ids",
        example='["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]',
    )
    private_subnet_ids: tuple[str, ...] = key(
        group="Network",
        default=(),
        help="With `vpcId`: subnets of tasks and mount targets, one per zone. They need a way to AWS: NAT or endpoints.",
        pattern=r"subnet-[0-9a-f]{8,17}",
        allowed="subnets' ids",
        example='["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]',
    )
    vpc_cidr: str = key(
        group="Network",
        default="10.20.0.0/16",
        help="IPv4 range of a new VPC.",
        check=is_vpc_cidr,
        allowed="an IPv4 range from /16 to /24 whose host bits are zero",
        example="10.20.0.0/16",
    )
    availability_zones: int = key(group="Network", default=2, help="Availability zones of a new VPC.", within=(2, 3))
    egress: Literal["nat", "single-nat", "endpoints"] = key(
        group="Network",
        default="nat",
        help="How tasks of a new VPC reach AWS and the internet: a NAT gateway per zone, one for all, or only AWS by endpoints (no npm).",
        choices=("nat", "single-nat", "endpoints"),
    )
    egress_cidrs: tuple[str, ...] = key(
        group="Network",
        default=("0.0.0.0/0",),
        help="Where tasks may open HTTPS connections to; unused with `egress: endpoints`.",
        check=are_cidrs,
        allowed="at least one range whose host bits are zero",
        example='["0.0.0.0/0"]',
    )

    @property
    def in_own_vpc(self) -> bool:
        """Whether the service stands in an existing VPC."""
        return given(self.vpc_id)

    def network_problems(self) -> list[Problem]:
        """Keys that do not go together."""
        problems = []
        for name, ids in (("publicSubnetIds", self.public_subnet_ids), ("privateSubnetIds", self.private_subnet_ids)):
            if self.in_own_vpc and len(set(ids)) < 2:
                allowed = "with vpcId, two or more subnets in different zones"
                problems.append(Problem(key=name, value=str(list(ids)), allowed=allowed, fix=f"name them in {name}, or remove vpcId"))
            if ids and not self.in_own_vpc:
                allowed = "subnets only together with vpcId"
                problems.append(Problem(key=name, value=str(list(ids)), allowed=allowed, fix=f"set vpcId, or remove {name}"))
        if self.in_own_vpc and self.egress == "endpoints":
            allowed = "endpoints only in a new VPC; those of an existing one are its owner's"
            problems.append(Problem(key="egress", value=f'"{self.egress}" with vpcId', allowed=allowed, fix="remove egress, or vpcId"))
        return problems
