"""Changes of a live stack's config: every key, and every list at its ends, in the middle and in
another order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from local.model.conflicts import SUBNET, Entry
from settings import StackSettings
from tests.aws.variants import ACCOUNT, Overrides, options

REGION: Final = "eu-central-1"
KMS: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
CERTIFICATE: Final = (
    f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/12345678-1234-1234-1234-12345678abcd"
)

OPTIONS: Final = {name: config for name, (_, config) in options(REGION).items()}
EXISTING: Final[Overrides] = OPTIONS["existing-vpc"]
REUSE: Final[Overrides] = OPTIONS["reuse"]

ISSUED: Final[Overrides] = {"certificateArn": "", "hostedZoneId": "Z0123456789EXAMPLE"}

FILES, IMAGES, LOGS = (
    "astro-live-sites-file-system",
    "astro-live-image-repository",
    "astro-live-logs-bucket",
)
OWNERS = "astro-live-owners-table"
BALANCER = "astro-live-alb-lb"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A live stack under `before`, updated to `after` and back again."""

    stack: str = "dev"
    before: Overrides = field(default_factory=dict)
    after: Overrides
    protected: frozenset[str] = frozenset()
    """What the engine refuses to delete, so that nothing is touched; the runbook says how to lift
    the protection.
    """
    gone: frozenset[str] = frozenset()
    """What holds data and goes, as the key's description or the runbook says."""
    refused: str = ""
    """The program refuses, in these words among others."""


IN_PLACE: Final[Overrides] = {
    "clientKeepAliveSeconds": 7200,
    "tlsPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "hstsSeconds": 300,
    "idleTimeoutSeconds": 1800,
    "stickinessSeconds": 600,
    "arch": "x86_64",
    "cpu": 2048,
    "memoryMib": 8192,
    "ephemeralStorageGib": 40,
    "desiredCount": 2,
    "capacity": "spot",
    "stopTimeoutSeconds": 60,
    "executeCommand": True,
    "graceSeconds": 60,
    "logRetentionDays": 30,
    "efsThroughput": "bursting",
    "efsArchiveAfterDays": 0,
    "efsBackups": False,
    "restoreRoleArn": f"arn:aws:iam::{ACCOUNT}:role/restore",
    "efsReplicaRegion": "eu-west-1",
    "imageRevision": "2",
    "keepImages": 10,
    "alarmEmail": "on-call@example.com",
    "dashboard": False,
    "tags": {"CostCenter": "web"},
    "permissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    "iamPath": "/apps/",
    "flowLogs": "all",
    "egress": "endpoints",
    "availabilityZones": 3,
    "maxSessions": 4,
}

CHANGES: Final[dict[str, Change]] = {
    "in place": Change(after=IN_PLACE),
    "secrets for git": Change(
        after={
            key: value
            for key, value in OPTIONS["git-secrets"].items()
            if key.startswith("gitSecret")
        }
    ),
    "way in": Change(
        after={
            "exposeApi": False,
            "apiIngressSecurityGroups": ["sg-0123456789abcdef2"],
            "publicUrl": "https://other.example.com",
            "certificateArn": CERTIFICATE,
            "imageDigest": "sha256:" + "ab" * 32,
            **OPTIONS["cognito"],
        }
    ),
    "from cognito to oidc": Change(
        before={
            **OPTIONS["cognito"],
            "efsReplicaRegion": "eu-west-1",
            "flowLogs": "all",
            "availabilityZoneNames": [f"{REGION}a", f"{REGION}b"],
        },
        after={
            **OPTIONS["oidc"],
            "oidcTokenEndpoint": "https://login.example.com:8443/token",
            "efsReplicaRegion": "eu-west-2",
            "flowLogs": "rejected",
            "availabilityZones": 3,
            "availabilityZoneNames": [f"{REGION}a", f"{REGION}b", f"{REGION}c"],
        },
    ),
    "prod": Change(
        stack="prod",
        before=ISSUED,
        after={
            "certificateArn": "",
            "hostedZoneId": "Z9876543210EXAMPLE",
            "publicUrl": "https://other.example.com",
            "routing": "host",
            "dnsRecord": True,
            "firewallRateLimit": 100,
            "minTasks": 1,
            "maxTasks": 5,
            "scaleCpuPercent": 50,
            "scaleMemoryPercent": 50,
            "scaleSessionsPerTask": 0,
            "alarmEmail": "",
            "alarmTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call",
            "accessLogRetentionDays": 10,
        },
    ),
    "less of prod": Change(
        stack="prod",
        before=ISSUED,
        after={
            **ISSUED,
            "certificateArn": CERTIFICATE,
            "dnsRecord": False,
            "firewall": False,
            "autoscaling": False,
            "deletionProtection": False,
        },
    ),
    "one owner": Change(after={"sharedOwnership": False}),
    "one owner, protected": Change(
        before={"deletionProtection": True},
        after={"sharedOwnership": False, "deletionProtection": True},
        protected=frozenset({OWNERS}),
    ),
    "internal": Change(
        before={"ingressCidrs": ["10.0.0.0/8"]},
        after={"ingressCidrs": ["10.0.0.0/8"], "internal": True},
    ),
    "internal, protected": Change(
        before={"ingressCidrs": ["10.0.0.0/8"], "deletionProtection": True},
        after={"ingressCidrs": ["10.0.0.0/8"], "deletionProtection": True, "internal": True},
        protected=frozenset({BALANCER}),
    ),
    "no logs": Change(
        before={"accessLogs": True}, after={"accessLogs": False}, gone=frozenset({LOGS})
    ),
    "no logs, protected": Change(
        stack="prod", after={"accessLogs": False}, protected=frozenset({LOGS})
    ),
    "dual stack": Change(before=EXISTING, after=OPTIONS["dual-stack"]),
    "other people's parts": Change(
        before=EXISTING,
        after={
            key: value
            for key, value in REUSE.items()
            if key not in ("firewall", "rulePriorityOffset")
        },
        gone=frozenset({FILES, IMAGES}),
    ),
    "other people's parts, protected": Change(
        stack="prod",
        before={**EXISTING, "firewall": False},
        after=REUSE,
        protected=frozenset({FILES, IMAGES, LOGS, BALANCER}),
    ),
    "beside other rules": Change(
        before={**REUSE, "rulePriorityOffset": 0},
        after={**REUSE, "rulePriorityOffset": 100, "fileSystemPath": "/sites"},
    ),
    "another key": Change(
        after={"kmsKeyArn": KMS, "fileSystemRevision": "2"}, gone=frozenset({FILES})
    ),
    "another key alone": Change(
        after={"kmsKeyArn": KMS},
        refused="kmsKeyArn back, or make another file system by fileSystemRevision",
    ),
    "another range": Change(
        after={"vpcCidr": "10.30.0.0/16"},
        refused="the stack was made in its own VPC, vpcCidr 10.20.0.0/16",
    ),
    "another VPC": Change(after=EXISTING, refused="the network is vpcId vpc-0123456789abcdef0"),
    "zones turned round": Change(
        after={"availabilityZoneNames": [f"{REGION}b", f"{REGION}a"]},
        refused='Set availabilityZoneNames ["eu-central-1a", "eu-central-1b"]',
    ),
    "another prefix": Change(after={"namePrefix": "other"}, refused='namePrefix is "other"'),
}

