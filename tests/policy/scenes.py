"""Resources put together, as data for the tests of the stack rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from policy.harness import UNKNOWN, Resource, Secret
from tests.policy.complying import (
    BUCKET_BLOCK,
    COMPLYING,
    DEFAULT_GROUP,
    FILE_SYSTEM,
    GROUP,
    LB,
    LISTENER,
    REPOSITORY,
    SERVICE,
    SUBNET,
    TASK,
    VPC,
)

INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
LISTENER_RULE: Final = "aws:lb/listenerRule:ListenerRule"
LIFECYCLE: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
MOUNT_TARGET: Final = "aws:efs/mountTarget:MountTarget"
PREFIX_LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"


@dataclass(frozen=True)
class Scene:
    """Resources, and the levels at which one rule speaks of them."""

    rule: str
    kind: str
    resources: list[Resource]
    levels: frozenset[str] = frozenset()


M, A = frozenset({"mandatory"}), frozenset({"advisory"})


def urn(tail: str) -> str:
    return f"urn:pulumi:dev::SCENE::{tail}"


def one(
    type_: str,
    name: str,
    /,
    *,
    refs: dict[str, list[str]] | None = None,
    waits: Sequence[str] = (),
    **properties: Any,
) -> Resource:
    """A resource of a scene; `refs` and `waits` name others as `type::name`."""
    return Resource(
        urn=urn(f"{type_}::{name}"),
        type=type_,
        name=name,
        properties={
            **COMPLYING.get(type_, {}),
            "id": f"{name}-id",
            "arn": f"arn:{name}",
            **properties,
        },
        property_dependencies={
            prop: [urn(target) for target in targets] for prop, targets in (refs or {}).items()
        },
        dependencies=[urn(each) for each in waits],
        provider=provider_of(type_),
    )


def provider_of(type_: str) -> Resource | None:
    """The default provider of a type's package, as the engine gives one to every resource that is
    no component.
    """
    package = type_.split(":")[0]
    token = f"pulumi:providers:{package}"
    return (
        Resource(urn=urn(f"{token}::default"), type=token, name="default")
        if package != "pulumi"
        else None
    )


def port(name: str, /, *, group: object = "t-id", **properties: Any) -> Resource:
    """An ingress rule of the dev server's port."""
    rule = {"ipProtocol": "tcp", "fromPort": 4321, "toPort": 4321, "securityGroupId": group}
    return one(INGRESS, name, **{**rule, **properties})


# Ports

GROUP_T = one(GROUP, "t", ingress=None)
FROM_LIST = port("a", prefixListId="p-id")


def prefix_list(*cidrs: object, **properties: Any) -> Resource:
    return one(PREFIX_LIST, "p", **{"entries": [{"cidr": cidr} for cidr in cidrs], **properties})


PORTS = [
    Scene(
        "no-public-port-stack",
        "violate: list of another stack",
        [GROUP_T, port("a", prefixListId="pl-0123")],
        M,
    ),
    Scene(
        "no-public-port-stack", "violate: list", [GROUP_T, prefix_list("8.8.8.0/24"), FROM_LIST], M
    ),
    Scene("no-public-port-stack", "comply", [GROUP_T, prefix_list("10.0.0.0/8"), FROM_LIST]),
    Scene("no-public-port-stack", "absent", [GROUP_T]),
    Scene(
        "no-public-port-stack",
        "unknown id of a list, joined by its dependency",
        [
            prefix_list("0.0.0.0/0", id=UNKNOWN),
            port("a", prefixListId=UNKNOWN, refs={"prefixListId": [f"{PREFIX_LIST}::p"]}),
        ],
        M,
    ),
    Scene(
        "no-public-port-stack",
        "unknown entry, which no-public-port reports",
        [prefix_list(UNKNOWN), FROM_LIST],
    ),
    Scene("no-public-port-stack", "beside", [prefix_list(UNKNOWN, "0.0.0.0/0"), FROM_LIST], M),
    Scene(
        "no-public-port-stack", "secret", [GROUP_T, prefix_list(Secret("8.8.8.0/24")), FROM_LIST], M
    ),
    Scene(
        "no-public-port-stack",
        "group declared elsewhere",
        [one(LB, "edge", securityGroups=["sg-0123"])],
        A,
    ),
]

