"""Security-group rules in pairs: each end names the other group, so no address range is ever
involved between our own parts.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.base import Component


def connect(
    owner: Component,
    key: str,
    *,
    source: pulumi.Input[str],
    target: pulumi.Input[str],
    port: int,
    description: str,
    tags: dict[str, str],
) -> None:
    """Let members of the group `source` open TCP connections to `port` of members of `target`
    (children `{key}_out`, `{key}_in`).
    """
    egress = aws.vpc.SecurityGroupEgressRule(
        owner.child_name(f"{key}_out"),
        security_group_id=source,
        referenced_security_group_id=target,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        tags=tags,
        opts=owner.child_options(),
    )
    ingress = aws.vpc.SecurityGroupIngressRule(
        owner.child_name(f"{key}_in"),
        security_group_id=target,
        referenced_security_group_id=source,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        tags=tags,
        opts=owner.child_options(),
    )
    owner.expose(**{f"{key}_out": egress, f"{key}_in": ingress})


def allow_egress(
    owner: Component,
    key: str,
    group: pulumi.Input[str],
    *,
    port: int,
    description: str,
    tags: dict[str, str],
    cidr: str | None = None,
    prefix_list_id: pulumi.Input[str] | None = None,
    before: str = "",
) -> None:
    """Let members of `group` open TCP connections to `port` of a range (IPv4 or IPv6) or of a
    prefix list (child `key`).

    `before` is the key that the child had in earlier versions.
    """
    rule = aws.vpc.SecurityGroupEgressRule(
        owner.child_name(key),
        security_group_id=group,
        cidr_ipv4=cidr if cidr and ":" not in cidr else None,
        cidr_ipv6=cidr if cidr and ":" in cidr else None,
        prefix_list_id=prefix_list_id,
        description=description,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        tags=tags,
        opts=owner.keyed_options(before) if before else owner.child_options(),
    )
    owner.expose(**{key: rule})


def empty_group(
    owner: Component, key: str, *, description: str, vpc_id: pulumi.Input[str], tags: dict[str, str]
) -> aws.ec2.SecurityGroup:
    """A group without rules; they come as separate resources, so that two components may add to it
    without a fight.
    """
    group = aws.ec2.SecurityGroup(
        owner.child_name(key),
        description=description,
        vpc_id=vpc_id,
        tags=tags,
        opts=owner.child_options(),
    )
    owner.expose(**{key: group})
    return group
