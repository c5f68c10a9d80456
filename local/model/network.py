"""VPC, routing, security groups and endpoints. `replaces` holds what the EC2 API cannot change in
place.
"""

from __future__ import annotations

import ipaddress

from local.model.core import Kind, Scope, arn


def _address(scope: Scope) -> str:
    return str(ipaddress.ip_address(f"203.0.113.{int(scope['hex2'], 16) % 254 + 1}"))


def _rule_id(scope: Scope) -> str:
    return f"sgr-{scope['hex17']}"


_RULE_REPLACES = frozenset({"securityGroupId"})

KINDS = (
    Kind(
        type="aws:ec2/vpc:Vpc",
        id="vpc-{hex17}",
        arn=arn("ec2", "vpc/{id}"),
        outputs={
            "defaultNetworkAclId": "acl-{hex17}",
            "defaultRouteTableId": "rtb-{hex16}0",
            "defaultSecurityGroupId": "sg-{hex16}0",
            "mainRouteTableId": "rtb-{hex16}0",
            "dhcpOptionsId": "dopt-{hex17}",
            "ownerId": "{account}",
        },
        defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
        replaces=frozenset({"cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"}),
    ),
    Kind(
        type="aws:ec2/subnet:Subnet",
        id="subnet-{hex17}",
        arn=arn("ec2", "subnet/{id}"),
        outputs={"ownerId": "{account}"},
        defaults={"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
        replaces=frozenset({"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}),
        required=("vpcId",),
    ),
    Kind(
        type="aws:ec2/internetGateway:InternetGateway",
        id="igw-{hex17}",
        arn=arn("ec2", "internet-gateway/{id}"),
    ),
    Kind(
        type="aws:ec2/eip:Eip",
        id="eipalloc-{hex17}",
        arn=arn("ec2", "elastic-ip/{id}"),
        outputs={"allocationId": "{id}", "publicIp": _address, "domain": "vpc"},
        replaces=frozenset({"networkBorderGroup", "publicIpv4Pool"}),
    ),
    Kind(
        type="aws:ec2/natGateway:NatGateway",
        id="nat-{hex17}",
        outputs={
            "publicIp": _address,
            "privateIp": "10.0.0.10",
            "networkInterfaceId": "eni-{hex17}",
        },
        defaults={"connectivityType": "public"},
        replaces=frozenset({"allocationId", "subnetId", "connectivityType"}),
        required=("subnetId",),
    ),
    Kind(
        type="aws:ec2/routeTable:RouteTable",
        id="rtb-{hex17}",
        arn=arn("ec2", "route-table/{id}"),
        outputs={"ownerId": "{account}"},
        replaces=frozenset({"vpcId"}),
        required=("vpcId",),
    ),
    Kind(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        id="rtbassoc-{hex17}",
        replaces=frozenset({"subnetId", "gatewayId"}),
        required=("routeTableId",),
    ),
    Kind(
        type="aws:ec2/route:Route",
        id="r-{inputs[routeTableId]}{digits10}",
        outputs={"state": "active", "origin": "CreateRoute"},
        replaces=frozenset(
            {
                "routeTableId",
                "destinationCidrBlock",
                "destinationIpv6CidrBlock",
                "destinationPrefixListId",
            }
        ),
        required=("routeTableId",),
    ),
    Kind(
        type="aws:ec2/securityGroup:SecurityGroup",
        id="sg-{hex17}",
        arn=arn("ec2", "security-group/{id}"),
        outputs={
            "ownerId": "{account}",
            "vpcId": "vpc-{hex17}",
            "ingress": lambda _: [],
            "egress": lambda _: [],
        },
        name="name",
        defaults={"description": "Managed by Pulumi", "revokeRulesOnDelete": False},
        replaces=frozenset({"name", "namePrefix", "description", "vpcId"}),
    ),
    Kind(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        id="sg-{hex16}0",
        arn=arn("ec2", "security-group/{id}"),
        outputs={
            "name": "default",
            "ownerId": "{account}",
            "description": "default VPC security group",
        },
        defaults={"revokeRulesOnDelete": False},
        replaces=frozenset({"vpcId"}),
    ),
    Kind(
        type="aws:ec2/securityGroupRule:SecurityGroupRule",
        id="sgrule-{digits10}",
        outputs={"securityGroupRuleId": _rule_id},
        defaults={"self": False},
        replaces=frozenset(
            [
                "type",
                "securityGroupId",
                "fromPort",
                "toPort",
                "protocol",
                "cidrBlocks",
                "ipv6CidrBlocks",
                "prefixListIds",
                "self",
                "sourceSecurityGroupId",
            ]
        ),
        required=("type", "securityGroupId", "fromPort", "toPort", "protocol"),
    ),
    Kind(
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        id=_rule_id,
        arn=arn("ec2", "security-group-rule/{id}"),
        outputs={"securityGroupRuleId": "{id}"},
        replaces=_RULE_REPLACES,
        required=("securityGroupId", "ipProtocol"),
    ),
    Kind(
        type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        id=_rule_id,
        arn=arn("ec2", "security-group-rule/{id}"),
        outputs={"securityGroupRuleId": "{id}"},
        replaces=_RULE_REPLACES,
        required=("securityGroupId", "ipProtocol"),
    ),
    Kind(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        id="vpce-{hex17}",
        arn=arn("ec2", "vpc-endpoint/{id}"),
        outputs={
            "prefixListId": "pl-{hex8}",
            "state": "available",
            "ownerId": "{account}",
            "networkInterfaceIds": lambda _: [],
        },
        defaults={"vpcEndpointType": "Gateway"},
        replaces=frozenset({"vpcId", "serviceName", "vpcEndpointType", "serviceRegion"}),
        required=("vpcId",),
    ),
    Kind(
        type="aws:ec2/managedPrefixList:ManagedPrefixList",
        id="pl-{hex17}",
        arn=arn("ec2", "prefix-list/{id}"),
        outputs={"ownerId": "{account}", "version": lambda _: 1},
        name="name",
        replaces=frozenset({"addressFamily"}),
        required=("addressFamily", "maxEntries"),
    ),
    Kind(
        type="aws:ec2/flowLog:FlowLog",
        id="fl-{hex17}",
        arn=arn("ec2", "vpc-flow-log/{id}"),
        defaults={"maxAggregationInterval": 600},
        replaces=frozenset(
            {
                "vpcId",
                "subnetId",
                "eniId",
                "trafficType",
                "logDestination",
                "logDestinationType",
                "iamRoleArn",
                "logFormat",
            }
        ),
    ),
)
