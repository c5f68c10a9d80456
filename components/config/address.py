"""Keys: where the service is reached, and from where."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

from components.config.shapes import Ranges, VpcRange, arn, given, is_everywhere, is_within, matching
from components.network import Egress
from contract.hmr import SharedContract
from contract.settings import Names, Problem, Problems, Rule, Settings, setting

ADDRESS: Final = "Address"
NETWORK: Final = "Network"

Subnets = Annotated[
    tuple[str, ...],
    matching(
        r"subnet-[0-9a-f]{8,17}",
        "subnets' ids",
        '["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]',
    ),
]


def public_url_is_https(names: Names, public_url: str) -> Problems:
    """The load balancer serves nothing else."""
    if not public_url.startswith("https:"):
        yield Problem(
            key=names["public_url"],
            value=f'"{public_url}"',
            allowed="an https origin without a path, such as https://edit.example.com",
            fix="write https:// instead of http://",
        )


def certificate_can_be_had(names: Names, certificate_arn: str, hosted_zone_id: str) -> Problems:
    """Either it exists, or it can be issued and validated."""
    certificate, zone = names["certificate_arn"], names["hosted_zone_id"]
    if not given(certificate_arn) and not given(hosted_zone_id):
        yield Problem(
            key=certificate,
            value="not set",
            allowed=f"an ACM certificate's ARN, or nothing together with {zone}",
            fix=f"set {certificate} to an issued certificate, or {zone} to the zone in which one can be validated",
        )


MOST_API_RANGES: Final = 20
"""Five listener rules of four ranges each, beside a path pattern."""


def somebody_can_create_sessions(names: Names, expose_api: bool) -> Problems:
    """Sessions and sign-in links come from the API only."""
    if not expose_api:
        yield Problem(
            key=names["expose_api"],
            value="false",
            allowed="true: without the API nobody could create a session or a sign-in link",
            fix=f"remove {names['expose_api']}, and name who may reach the API in {names['api_ingress_cidrs']}",
        )


def the_internet_reaches_the_api_by_name_only(
    names: Names, expose_api: bool, ingress_cidrs: tuple[str, ...], api_ingress_cidrs: tuple[str, ...]
) -> Problems:
    """Pages for everybody are one decision, the API for everybody another."""
    everywhere = [cidr for cidr in ingress_cidrs if is_everywhere(cidr)]
    if expose_api and everywhere and not api_ingress_cidrs:
        name = names["api_ingress_cidrs"]
        yield Problem(
            key=name,
            value="not set",
            allowed=f"the ranges that may reach the API, since {names['ingress_cidrs']} is the internet",
            fix=f"name them in {name}, as a last resort {everywhere[0]}",
        )


def api_ranges_reach_the_load_balancer(names: Names, ingress_cidrs: tuple[str, ...], api_ingress_cidrs: tuple[str, ...]) -> Problems:
    """The API is behind the same ports as the sessions."""
    outside = [cidr for cidr in api_ingress_cidrs if not is_within(cidr, ingress_cidrs)]
    if outside:
        name = names["ingress_cidrs"]
        yield Problem(
            key=names["api_ingress_cidrs"],
            value=", ".join(outside),
            allowed=f"ranges within {name}: others do not reach the load balancer",
            fix=f"add {', '.join(outside)} to {name}, or remove it here",
        )


def api_ranges_fit_the_rules(names: Names, api_ingress_cidrs: tuple[str, ...]) -> Problems:
    """Each four of them take a listener rule."""
    if len(api_ingress_cidrs) > MOST_API_RANGES:
        yield Problem(
            key=names["api_ingress_cidrs"],
            value=f"{len(api_ingress_cidrs)} ranges",
            allowed=f"at most {MOST_API_RANGES}, since a listener rule takes four",
            fix="merge neighbouring ranges",
        )


class AddressKeys(SharedContract):
    """Name, certificate, visitors."""

    rules: ClassVar[tuple[Rule, ...]] = (
        public_url_is_https,
        certificate_can_be_had,
        somebody_can_create_sessions,
        the_internet_reaches_the_api_by_name_only,
        api_ranges_reach_the_load_balancer,
        api_ranges_fit_the_rules,
    )

    ingress_cidrs: Ranges = setting(
        help="Who may reach ports 443 and 80 of the load balancer. The internet only when `0.0.0.0/0` or `::/0` is named here.",
        group=ADDRESS,
    )
    expose_api: bool = setting(
        True,
        "Forward the REST API's paths (`/api/*`) to the tasks. Sessions and sign-in links are made there.",
        group=ADDRESS,
    )
    api_ingress_cidrs: Ranges = setting(
        (),
        "Who may reach the API, by source address; each range is within `ingressCidrs`. Empty: all of "
        "`ingressCidrs`, unless that is the internet.",
        group=ADDRESS,
    )
    certificate_arn: Annotated[
        str,
        arn(
            "acm",
            "certificate/[0-9a-f-]{36}",
            "an ACM certificate's ARN",
            "certificate/12345678-1234-1234-1234-123456789012",
        ),
    ] = setting(
        "",
        "ACM certificate in the stack's region. Empty: one is issued for the host of `publicUrl` and validated in `hostedZoneId`.",
        group=ADDRESS,
        late=True,
    )
    hosted_zone_id: Annotated[str, matching(r"Z[A-Z0-9]{7,31}", "a hosted zone's id", "Z0123456789EXAMPLE")] = setting(
        "",
        "Public Route 53 zone of the host: gets the alias record and, without `certificateArn`, the certificate's validation.",
        group=ADDRESS,
        late=True,
    )
    dns_record: bool = setting(
        True,
        "With `hostedZoneId`: point the host of `publicUrl` to the load balancer.",
        group=ADDRESS,
    )

    @property
    def host(self) -> str:
        """Host name of `public_url`."""
        return urlsplit(self.public_url).hostname or ""


def subnets_go_with_a_vpc(names: Names, vpc_id: str, public_subnet_ids: tuple[str, ...], private_subnet_ids: tuple[str, ...]) -> Problems:
    """An existing VPC needs two of each kind, a new one none."""
    vpc = names["vpc_id"]
    given_ids = {"public_subnet_ids": public_subnet_ids, "private_subnet_ids": private_subnet_ids}
    for field, ids in given_ids.items():
        name = names[field]
        if given(vpc_id) and len(set(ids)) < 2:
            allowed = f"with {vpc}, two or more subnets in different zones"
            yield Problem(key=name, value=str(list(ids)), allowed=allowed, fix=f"name them in {name}, or remove {vpc}")
        if ids and not given(vpc_id):
            allowed = f"subnets only together with {vpc}"
            yield Problem(key=name, value=str(list(ids)), allowed=allowed, fix=f"set {vpc}, or remove {name}")


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


class NetworkKeys(Settings):
    """New VPC or existing ids."""

    rules: ClassVar[tuple[Rule, ...]] = (subnets_go_with_a_vpc, endpoints_need_a_new_vpc)

    vpc_id: Annotated[str, matching(r"vpc-[0-9a-f]{8,17}", "a VPC's id", "vpc-0123456789abcdef0")] = setting(
        "", "Existing VPC. Empty: a new one.", group=NETWORK, late=True
    )
    public_subnet_ids: Subnets = setting(
        (),
        "With `vpcId`: subnets of the load balancer, at least two in different zones.",
        group=NETWORK,
        late=True,
    )
    private_subnet_ids: Subnets = setting(
        (),
        "With `vpcId`: subnets of tasks and mount targets, one per zone. They need a way to AWS: NAT or endpoints.",
        group=NETWORK,
        late=True,
    )
    vpc_cidr: VpcRange = setting("10.20.0.0/16", "IPv4 range of a new VPC.", group=NETWORK)
    availability_zones: int = setting(2, "Availability zones of a new VPC.", group=NETWORK, within=(2, 3))
    egress: Egress = setting(
        "nat",
        "How tasks of a new VPC reach AWS and the internet: a NAT gateway per zone, one for all, or only AWS by endpoints (no npm).",
        group=NETWORK,
    )
    egress_cidrs: Ranges = setting(
        ("0.0.0.0/0",),
        "Where tasks may open HTTPS connections to; unused with `egress: endpoints`.",
        group=NETWORK,
    )

    @property
    def in_own_vpc(self) -> bool:
        """Whether the service is in an existing VPC."""
        return given(self.vpc_id)
