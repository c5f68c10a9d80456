"""What AWS refuses because of what else exists: names and priorities in use, quotas, and resources
that others still need.

Each function answers with AWS's error code and what to do, or with None. The engine's provider asks
before it creates, updates or deletes; the preview in process asks for each resource that the
program declares.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from local.model.core import Cloud
from local.values import Properties

LISTENER: Final = "aws:lb/listener:Listener"
RULE: Final = "aws:lb/listenerRule:ListenerRule"
BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SUBNET: Final = "aws:ec2/subnet:Subnet"
VPC: Final = "aws:ec2/vpc:Vpc"
MOUNT_TARGET: Final = "aws:efs/mountTarget:MountTarget"
REPOSITORY: Final = "aws:ecr/repository:Repository"
SERVICE: Final = "aws:ecs/service:Service"
BUCKET: Final = "aws:s3/bucket:Bucket"

REPLICATION: Final = "aws:efs/replicationConfiguration:ReplicationConfiguration"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
RECORD: Final = "aws:route53/record:Record"
NAMESPACE: Final = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"
ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"

RULES_PER_GROUP: Final = 60
"""Default quota of a security group's rules, in each direction and address family
(https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups).
"""
VALUES_PER_RULE: Final = 5
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A resource that exists."""

    type: str
    id: str
    properties: Properties
    images: Mapping[str, str]
    """What it holds: of a repository digests by tag, of a bucket objects by key."""


class Existing(Protocol):
    """What exists, as far as the asker knows."""

    def of_type(self, *types: str) -> Iterable[Entry]:
        """The resources of some types."""


@dataclass(frozen=True, kw_only=True)
class Put:
    """A resource about to be created or updated. Inputs that are not known yet match nothing."""

    id: str | None
    """None for a new one."""
    properties: Properties
    existing: Existing
    cloud: Cloud

    def others(self, *types: str) -> Iterator[Properties]:
        """Properties of the other resources of some types."""
        return (entry.properties for entry in self.existing.of_type(*types) if entry.id != self.id)

    def known(self, *types: str, id: object) -> Properties | None:
        """Properties of the resource whose id or ARN is `id`."""
        found = (
            entry
            for entry in self.existing.of_type(*types)
            if id and id in (entry.id, entry.properties.get("arn"))
        )
        return next((entry.properties for entry in found), None)


def _target_groups(properties: Properties) -> set[str]:
    actions = [*(properties.get("actions") or []), *(properties.get("defaultActions") or [])]
    return {
        action["targetGroupArn"]
        for action in actions
        if isinstance(action.get("targetGroupArn"), str)
    }


def _balancer_of(properties: Properties, put: Put) -> object:
    if "listenerArn" not in properties:
        return properties.get("loadBalancerArn")
    if listener := put.known(LISTENER, id=properties["listenerArn"]):
        return listener.get("loadBalancerArn")
    # Somebody else's: its ARN begins as that of its load balancer.
    arn = properties["listenerArn"]
    return (
        arn.replace(":listener/", ":loadbalancer/", 1).rpartition("/")[0]
        if isinstance(arn, str) and ":listener/" in arn
        else None
    )


def _one_balancer_per_target_group(put: Put) -> str | None:
    """A target group that a listener of another load balancer forwards to."""
    mine, balancer = _target_groups(put.properties), _balancer_of(put.properties, put)
    for other in put.others(LISTENER, RULE):
        theirs = _balancer_of(other, put)
        if (shared := mine & _target_groups(other)) and balancer and theirs and theirs != balancer:
            return (
                f"TargetGroupAssociationLimit: the target group {min(shared)} is associated with"
                f" {theirs}; it cannot be associated with a second load balancer"
            )
    return None


def _port_in_use(put: Put) -> str | None:
    key = ("loadBalancerArn", "port")
    if any(_same(put.properties, other, *key) for other in put.others(LISTENER)):
        return (
            f"DuplicateListener: the load balancer has a listener on port {put.properties['port']}"
        )
    return None


def _priority_in_use(put: Put) -> str | None:
    if any(_same(put.properties, other, "listenerArn", "priority") for other in put.others(RULE)):
        return f"PriorityInUse: the listener has a rule of priority {put.properties['priority']}"
    return None