# Listeners

EDGE = one(LB, "edge")
TO_HTTPS = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
PLAIN = one(LISTENER, "http", port=80, protocol="HTTP", defaultActions=[TO_HTTPS])
PLAIN_RULE = one(LISTENER_RULE, "r", listenerArn="arn:http", actions=[{"type": "forward"}])


def listener(number: object = 4321, on: object = "arn:edge", **properties: Any) -> Resource:
    return one(LISTENER, "l", port=number, loadBalancerArn=on, **properties)


LISTENERS = [
    Scene("listeners-stack", "violate: port", [EDGE, listener()], M),
    Scene("listeners-stack", "violate: rule on plain HTTP", [PLAIN, PLAIN_RULE], M),
    Scene("listeners-stack", "comply: front door", [EDGE, listener(443)]),
    Scene("listeners-stack", "comply: internal", [one(LB, "edge", internal=True), listener()]),
    Scene(
        "listeners-stack",
        "absent: internal is not set",
        [one(LB, "edge", internal=None), listener()],
        M,
    ),
    Scene("listeners-stack", "unknown", [one(LB, "edge", internal=UNKNOWN), listener()], A),
    Scene(
        "listeners-stack",
        "unknown ARN, joined by its dependency",
        [
            one(LB, "edge", arn=UNKNOWN),
            listener(on=UNKNOWN, refs={"loadBalancerArn": [f"{LB}::edge"]}),
        ],
        M,
    ),
    Scene(
        "listeners-stack",
        "beside",
        [one(LB, "edge", internal=UNKNOWN), listener(), PLAIN, PLAIN_RULE],
        M | A,
    ),
    Scene("listeners-stack", "secret", [EDGE, listener(Secret(4321))], M),
    Scene(
        "listeners-stack", "violate: balancer of another stack", [listener(on="arn:elsewhere")], M
    ),
    Scene("listeners-stack", "unknown balancer", [listener(on=UNKNOWN)], A),
]

# Sign-in


def ahead(
    name: str, priority: object, *paths: object, signs_in: bool = False, **properties: Any
) -> Resource:
    """A rule of one listener that forwards, with or without sign-in."""
    forward = {"type": "forward", "targetGroupArn": "arn:tg"}
    return one(
        LISTENER_RULE,
        name,
        **{
            "listenerArn": "arn:l",
            "priority": priority,
            "conditions": [{"pathPattern": {"values": list(paths)}}],
            "actions": (
                [{"type": "authenticate-oidc", "authenticateOidc": {}}, forward]
                if signs_in
                else [forward]
            ),
            **properties,
        },
    )


POOL: Final = "aws:cognito/userPool:UserPool"
ADMIN_ONLY: Final = {"allowAdminCreateUserOnly": True}
BY_POOL = ahead(
    "pool",
    30,
    "/pool/*",
    actions=[
        {"type": "authenticate-cognito", "authenticateCognito": {"userPoolArn": "arn:people"}},
        {"type": "forward", "targetGroupArn": "arn:tg"},
    ],
)
SIGNED_IN = ahead("sessions", 20, "/session/*", signs_in=True)


def hosts(*names: str) -> dict[str, Any]:
    return {"hostHeader": {"values": list(names)}}


def paths(*texts: str, regex: bool = False) -> dict[str, Any]:
    return {"pathPattern": {"regexValues" if regex else "values": list(texts)}}


HOST: Final = hosts("a.example.com")
HOST_REGEX: Final = {"hostHeader": {"regexValues": [r"^a\.example\.com$"]}}


def by(*conditions: dict[str, Any]) -> Resource:
    """An open rule in front."""
    return ahead("open", 10, conditions=list(conditions))


def behind(*conditions: dict[str, Any]) -> Resource:
    return ahead("sessions", 20, signs_in=True, conditions=list(conditions))


def answering(
    kind: str, answer: object, types: str = LISTENER_RULE, *, block: bool = False
) -> Resource:
    """A listener or rule with a sign-in and what it does with people who have not signed in."""
    settings: object = {"userPoolArn": "arn:elsewhere", "onUnauthenticatedRequest": answer}
    name = {"authenticateOidc": "authenticate-oidc", "authenticateCognito": "authenticate-cognito"}[
        kind
    ]
    actions = [
        {"type": name, kind: [settings] if block else settings},
        {"type": "forward", "targetGroupArn": "arn:tg"},
    ]
    if types == LISTENER:
        return one(LISTENER, "https", port=443, protocol="HTTPS", defaultActions=actions)
    return ahead("asks", 1, "/session/*", actions=actions)


