"""Evasions about where things stand: public addresses, subnets, default groups, instances without
groups, network ACLs.
"""

from __future__ import annotations

from typing import Any, Final

from policy.harness import UNKNOWN, Resource
from tests.policy.complying import DEFAULT_GROUP, LB, SERVICE
from tests.policy.scenes import OLD_RULE, urn

from .core import Evasion, alone, one, scene
from .ports import INGRESS, NEW_RULE

ADDRESS: Final = "no-public-address"
SUBNET: Final = "aws:ec2/subnet:Subnet"
VPC: Final = "aws:ec2/vpc:Vpc"
INSTANCE: Final = "aws:ec2/instance:Instance"
GUARDED: Final[dict[str, Any]] = {"vpcSecurityGroupIds": ["sg-1"]}

ADDRESSES: Final = [
    alone("public addresses", ADDRESS, name, type_, **properties)
    for name, type_, properties in (
        (
            "service",
            SERVICE,
            {
                "networkConfiguration": {
                    "subnets": ["s"],
                    "securityGroups": ["sg-1"],
                    "assignPublicIp": True,
                }
            },
        ),
        (
            "service, in words",
            SERVICE,
            {
                "networkConfiguration": {
                    "subnets": ["s"],
                    "securityGroups": ["sg-1"],
                    "assignPublicIp": "ENABLED",
                }
            },
        ),
        (
            "task set",
            "aws:ecs/taskSet:TaskSet",
            {"networkConfiguration": {"securityGroups": ["sg-1"], "assignPublicIp": True}},
        ),
        (
            "event target",
            "aws:cloudwatch/eventTarget:EventTarget",
            {"ecsTarget": {"networkConfiguration": {"assignPublicIp": True}}},
        ),
        (
            "schedule",
            "aws:scheduler/schedule:Schedule",
            {"target": {"ecsParameters": {"networkConfiguration": {"assignPublicIp": True}}}},
        ),
        (
            "pipe",
            "aws:pipes/pipe:Pipe",
            {
                "targetParameters": {
                    "ecsTaskParameters": {
                        "networkConfiguration": {
                            "awsVpcConfiguration": {"assignPublicIp": "ENABLED"}
                        }
                    }
                }
            },
        ),
        (
            "state machine",
            "aws:sfn/stateMachine:StateMachine",
            {
                "definition": (
                    '{"States": {"Run": {"NetworkConfiguration": {"AwsvpcConfiguration":'
                    ' {"AssignPublicIp": "ENABLED"}}}}}'
                )
            },
        ),
        (
            "batch job",
            "aws:batch/jobDefinition:JobDefinition",
            {"containerProperties": '{"networkConfiguration": {"assignPublicIp": "ENABLED"}}'},
        ),
        ("instance", INSTANCE, {"associatePublicIpAddress": True, **GUARDED}),
        ("instance with IPv6", INSTANCE, {"ipv6AddressCount": 1, **GUARDED}),
        (
            "interface with IPv6",
            "aws:ec2/networkInterface:NetworkInterface",
            {"ipv6Addresses": ["2600::1"], "securityGroups": ["sg-1"]},
        ),
        (
            "launch template",
            "aws:ec2/launchTemplate:LaunchTemplate",
            {
                "networkInterfaces": [
                    {"associatePublicIpAddress": "true", "securityGroups": ["sg-1"]}
                ]
            },
        ),
        (
            "launch configuration",
            "aws:ec2/launchConfiguration:LaunchConfiguration",
            {"associatePublicIpAddress": True, "securityGroups": ["sg-1"]},
        ),
        (
            "elastic address attached",
            "aws:ec2/eipAssociation:EipAssociation",
            {"networkInterfaceId": "eni-1"},
        ),
        ("elastic address of an instance", "aws:ec2/eip:Eip", {"instance": "i-1"}),
        ("elastic address of an interface", "aws:ec2/eip:Eip", {"networkInterface": "eni-1"}),
        ("elastic address, instance unknown", "aws:ec2/eip:Eip", {"instance": UNKNOWN}),
        ("database", "aws:rds/instance:Instance", {"publiclyAccessible": True, **GUARDED}),
        (
            "replication instance",
            "aws:dms/replicationInstance:ReplicationInstance",
            {"publiclyAccessible": True, **GUARDED},
        ),
        (
            "broker",
            "aws:mq/broker:Broker",
            {"publiclyAccessible": True, "securityGroups": ["sg-1"]},
        ),
    )
]

