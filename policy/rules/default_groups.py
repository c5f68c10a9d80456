"""Default security groups: nothing is left to the one that each VPC has (S18, S19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .core.place import Place, be_empty, be_set
from .core.placement import guard_properties
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule
from .core.types import (
    CLASSIC_LOAD_BALANCER,
    DEFAULT_SECURITY_GROUP,
    DEFAULT_VPC,
    INSTANCE,
    LAUNCH_TEMPLATE,
    LOAD_BALANCER,
    MOUNT_TARGET,
    NETWORK_INTERFACE,
    SERVICE,
    TASK_SET,
    VPC,
    VPC_ENDPOINT,
)
from .core.values import UNKNOWN


@dataclass(frozen=True)
class _Holder:
    """Where a type names its security groups."""

    parent: str
    """The object that puts the resource into a VPC; empty for the resource itself. Where it is
    absent nothing is in a VPC.
    """

    any_of: tuple[str, ...]
    """Properties of the parent of which one has to name groups, or to hold what names them."""

    subnets: str = ""
    """A property of the parent without which the resource is in no VPC."""


_AWSVPC: Final = "networkConfiguration"
_IDS: Final = ("securityGroupIds",)
_NAMES: Final = ("securityGroups",)
_VPC_IDS: Final = ("vpcSecurityGroupIds",)
_TEMPLATE: Final = "launchTemplate"

HOLDERS: Final[Mapping[str, _Holder]] = {
    **dict.fromkeys(LOAD_BALANCER | CLASSIC_LOAD_BALANCER, _Holder("", _NAMES)),
    SERVICE: _Holder(_AWSVPC, _NAMES),
    TASK_SET: _Holder(_AWSVPC, _NAMES),
    MOUNT_TARGET: _Holder("", _NAMES),
    NETWORK_INTERFACE: _Holder("", _NAMES),
    INSTANCE: _Holder(
        "", (*_VPC_IDS, *_NAMES, "networkInterfaces", "primaryNetworkInterface", _TEMPLATE)
    ),
    VPC_ENDPOINT: _Holder("", _IDS),
    "aws:batch/computeEnvironment:ComputeEnvironment": _Holder(
        "computeResources", (*_IDS, _TEMPLATE)
    ),
    "aws:cloudwatch/eventTarget:EventTarget": _Holder(f"ecsTarget.{_AWSVPC}", _NAMES),
    "aws:dax/cluster:Cluster": _Holder("", _IDS),
    "aws:dms/replicationConfig:ReplicationConfig": _Holder("computeConfig", _VPC_IDS),
    "aws:dms/replicationInstance:ReplicationInstance": _Holder("", _VPC_IDS),
    "aws:docdb/cluster:Cluster": _Holder("", _VPC_IDS),
    "aws:docdb/elasticCluster:ElasticCluster": _Holder("", _VPC_IDS),
    "aws:ec2/launchConfiguration:LaunchConfiguration": _Holder("", _NAMES),
    "aws:ec2/spotFleetRequest:SpotFleetRequest": _Holder("launchSpecifications", _VPC_IDS),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": _Holder(
        "", (*_VPC_IDS, *_NAMES, "networkInterfaces", _TEMPLATE)
    ),
    "aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint": _Holder("", _IDS),
    "aws:ecs/capacityProvider:CapacityProvider": _Holder(
        f"managedInstancesProvider.instanceLaunchTemplate.{_AWSVPC}", _NAMES
    ),
    "aws:elasticache/cluster:Cluster": _Holder("", (*_IDS, "replicationGroupId")),
    "aws:elasticache/replicationGroup:ReplicationGroup": _Holder("", _IDS),
    "aws:elasticache/serverlessCache:ServerlessCache": _Holder("", _IDS),
    "aws:elasticsearch/domain:Domain": _Holder("vpcOptions", _IDS),
    "aws:elasticsearch/vpcEndpoint:VpcEndpoint": _Holder("vpcOptions", _IDS),
    **{
        f"aws:fsx/{name[0].lower()}{name[1:]}:{name}": _Holder("", _IDS)
        for name in ("FileCache", "LustreFileSystem", "OntapFileSystem")
    },
    **{
        f"aws:fsx/{name[0].lower()}{name[1:]}:{name}": _Holder("", _IDS)
        for name in ("OpenZfsFileSystem", "WindowsFileSystem")
    },
    "aws:lambda/function:Function": _Holder("vpcConfig", _IDS, "subnetIds"),
    "aws:memorydb/cluster:Cluster": _Holder("", _IDS),
    "aws:mq/broker:Broker": _Holder("", _NAMES),
    "aws:msk/serverlessCluster:ServerlessCluster": _Holder("vpcConfigs", _IDS),
    "aws:neptune/cluster:Cluster": _Holder("", _VPC_IDS),
    "aws:neptunegraph/privateGraphEndpoint:PrivateGraphEndpoint": _Holder("", _VPC_IDS),
    "aws:opensearch/domain:Domain": _Holder("vpcOptions", _IDS),
    "aws:opensearch/serverlessVpcEndpoint:ServerlessVpcEndpoint": _Holder("", _IDS),
    "aws:opensearch/vpcEndpoint:VpcEndpoint": _Holder("vpcOptions", _IDS),
    "aws:pipes/pipe:Pipe": _Holder(
        f"targetParameters.ecsTaskParameters.{_AWSVPC}.awsVpcConfiguration", _NAMES
    ),
    "aws:rds/cluster:Cluster": _Holder("", _VPC_IDS),
    "aws:rds/instance:Instance": _Holder("", _VPC_IDS),
    "aws:rds/proxy:Proxy": _Holder("", _VPC_IDS),
    "aws:rds/proxyEndpoint:ProxyEndpoint": _Holder("", _VPC_IDS),
    "aws:redshift/cluster:Cluster": _Holder("", _VPC_IDS),
    "aws:redshift/endpointAccess:EndpointAccess": _Holder("", _VPC_IDS),
    "aws:redshiftserverless/endpointAccess:EndpointAccess": _Holder("", _VPC_IDS),
    "aws:redshiftserverless/workgroup:Workgroup": _Holder("", _IDS),
    "aws:s3/filesMountTarget:FilesMountTarget": _Holder("", _NAMES),
    "aws:sagemaker/notebookInstance:NotebookInstance": _Holder("", _NAMES, "subnetId"),
    "aws:scheduler/schedule:Schedule": _Holder(f"target.ecsParameters.{_AWSVPC}", _NAMES),
    "aws:transfer/server:Server": _Holder("endpointDetails", (*_IDS, "vpcEndpointId"), "subnetIds"),
}
"""Types that AWS puts into the VPC's default group when they name none, and where they
name theirs.
"""


def _default_group(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type == DEFAULT_SECURITY_GROUP:
        for prop in ("ingress", "egress"):
            yield from resource.at(prop).must(
                be_empty, "no rules in a VPC's default security group"
            )
        return
    if resource.type in LOAD_BALANCER and resource.asked.get("loadBalancerType") not in (
        None,
        UNKNOWN,
        "application",
    ):
        return
    if resource.type == VPC_ENDPOINT and resource.asked.get("vpcEndpointType") != "Interface":
        return
    holder = HOLDERS[resource.type]
    for parent in resource.at().within(holder.parent) if holder.parent else [resource.at()]:
        for element in parent.each():
            yield from _names_groups(element, holder)
    yield from _interfaces(resource)


def _names_groups(parent: Place, holder: _Holder) -> Iterator[Finding]:
    if (
        not parent.unknown
        and holder.subnets
        and not parent.at(holder.subnets).unknown
        and not be_set(parent.at(holder.subnets).value)
    ):
        return  # a function with empty lists is in no VPC
    given = [parent.at(name) for name in holder.any_of]
    known = [each for each in given if not each.unknown]
    if not any(be_set(each.value) for each in known):
        # whatever is not known yet may be the one that names them
        for each in [each for each in given if each.unknown][:1] or known[:1]:
            yield from each.must(be_set, _OWN_GROUP)


_OWN_GROUP: Final = "its own group, as AWS attaches the VPC's default group otherwise"


def _interfaces(resource: Resource) -> Iterator[Finding]:
    for index, interface in enumerate(resource.at("networkInterfaces").each()):
        groups = interface.at("securityGroups")
        if not interface.at("networkInterfaceId").unknown and not be_set(
            interface.at("networkInterfaceId").value
        ):
            yield from groups.must(be_set, f"its own group for interface {index}")


DEFAULT_GROUP = ResourceRule(
    id="no-default-security-group",
    title="Nothing relies on a VPC's default security group",
    reason=(
        "The default group admits everything from every other member. Whatever is created without a"
        " group joins it, and from then on can reach, and be reached by, every other forgotten"
        " thing."
    ),
    fix="give the resource its own security group, and leave the default group without rules",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    severity="medium",
    level="mandatory",
    types=frozenset({DEFAULT_SECURITY_GROUP, *HOLDERS}),
    check=_default_group,
)

_OF_ITS_OWN: Final = frozenset({VPC, DEFAULT_VPC, DEFAULT_SECURITY_GROUP})


def _default_group_in_use(stack: Stack, _: Settings) -> Iterable[Finding]:
    for vpc in stack.of({VPC, DEFAULT_VPC}):
        users = dict(stack.made_from(vpc.urn))
        # an unknown group that was made from the VPC and from no group can only be the VPC's own
        users = {
            urn: {prop for prop in props if _only_from_vpc(stack, stack.by_urn[urn], prop)}
            for urn, props in users.items()
        }
        identity = vpc.props.get("defaultSecurityGroupId")
        for urn, props in (stack.saying(identity) if isinstance(identity, str) else {}).items():
            users.setdefault(urn, set()).update(props)
        yield from _uses(stack, users, f"the default security group of {vpc.name}")
    for group in stack.of({DEFAULT_SECURITY_GROUP}):
        yield from _uses(stack, stack.mentioning(group), f"the default security group {group.name}")
    for template in stack.of({LAUNCH_TEMPLATE}):
        yield from _launched(stack, template)


_NODES: Final = frozenset({"aws:eks/nodeGroup:NodeGroup"})
"""Users of launch templates to whose instances AWS gives a group by itself, the cluster's."""