def _conditions_fit(put: Put) -> str | None:
    kinds, values = [], 0
    for condition in put.properties.get("conditions") or []:
        for kind, content in condition.items():
            kinds.append(kind)
            values += len(content.get("values") or ()) if isinstance(content, Mapping) else 0
    if len(set(kinds)) < len(kinds):
        return (
            "ValidationError: a rule takes one condition of each kind, and has"
            f" {', '.join(sorted(kinds))}"
        )
    if values > VALUES_PER_RULE:
        return (
            f"ValidationError: a rule has {values} condition values; allowed is {VALUES_PER_RULE}"
        )
    return None


_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _security_rule(type_: str) -> Callable[[Put], str | None]:
    def check(put: Put) -> str | None:
        new = put.properties
        siblings = [other for other in put.others(type_) if _same(new, other, "securityGroupId")]
        family = "cidrIpv6" in new
        for other in siblings:
            if all(
                new.get(name) == other.get(name)
                for name in ("ipProtocol", "fromPort", "toPort", *_SOURCES)
            ):
                return (
                    "InvalidPermission.Duplicate: the security group has this rule:"
                    f" {_described(new)}"
                )
        if len([other for other in siblings if ("cidrIpv6" in other) == family]) >= RULES_PER_GROUP:
            return (
                f"RulesPerSecurityGroupLimitExceeded: a security group takes {RULES_PER_GROUP}"
                " rules in each direction"
            )
        return None

    return check


def _described(rule: Properties) -> str:
    source = next((str(rule[name]) for name in _SOURCES if rule.get(name)), "nothing")
    return f"{rule.get('ipProtocol')} {rule.get('fromPort')}-{rule.get('toPort')} with {source}"


def _subnet_fits(put: Put) -> str | None:
    block, vpc = (
        _network(put.properties.get("cidrBlock")),
        put.known(VPC, id=put.properties.get("vpcId")),
    )
    whole = _network((vpc or {}).get("cidrBlock"))
    if block and whole and not block.subnet_of(whole):
        return f"InvalidSubnet.Range: {block} is not within the VPC's {whole}"
    for other in put.others(SUBNET):
        theirs = _network(other.get("cidrBlock"))
        if block and theirs and _same(put.properties, other, "vpcId") and block.overlaps(theirs):
            return f"InvalidSubnet.Conflict: {block} conflicts with the subnet {theirs}"
    return None


def _network(text: object) -> ipaddress.IPv4Network | None:
    return ipaddress.IPv4Network(text) if isinstance(text, str) else None


def _stays_in_its_vpc(put: Put) -> str | None:
    """A load balancer, and the mount targets of a file system, cannot move to another VPC."""
    mine = _vpcs(put, put.properties)
    for entry in put.existing.of_type(BALANCER) if "subnets" in put.properties else ():
        if (
            entry.id == put.id
            and mine
            and (theirs := _vpcs(put, entry.properties))
            and mine != theirs
        ):
            return (
                f"InvalidConfigurationRequest: the load balancer is in {min(theirs)}; its subnets"
                f" cannot be in {min(mine)}"
            )
    for other in put.others(MOUNT_TARGET) if "fileSystemId" in put.properties else ():
        theirs = _vpcs(put, other)
        if mine and theirs and mine != theirs and _same(put.properties, other, "fileSystemId"):
            return (
                f"MountTargetConflict: the file system has mount targets in {min(theirs)}, and"
                f" takes none in {min(mine)}"
            )
    return None


def _vpcs(put: Put, properties: Properties) -> set[str]:
    """The VPCs of its subnets, as far as they are known."""
    subnets = properties.get("subnets") or [properties.get("subnetId")]
    return {
        str(vpc) for subnet in subnets if (vpc := (put.known(SUBNET, id=subnet) or {}).get("vpcId"))
    }


def _two_zones(put: Put) -> str | None:
    zones = [
        (put.known(SUBNET, id=subnet) or {}).get("availabilityZone")
        for subnet in put.properties.get("subnets") or []
    ]
    if zones and all(zones) and len(set(zones)) < max(2, len(zones)):
        return (
            "ValidationError: a load balancer takes one subnet per zone, in two zones or more;"
            f" these are in {', '.join(map(str, zones))}"
        )
    return None