IGW: Final = one("aws:ec2/internetGateway:InternetGateway", "igw", vpcId="vpc-id")
NETWORK: Final = one(
    VPC,
    "vpc",
    mainRouteTableId="main-rt-id",
    defaultSecurityGroupId="sg-default",
    defaultRouteTableId="main-rt-id",
)
HOME: Final = one(SUBNET, "s", vpcId="vpc-id")
TABLE: Final = one("aws:ec2/routeTable:RouteTable", "rt", vpcId="vpc-id")
ROUTE: Final = "aws:ec2/route:Route"
LINK: Final = one(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "a",
    routeTableId="rt-id",
    subnetId="s-id",
)
TASKS: Final = one(
    SERVICE,
    "live",
    networkConfiguration={"subnets": ["s-id"], "securityGroups": ["sg-1"], "assignPublicIp": False},
)
MOUNT: Final = one(
    "aws:efs/mountTarget:MountTarget",
    "m",
    fileSystemId="fs",
    subnetId="s-id",
    securityGroups=["sg-1"],
)
BOX: Final = one(INSTANCE, "box", subnetId="s-id", **GUARDED)


def route(**properties: Any) -> Resource:
    return one(
        ROUTE, "out", **{"routeTableId": "rt-id", "destinationCidrBlock": "0.0.0.0/0", **properties}
    )


def placed(name: str, *ways: Resource, who: Resource = TASKS) -> Evasion:
    return scene("public subnets", "private-subnets no-public-address", name, *ways, who)


MAIN: Final = one(
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
    "main",
    vpcId="vpc-id",
    routeTableId="rt-id",
)
SUBNETS: Final = [
    placed("route", IGW, HOME, TABLE, LINK, route(gatewayId="igw-id")),
    placed("route of a mount target", IGW, HOME, TABLE, LINK, route(gatewayId="igw-id"), who=MOUNT),
    placed("route of an instance", IGW, HOME, TABLE, LINK, route(gatewayId="igw-id"), who=BOX),
    placed(
        "route of half the internet",
        IGW,
        HOME,
        TABLE,
        LINK,
        route(gatewayId="igw-id", destinationCidrBlock="0.0.0.0/1"),
    ),
    placed(
        "IPv6 route",
        IGW,
        HOME,
        TABLE,
        LINK,
        route(gatewayId="igw-id", destinationCidrBlock=None, destinationIpv6CidrBlock="::/0"),
    ),
    placed(
        "gateway outside the stack", HOME, TABLE, LINK, route(gatewayId="igw-0123456789abcdef0")
    ),
    placed(
        "route inside the table",
        IGW,
        HOME,
        one(
            "aws:ec2/routeTable:RouteTable",
            "rt",
            vpcId="vpc-id",
            routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-id"}],
        ),
        LINK,
    ),
    placed("main table", NETWORK, IGW, HOME, TABLE, MAIN, route(gatewayId="igw-id")),
    placed(
        "main table of the VPC",
        NETWORK,
        IGW,
        HOME,
        route(routeTableId="main-rt-id", gatewayId="igw-id"),
    ),
    placed(
        "default table",
        NETWORK,
        IGW,
        HOME,
        one(
            "aws:ec2/defaultRouteTable:DefaultRouteTable",
            "d",
            defaultRouteTableId="main-rt-id",
            vpcId="vpc-id",
            routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-id"}],
        ),
    ),
    placed("carrier gateway", HOME, TABLE, LINK, route(carrierGatewayId="cagw-1")),
    placed(
        "default subnet",
        one("aws:ec2/defaultSubnet:DefaultSubnet", "d", availabilityZone="eu-west-1a"),
        who=one(
            SERVICE, "live", networkConfiguration={"subnets": ["d-id"], "securityGroups": ["sg-1"]}
        ),
    ),
    placed(
        "subnet that gives addresses",
        one(SUBNET, "s", vpcId="vpc-id", mapPublicIpOnLaunch=True),
        who=BOX,
    ),
    placed(
        "subnet that gives IPv6 addresses",
        one(
            SUBNET, "s", vpcId="vpc-id", assignIpv6AddressOnCreation=True, ipv6CidrBlock="2600::/64"
        ),
        who=BOX,
    ),
    placed(
        "subnet for IPv6 only",
        one(SUBNET, "s", vpcId="vpc-id", ipv6Native=True, ipv6CidrBlock="2600::/64"),
        who=BOX,
    ),
    placed(
        "subnet that gives addresses, task",
        one(SUBNET, "s", vpcId="vpc-id", mapPublicIpOnLaunch=True),
    ),
]