def _launched(stack: Stack, template: Resource) -> Iterator[Finding]:
    """A launch template names groups, unless every user of it in the stack brings its own."""
    users = [stack.by_urn[urn] for urn in stack.mentioning(template)]
    if users and all(each.type in _NODES for each in users):
        return
    given = [
        template.at(name)
        for name in ("vpcSecurityGroupIds", "securityGroupNames", "networkInterfaces")
    ]
    if not any(each.unknown or be_set(each.value) for each in given):
        yield given[0].wrong(_OWN_GROUP, found="not set")
    yield from _interfaces(template)


def _only_from_vpc(stack: Stack, resource: Resource, prop: str) -> bool:
    sources = [
        stack.by_urn[urn] for urn in resource.references.get(prop, ()) if urn in stack.by_urn
    ]
    return "ecurityGroup" in prop and all(each.type in (VPC, DEFAULT_VPC) for each in sources)


def _uses(stack: Stack, users: Mapping[str, set[str]], what: str) -> Iterator[Finding]:
    for urn, props in users.items():
        resource = stack.by_urn[urn]
        if resource.type in _OF_ITS_OWN or not resource.type.startswith("aws:"):
            continue
        held = guard_properties().get(resource.type, frozenset())
        if not held.isdisjoint(props) or any(
            "ecurityGroup" in prop or prop == "ingress" for prop in props
        ):
            yield Finding(message=f"{resource.name} uses {what}; allowed is its own group", urn=urn)


DEFAULT_GROUP_STACK = StackRule(
    id="no-default-security-group-stack",
    title="Nothing names a VPC's default security group",
    reason=(
        "Rules that are added beside the default group, and resources put into it by its id, undo"
        " what emptying it was for."
    ),
    fix="use a dedicated aws.ec2.SecurityGroup instead of the VPC's default_security_group_id",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    severity="medium",
    level="mandatory",
    check=_default_group_in_use,
)

RULES: Final = (DEFAULT_GROUP, DEFAULT_GROUP_STACK)