SIGN_IN = [
    Scene("listener-sign-in", "violate", [ahead("open", 10, "/session*"), SIGNED_IN], M),
    Scene(
        "listener-sign-in",
        "violate: the same path",
        [ahead("open", 10, "/session/*"), SIGNED_IN],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: by host",
        [ahead("open", 1, conditions=[{"hostHeader": {"values": ["*"]}}]), SIGNED_IN],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: every path below a host",
        [ahead("open", 3, "/*"), SIGNED_IN],
        M,
    ),
    Scene("listener-sign-in", "comply", [SIGNED_IN]),
    Scene("listener-sign-in", "comply: behind it", [ahead("open", 30, "/session*"), SIGNED_IN]),
    Scene(
        "listener-sign-in",
        "comply: without priority",
        [ahead("open", None, "/session*"), SIGNED_IN],
    ),
    Scene("listener-sign-in", "comply: another path", [ahead("api", 10, "/api/*"), SIGNED_IN]),
    Scene(
        "listener-sign-in",
        "comply: another listener",
        [ahead("open", 10, "/session*", listenerArn="arn:m"), SIGNED_IN],
    ),
    Scene(
        "listener-sign-in",
        "comply: signs in as well",
        [ahead("socket", 10, "/session*", signs_in=True), SIGNED_IN],
    ),
    Scene(
        "listener-sign-in",
        "comply: a part of it, for those who know a value",
        [
            ahead(
                "probe",
                10,
                conditions=[
                    {"pathPattern": {"values": ["/session/*"]}},
                    {"httpHeader": {"httpHeaderName": "X-Probe", "values": ["0123456789"]}},
                ],
            ),
            SIGNED_IN,
        ],
    ),
    Scene("listener-sign-in", "violate: a pool for everyone", [one(POOL, "people"), BY_POOL], M),
    Scene(
        "listener-sign-in",
        "comply: a pool of known people",
        [one(POOL, "people", adminCreateUserConfig=ADMIN_ONLY), BY_POOL],
    ),
    Scene("listener-sign-in", "comply: a pool that no listener uses", [one(POOL, "customers")]),
    Scene(
        "listener-sign-in",
        "unknown: the pool's switch",
        [one(POOL, "people", adminCreateUserConfig=UNKNOWN), BY_POOL],
        A,
    ),
    *(
        Scene(
            "listener-sign-in",
            f"{expected}: {answer!r} in {kind}",
            [answering(kind, answer)],
            level,
        )
        for kind in ("authenticateOidc", "authenticateCognito")
        for expected, answer, level in (
            ("violate", "allow", M),
            ("violate", "ALLOW", M),
            ("unknown", UNKNOWN, A),
            ("comply", "deny", frozenset()),
            ("comply", "authenticate", frozenset()),
        )
    ),
    Scene(
        "listener-sign-in",
        "violate: optional on the default action",
        [answering("authenticateOidc", "Allow", LISTENER)],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: optional, in a nested block",
        [answering("authenticateOidc", "allow", block=True)],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: optional ahead",
        [answering("authenticateOidc", "allow"), SIGNED_IN],
        M,
    ),
    Scene("listener-sign-in", "violate: host by expression", [by(HOST_REGEX), behind(HOST)], M),
    Scene(
        "listener-sign-in",
        "violate: path by expression",
        [by(HOST, paths("^/.*", regex=True)), behind(HOST)],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: the same expression",
        [by(paths("^/[ab]/.*$", regex=True)), behind(paths("^/[ab]/.*$", regex=True))],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: pages and files",
        [by(HOST, paths("/", "/*.*", "/@*")), behind(HOST)],
        M,
    ),
    Scene(
        "listener-sign-in",
        "violate: one of two hosts",
        [by(HOST), behind(hosts("a.example.com", "b.example.com"))],
        M,
    ),
    Scene(
        "listener-sign-in",
        "unknown: an expression of another dialect",
        [by(HOST, paths("^/\\p{L}+$", regex=True)), behind(HOST)],
        A,
    ),
    Scene(
        "listener-sign-in",
        "comply: another host by expression",
        [by({"hostHeader": {"regexValues": ["^b[.]example"]}}), behind(HOST)],
    ),
    Scene(
        "listener-sign-in",
        "comply: a folder by expression",
        [by(HOST, paths("^/public/.*", regex=True)), behind(HOST)],
    ),
    Scene(
        "listener-sign-in",
        "comply: pages by name",
        [by(HOST, paths("/", "/about", "/robots.txt", "/favicon.ico", "/docs/*")), behind(HOST)],
    ),
    Scene(
        "listener-sign-in",
        "comply: style sheets",
        [by(HOST, paths("/*.css", "/*.png")), behind(HOST)],
    ),
    Scene(
        "listener-sign-in",
        "absent: no conditions",
        [ahead("open", 10, conditions=[]), SIGNED_IN],
        M,
    ),
    Scene("listener-sign-in", "unknown", [ahead("open", 10, conditions=UNKNOWN), SIGNED_IN], A),
    Scene(
        "listener-sign-in", "secret", [ahead("open", Secret(10), Secret("/session*")), SIGNED_IN], M
    ),
]