GROUPS: Final = "no-default-security-group no-default-security-group-stack"
DEFAULT_GROUPS: Final = [
    alone(
        "default groups",
        GROUPS,
        "with rules",
        DEFAULT_GROUP,
        ingress=[{"protocol": "-1", "self": True}],
    ),
    alone(
        "default groups",
        GROUPS,
        "with egress",
        DEFAULT_GROUP,
        egress=[{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}],
    ),
    scene(
        "default groups",
        GROUPS,
        "rule beside",
        NETWORK,
        one(
            INGRESS,
            "r",
            **{**NEW_RULE, "securityGroupId": "sg-default"},
            referencedSecurityGroupId="sg-1",
        ),
    ),
    scene(
        "default groups",
        GROUPS,
        "old rule beside",
        NETWORK,
        one(
            OLD_RULE,
            "r",
            type="ingress",
            securityGroupId="sg-default",
            protocol="-1",
            fromPort=0,
            toPort=0,
            self=True,
        ),
    ),
    scene(
        "default groups",
        GROUPS,
        "rule beside an adopted group",
        one(DEFAULT_GROUP, "d"),
        one(
            INGRESS,
            "r",
            **{**NEW_RULE, "securityGroupId": "d-id"},
            referencedSecurityGroupId="sg-1",
        ),
    ),
    scene(
        "default groups",
        GROUPS,
        "rule beside, id unknown",
        one(VPC, "vpc", defaultSecurityGroupId=UNKNOWN),
        one(
            INGRESS,
            "r",
            **{**NEW_RULE, "securityGroupId": UNKNOWN},
            referencedSecurityGroupId="sg-1",
            refs={"securityGroupId": [f"{VPC}::vpc"]},
        ),
    ),
    scene(
        "default groups",
        GROUPS,
        "service in it",
        NETWORK,
        one(
            SERVICE,
            "live",
            networkConfiguration={"subnets": ["s"], "securityGroups": ["sg-default"]},
        ),
    ),
    scene(
        "default groups",
        GROUPS,
        "balancer in it",
        NETWORK,
        one(LB, "edge", securityGroups=["sg-1", "sg-default"]),
    ),
    scene(
        "default groups",
        GROUPS,
        "source of a rule",
        NETWORK,
        one(INGRESS, "r", **NEW_RULE, referencedSecurityGroupId="sg-default"),
    ),
]

NO_GROUPS: Final = [
    alone("without groups", GROUPS, name, type_, **properties)
    for name, type_, properties in (
        ("balancer", LB, {"securityGroups": []}),
        ("balancer, not set", LB, {"securityGroups": None}),
        (
            "classic balancer",
            "aws:elb/loadBalancer:LoadBalancer",
            {"internal": True, "subnets": ["s"]},
        ),
        ("service", SERVICE, {"networkConfiguration": {"subnets": ["s"], "securityGroups": []}}),
        ("service, not set", SERVICE, {"networkConfiguration": {"subnets": ["s"]}}),
        ("task set", "aws:ecs/taskSet:TaskSet", {"networkConfiguration": {"subnets": ["s"]}}),
        (
            "mount target",
            "aws:efs/mountTarget:MountTarget",
            {"fileSystemId": "fs", "subnetId": "s"},
        ),
        (
            "interface endpoint",
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            {"vpcEndpointType": "Interface", "serviceName": "s", "vpcId": "v"},
        ),
        ("instance", INSTANCE, {"subnetId": "s"}),
        ("instance, empty", INSTANCE, {"subnetId": "s", "vpcSecurityGroupIds": []}),
        ("launch template", "aws:ec2/launchTemplate:LaunchTemplate", {"imageId": "ami-1"}),
        (
            "launch template's interface",
            "aws:ec2/launchTemplate:LaunchTemplate",
            {"networkInterfaces": [{"subnetId": "s"}]},
        ),
        (
            "launch configuration",
            "aws:ec2/launchConfiguration:LaunchConfiguration",
            {"imageId": "ami-1"},
        ),
        ("interface", "aws:ec2/networkInterface:NetworkInterface", {"subnetId": "s"}),
        ("spot instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest", {"subnetId": "s"}),
        (
            "function",
            "aws:lambda/function:Function",
            {"vpcConfig": {"subnetIds": ["s"], "securityGroupIds": []}},
        ),
        ("database", "aws:rds/instance:Instance", {"dbSubnetGroupName": "g"}),
        ("database cluster", "aws:rds/cluster:Cluster", {"dbSubnetGroupName": "g"}),
        ("cache", "aws:elasticache/replicationGroup:ReplicationGroup", {"subnetGroupName": "g"}),
        (
            "scheduled task",
            "aws:cloudwatch/eventTarget:EventTarget",
            {"ecsTarget": {"networkConfiguration": {"subnets": ["s"]}}},
        ),
        (
            "schedule",
            "aws:scheduler/schedule:Schedule",
            {"target": {"ecsParameters": {"networkConfiguration": {"subnets": ["s"]}}}},
        ),
        (
            "pipe",
            "aws:pipes/pipe:Pipe",
            {
                "targetParameters": {
                    "ecsTaskParameters": {
                        "networkConfiguration": {"awsVpcConfiguration": {"subnets": ["s"]}}
                    }
                }
            },
        ),
        (
            "jobs",
            "aws:batch/computeEnvironment:ComputeEnvironment",
            {"computeResources": {"subnets": ["s"], "type": "EC2"}},
        ),
        (
            "spot fleet",
            "aws:ec2/spotFleetRequest:SpotFleetRequest",
            {"launchSpecifications": [{"subnetId": "s"}]},
        ),
        (
            "managed instances",
            "aws:ecs/capacityProvider:CapacityProvider",
            {
                "managedInstancesProvider": {
                    "instanceLaunchTemplate": {"networkConfiguration": {"subnets": ["s"]}}
                }
            },
        ),
        ("files", "aws:fsx/openZfsFileSystem:OpenZfsFileSystem", {"subnetIds": "s"}),
        ("proxy", "aws:rds/proxy:Proxy", {"vpcSubnetIds": ["s"]}),
        ("notebook", "aws:sagemaker/notebookInstance:NotebookInstance", {"subnetId": "s"}),
    )
]