def _one_mount_target_per_zone(put: Put) -> str | None:
    zone = _zone(put, put.properties)
    if isinstance(zone, str) and zone.startswith(f"{put.cloud.region}-"):
        return f"UnsupportedAvailabilityZone: EFS is not in {zone}, which is a local zone"
    for other in put.others(MOUNT_TARGET):
        if zone and _same(put.properties, other, "fileSystemId") and _zone(put, other) == zone:
            return f"MountTargetConflict: the file system has a mount target in {zone}"
    return None


def _zone(put: Put, mount_target: Properties) -> object:
    return (put.known(SUBNET, id=mount_target.get("subnetId")) or {}).get("availabilityZone")


def _one_replication(put: Put) -> str | None:
    if any(_same(put.properties, other, "sourceFileSystemId") for other in put.others(REPLICATION)):
        return (
            f"ConflictException: the file system {put.properties['sourceFileSystemId']} has a"
            " replication configuration"
        )
    return None


def _one_flow_log(put: Put) -> str | None:
    if any(
        _same(put.properties, other, "vpcId", "logDestination") for other in put.others(FLOW_LOG)
    ):
        return (
            f"FlowLogAlreadyExists: {put.properties['vpcId']} has a flow log with this destination"
        )
    return None


def _one_record(put: Put) -> str | None:
    if put.id or put.properties.get("allowOverwrite") is True:
        return None
    if any(_same(put.properties, other, "zoneId", "name", "type") for other in put.others(RECORD)):
        return (
            f"InvalidChangeBatch: the record {put.properties['name']} {put.properties['type']}"
            " exists"
        )
    return None


def _one_private_zone(put: Put) -> str | None:
    if any(_same(put.properties, other, "name", "vpc") for other in put.others(NAMESPACE)):
        return f"ConflictingDomainExists: the VPC has a private zone {put.properties['name']}"
    return None


def _one_private_name(put: Put) -> str | None:
    """An interface endpoint takes the service's own name in its VPC."""
    private = put.properties.get("privateDnsEnabled") is True
    for other in put.others(ENDPOINT) if private else ():
        if other.get("privateDnsEnabled") is True and _same(
            put.properties, other, "vpcId", "serviceName"
        ):
            return (
                "InvalidParameter: private-dns-enabled cannot be set, since the VPC has an"
                f" endpoint of {put.properties['serviceName']}"
            )
    return None


def _here(*names: str) -> Callable[[Put], str | None]:
    """ARNs that must lie in the stack's region."""

    def check(put: Put) -> str | None:
        for name in names:
            found = put.properties.get(name)
            for arn in found if isinstance(found, list) else [found]:
                region = arn.split(":")[3] if isinstance(arn, str) and arn.count(":") >= 5 else ""
                if region and region != put.cloud.region:
                    return (
                        f"{name} is {arn}, which is not in {put.cloud.region}; AWS finds no such"
                        " resource there"
                    )
        return None

    return check


_ON_PUT: Final[dict[str, tuple[Callable[[Put], str | None], ...]]] = {
    LISTENER: (_port_in_use, _one_balancer_per_target_group, _here("certificateArn")),
    RULE: (_priority_in_use, _conditions_fit, _one_balancer_per_target_group),
    INGRESS: (_security_rule(INGRESS),),
    EGRESS: (_security_rule(EGRESS),),
    SUBNET: (_subnet_fits,),
    BALANCER: (_two_zones, _stays_in_its_vpc),
    MOUNT_TARGET: (_stays_in_its_vpc, _one_mount_target_per_zone),
    REPLICATION: (_one_replication,),
    FLOW_LOG: (_one_flow_log,),
    RECORD: (_one_record,),
    NAMESPACE: (_one_private_zone,),
    ENDPOINT: (_one_private_name,),
    REPOSITORY: (),
    "aws:efs/fileSystem:FileSystem": (_here("kmsKeyId"),),
    "aws:secretsmanager/secret:Secret": (_here("kmsKeyId"),),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (_here("alarmActions", "okActions"),),
}