# Modes of security groups' rules

INLINE: dict[str, Any] = {
    "ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1, "securityGroups": ["sg-1"]}]
}
INGRESS_T = port("a", referencedSecurityGroupId="sg-1")
EGRESS_T = one(EGRESS, "b", securityGroupId="t-id", ipProtocol="-1", cidrIpv4="0.0.0.0/0")
OLD_T = one(
    OLD_RULE,
    "b",
    type="ingress",
    securityGroupId="t-id",
    protocol="tcp",
    fromPort=1,
    toPort=1,
    sourceSecurityGroupId="sg-1",
)

MODES = [
    Scene(
        "security-group-rule-modes", "violate: inline", [one(GROUP, "t", **INLINE), INGRESS_T], M
    ),
    Scene(
        "security-group-rule-modes",
        "violate: inline in a default group",
        [one(DEFAULT_GROUP, "t", **INLINE), INGRESS_T],
        M,
    ),
    Scene("security-group-rule-modes", "violate: old and new", [GROUP_T, INGRESS_T, OLD_T], M),
    Scene("security-group-rule-modes", "comply", [GROUP_T, INGRESS_T, EGRESS_T]),
    Scene("security-group-rule-modes", "absent", [one(GROUP, "t", **INLINE)]),
    Scene(
        "security-group-rule-modes",
        "unknown id, joined by its dependency",
        [
            one(GROUP, "t", id=UNKNOWN, **INLINE),
            port(
                "a",
                group=UNKNOWN,
                referencedSecurityGroupId="sg-1",
                refs={"securityGroupId": [f"{GROUP}::t"]},
            ),
        ],
        M,
    ),
    Scene(
        "security-group-rule-modes",
        "secret",
        [one(GROUP, "t", ingress=Secret(INLINE["ingress"])), INGRESS_T],
        M,
    ),
]

# Default groups

NETWORK = one(VPC, "vpc", defaultSecurityGroupId="sg-default")
DEFAULTS = "no-default-security-group-stack"
IN_DEFAULT = one(LB, "edge", securityGroups=["sg-default"])

DEFAULT_GROUPS = [
    Scene(
        DEFAULTS,
        "violate: rule beside",
        [NETWORK, port("a", group="sg-default", referencedSecurityGroupId="sg-1")],
        M,
    ),
    Scene(DEFAULTS, "violate: balancer in it", [NETWORK, IN_DEFAULT], M),
    Scene(DEFAULTS, "comply", [NETWORK, GROUP_T, INGRESS_T]),
    Scene(DEFAULTS, "absent", [NETWORK]),
    Scene(
        DEFAULTS,
        "unknown id, joined by its dependency",
        [
            one(VPC, "vpc", defaultSecurityGroupId=UNKNOWN),
            one(LB, "edge", securityGroups=[UNKNOWN], refs={"securityGroups": [f"{VPC}::vpc"]}),
        ],
        M,
    ),
    Scene(
        DEFAULTS,
        "unknown group of the VPC's dependency and a group's: the group",
        [
            one(VPC, "vpc", defaultSecurityGroupId=UNKNOWN),
            GROUP_T,
            one(
                LB,
                "edge",
                securityGroups=[UNKNOWN],
                refs={"securityGroups": [f"{VPC}::vpc", f"{GROUP}::t"]},
            ),
        ],
    ),
    Scene(DEFAULTS, "secret", [NETWORK, one(LB, "edge", securityGroups=[Secret("sg-default")])], M),
]

