"""Security groups: one owner for each group's rules, and nothing left to a VPC's default group (S19)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule, unjudged
from .core.types import (
    DEFAULT_SECURITY_GROUP,
    LOAD_BALANCER,
    MOUNT_TARGET,
    SECURITY_GROUP,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUP_INGRESS_RULE,
    SECURITY_GROUP_RULE,
    SERVICE,
    TASK_SET,
    VPC_ENDPOINT,
)
from .core.values import UNKNOWN, Value, as_dict

# Default groups


def _holder(resource: Resource) -> tuple[str, Value] | None:
    """Where a resource names its security groups, when it has to; `None` when it needs none."""
    props = resource.props
    if resource.type in LOAD_BALANCER:
        kind = props.get("loadBalancerType")
        return ("securityGroups", props.get("securityGroups")) if kind in (None, UNKNOWN, "application") else None
    if resource.type in (SERVICE, TASK_SET):
        config = props.get("networkConfiguration")
        if config is None:
            return None
        groups = UNKNOWN if config is UNKNOWN else as_dict(config).get("securityGroups")
        return "networkConfiguration.securityGroups", groups
    if resource.type == VPC_ENDPOINT:
        return ("securityGroupIds", props.get("securityGroupIds")) if props.get("vpcEndpointType") == "Interface" else None
    return "securityGroups", props.get("securityGroups")


def _default_group(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type == DEFAULT_SECURITY_GROUP:
        for prop in ("ingress", "egress"):
            value = resource.props.get(prop)
            if value is UNKNOWN:
                yield unjudged(f"{resource.name}: {prop} is not known yet")
            elif value not in (None, []):
                yield Finding(message=f"{resource.name}: {prop} has rules; allowed is none in a VPC's default security group")
        return
    place = _holder(resource)
    if place is None:
        return
    prop, groups = place
    if groups is UNKNOWN:
        yield unjudged(f"{resource.name}: {prop} is not known yet")
    elif groups in (None, []):
        yield Finding(message=f"{resource.name}: {prop} is empty, so AWS attaches the VPC's default group; allowed is a group of its own")


DEFAULT_GROUP = ResourceRule(
    id="no-default-security-group",
    title="Nothing relies on a VPC's default security group",
    reason=(
        "The default group admits everything from every other member. Whatever is created without a group joins it, and from then on can "
        "reach, and be reached by, every other forgotten thing."
    ),
    fix="give the resource a security group of its own, and leave the default group without rules",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    severity="medium",
    level="mandatory",
    spec="S18 S19",
    types=frozenset({DEFAULT_SECURITY_GROUP, SERVICE, TASK_SET, MOUNT_TARGET, VPC_ENDPOINT}) | LOAD_BALANCER,
    check=_default_group,
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
                f"{group.name} has inline {' and '.join(inline)} rules and rules of its own resources ({names}); allowed is one of the two"
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
    spec="S14 S19",
    check=_modes,
)

RULES = (DEFAULT_GROUP, CONFLICTING_MODES)