_HELD_BY: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    GROUP: (
        (INGRESS, "referencedSecurityGroupId"),
        (EGRESS, "referencedSecurityGroupId"),
        (BALANCER, "securityGroups"),
        (MOUNT_TARGET, "securityGroups"),
        (SERVICE, "networkConfiguration.securityGroups"),
        (ENDPOINT, "securityGroupIds"),
    ),
    "aws:lb/targetGroup:TargetGroup": (
        (LISTENER, "defaultActions.targetGroupArn"),
        (RULE, "actions.targetGroupArn"),
    ),
    "aws:acm/certificate:Certificate": ((LISTENER, "certificateArn"),),
    "aws:ecs/cluster:Cluster": ((SERVICE, "cluster"),),
    "aws:efs/fileSystem:FileSystem": (
        (MOUNT_TARGET, "fileSystemId"),
        (REPLICATION, "sourceFileSystemId"),
    ),
    "aws:iam/role:Role": (("aws:iam/rolePolicy:RolePolicy", "role"),),
    NAMESPACE: (("aws:servicediscovery/service:Service", "dnsConfig.namespaceId"),),
    "aws:wafv2/webAcl:WebAcl": (("aws:wafv2/webAclAssociation:WebAclAssociation", "webAclArn"),),
    SUBNET: (
        (BALANCER, "subnets"),
        (MOUNT_TARGET, "subnetId"),
        (SERVICE, "networkConfiguration.subnets"),
        ("aws:ec2/natGateway:NatGateway", "subnetId"),
        (ENDPOINT, "subnetIds"),
    ),
    VPC: (
        (SUBNET, "vpcId"),
        (GROUP, "vpcId"),
        ("aws:ec2/internetGateway:InternetGateway", "vpcId"),
    ),
}
"""What cannot be deleted while another resource names it: type of the other, and where."""


def on_put(token: str, put: Put) -> str | None:
    """Why AWS refuses to create or update the resource of type `token`, or None."""
    found = (check(put) for check in _ON_PUT.get(token.replace("aws:alb/", "aws:lb/"), ()))
    return next(filter(None, found), None)


def on_delete(entry: Entry, existing: Existing) -> str | None:
    """Why AWS refuses to delete `entry`, or None."""
    if entry.properties.get("enableDeletionProtection") is True:
        return f"OperationNotPermitted: {entry.id} has deletion protection; turn it off first"
    if entry.properties.get("deletionProtectionEnabled") is True:
        return (
            f"ValidationException: the table {entry.id} is protected against deletion; set"
            " deletionProtectionEnabled false first"
        )
    if (
        entry.type == REPOSITORY
        and entry.images
        and entry.properties.get("forceDelete") is not True
    ):
        return (
            f"RepositoryNotEmptyException: the repository {entry.id} holds {len(entry.images)}"
            " images; delete them, or set forceDelete"
        )
    if entry.type == BUCKET and entry.images and entry.properties.get("forceDestroy") is not True:
        return (
            f"BucketNotEmpty: the bucket {entry.id} holds {len(entry.images)} objects; delete them,"
            " or set forceDestroy"
        )
    names = {entry.id, entry.properties.get("arn")}
    for type_, path in _HELD_BY.get(entry.type, ()):
        for other in existing.of_type(type_):
            if names & set(_values(other.properties, path.split("."))):
                return f"DependencyViolation: {entry.id} is in use by {other.id}"
    return None


def on_update(token: str, old: Properties, new: Properties) -> str | None:
    """Why the provider refuses to change `old` into `new`, or None."""
    changed = old.get("capacityProviderStrategies") != new.get("capacityProviderStrategies")
    if token == SERVICE and changed and new.get("forceNewDeployment") is not True:
        return "forceNewDeployment should be true when capacityProviderStrategies is being updated"
    return None


def _values(value: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, steps)
    elif steps and isinstance(value, Mapping):
        yield from _values(value.get(steps[0]), steps[1:])
    elif not steps and isinstance(value, str):
        yield value


def _same(one: Properties, other: Properties, *names: str) -> bool:
    return all(one.get(name) is not None and one.get(name) == other.get(name) for name in names)
