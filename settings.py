"""The stack's settings: the only reader of Pulumi config, validated whole before any resource is registered.

Each field is a config key in the namespace `astro-live` (`idle_timeout_seconds` is `astro-live:idleTimeoutSeconds`). This file is the
source of the schema in Pulumi.yaml and of docs/config.md; `scripts/gen_config_docs.py` writes both.

Errors: `SettingsError` lists every bad key with its value, what is allowed and the fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import pulumi
from pulumi.runtime import config as raw_config

from components.base import ComponentError
from components.cidr import check_cidr, parse_cidr
from components.config_keys import Problem, key, read
from components.fargate_sizes import check_size
from components.hmr import ContractError, HmrContract

NAMESPACE = "astro-live"


class SettingsError(pulumi.RunError):
    """The stack's config cannot be used. Pulumi prints the message without a traceback."""

    def __init__(self, stack: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {NAMESPACE}:{problem}" for problem in problems)
        super().__init__(f"config of stack {stack!r} has {len(problems)} bad key{'s' * (len(problems) != 1)}:\n{lines}")


def _is_origin(text: str) -> bool:
    try:
        return bool(HmrContract(public_url=text))
    except ContractError:
        return False


def _are_cidrs(texts: tuple[str, ...]) -> bool:
    try:
        return bool(texts) and all(parse_cidr("ingressCidrs", text) for text in texts)
    except ComponentError:
        return False


def _is_vpc_cidr(text: str) -> bool:
    try:
        check_cidr("vpcCidr", text, shortest_prefix=16, longest_prefix=24)
    except ComponentError:
        return False
    return True


ARN = r"arn:aws[a-z-]*:{service}:[a-z0-9-]*:\d{{12}}:{rest}"


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """One stack's settings."""

    public_url: str = key(
        group="Address",
        help="Origin that browsers use, without a path. Its host gets the DNS record and, with `hostedZoneId`, the certificate.",
        check=_is_origin,
        allowed="an origin without a path",
        example="https://edit.example.com",
    )
    hosted_zone_id: str = key(
        group="Address",
        default="",
        help="Public Route 53 zone of the host: gets the alias record and, without `certificateArn`, the certificate's validation record.",
        pattern=r"Z[A-Z0-9]{7,31}",
        example="Z0123456789EXAMPLE",
    )
    certificate_arn: str = key(
        group="Address",
        default="",
        help="ACM certificate in the stack's region. Empty: one is issued for the host of `publicUrl` and validated in `hostedZoneId`.",
        pattern=ARN.format(service="acm", rest=r"certificate/[0-9a-f-]{36}"),
        example="arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    )
    ingress_cidrs: tuple[str, ...] = key(
        group="Address",
        help="Who may reach ports 443 and 80 of the load balancer. The internet only when `0.0.0.0/0` or `::/0` is named here.",
        check=_are_cidrs,
        allowed="at least one IPv4 or IPv6 range",
        example='["203.0.113.0/24"]',
    )

    vpc_id: str = key(
        group="Network", default="", help="Existing VPC. Empty: a new one.", pattern=r"vpc-[0-9a-f]{8,17}", example="vpc-0123456789abcdef0"
    )
    public_subnet_ids: tuple[str, ...] = key(
        group="Network",
        default=(),
        help="With `vpcId`: subnets of the load balancer, at least two in different zones.",
        pattern=r"subnet-[0-9a-f]{8,17}",
        allowed="subnet ids",
    )
    private_subnet_ids: tuple[str, ...] = key(
        group="Network",
        default=(),
        help="With `vpcId`: subnets of tasks and mount targets, one per zone.",
        pattern=r"subnet-[0-9a-f]{8,17}",
        allowed="subnet ids",
    )
    vpc_cidr: str = key(
        group="Network",
        default="10.20.0.0/16",
        help="IPv4 range of a new VPC.",
        check=_is_vpc_cidr,
        allowed="an IPv4 range from /16 to /24",
    )
    availability_zones: int = key(group="Network", default=2, help="Availability zones of a new VPC.", within=(2, 3))
    egress: Literal["nat", "single-nat", "endpoints"] = key(
        group="Network",
        default="nat",
        help="How tasks reach AWS and the internet in a new VPC: a NAT gateway per zone, one for all, or only endpoints (no npm).",
        choices=("nat", "single-nat", "endpoints"),
    )

    idle_timeout_seconds: int = key(
        group="Load balancer", default=3600, help="Seconds without traffic after which a connection is cut.", within=(120, 4000), unit="s"
    )
    stickiness_seconds: int = key(
        group="Load balancer", default=3600, help="Life of the cookie that keeps a browser on its task.", within=(1, 604800), unit="s"
    )
    client_keep_alive_seconds: int = key(
        group="Load balancer", default=3600, help="How long a browser's idle HTTP connection is kept.", within=(60, 604800), unit="s"
    )
    expose_api: bool = key(group="Load balancer", default=False, help="Forward the REST API's paths (`/api/*`) to the tasks.")
    deletion_protection: bool = key(group="Load balancer", default=True, help="Refuse to delete the load balancer and the file system.")

    node_env: Literal["development", "production"] = key(
        group="Sessions",
        default="development",
        help="`development` serves `astro dev` with HMR; `production` builds the site and serves the result.",
        choices=("development", "production"),
    )
    max_sessions: int = key(group="Sessions", default=6, help="Live sessions per task; each needs 400-600 MiB.", within=(1, 200))
    session_idle_seconds: int = key(
        group="Sessions",
        default=1800,
        help="Seconds without activity after which a session's dev server is stopped.",
        within=(60, 86400),
        unit="s",
    )
    watch_mode: Literal["auto", "native", "hybrid", "polling"] = key(
        group="Sessions", default="auto", help="How dev servers see file changes.", choices=("auto", "native", "hybrid", "polling")
    )
    poll_interval_ms: int = key(group="Sessions", default=100, help="Interval of polling, where it is used.", within=(20, 10000), unit="ms")

    arch: Literal["arm64", "x86_64"] = key(
        group="Task", default="arm64", help="CPU architecture of image and task.", choices=("arm64", "x86_64")
    )
    cpu: int = key(
        group="Task",
        default=1024,
        help="CPU units; 1024 is one vCPU.",
        check=lambda units: units in (256, 512, 1024, 2048, 4096, 8192, 16384),
        allowed="256, 512, 1024, 2048, 4096, 8192 or 16384",
    )
    memory_mib: int = key(
        group="Task", default=4096, help="Memory of the task; must be a Fargate size together with `cpu`.", within=(512, 122880), unit="MiB"
    )
    ephemeral_storage_gib: int = key(
        group="Task", default=30, help="Local disk for caches and installed packages.", within=(21, 200), unit="GiB"
    )
    desired_count: int = key(group="Task", default=1, help="Number of tasks.", within=(1, 100))
    stop_timeout_seconds: int = key(
        group="Task",
        default=60,
        help="Seconds from SIGTERM to SIGKILL; the load balancer's deregistration delay follows it.",
        within=(10, 120),
        unit="s",
    )
    log_retention_days: int = key(
        group="Task",
        default=30,
        help="Days that logs are kept.",
        check=lambda days: days in (1, 3, 5, 7, 14, 30, 60, 90, 120, 180, 365, 400, 545, 731),
        allowed="1, 3, 5, 7, 14, 30, 60, 90, 120, 180, 365, 400, 545 or 731",
    )
    image_digest: str = key(
        group="Image",
        default="",
        help="Pin an image that stands in the repository, for a rollback. Empty: the image of this checkout is built.",
        pattern=r"sha256:[0-9a-f]{64}",
        allowed="sha256: and 64 hexadecimal digits",
    )

    @classmethod
    def load(cls) -> StackSettings:
        """Read and validate the current stack's config. Raises `SettingsError`."""
        stack = pulumi.get_stack()
        config = pulumi.Config(NAMESPACE)
        prefix = f"{NAMESPACE}:"
        present = {
            name.removeprefix(prefix) for name in (*raw_config.CONFIG.get(), *raw_config.get_config_env()) if name.startswith(prefix)
        }
        values, problems = read(cls, config.get, present, stack=stack)
        if not problems:
            settings = cls(**values)
            problems = settings.contradictions()
        if problems:
            raise SettingsError(stack, problems)
        return settings

    @property
    def host(self) -> str:
        """Host name of `public_url`."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def contract(self) -> HmrContract:
        """The HMR contract of this stack."""
        return HmrContract(
            public_url=self.public_url, idle_timeout_seconds=self.idle_timeout_seconds, stickiness_seconds=self.stickiness_seconds
        )

    @property
    def container_environment(self) -> dict[str, str]:
        """Plain environment of the container besides the contract's."""
        return {
            "NODE_ENV": self.node_env,
            "ASTRO_LIVE_MAX_SESSIONS": str(self.max_sessions),
            "ASTRO_LIVE_SESSION_IDLE_SECONDS": str(self.session_idle_seconds),
            "ASTRO_LIVE_WATCH_MODE": self.watch_mode,
            "ASTRO_LIVE_POLL_INTERVAL_MS": str(self.poll_interval_ms),
        }

    def contradictions(self) -> list[Problem]:
        """Keys that are fine alone but not together."""
        problems = []
        if not self.certificate_arn and not self.hosted_zone_id:
            problems.append(
                Problem(
                    key="certificateArn",
                    value="not set",
                    allowed="an ACM certificate's ARN, or none together with hostedZoneId",
                    fix="set certificateArn to an issued certificate, or hostedZoneId to the zone in which one can be validated",
                )
            )
        try:
            check_size(self.cpu, self.memory_mib)
        except ComponentError as error:
            allowed, _, fix = str(error).partition("; ")[2].partition(". ")
            problems.append(Problem(key="memoryMib", value=f"{self.memory_mib} with cpu {self.cpu}", allowed=allowed, fix=fix))
        given = {"publicSubnetIds": self.public_subnet_ids, "privateSubnetIds": self.private_subnet_ids}
        for name, ids in given.items():
            if self.vpc_id and len(set(ids)) < 2:
                problems.append(
                    Problem(
                        key=name,
                        value=str(list(ids)),
                        allowed="with vpcId, two or more subnets in different zones",
                        fix=f"name them in {name}",
                    )
                )
            if ids and not self.vpc_id:
                problems.append(
                    Problem(key=name, value=str(list(ids)), allowed="subnets only together with vpcId", fix=f"set vpcId, or remove {name}")
                )
        return problems