# Registry

LIVE = one(REPOSITORY, "r", name="live")

REGISTRY = [
    Scene("ecr-lifecycle", "violate", [LIVE], M),
    Scene("ecr-lifecycle", "comply", [LIVE, one(LIFECYCLE, "p", repository="live")]),
    Scene("ecr-lifecycle", "absent", [LIVE, one(LIFECYCLE, "p", repository=None)], M),
    Scene(
        "ecr-lifecycle",
        "unknown name, joined by its dependency",
        [
            one(REPOSITORY, "r", name=UNKNOWN),
            one(LIFECYCLE, "p", repository=UNKNOWN, refs={"repository": [f"{REPOSITORY}::r"]}),
        ],
    ),
    Scene("ecr-lifecycle", "beside", [LIVE, one(LIFECYCLE, "p", repository=UNKNOWN)], M),
    Scene(
        "ecr-lifecycle",
        "secret",
        [LIVE, one(REPOSITORY, "s", name="other"), one(LIFECYCLE, "p", repository=Secret("live"))],
        M,
    ),
]

# Mount targets


def service(
    subnets: list[object], waits: Sequence[str], refs: dict[str, list[str]] | None = None
) -> Resource:
    network = {"subnets": subnets, "securityGroups": ["t-id"], "assignPublicIp": False}
    return one(
        SERVICE,
        "live",
        taskDefinition="arn:task",
        networkConfiguration=network,
        waits=waits,
        refs=refs,
    )


_EFS = {
    "fileSystemId": "sites-id",
    "transitEncryption": "ENABLED",
    "authorizationConfig": {"accessPointId": "ap", "iam": "ENABLED"},
}
FILES = [
    GROUP_T,
    one(FILE_SYSTEM, "sites"),
    one(TASK, "task", volumes=[{"name": "sites", "efsVolumeConfiguration": _EFS}]),
]
TARGETS = [
    one(
        MOUNT_TARGET,
        f"m{index}",
        fileSystemId="sites-id",
        subnetId=f"subnet-{index}",
        securityGroups=["sg-1"],
    )
    for index in (1, 2)
]
BOTH = [f"{MOUNT_TARGET}::m1", f"{MOUNT_TARGET}::m2"]
FIRST = BOTH[:1]
ZONED = [
    one(SUBNET, f"z{index}", id=f"subnet-{index}", availabilityZone="a" if index < 3 else "b")
    for index in (1, 2, 3)
]
RULE = "efs-mount-target-subnets"

MOUNTS = [
    Scene(RULE, "comply", [*FILES, *TARGETS, service(["subnet-1", "subnet-2"], BOTH)]),
    Scene(
        RULE,
        "comply: one per zone",
        [*FILES, *ZONED, TARGETS[0], service(["subnet-1", "subnet-2"], FIRST)],
    ),
    Scene(
        RULE,
        "violate: a subnet without",
        [*FILES, TARGETS[0], service(["subnet-1", "subnet-2"], FIRST)],
        M,
    ),
    Scene(
        RULE,
        "violate: a zone without",
        [*FILES, *ZONED, TARGETS[0], service(["subnet-1", "subnet-3"], FIRST)],
        M,
    ),
    Scene(
        RULE,
        "violate: does not wait",
        [*FILES, *TARGETS, service(["subnet-1", "subnet-2"], FIRST)],
        M,
    ),
    Scene(RULE, "absent", [*FILES, service(["subnet-1"], [])], M),
    Scene(RULE, "unknown", [*FILES, *TARGETS, service([UNKNOWN], BOTH)], A),
    Scene(
        RULE,
        "unknown id, joined by its dependency",
        [
            *FILES,
            *ZONED,
            TARGETS[0],
            service(["subnet-1", UNKNOWN], FIRST, refs={"networkConfiguration": [f"{SUBNET}::z3"]}),
        ],
        M,
    ),
    Scene(RULE, "beside", [*FILES, *TARGETS, service([UNKNOWN], FIRST)], M | A),
    Scene(
        RULE,
        "secret",
        [*FILES, TARGETS[0], service([Secret("subnet-1"), Secret("subnet-2")], FIRST)],
        M,
    ),
]

