"""Security groups: one owner for each group's rules, and nothing left to a VPC's default group (S19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .core.place import be_empty, be_set
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
    SECURITY_GROUP,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUP_INGRESS_RULE,
    SECURITY_GROUP_RULE,
    SERVICE,
    TASK_SET,
    VPC,
    VPC_ENDPOINT,
)
from .core.values import UNKNOWN

# Default groups

_ECS_NETWORK: Final = "networkConfiguration"

_HOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(LOAD_BALANCER | CLASSIC_LOAD_BALANCER, ("securityGroups",)),
    SERVICE: (f"{_ECS_NETWORK}.securityGroups",),
    TASK_SET: (f"{_ECS_NETWORK}.securityGroups",),
    MOUNT_TARGET: ("securityGroups",),
    NETWORK_INTERFACE: ("securityGroups",),
    INSTANCE: ("vpcSecurityGroupIds", "securityGroups", "networkInterfaces", "primaryNetworkInterface", "launchTemplate"),
    LAUNCH_TEMPLATE: ("vpcSecurityGroupIds", "securityGroupNames", "networkInterfaces"),
    VPC_ENDPOINT: ("securityGroupIds",),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("securityGroups",),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ("vpcSecurityGroupIds", "securityGroups", "networkInterfaces", "launchTemplate"),
    "aws:lambda/function:Function": ("vpcConfig.securityGroupIds",),
    "aws:cloudwatch/eventTarget:EventTarget": (f"ecsTarget.{_ECS_NETWORK}.securityGroups",),
    "aws:scheduler/schedule:Schedule": (f"target.ecsParameters.{_ECS_NETWORK}.securityGroups",),
    "aws:opensearch/domain:Domain": ("vpcOptions.securityGroupIds",),
    "aws:elasticsearch/domain:Domain": ("vpcOptions.securityGroupIds",),
    "aws:rds/instance:Instance": ("vpcSecurityGroupIds",),
    "aws:rds/cluster:Cluster": ("vpcSecurityGroupIds",),
    "aws:docdb/cluster:Cluster": ("vpcSecurityGroupIds",),
    "aws:neptune/cluster:Cluster": ("vpcSecurityGroupIds",),
    "aws:redshift/cluster:Cluster": ("vpcSecurityGroupIds",),
    "aws:dms/replicationInstance:ReplicationInstance": ("vpcSecurityGroupIds",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("securityGroupIds",),
    "aws:memorydb/cluster:Cluster": ("securityGroupIds",),
    "aws:mq/broker:Broker": ("securityGroups",),
}
"""Type to the properties of which one has to name its security groups, or to hold what names them."""

_MAY_BE_NONE: Final = frozenset({_ECS_NETWORK, "vpcConfig", "vpcOptions"})
"""Objects without which the resource stands in no VPC."""


def _default_group(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type == DEFAULT_SECURITY_GROUP:
        for prop in ("ingress", "egress"):
            yield from resource.at(prop).must(be_empty, "no rules in a VPC's default security group")
        return
    if resource.type in LOAD_BALANCER and resource.asked.get("loadBalancerType") not in (None, UNKNOWN, "application"):
        return
    if resource.type == VPC_ENDPOINT and resource.asked.get("vpcEndpointType") != "Interface":
        return
    places = [resource.at(*path.split(".")) for path in _HOLDERS[resource.type] if _needed(resource, path)]
    known = [each for each in places if not each.unknown]
    if not any(be_set(each.value) for each in known):
        # whatever is not known yet may be the one that names them
        for each in [each for each in places if each.unknown][:1] or known[:1]:
            yield from each.must(be_set, "its own group, as AWS attaches the VPC's default group otherwise")
    for index, interface in enumerate(resource.at("networkInterfaces").each()):
        groups = interface.at("securityGroups")
        if not interface.at("networkInterfaceId").unknown and not be_set(interface.at("networkInterfaceId").value):
            yield from groups.must(be_set, f"its own group for interface {index}")


def _needed(resource: Resource, path: str) -> bool:
    """Whether the objects around a property are there; where they are not, nothing is put into a VPC."""
    *around, _ = path.split(".")
    here = resource.at()
    for key in around:
        here = here.at(key)
        if key in _MAY_BE_NONE and not here.unknown and here.value is None:
            return False
        if key == "vpcConfig" and not here.unknown and be_empty(here.at("subnetIds").value):
            return False  # a function with empty lists is in no VPC
    return not around or here.unknown or be_set(here.value)


DEFAULT_GROUP = ResourceRule(
    id="no-default-security-group",
    title="Nothing relies on a VPC's default security group",
    reason=(
        "The default group admits everything from every other member. Whatever is created without a group joins it, and from then on can "
        "reach, and be reached by, every other forgotten thing."
    ),
    fix="give the resource its own security group, and leave the default group without rules",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    severity="medium",
    level="mandatory",
    types=frozenset({DEFAULT_SECURITY_GROUP, *_HOLDERS}),
    check=_default_group,
)

_OF_ITS_OWN: Final = frozenset({VPC, DEFAULT_VPC, DEFAULT_SECURITY_GROUP})


def _default_group_in_use(stack: Stack, _: Settings) -> Iterable[Finding]:
    for vpc in stack.of({VPC, DEFAULT_VPC}):
        users = dict(stack.made_from(vpc.urn))
        # an unknown group that was made from the VPC and from no group can only be the VPC's own
        users = {urn: {prop for prop in props if _only_from_vpc(stack, stack.by_urn[urn], prop)} for urn, props in users.items()}
        identity = vpc.props.get("defaultSecurityGroupId")
        for urn, props in (stack.saying(identity) if isinstance(identity, str) else {}).items():
            users.setdefault(urn, set()).update(props)
        yield from _uses(stack, users, f"the default security group of {vpc.name}")
    for group in stack.of({DEFAULT_SECURITY_GROUP}):
        yield from _uses(stack, stack.mentioning(group), f"the default security group {group.name}")


def _only_from_vpc(stack: Stack, resource: Resource, prop: str) -> bool:
    sources = [stack.by_urn[urn] for urn in resource.references.get(prop, ()) if urn in stack.by_urn]
    return "ecurityGroup" in prop and all(each.type in (VPC, DEFAULT_VPC) for each in sources)


def _uses(stack: Stack, users: Mapping[str, set[str]], what: str) -> Iterator[Finding]:
    for urn, props in users.items():
        resource = stack.by_urn[urn]
        if resource.type in _OF_ITS_OWN or not resource.type.startswith("aws:"):
            continue
        if any("ecurityGroup" in prop or prop in (_ECS_NETWORK, "vpcConfig", "ingress") for prop in props):
            yield Finding(message=f"{resource.name} uses {what}; allowed is its own group", urn=urn)


DEFAULT_GROUP_STACK = StackRule(
    id="no-default-security-group-stack",
    title="Nothing names a VPC's default security group",
    reason="Rules that are added beside the default group, and resources put into it by its id, undo what emptying it was for.",
    fix="use a dedicated aws.ec2.SecurityGroup instead of the VPC's default_security_group_id",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    severity="medium",
    level="mandatory",
    check=_default_group_in_use,
)

# Conflicting modes

_STANDALONE: Final = {
    SECURITY_GROUP_RULE: "aws.ec2.SecurityGroupRule",
    SECURITY_GROUP_INGRESS_RULE: "aws.vpc.SecurityGroupIngressRule",
    SECURITY_GROUP_EGRESS_RULE: "aws.vpc.SecurityGroupEgressRule",
}


def _modes(stack: Stack, _: Settings) -> Iterable[Finding]:
    kinds: dict[str, dict[str, str]] = {}
    for rule in stack.of(_STANDALONE):
        join = stack.join(rule, "securityGroupId", rule.props.get("securityGroupId"), {SECURITY_GROUP, DEFAULT_SECURITY_GROUP})
        for group in join.found:
            kinds.setdefault(group.urn, {}).setdefault(_mode(rule), rule.name)
    for urn, found in kinds.items():
        group = stack.by_urn[urn]
        # Outputs list the rules of both modes, so only what the program asked for tells inline rules.
        inline = [prop for prop in ("ingress", "egress") if group.inputs is not None and group.inputs.get(prop) not in (None, [])]
        if inline:
            names = ", ".join(found.values())
            message = (
                f"{group.name} has inline {' and '.join(inline)} rules and stand-alone rule resources ({names}); allowed is one of the two"
            )
            yield Finding(message=message, urn=urn)
        if len(found) > 1:
            message = f"{group.name} has rules of {' and '.join(sorted(found))}; allowed is one of the two"
            yield Finding(message=message, urn=urn)


def _mode(rule: Resource) -> str:
    return "aws.ec2.SecurityGroupRule" if rule.type == SECURITY_GROUP_RULE else "aws.vpc.SecurityGroup…Rule"


CONFLICTING_MODES = StackRule(
    id="security-group-rule-modes",
    title="A security group's rules are written in one way",
    reason=(
        "Inline rules, SecurityGroupRule and SecurityGroupIngressRule each believe to own the group: every update removes what the other "
        "wrote, so that a rule is there or not depending on what ran last."
    ),
    fix="use aws.vpc.SecurityGroupIngressRule and SecurityGroupEgressRule only, and no inline rules",
    link="https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/",
    severity="medium",
    level="mandatory",
    check=_modes,
)

RULES = (DEFAULT_GROUP, DEFAULT_GROUP_STACK, CONFLICTING_MODES)
