"""Ways to open a port that simple checks let through. Every one of them is refused (S18)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from policy.harness import UNKNOWN, Analyzer, Resource, Secret
from tests.policy.conftest import resource

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
SERVICE = "aws:ecs/service:Service"
PORT = {"fromPort": 4321, "toPort": 4321}
TCP = {"protocol": "tcp", **PORT}
HALVES = ["0.0.0.0/1", "128.0.0.0/1"]


@dataclass(frozen=True)
class Evasion:
    """One resource alone that opens a port."""

    name: str
    type: str
    properties: dict[str, Any]
    rule: str = "no-public-port"


def inline(name: str, *rules: dict[str, object], type_: str = GROUP) -> Evasion:
    return Evasion(name, type_, {"ingress": list(rules)})


def sources(name: str, *cidrs: object, ipv6: tuple[object, ...] = ()) -> Evasion:
    return inline(name, {**TCP, "cidrBlocks": list(cidrs), "ipv6CidrBlocks": list(ipv6)})


def octets(count: int) -> list[str]:
    """The first `count` /8 networks that are public."""
    return [f"{first}.0.0.0/8" for first in range(1, 224) if first not in (10, 127)][:count]


ALONE = [
    # spellings of the whole internet
    sources("plain", "0.0.0.0/0"),
    sources("host bits set", "1.2.3.4/0"),
    sources("netmask", "0.0.0.0/0.0.0.0"),
    sources("blank around", " 0.0.0.0/0 "),
    sources("ipv6 short", ipv6=("::/0",)),
    sources("ipv6 zero first", ipv6=("0::/0",)),
    sources("ipv6 zero last", ipv6=("::0/0",)),
    sources("ipv6 long", ipv6=("0000:0000:0000:0000:0000:0000:0000:0000/0",)),
    sources("ipv6 dotted", ipv6=("::0.0.0.0/0",)),
    sources("ipv6 global unicast only", ipv6=("2000::/3",)),
    sources("ipv6 in the ipv4 field", "::/0"),
    sources("ipv4 in the ipv6 field", ipv6=("0.0.0.0/0",)),
    sources("ipv4 mapped", ipv6=("::ffff:0:0/96",)),
    sources("ipv4 through NAT64", ipv6=("64:ff9b::/96",)),
    # nearly the whole internet
    sources("two halves", *HALVES),
    sources("four quarters", "0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"),
    sources("one half", "0.0.0.0/1"),
    sources("all but one /8", "0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"),
    sources("two /8", *octets(2)),
    sources("a hundred /8", *octets(100)),
    sources("ipv6 halves", ipv6=("::/1", "8000::/1")),
    sources("ipv6 registry block", ipv6=("2a00::/12",)),
    sources("overlapping", "8.0.0.0/7", "9.0.0.0/8", "8.0.0.0/6"),
    # hidden among harmless ones
    sources("beside private", "10.0.0.0/8", "192.168.0.0/16", "0.0.0.0/0"),
    sources("beside an unknown", UNKNOWN, "0.0.0.0/0"),
    sources("before an unknown", "0.0.0.0/0", UNKNOWN),
    sources("halves around an unknown", HALVES[0], UNKNOWN, HALVES[1]),
    inline("secret", {**TCP, "cidrBlocks": Secret(["0.0.0.0/0"])}),
    inline("secret in the list", {**TCP, "cidrBlocks": [Secret("0.0.0.0/0")]}),
    inline("self before", {**TCP, "self": True}, {**TCP, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("self beside", {**TCP, "self": True, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("group beside", {**TCP, "securityGroups": ["sg-1"], "cidrBlocks": ["0.0.0.0/0"]}),
    inline("prefix list beside", {**TCP, "prefixListIds": ["pl-1"], "cidrBlocks": ["0.0.0.0/0"]}),
    inline("second rule", {**TCP, "cidrBlocks": ["10.0.0.0/8"]}, {**TCP, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("halves over two rules", {**TCP, "cidrBlocks": HALVES[:1]}, {**TCP, "cidrBlocks": HALVES[1:]}),
    inline(
        "quarters over four rules",
        *({**TCP, "cidrBlocks": [cidr]} for cidr in ("8.0.0.0/9", "8.128.0.0/9", "9.0.0.0/9", "9.128.0.0/9")),
    ),
    inline("rule beside an unknown rule", UNKNOWN, {**TCP, "cidrBlocks": ["0.0.0.0/0"]}),  # type: ignore[arg-type]
    # ports and protocols
    inline("range around", {"protocol": "tcp", "fromPort": 4000, "toPort": 5000, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("every port", {"protocol": "tcp", "fromPort": 0, "toPort": 65535, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("front door and one more", {"protocol": "tcp", "fromPort": 443, "toPort": 444, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("every protocol", {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("every protocol as a number", {"protocol": -1, "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("every protocol by name", {"protocol": "all", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("tcp as a number", {"protocol": "6", **PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("tcp in capitals", {"protocol": "TCP", **PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("udp", {"protocol": "udp", **PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("udp on the front door", {"protocol": "udp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("sctp", {"protocol": "132", **PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("a protocol that is none", {"protocol": "quic", **PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("no protocol", {**PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("protocol unknown", {"protocol": UNKNOWN, **PORT, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("no ports", {"protocol": "tcp", "cidrBlocks": ["0.0.0.0/0"]}),
    inline("ports as text", {"protocol": "tcp", "fromPort": "4321", "toPort": "4321", "cidrBlocks": ["0.0.0.0/0"]}),
    inline("ports the wrong way round", {"protocol": "tcp", "fromPort": 5000, "toPort": 4000, "cidrBlocks": ["0.0.0.0/0"]}),
    inline("port unknown", {"protocol": "tcp", "fromPort": UNKNOWN, "toPort": UNKNOWN, "cidrBlocks": ["0.0.0.0/0"]}),
    # unreadable
    sources("a name", "internet"),
    sources("out of range", "0.0.0.0/33"),
    sources("two in one", "0.0.0.0/0,10.0.0.0/8"),
    sources("empty", ""),
    sources("a number", 0),
    # other resources
    inline("default group", {**TCP, "cidrBlocks": ["0.0.0.0/0"]}, type_=DEFAULT),
    Evasion("rule resource", RULE, {"type": "ingress", "securityGroupId": "sg-1", **TCP, "cidrBlocks": ["0.0.0.0/0"]}),
    Evasion("rule resource, type in capitals", RULE, {"type": "INGRESS", "securityGroupId": "sg-1", **TCP, "cidrBlocks": HALVES}),
    Evasion("rule resource, type unknown", RULE, {"type": UNKNOWN, "securityGroupId": "sg-1", **TCP, "cidrBlocks": ["0.0.0.0/0"]}),
    Evasion("rule resource, ipv6", RULE, {"type": "ingress", "securityGroupId": "sg-1", **TCP, "ipv6CidrBlocks": ["::/0"]}),
    Evasion("rule resource, self", RULE, {"type": "ingress", "securityGroupId": "sg-1", **TCP, "self": True, "cidrBlocks": ["0.0.0.0/0"]}),
    Evasion("new rule resource", INGRESS, {"securityGroupId": "sg-1", "ipProtocol": "tcp", **PORT, "cidrIpv4": "0.0.0.0/0"}),
    Evasion("new rule resource, ipv6", INGRESS, {"securityGroupId": "sg-1", "ipProtocol": "tcp", **PORT, "cidrIpv6": "::/0"}),
    Evasion("new rule resource, every protocol", INGRESS, {"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}),
    Evasion("new rule resource, group unknown", INGRESS, {"securityGroupId": UNKNOWN, "ipProtocol": "-1", "cidrIpv6": "0::/0"}),
    # public addresses
    Evasion("service", SERVICE, {"networkConfiguration": {"securityGroups": ["sg-1"], "assignPublicIp": True}}, "no-public-address"),
    Evasion(
        "service, text", SERVICE, {"networkConfiguration": {"securityGroups": ["sg-1"], "assignPublicIp": "true"}}, "no-public-address"
    ),
    Evasion("task set", "aws:ecs/taskSet:TaskSet", {"networkConfiguration": {"assignPublicIp": True}}, "no-public-address"),
    Evasion(
        "event target",
        "aws:cloudwatch/eventTarget:EventTarget",
        {"ecsTarget": {"networkConfiguration": {"assignPublicIp": True}}},
        "no-public-address",
    ),
    Evasion(
        "schedule",
        "aws:scheduler/schedule:Schedule",
        {"target": {"ecsParameters": {"networkConfiguration": {"assignPublicIp": True}}}},
        "no-public-address",
    ),
    Evasion(
        "pipe",
        "aws:pipes/pipe:Pipe",
        {"targetParameters": {"ecsTaskParameters": {"networkConfiguration": {"awsVpcConfiguration": {"assignPublicIp": "ENABLED"}}}}},
        "no-public-address",
    ),
    Evasion(
        "state machine",
        "aws:sfn/stateMachine:StateMachine",
        {"definition": '{"States": {"Run": {"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}}}}'},
        "no-public-address",
    ),
    Evasion("instance", "aws:ec2/instance:Instance", {"associatePublicIpAddress": True}, "no-public-address"),
    Evasion(
        "launch template",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"networkInterfaces": [{"associatePublicIpAddress": "true"}]},
        "no-public-address",
    ),
    Evasion("elastic address", "aws:ec2/eipAssociation:EipAssociation", {"networkInterfaceId": "eni-1"}, "no-public-address"),
    Evasion("elastic address of an instance", "aws:ec2/eip:Eip", {"instance": "i-1"}, "no-public-address"),
    Evasion("database", "aws:rds/instance:Instance", {"publiclyAccessible": True}, "no-public-address"),
    # other ways in
    Evasion("open network load balancer", "aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "network"}, "no-public-listener"),
    Evasion("classic load balancer", "aws:elb/loadBalancer:LoadBalancer", {"listeners": [{"lbPort": 4321}]}, "no-public-listener"),
    Evasion(
        "global accelerator",
        "aws:globalaccelerator/listener:Listener",
        {"portRanges": [{"fromPort": 1, "toPort": 65535}]},
        "no-public-listener",
    ),
    Evasion("template", "aws:cloudformation/stack:Stack", {"templateBody": "Resources: {}"}, "no-opaque-resource"),
    Evasion("cloud control", "aws:cloudcontrol/resource:Resource", {"typeName": "AWS::EC2::SecurityGroup"}, "no-opaque-resource"),
    Evasion("other provider", "aws-native:ec2:SecurityGroup", {}, "no-opaque-resource"),
]


@pytest.mark.parametrize("evasion", ALONE, ids=lambda each: f"{each.rule}: {each.name}")
def test_resource_that_opens_a_port_is_refused(pack: Analyzer, evasion: Evasion) -> None:
    """By itself, before it is created."""
    found = pack.analyze(resource(evasion.type, **evasion.properties))
    assert (evasion.rule, "mandatory") in {(each.policy, each.level) for each in found}


# an unknown port may turn out to be the front door's, so that it is an open question there
PORTS = [each for each in ALONE if each.rule == "no-public-port" and each.name != "port unknown"]


@pytest.mark.parametrize("evasion", PORTS, ids=lambda each: each.name)
def test_front_door_lets_nothing_else_through(open_pack: Analyzer, evasion: Evasion) -> None:
    """Naming the internet for 80 and 443 opens those two for TCP, and nothing besides."""
    assert ("no-public-port", "mandatory") in pack_found(open_pack, evasion)


def test_unknown_port_behind_an_open_front_door_is_an_open_question(open_pack: Analyzer) -> None:
    """It is neither refused nor passed over in silence."""
    (unknown,) = (each for each in ALONE if each.name == "port unknown")
    assert {level for rule, level in pack_found(open_pack, unknown) if rule == "no-public-port"} == {"advisory"}


def pack_found(analyzer: Analyzer, evasion: Evasion) -> set[tuple[str, str]]:
    return {(each.policy, each.level) for each in analyzer.analyze(resource(evasion.type, **evasion.properties))}


# Together


def group(name: str, **properties: object) -> Resource:
    return resource(GROUP, name, id=f"sg-{name}", **properties)


def ingress(name: str, of: str, **properties: object) -> Resource:
    return resource(INGRESS, name, securityGroupId=f"sg-{of}", ipProtocol="tcp", **PORT, **properties)


def front(name: str, of: str, **properties: object) -> Resource:
    return resource(INGRESS, name, securityGroupId=f"sg-{of}", ipProtocol="tcp", fromPort=443, toPort=443, **properties)


def prefix_list(name: str, *cidrs: object) -> Resource:
    return resource("aws:ec2/managedPrefixList:ManagedPrefixList", name, id=f"pl-{name}", entries=[{"cidr": cidr} for cidr in cidrs])


EDGE = resource("aws:lb/loadBalancer:LoadBalancer", "edge", securityGroups=["sg-edge"], idleTimeout=3600)
EVERYONE = {"cidrIpv4": "0.0.0.0/0"}

TOGETHER: dict[str, list[Resource]] = {
    "halves of a /7 over two rules": [group("t"), ingress("a", "t", cidrIpv4="8.0.0.0/8"), ingress("b", "t", cidrIpv4="9.0.0.0/8")],
    "over two groups": [group("t"), group("u"), ingress("a", "t", cidrIpv4="8.0.0.0/8"), ingress("b", "u", cidrIpv4="9.0.0.0/8")],
    "inline and its own resource": [
        group("t", ingress=[{**TCP, "cidrBlocks": ["8.0.0.0/8"]}]),
        ingress("b", "t", cidrIpv4="9.0.0.0/8"),
    ],
    "old and new rule resource": [
        group("t"),
        resource(RULE, "a", type="ingress", securityGroupId="sg-t", **TCP, cidrBlocks=["8.0.0.0/8"]),
        ingress("b", "t", cidrIpv4="9.0.0.0/8"),
    ],
    "256 small ones": [group("t"), *(ingress(f"r{index}", "t", cidrIpv4=f"{index}.0.0.0/9") for index in range(11, 100))],
    "prefix list of everyone": [group("t"), prefix_list("p", "0.0.0.0/0"), ingress("a", "t", prefixListId="pl-p")],
    "prefix list of halves": [group("t"), prefix_list("p", *HALVES), ingress("a", "t", prefixListId="pl-p")],
    "prefix list with an unreadable entry": [group("t"), prefix_list("p", "everyone"), ingress("a", "t", prefixListId="pl-p")],
    "prefix list and the rest by address": [
        group("t"),
        prefix_list("p", "8.0.0.0/8"),
        ingress("a", "t", prefixListId="pl-p"),
        ingress("b", "t", cidrIpv4="9.0.0.0/8"),
    ],
    "prefix list filled by entries": [
        group("t"),
        prefix_list("p"),
        resource("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry", "e", prefixListId="pl-p", cidr="0.0.0.0/0"),
        ingress("a", "t", prefixListId="pl-p"),
    ],
    "prefix list inline": [group("t", ingress=[{**TCP, "prefixListIds": ["pl-p"]}]), prefix_list("p", "0.0.0.0/0")],
    "front door's group on a task": [
        group("edge"),
        front("f", "edge", **EVERYONE),
        EDGE,
        resource(SERVICE, "live", networkConfiguration={"securityGroups": ["sg-edge"]}),
    ],
    "front door's group on an instance": [
        group("edge"),
        front("f", "edge", **EVERYONE),
        EDGE,
        resource("aws:ec2/instance:Instance", "box", vpcSecurityGroupIds=["sg-edge"]),
    ],
    "front door's group attached later": [
        group("edge"),
        front("f", "edge", **EVERYONE),
        EDGE,
        resource(
            "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment", "late", securityGroupId="sg-edge"
        ),
    ],
    "front door without a load balancer": [group("door"), front("f", "door", **EVERYONE)],
}


@pytest.mark.parametrize("name", TOGETHER)
def test_resources_that_open_a_port_together_are_refused(open_pack: Analyzer, name: str) -> None:
    """With the front door open to everyone, which none of these may use. Each resource alone passes."""
    resources = [_in(name, each) for each in TOGETHER[name]]
    alone = [each for found in open_pack.analyze_all(resources) for each in found if each.policy == "no-public-port"]
    assert alone == []
    found = {(each.policy, each.level) for each in open_pack.analyze_stack(resources)}
    assert ("no-public-port-stack", "mandatory") in found


def _in(name: str, each: Resource) -> Resource:
    """The same resource under a URN of this test's own, as the pack remembers inputs by URN."""
    return Resource(urn=each.urn.replace("::site::", f"::{name}::"), type=each.type, name=each.name, properties=each.properties)