# Private subnets

WAYS = [
    one("aws:ec2/internetGateway:InternetGateway", "igw"),
    one("aws:ec2/routeTable:RouteTable", "rt"),
]


def routed(gateway: object, **properties: Any) -> list[Resource]:
    """A subnet whose route table leads to a gateway."""
    return [
        *WAYS,
        one("aws:ec2/route:Route", "out", routeTableId="rt-id", gatewayId=gateway, **properties),
        one(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "a",
            routeTableId="rt-id",
            subnetId="subnet-1",
        ),
        one(SUBNET, "s", id="subnet-1"),
    ]


INLINE_TABLE = one("aws:ec2/routeTable:RouteTable", "rt", routes=[{"gatewayId": "igw-id"}])
MOUNTED = one(MOUNT_TARGET, "m", fileSystemId="fs", subnetId="subnet-1", securityGroups=["t-id"])

SUBNETS = [
    Scene("private-subnets", "violate", [*routed("igw-id"), service(["subnet-1"], [])], M),
    Scene(
        "private-subnets",
        "violate: inline route",
        [*routed(None), INLINE_TABLE, service(["subnet-1"], [])],
        M,
    ),
    Scene("private-subnets", "violate: mount target", [*routed("igw-id"), MOUNTED], M),
    Scene(
        "private-subnets", "comply", [*routed(None, natGatewayId="nat"), service(["subnet-1"], [])]
    ),
    Scene("private-subnets", "absent: no subnet of this stack", [service(["subnet-9"], [])]),
    Scene("private-subnets", "unknown", [*routed("igw-id"), service([UNKNOWN], [])], A),
    Scene("private-subnets", "beside", [*routed("igw-id"), service([UNKNOWN], []), MOUNTED], M | A),
    Scene(
        "private-subnets",
        "unknown ids, joined by their dependencies",
        [
            *routed(UNKNOWN, refs={"gatewayId": ["aws:ec2/internetGateway:InternetGateway::igw"]}),
            service([UNKNOWN], [], refs={"networkConfiguration": [f"{SUBNET}::s"]}),
        ],
        M,
    ),
    Scene(
        "private-subnets",
        "secret",
        [*routed(Secret("igw-id")), service([Secret("subnet-1")], [])],
        M,
    ),
]

# Buckets

BUCKET: Final = "aws:s3/bucket:Bucket"
LOGS = one(BUCKET, "logs")
ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_CLOSED: Final = COMPLYING[BUCKET_BLOCK]

BLOCKS = [
    Scene("bucket-access-block", "violate", [LOGS], M),
    Scene(
        "bucket-access-block",
        "violate: another bucket's",
        [LOGS, one(BUCKET_BLOCK, "b", bucket="other")],
        M,
    ),
    Scene("bucket-access-block", "comply", [LOGS, one(BUCKET_BLOCK, "b", bucket="logs-id")]),
    Scene("bucket-access-block", "absent", [LOGS, one(BUCKET_BLOCK, "b", bucket=None)], M),
    Scene(
        "bucket-access-block",
        "unknown name, joined by its dependency",
        [
            one(BUCKET, "logs", id=UNKNOWN),
            one(BUCKET_BLOCK, "b", bucket=UNKNOWN, refs={"bucket": [f"{BUCKET}::logs"]}),
        ],
    ),
    Scene(
        "bucket-access-block",
        "unknown id, joined by the name that both write",
        [
            one(BUCKET, "logs", id=UNKNOWN, bucket="live-logs"),
            one(BUCKET_BLOCK, "b", bucket="live-logs"),
        ],
    ),
    Scene(
        "bucket-access-block", "comply: the account's", [LOGS, one(ACCOUNT_BLOCK, "a", **_CLOSED)]
    ),
    Scene(
        "bucket-access-block",
        "violate: another account's",
        [LOGS, one(ACCOUNT_BLOCK, "a", accountId="999999999999", **_CLOSED)],
        M,
    ),
    Scene(
        "bucket-access-block",
        "unknown account",
        [LOGS, one(ACCOUNT_BLOCK, "a", accountId=UNKNOWN, **_CLOSED)],
        A,
    ),
    Scene(
        "bucket-access-block", "secret", [LOGS, one(BUCKET_BLOCK, "b", bucket=Secret("logs-id"))]
    ),
]