Members = list[Any]

OPERATIONS: Final[dict[str, Callable[[Members, Any], Members]]] = {
    "the first goes": lambda members, _: members[1:],
    "one in the middle goes": lambda members, _: [members[0], *members[2:]],
    "the last goes": lambda members, _: members[:-1],
    "another comes first": lambda members, other: [other, *members],
    "another comes in the middle": lambda members, other: [members[0], other, *members[1:]],
    "another takes the middle": lambda members, other: [members[0], other, *members[2:]],
    "turned round": lambda members, _: members[::-1],
}

RANGES: Final = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"]
OTHER: Final = "10.0.0.0/8"


def _subnets(first: int) -> list[str]:
    return [f"subnet-0123456789abcde{first + index:02x}" for index in range(4)]


PUBLIC, PRIVATE = _subnets(0), _subnets(16)

LISTS: Final[dict[str, tuple[Members, Any]]] = {
    "ingressCidrs": (RANGES, OTHER),
    "apiIngressCidrs": (RANGES, OTHER),
    "egressCidrs": (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], "100.64.0.0/10"),
    "signInCidrs": (RANGES, OTHER),
    "apiIngressSecurityGroups": (
        [f"sg-0123456789abcdef{index}" for index in range(3)],
        "sg-0123456789abcdef9",
    ),
    "publicSubnetIds": (PRIVATE[:0] + PUBLIC[:3], PUBLIC[3]),
    "privateSubnetIds": (PRIVATE[:3], PRIVATE[3]),
}
"""Members of each list, and another one. A list of zones only grows and shrinks at its end, as
`CHANGES` has it.
"""

WITH_LISTS: Final[Overrides] = {**OPTIONS["cognito"], "vpcId": EXISTING["vpcId"], "egress": "nat"}


def with_lists(
    operation: Callable[[Members, Any], Members] = lambda members, _: members,
) -> Overrides:
    """The stack of the lists after an operation on each of them."""
    return {
        **WITH_LISTS,
        **{key: operation(members, other) for key, (members, other) in LISTS.items()},
    }


def others() -> list[Entry]:
    """Subnets of the existing VPC, which their owner made: one of each kind in each zone."""
    return [
        Entry(
            type=SUBNET,
            id=subnet,
            properties={
                "vpcId": EXISTING["vpcId"],
                "availabilityZone": f"{REGION}{zone}",
                "cidrBlock": f"10.{kind}.{index}.0/24",
            },
            images={},
        )
        for kind, subnets in enumerate((PUBLIC, PRIVATE))
        for index, (subnet, zone) in enumerate(zip(subnets, "abcd", strict=True))
    ]


def keys_of_sessions() -> set[str]:
    """Keys that reach only the container's environment; a change of one is a new task
    definition.
    """
    from contract.settings.session import SessionSettings

    return {entry.key for entry in SessionSettings.declared().values()}


def keys() -> set[str]:
    """All others."""
    return {entry.key for entry in StackSettings.declared().values()} - keys_of_sessions()
