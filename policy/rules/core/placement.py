"""Where resources stand in a network: which of their properties name the groups that guard them and
the subnets that they are in.

The lists come from the SDK, and what is not set aside here counts. So a type of a newer SDK is
judged before anybody has looked at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from .place import Place
from .resource import Resource
from .sdk import group_paths, present_name, subnet_paths

NOT_GUARDS: Final[Mapping[str, str]] = {
    r"ec2/(securityGroup|defaultSecurityGroup) .*": "sources and targets of rules",
    r"(ec2/securityGroupRule|vpc/securityGroup(In|E)gressRule) .*": (
        "sources and targets of rules, and the group that they belong to"
    ),
    r"(ec2/vpcSecurityGroupRulesExclusive|vpc/securityGroupVpcAssociation) .*": "the group itself",
    r"eks/nodeGroup remoteAccess\.sourceSecurityGroupIds": "sources of a rule",
    r"elb/loadBalancer sourceSecurityGroup": "an output",
    r"medialive/input inputSecurityGroups": "lists of addresses, which MediaLive calls so",
    r"\S+ (.*\.)?(enforceSecurityGroup\w+|securityGroupReferencingSupport|(update|associateDefault)SecurityGroup\w*)": (
        "a switch"
    ),
    r"\S+ (.*\.)?(appSecurityGroupManagement|replaceSecurityGroupsOnDestroy)": "a switch",
    r"emr/blockPublicAccessConfiguration .*": "switches of an account",
}
"""Properties with security groups in their names that guard nothing: patterns of `service/type
path`, and what they are.
"""

NO_PLACES: Final[Mapping[str, str]] = {
    r"(lb|alb|elb)/loadBalancer .*|ec2/natGateway .*": "what belongs into public subnets",
    r"networkfirewall/\S+ .*|ec2clientvpn/\S+ .*|vpc/routeServerEndpoint .*": (
        "parts of the network"
    ),
    r"(ec2transitgateway|networkmanager)/\S+ .*|route53/resolverEndpoint .*": (
        "parts of the network"
    ),
    r"ec2/(networkAcl|defaultNetworkAcl|networkAclAssociation|routeTableAssociation) .*": (
        "parts of the network"
    ),
    r"ec2/(flowLog|subnetCidrReservation) .*": "parts of the network",
    r"ec2/vpcBlockPublicAccessExclusion .*": "judged by no-public-entrance",
    r"ec2/(vpcEndpoint|vpcEndpointSubnetAssociation) .*": "interfaces without a public address",
    r"(eks/cluster|lambda/function|apigatewayv2/vpcLink|vpclattice/resourceGateway) .*": (
        "interfaces without a public address"
    ),
    r"(inspector2/filter|securityhub/insight|odb/network) .*": "a filter, or addresses",
    r"\S+ (.*\.)?\w*[sS]ubnetGroup(Name|Identifier|Id|Description)|networkfirewall/firewall subnetChangeProtection": (
        "a group of subnets"
    ),
}
"""Properties with subnets in their names that may name public ones: patterns of `service/type
path`, and why.
"""


@cache
def guarding() -> Mapping[str, tuple[str, ...]]:
    """Type to the paths of the security groups that guard it."""
    return _kept(group_paths(), NOT_GUARDS)


@cache
def placed() -> Mapping[str, tuple[str, ...]]:
    """Type to the paths of the subnets that have to be private."""
    return _kept(subnet_paths(), NO_PLACES)


def _kept(
    paths: Mapping[str, tuple[str, ...]], aside: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    kept = {
        type_: tuple(
            path
            for path in found
            if not any(re.fullmatch(each, label(type_, path)) for each in aside)
        )
        for type_, found in paths.items()
    }
    return {type_: found for type_, found in kept.items() if found}


def label(type_: str, path: str) -> str:
    """`service/type path`, as the patterns above have it. Former names of modules count
    as today's.
    """
    return f"{present_name(type_).split(':')[1]} {path}"


def places(resource: Resource, paths: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Place]]:
    """The properties of a resource at the paths of its type, each with the top-level property that
    it is in.
    """
    for path in paths.get(resource.type, ()):
        for place in resource.at().within(path):
            yield path.split(".")[0], place


@cache
def guard_properties() -> Mapping[str, frozenset[str]]:
    """Type to its top-level properties that hold security groups somewhere inside."""
    return {
        type_: frozenset(path.split(".")[0] for path in paths)
        for type_, paths in guarding().items()
    }