ACL: Final = "aws:ec2/networkAcl:NetworkAcl"
ACL_RULE: Final = "aws:ec2/networkAclRule:NetworkAclRule"
ALLOW: Final[dict[str, Any]] = {"action": "allow", "ruleNo": 100, "cidrBlock": "0.0.0.0/0"}
ACLS: Final = [
    *(
        evasion
        for name, rule in (
            ("everything", {"protocol": "-1", "fromPort": 0, "toPort": 0}),
            ("everything, by number", {"protocol": "all", "fromPort": 0, "toPort": 0}),
            ("shell", {"protocol": "tcp", "fromPort": 22, "toPort": 22}),
            ("remote desktop", {"protocol": "6", "fromPort": 3389, "toPort": 3389}),
            ("the dev server's port", {"protocol": "tcp", "fromPort": 4321, "toPort": 4321}),
            ("every port", {"protocol": "tcp", "fromPort": 0, "toPort": 65535}),
            ("low ports", {"protocol": "udp", "fromPort": 1, "toPort": 1023}),
        )
        for evasion in (
            alone(
                "network ACLs", "network-acl", name, ACL, vpcId="vpc-1", ingress=[{**ALLOW, **rule}]
            ),
            alone(
                "network ACLs",
                "network-acl",
                f"{name}, default ACL",
                "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
                defaultNetworkAclId="acl-1",
                ingress=[{**ALLOW, **rule}],
            ),
            alone(
                "network ACLs",
                "network-acl",
                f"{name}, rule",
                ACL_RULE,
                networkAclId="acl-1",
                ruleAction="allow",
                ruleNumber=1,
                cidrBlock="0.0.0.0/0",
                **rule,
            ),
            alone(
                "network ACLs",
                "network-acl",
                f"{name}, IPv6 rule",
                ACL_RULE,
                networkAclId="acl-1",
                ruleAction="ALLOW",
                egress=False,
                ruleNumber=1,
                ipv6CidrBlock="::/0",
                **rule,
            ),
        )
    ),
]

DEFAULT_VPC: Final = [
    alone("default VPC", "no-default-vpc", name, type_, **properties)
    for name, type_, properties in (
        ("instance", INSTANCE, GUARDED),
        ("instance, subnet empty", INSTANCE, {**GUARDED, "subnetId": ""}),
        ("spot instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest", GUARDED),
        (
            "group of instances",
            "aws:autoscaling/group:Group",
            {"availabilityZones": ["eu-west-1a"], "maxSize": 1, "minSize": 1},
        ),
        ("adopted", "aws:ec2/defaultVpc:DefaultVpc", {}),
    )
]

PLACE_EVASIONS: Final = [*DEFAULT_VPC, *ADDRESSES, *SUBNETS, *DEFAULT_GROUPS, *NO_GROUPS, *ACLS]
__all__ = ["PLACE_EVASIONS", "urn"]
