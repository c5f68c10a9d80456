"""Security groups: one owner for each group's rules (S19)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.rule import Finding, Resource, Settings, Stack, StackRule, unjudged
from .core.types import (
    DEFAULT_SECURITY_GROUP,
    SECURITY_GROUP,
    SECURITY_GROUP_EGRESS_RULE,
    SECURITY_GROUP_INGRESS_RULE,
    SECURITY_GROUP_RULE,
)

_STANDALONE: Final = {
    SECURITY_GROUP_RULE: "aws.ec2.SecurityGroupRule",
    SECURITY_GROUP_INGRESS_RULE: "aws.vpc.SecurityGroupIngressRule",
    SECURITY_GROUP_EGRESS_RULE: "aws.vpc.SecurityGroupEgressRule",
}


def _modes(stack: Stack, _: Settings) -> Iterable[Finding]:
    kinds: dict[str, dict[str, str]] = {}
    for rule in stack.of(_STANDALONE):
        join = stack.join(
            rule,
            "securityGroupId",
            rule.props.get("securityGroupId"),
            {SECURITY_GROUP, DEFAULT_SECURITY_GROUP},
        )
        if join.unknown:
            yield unjudged(f"{rule.name}: securityGroupId is not known yet", rule.urn)
        for group in join.found:
            kinds.setdefault(group.urn, {}).setdefault(_mode(rule), rule.name)
    for urn, found in kinds.items():
        group = stack.by_urn[urn]
        # Outputs list the rules of both modes, so only what the program asked for tells inline
        # rules.
        inline = [
            prop
            for prop in ("ingress", "egress")
            if group.inputs is not None and group.inputs.get(prop) not in (None, [])
        ]
        if inline:
            names = ", ".join(found.values())
            message = (
                f"{group.name} has inline {' and '.join(inline)} rules and stand-alone rule"
                f" resources ({names}); allowed is one of the two"
            )
            yield Finding(message=message, urn=urn)
        if len(found) > 1:
            message = (
                f"{group.name} has rules of {' and '.join(sorted(found))}; allowed is one of"
                " the two"
            )
            yield Finding(message=message, urn=urn)


def _mode(rule: Resource) -> str:
    return (
        "aws.ec2.SecurityGroupRule"
        if rule.type == SECURITY_GROUP_RULE
        else "aws.vpc.SecurityGroup…Rule"
    )


CONFLICTING_MODES = StackRule(
    id="security-group-rule-modes",
    title="A security group's rules are written in one way",
    reason=(
        "Inline rules, SecurityGroupRule and SecurityGroupIngressRule each believe to own the"
        " group: every update removes what the other wrote, so that a rule is there or not"
        " depending on what ran last."
    ),
    fix=(
        "use aws.vpc.SecurityGroupIngressRule and SecurityGroupEgressRule only, and no inline rules"
    ),
    link="https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/",
    severity="medium",
    level="mandatory",
    check=_modes,
)

RULES: Final = (CONFLICTING_MODES,)
