"""Evasions of "no port is open to the internet"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from policy.harness import UNKNOWN, Resource, Secret
from tests.policy.complying import DEFAULT_GROUP, GROUP, LB, SERVICE

from .core import Evasion, alone, one, scene

RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"
ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
PORT: Final[dict[str, Any]] = {"fromPort": 4321, "toPort": 4321}
TCP: Final[dict[str, Any]] = {"protocol": "tcp", **PORT}
HALVES: Final = ["0.0.0.0/1", "128.0.0.0/1"]
EVERYONE: Final[dict[str, Any]] = {"cidrBlocks": ["0.0.0.0/0"]}
PORTS: Final = "no-public-port"
STACK: Final = "no-public-port no-public-port-stack"


def inline(family: str, name: str, *rules: Any, type_: str = GROUP) -> Evasion:
    return alone(family, PORTS, name, type_, ingress=list(rules))


def sources(family: str, name: str, *cidrs: object, ipv6: tuple[object, ...] = ()) -> Evasion:
    return inline(family, name, {**TCP, "cidrBlocks": list(cidrs), "ipv6CidrBlocks": list(ipv6)})


SPELLINGS: Final = [
    sources("spellings", name, *ipv4, ipv6=ipv6)
    for name, ipv4, ipv6 in (
        ("plain", ["0.0.0.0/0"], ()),
        ("host bits set", ["1.2.3.4/0"], ()),
        ("netmask", ["0.0.0.0/0.0.0.0"], ()),
        ("blank around", [" 0.0.0.0/0 "], ()),
        ("ipv6 short", [], ("::/0",)),
        ("ipv6 zero first", [], ("0::/0",)),
        ("ipv6 zero last", [], ("::0/0",)),
        ("ipv6 long", [], ("0000:0000:0000:0000:0000:0000:0000:0000/0",)),
        ("ipv6 dotted", [], ("::0.0.0.0/0",)),
        ("ipv6 global unicast only", [], ("2000::/3",)),
        ("ipv6 in the ipv4 field", ["::/0"], ()),
        ("ipv4 in the ipv6 field", [], ("0.0.0.0/0",)),
        ("ipv4 mapped", [], ("::ffff:0:0/96",)),
        ("ipv4 mapped, dotted", [], ("::ffff:8.8.8.8/128",)),
        ("ipv4 through NAT64", [], ("64:ff9b::/96",)),
        ("6to4", [], ("2002::/16",)),
        ("Teredo", [], ("2001::/32",)),
        ("not given out yet", [], ("4000::/3",)),
    )
]

SIZES: Final = [
    sources("parts of the internet", name, *ipv4, ipv6=ipv6)
    for name, ipv4, ipv6 in (
        ("two halves", HALVES, ()),
        ("four quarters", ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"], ()),
        ("one half", HALVES[:1], ()),
        ("a /8", ["8.0.0.0/8"], ()),
        ("a /8 of a cloud", ["52.0.0.0/8"], ()),
        ("a hundred /16", [f"8.{index}.0.0/16" for index in range(100)], ()),
        ("a /24", ["8.8.8.0/24"], ()),
        ("one address", ["8.8.8.8/32"], ()),
        ("one address without a length", ["8.8.8.8"], ()),
        ("ipv6 halves", [], ("::/1", "8000::/1")),
        ("ipv6 registry block", [], ("2a00::/12",)),
        ("ipv6 /32", [], ("2600:1f00::/32",)),
        ("one ipv6 address", [], ("2600::1/128",)),
        ("around a private range", ["8.0.0.0/5"], ()),
        ("a range that holds private ones", ["192.0.0.0/8"], ()),
    )
]

HIDDEN: Final = [
    sources("hidden", "beside private", "10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0"),
    sources("hidden", "before an unknown source", "0.0.0.0/0", UNKNOWN),
    sources("hidden", "after an unknown source", UNKNOWN, "0.0.0.0/0"),
    inline("hidden", "secret list", {**TCP, "cidrBlocks": Secret(["0.0.0.0/0"])}),
    inline("hidden", "self before", {**TCP, "self": True}, {**TCP, **EVERYONE}),
    inline("hidden", "self beside", {**TCP, "self": True, **EVERYONE}),
    inline("hidden", "group beside", {**TCP, "securityGroups": ["sg-1"], **EVERYONE}),
    inline("hidden", "prefix list beside", {**TCP, "prefixListIds": ["pl-1"], **EVERYONE}),
    inline("hidden", "second rule", {**TCP, "cidrBlocks": ["10.0.0.0/8"]}, {**TCP, **EVERYONE}),
    inline(
        "hidden",
        "hundredth rule",
        *[{**TCP, "cidrBlocks": [f"10.{index}.0.0/16"]} for index in range(99)],
        {**TCP, **EVERYONE},
    ),
]

PROTOCOLS: Final = [
    inline("ports and protocols", name, {**rule, **EVERYONE})
    for name, rule in (
        ("range around", {"protocol": "tcp", "fromPort": 4000, "toPort": 5000}),
        ("every port", {"protocol": "tcp", "fromPort": 0, "toPort": 65535}),
        ("front door and one more", {"protocol": "tcp", "fromPort": 443, "toPort": 444}),
        ("from one front door to the other", {"protocol": "tcp", "fromPort": 80, "toPort": 443}),
        ("every protocol", {"protocol": "-1", "fromPort": 0, "toPort": 0}),
        ("every protocol as a number", {"protocol": -1, "fromPort": 0, "toPort": 0}),
        ("every protocol by name", {"protocol": "all", "fromPort": 0, "toPort": 0}),
        ("tcp as a number", {"protocol": "6", **PORT}),
        ("tcp in capitals", {"protocol": "TCP", **PORT}),
        ("udp", {"protocol": "udp", **PORT}),
        ("udp on the front door", {"protocol": "udp", "fromPort": 443, "toPort": 443}),
        ("sctp", {"protocol": "132", **PORT}),
        ("a protocol that is none", {"protocol": "quic", **PORT}),
        ("no protocol", PORT),
        ("protocol unknown", {"protocol": UNKNOWN, **PORT}),
        ("no ports", {"protocol": "tcp"}),
        ("ports the wrong way round", {"protocol": "tcp", "fromPort": 5000, "toPort": 4000}),
    )
]

UNREADABLE: Final = [
    sources("unreadable sources", name, cidr)
    for name, cidr in (
        ("a name", "internet"),
        ("out of range", "0.0.0.0/33"),
        ("two in one", "0.0.0.0/0,10.0.0.0/8"),
        ("empty", ""),
        ("zero", 0),
    )
]

NEW_RULE: Final[dict[str, Any]] = {"securityGroupId": "sg-1", "ipProtocol": "tcp", **PORT}
OLD: Final[dict[str, Any]] = {"type": "ingress", "securityGroupId": "sg-1", **TCP}
KINDS: Final = [
    inline("kinds of rule", "default group", {**TCP, **EVERYONE}, type_=DEFAULT_GROUP),
    alone("kinds of rule", PORTS, "old rule", RULE, **OLD, **EVERYONE),
    alone(
        "kinds of rule",
        PORTS,
        "old rule, type in capitals",
        RULE,
        **{**OLD, "type": "INGRESS", **EVERYONE},
    ),
    alone(
        "kinds of rule",
        PORTS,
        "old rule, type unknown",
        RULE,
        **{**OLD, "type": UNKNOWN, **EVERYONE},
    ),
    alone("kinds of rule", PORTS, "old rule, ipv6", RULE, **OLD, ipv6CidrBlocks=["::/0"]),
    alone("kinds of rule", PORTS, "old rule, self", RULE, **OLD, self=True, **EVERYONE),
    alone("kinds of rule", PORTS, "new rule", INGRESS, **NEW_RULE, cidrIpv4="0.0.0.0/0"),
    alone(
        "kinds of rule", PORTS, "new rule, one address", INGRESS, **NEW_RULE, cidrIpv4="8.8.8.8/32"
    ),
    alone("kinds of rule", PORTS, "new rule, ipv6", INGRESS, **NEW_RULE, cidrIpv6="::/0"),
    alone(
        "kinds of rule",
        PORTS,
        "new rule, every protocol",
        INGRESS,
        securityGroupId="sg-1",
        ipProtocol="-1",
        cidrIpv4="0.0.0.0/0",
    ),
    alone(
        "kinds of rule",
        PORTS,
        "new rule, group unknown",
        INGRESS,
        securityGroupId=UNKNOWN,
        ipProtocol="-1",
        cidrIpv6="0::/0",
    ),
]


def prefix_list(*cidrs: object, **properties: Any) -> Resource:
    return one(LIST, "p", **{"entries": [{"cidr": cidr} for cidr in cidrs], **properties})


GROUP_T: Final = one(GROUP, "t", ingress=None)
FROM_LIST: Final = one(INGRESS, "a", **{**NEW_RULE, "securityGroupId": "t-id"}, prefixListId="p-id")
PREFIX_LISTS: Final = [
    scene("prefix lists", STACK, "of everyone", GROUP_T, prefix_list("0.0.0.0/0"), FROM_LIST),
    scene("prefix lists", STACK, "of halves", GROUP_T, prefix_list(*HALVES), FROM_LIST),
    scene("prefix lists", STACK, "of one address", GROUP_T, prefix_list("8.8.8.8/32"), FROM_LIST),
    scene(
        "prefix lists",
        STACK,
        "with an unreadable entry",
        GROUP_T,
        prefix_list("everyone"),
        FROM_LIST,
    ),
    scene(
        "prefix lists",
        STACK,
        "filled by entries",
        GROUP_T,
        prefix_list(),
        one(ENTRY, "e", prefixListId="p-id", cidr="0.0.0.0/0"),
        FROM_LIST,
    ),
    scene(
        "prefix lists",
        STACK,
        "inline",
        one(GROUP, "t", ingress=[{**TCP, "prefixListIds": ["p-id"]}]),
        prefix_list("0.0.0.0/0"),
    ),
    scene(
        "prefix lists",
        STACK,
        "outside the stack",
        GROUP_T,
        one(INGRESS, "a", **{**NEW_RULE, "prefixListId": "pl-0123456789abcdef0"}),
    ),
    scene(
        "prefix lists",
        STACK,
        "outside the stack, and a list here is called like it",
        GROUP_T,
        prefix_list("10.0.0.0/8", name="pl-0123456789abcdef0"),
        one(INGRESS, "a", **{**NEW_RULE, "prefixListId": "pl-0123456789abcdef0"}),
    ),
    scene(
        "prefix lists",
        STACK,
        "outside the stack, inline",
        one(GROUP, "t", ingress=[{**TCP, "prefixListIds": ["pl-0123"]}]),
    ),
    scene(
        "prefix lists",
        STACK,
        "id not known yet",
        GROUP_T,
        prefix_list("0.0.0.0/0", id=UNKNOWN),
        one(
            INGRESS,
            "a",
            **{**NEW_RULE, "prefixListId": UNKNOWN},
            refs={"prefixListId": [f"{LIST}::p"]},
        ),
    ),
]
"""Behind an open front door, so that the list by itself may hold everyone: what counts
is the port.
"""

FRONT: Final = one(
    INGRESS,
    "f",
    **{**NEW_RULE, "securityGroupId": "edge-id", "fromPort": 443, "toPort": 443},
    cidrIpv4="0.0.0.0/0",
)
EDGE: Final = (one(GROUP, "edge", ingress=None), FRONT, one(LB, "lb", securityGroups=["edge-id"]))
ATTACHED: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    (
        "task",
        SERVICE,
        {"networkConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["edge-id"]}},
    ),
    ("instance", "aws:ec2/instance:Instance", {"vpcSecurityGroupIds": ["edge-id"]}),
    (
        "interface",
        "aws:ec2/networkInterface:NetworkInterface",
        {"securityGroups": ["edge-id"], "subnetId": "subnet-1"},
    ),
    (
        "launch template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"networkInterfaces": [{"securityGroups": ["edge-id"]}]},
    ),
    (
        "mount target",
        "aws:efs/mountTarget:MountTarget",
        {"fileSystemId": "fs-1", "subnetId": "subnet-1", "securityGroups": ["edge-id"]},
    ),
    (
        "function",
        "aws:lambda/function:Function",
        {"vpcConfig": {"subnetIds": ["subnet-1"], "securityGroupIds": ["edge-id"]}},
    ),
    (
        "attachment",
        "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
        {"securityGroupId": "edge-id"},
    ),
    (
        "scheduled task",
        "aws:scheduler/schedule:Schedule",
        {"target": {"ecsParameters": {"networkConfiguration": {"securityGroups": ["edge-id"]}}}},
    ),
)
FRONT_DOORS: Final = [
    *(
        scene("front door's group", STACK, f"on a {name}", *EDGE, one(type_, "other", **props))
        for name, type_, props in ATTACHED
    ),
    scene("front door's group", STACK, "without a load balancer", *EDGE[:2]),
    scene(
        "front door's group",
        STACK,
        "of another stack",
        one(INGRESS, "f", **{**NEW_RULE, "fromPort": 443, "toPort": 443}, cidrIpv4="0.0.0.0/0"),
    ),
]

CLOSED: Final = [
    inline(
        "closed front door",
        "everyone",
        {"protocol": "tcp", "fromPort": 443, "toPort": 443, **EVERYONE},
    ),
    inline(
        "closed front door",
        "a /24",
        {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["8.8.8.0/24"]},
    ),
    inline(
        "closed front door",
        "port unknown",
        {"protocol": "tcp", "fromPort": UNKNOWN, "toPort": UNKNOWN, **EVERYONE},
    ),
    scene("closed front door", PORTS, "prefix list that no group uses", prefix_list("8.8.8.0/24")),
    scene(
        "closed front door",
        PORTS,
        "entry that no group uses",
        one(ENTRY, "e", prefixListId="pl-1", cidr="2600::/32"),
    ),
    scene(
        "closed front door",
        PORTS,
        "prefix list for the front door",
        *EDGE[:1],
        *EDGE[2:],
        prefix_list("8.8.8.0/24"),
        FROM_LIST,
    ),
]

PORT_EVASIONS: Final = [
    *SPELLINGS,
    *SIZES,
    *HIDDEN,
    *PROTOCOLS,
    *UNREADABLE,
    *KINDS,
    *PREFIX_LISTS,
    *FRONT_DOORS,
    *(replace(each, closed=True) for each in CLOSED),
]
