"""Networks that keep records, and that somebody chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from .core.place import Place, be_set
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule
from .core.types import (
    DEFAULT_SECURITY_GROUP,
    INSTANCE,
    SECURITY_GROUP,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUP_INGRESS_RULE,
    SECURITY_GROUP_RULE,
    VPC,
)
from .core.values import Value

_FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"


def _flow_logs(stack: Stack, _: Settings) -> Iterable[Finding]:
    logs = [log for log in stack.of({_FLOW_LOG}) if log.asked.get("trafficType") != "ACCEPT"]
    logged = {
        vpc.urn
        for log in logs
        for vpc in stack.join(log, "vpcId", log.props.get("vpcId"), {VPC}).found
    }
    for vpc in stack.of({VPC}):
        if vpc.urn not in logged:
            yield Finding(
                message=(
                    f"{vpc.name} has no flow log in this stack; allowed is one that records what"
                    " was refused at least"
                ),
                urn=vpc.urn,
            )


VPC_FLOW_LOGS = StackRule(
    id="vpc-flow-logs",
    title="The network keeps flow logs",
    reason=(
        "Without them nobody can say afterwards whom a task talked to, or from where its ports were"
        " tried."
    ),
    fix="add an aws.ec2.FlowLog for the VPC with traffic type ALL or REJECT",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
    severity="medium",
    level="advisory",
    check=_flow_logs,
)


def _closed(stack: Stack, _: Settings) -> Iterable[Finding]:
    adopted = {
        vpc.urn
        for group in stack.of({DEFAULT_SECURITY_GROUP})
        for vpc in stack.join(group, "vpcId", group.props.get("vpcId"), {VPC}).found
    }
    for vpc in stack.of({VPC}):
        if vpc.urn not in adopted:
            message = (
                f"{vpc.name}: its default security group keeps AWS's rules; allowed is a"
                " DefaultSecurityGroup without rules"
            )
            yield Finding(message=message, urn=vpc.urn)


DEFAULT_GROUP_CLOSED = StackRule(
    id="default-security-group-closed",
    title="The default security group of each new VPC is closed",
    reason=(
        "AWS gives every VPC a group whose members reach each other and the internet. Whatever is"
        " started later without a group joins it, also by people who do not use this program."
    ),
    fix="adopt it with aws.ec2.DefaultSecurityGroup, naming the VPC, with ingress=[] and egress=[]",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    severity="medium",
    level="advisory",
    check=_closed,
)

_DEFAULTS: Final = frozenset(
    {"aws:ec2/defaultVpc:DefaultVpc", "aws:ec2/defaultSubnet:DefaultSubnet"}
)


_INTERFACES: Final = ("subnetId", "networkInterfaces", "primaryNetworkInterface", "launchTemplate")
_NAMES_SUBNET: Final[Mapping[str, tuple[str, ...]]] = {
    INSTANCE: _INTERFACES,
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": _INTERFACES,
    "aws:autoscaling/group:Group": ("vpcZoneIdentifiers",),
}
"""Types that AWS starts in the default VPC unless one of these properties says where."""


def _default(resource: Resource, _: Settings) -> Iterable[Finding]:
    if resource.type in _NAMES_SUBNET:
        given = [resource.at(name) for name in _NAMES_SUBNET[resource.type]]
        if not any(each.unknown or be_set(each.value) for each in given):
            yield given[0].wrong(
                "a subnet of a VPC that somebody chose",
                found="not set, so AWS takes the default VPC",
            )
        return
    yield Finding(
        message=(
            f"{resource.name} adopts the account's default network; allowed is a VPC of the stack's"
            " own or a named one"
        )
    )


NO_DEFAULT_VPC = ResourceRule(
    id="no-default-vpc",
    title="Nothing uses the default VPC",
    reason=(
        "Every subnet of the default VPC has a route to the internet and gives each instance a"
        " public address."
    ),
    fix="create a VPC, or name an existing one with private subnets",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html",
    severity="medium",
    level="mandatory",
    types=_DEFAULTS | _NAMES_SUBNET.keys(),
    check=_default,
)

_DEFAULT_DESCRIPTION: Final = "Managed by Pulumi"
"""What Pulumi's AWS provider writes where a program gives none."""


def _is_described(value: Value) -> bool:
    return isinstance(value, str) and value.strip() not in (
        "",
        _DEFAULT_DESCRIPTION,
        "Managed by Terraform",
    )


def _descriptions(resource: Resource, _: Settings) -> Iterable[Finding]:
    yield from _described(resource.at("description"))
    if resource.type == SECURITY_GROUP:
        for prop in ("ingress", "egress"):
            for rule in resource.at(prop).each():
                if not rule.unknown:
                    yield from _described(rule.at("description"))


def _described(place: Place) -> Iterable[Finding]:
    return place.must(_is_described, "a text that says what it is for")


SECURITY_GROUP_DESCRIPTIONS = ResourceRule(
    id="security-group-descriptions",
    title="Security groups and their rules say what they are for",
    reason="A rule that nobody can explain is a rule that nobody dares to remove.",
    fix="set description on the security group and on each of its rules",
    link="https://docs.aws.amazon.com/vpc/latest/userguide/working-with-security-group-rules.html",
    severity="low",
    level="advisory",
    types=frozenset(
        {
            SECURITY_GROUP,
            SECURITY_GROUP_RULE,
            SECURITY_GROUP_INGRESS_RULE,
            SECURITY_GROUP_EGRESS_RULE,
        }
    ),
    check=_descriptions,
)

RULES: Final = (VPC_FLOW_LOGS, DEFAULT_GROUP_CLOSED, NO_DEFAULT_VPC, SECURITY_GROUP_DESCRIPTIONS)