# Operations

FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
SECRET: Final = "aws:secretsmanager/secret:Secret"
ROLE: Final = "aws:iam/role:Role"
BACKUP: Final = "aws:efs/backupPolicy:BackupPolicy"
NETWORK = one(VPC, "v")
KEYS = one(SECRET, "keys")
SITES = one(FILE_SYSTEM, "sites")
WEEKLY = {"automaticallyAfterDays": 7}
BOTH_ROLES: dict[str, Any] = {"taskRoleArn": UNKNOWN, "executionRoleArn": UNKNOWN}

OPERATIONS = [
    Scene("vpc-flow-logs", "violate", [NETWORK], A),
    Scene(
        "vpc-flow-logs",
        "violate: another network's",
        [NETWORK, one(FLOW_LOG, "f", vpcId="vpc-other")],
        A,
    ),
    Scene("vpc-flow-logs", "comply", [NETWORK, one(FLOW_LOG, "f", vpcId="v-id")]),
    Scene(
        "vpc-flow-logs",
        "violate: accepted traffic only",
        [NETWORK, one(FLOW_LOG, "f", vpcId="v-id", trafficType="ACCEPT")],
        A,
    ),
    Scene("vpc-flow-logs", "absent", [one(FLOW_LOG, "f", vpcId="vpc-other")]),
    Scene(
        "vpc-flow-logs",
        "unknown id, joined by its dependency",
        [
            one(VPC, "v", id=UNKNOWN),
            one(FLOW_LOG, "f", vpcId=UNKNOWN, refs={"vpcId": [f"{VPC}::v"]}),
        ],
    ),
    Scene("vpc-flow-logs", "secret", [NETWORK, one(FLOW_LOG, "f", vpcId=Secret("v-id"))]),
    Scene("default-security-group-closed", "violate", [NETWORK], A),
    Scene(
        "default-security-group-closed",
        "violate: another network's",
        [NETWORK, one(DEFAULT_GROUP, "d", vpcId="vpc-other")],
        A,
    ),
    Scene(
        "default-security-group-closed", "comply", [NETWORK, one(DEFAULT_GROUP, "d", vpcId="v-id")]
    ),
    Scene("default-security-group-closed", "absent", [one(DEFAULT_GROUP, "d", vpcId="vpc-other")]),
    Scene(
        "default-security-group-closed",
        "unknown id, joined by its dependency",
        [
            one(VPC, "v", id=UNKNOWN),
            one(DEFAULT_GROUP, "d", vpcId=UNKNOWN, refs={"vpcId": [f"{VPC}::v"]}),
        ],
    ),
    Scene(
        "default-security-group-closed",
        "secret",
        [NETWORK, one(DEFAULT_GROUP, "d", vpcId=Secret("v-id"))],
    ),
    Scene("secret-rotation", "violate", [KEYS], A),
    Scene(
        "secret-rotation",
        "violate: too seldom",
        [
            KEYS,
            one(ROTATION, "r", secretId="keys-id", rotationRules={"automaticallyAfterDays": 91}),
        ],
        A,
    ),
    Scene(
        "secret-rotation",
        "violate: too seldom, as a schedule",
        [
            KEYS,
            one(
                ROTATION,
                "r",
                secretId="keys-id",
                rotationRules={"scheduleExpression": "rate(91 days)"},
            ),
        ],
        A,
    ),
    Scene(
        "secret-rotation",
        "comply",
        [KEYS, one(ROTATION, "r", secretId="keys-id", rotationRules=WEEKLY)],
    ),
    Scene(
        "secret-rotation",
        "comply: schedule",
        [
            KEYS,
            one(
                ROTATION,
                "r",
                secretId="keys-id",
                rotationRules={"scheduleExpression": "cron(0 4 1/15 * ? *)"},
            ),
        ],
    ),
    Scene("secret-rotation", "absent: no rules", [KEYS, one(ROTATION, "r", secretId="keys-id")], A),
    Scene(
        "secret-rotation",
        "unknown",
        [KEYS, one(ROTATION, "r", secretId="keys-id", rotationRules=UNKNOWN)],
        A,
    ),
    Scene(
        "secret-rotation",
        "secret",
        [KEYS, one(ROTATION, "r", secretId=Secret("keys-id"), rotationRules=WEEKLY)],
    ),
    Scene(
        "task-roles", "violate", [one(TASK, "t", taskRoleArn="arn:r", executionRoleArn="arn:r")], M
    ),
    Scene(
        "task-roles",
        "violate: one role, not known yet",
        [
            one(ROLE, "r"),
            one(
                TASK,
                "t",
                **BOTH_ROLES,
                refs={"taskRoleArn": [f"{ROLE}::r"], "executionRoleArn": [f"{ROLE}::r"]},
            ),
        ],
        M,
    ),
    Scene("task-roles", "comply", [one(TASK, "t", taskRoleArn="arn:r", executionRoleArn="arn:e")]),
    Scene(
        "task-roles",
        "comply: two roles, not known yet",
        [
            one(ROLE, "r"),
            one(ROLE, "e"),
            one(
                TASK,
                "t",
                **BOTH_ROLES,
                refs={"taskRoleArn": [f"{ROLE}::r"], "executionRoleArn": [f"{ROLE}::e"]},
            ),
        ],
    ),
    Scene("task-roles", "absent", [one(TASK, "t")]),
    Scene(
        "task-roles",
        "secret",
        [one(TASK, "t", taskRoleArn=Secret("arn:r"), executionRoleArn=Secret("arn:r"))],
        M,
    ),
    Scene("efs-backup", "violate", [SITES], A),
    Scene(
        "efs-backup",
        "violate: off",
        [SITES, one(BACKUP, "b", fileSystemId="sites-id", backupPolicy={"status": "DISABLED"})],
        A,
    ),
    Scene(
        "efs-backup",
        "comply",
        [SITES, one(BACKUP, "b", fileSystemId="sites-id", backupPolicy={"status": "ENABLED"})],
    ),
    Scene(
        "efs-backup",
        "comply: a plan",
        [SITES, one("aws:backup/selection:Selection", "b", resources=["arn:sites"])],
    ),
    Scene(
        "efs-backup",
        "comply: a plan with an ARN that was put together",
        [
            SITES,
            one(
                "aws:backup/selection:Selection",
                "b",
                resources=["arn:aws:elasticfilesystem:eu-west-1:1:file-system/sites-id"],
            ),
        ],
    ),
    Scene(
        "efs-backup",
        "comply: a plan for everything",
        [SITES, one("aws:backup/selection:Selection", "b", resources=["*"])],
    ),
    Scene(
        "efs-backup",
        "comply: a plan by tag",
        [
            one(FILE_SYSTEM, "sites", tags={"backup": "daily"}),
            one(
                "aws:backup/selection:Selection",
                "b",
                selectionTags=[{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}],
            ),
        ],
    ),
    Scene(
        "efs-backup",
        "violate: a plan by another tag",
        [
            SITES,
            one(
                "aws:backup/selection:Selection",
                "b",
                selectionTags=[{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}],
            ),
        ],
        A,
    ),
    Scene("efs-backup", "absent: no status", [SITES, one(BACKUP, "b", fileSystemId="sites-id")], A),
    Scene(
        "efs-backup",
        "unknown",
        [SITES, one(BACKUP, "b", fileSystemId="sites-id", backupPolicy={"status": UNKNOWN})],
        A,
    ),
    Scene(
        "efs-backup",
        "secret",
        [
            SITES,
            one(BACKUP, "b", fileSystemId=Secret("sites-id"), backupPolicy={"status": "ENABLED"}),
        ],
    ),
]

SCENES = [
    *OPERATIONS,
    *BLOCKS,
    *PORTS,
    *LISTENERS,
    *SIGN_IN,
    *MODES,
    *DEFAULT_GROUPS,
    *REGISTRY,
    *MOUNTS,
    *SUBNETS,
]