def test_there_are_enough() -> None:
    """At least 60 ways, and no two by the same name."""
    names = [each.name for each in ALONE] + list(TOGETHER)
    assert len(set(names)) == len(names) >= 60


FINE: dict[str, list[Resource]] = {
    "the load balancer's own ports": [group("edge"), front("f", "edge", **EVERYONE), EDGE],
    "a /8 exactly": [group("t"), ingress("a", "t", cidrIpv4="8.0.0.0/8")],
    "private addresses": [group("t"), ingress("a", "t", cidrIpv4="10.0.0.0/8"), ingress("b", "t", cidrIpv4="100.64.0.0/10")],
    "everything private": [group("t"), ingress("a", "t", cidrIpv6="fc00::/7"), ingress("b", "t", cidrIpv4="172.16.0.0/12")],
    "another group": [group("t"), ingress("a", "t", referencedSecurityGroupId="sg-edge")],
    "ping": [group("t", ingress=[{"protocol": "icmp", "fromPort": 8, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}])],
    "egress": [
        group("t", egress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]),
        resource(RULE, "out", type="egress", securityGroupId="sg-t", **TCP, cidrBlocks=["0.0.0.0/0"]),
    ],
    "a small prefix list": [group("t"), prefix_list("p", "198.51.100.0/24"), ingress("a", "t", prefixListId="pl-p")],
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_closed_passes(open_pack: Analyzer, name: str) -> None:
    """No false alarm about ports."""
    resources = [_in(name, each) for each in FINE[name]]
    found = [each for answer in open_pack.analyze_all(resources) for each in answer] + open_pack.analyze_stack(resources)
    assert [each.message for each in found if each.policy.startswith("no-public-port")] == []


def test_prefix_list_outside_the_stack_is_an_open_question(pack: Analyzer) -> None:
    """Its content cannot be seen; the message says which."""
    resources = [_in("outside", each) for each in (group("t"), ingress("a", "t", prefixListId="pl-0123456789abcdef0"))]
    pack.analyze_all(resources)
    found = [(each.level, each.message) for each in pack.analyze_stack(resources) if each.policy == "no-public-port-stack"]
    assert [level for level, _ in found] == ["advisory"]
    assert "pl-0123456789abcdef0" in found[0][1]
