"""Keys: parts that exist already and belong to somebody else."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from components.config.shapes import HEX, arn, given, matching
from components.efs_volume import EfsVolumeArgs
from components.existing import ExistingListener
from contract.settings import Names, Problem, Problems, Rule, Settings, setting

REUSE: Final = "Existing parts"

SecurityGroup = Annotated[
    str, matching(rf"sg-{HEX}", "a security group's id", "sg-0123456789abcdef0")
]


def _needs(names: Names, field: str, value: str, others: dict[str, str]) -> Problems:
    for other, found in others.items():
        if given(value) and not given(found):
            yield Problem(
                key=names[other],
                value="not set",
                allowed=f"a value, since {names[field]} is set",
                fix=f"set {names[other]}, or remove {names[field]}",
            )


def a_listener_is_in_a_vpc_of_its_owner(names: Names, listener_arn: str, vpc_id: str) -> Problems:
    """The tasks must be in the VPC of its load balancer."""
    yield from _needs(names, "listener_arn", listener_arn, {"vpc_id": vpc_id})


def a_file_system_comes_with_its_group(
    names: Names, file_system_id: str, file_system_security_group_id: str, vpc_id: str
) -> Problems:
    """Its mount targets must be reachable for the tasks."""
    others = {"file_system_security_group_id": file_system_security_group_id, "vpc_id": vpc_id}
    yield from _needs(names, "file_system_id", file_system_id, others)


def a_firewall_needs_a_load_balancer_of_ours(
    names: Names, listener_arn: str, firewall: bool
) -> Problems:
    """A load balancer has one web ACL, which its owner decides about."""
    if given(listener_arn) and firewall:
        yield Problem(
            key=names["firewall"],
            value="true",
            allowed=(
                f"false with {names['listener_arn']}: the firewall of an existing load balancer is"
                " its owner's"
            ),
            fix=f"remove {names['firewall']}, or {names['listener_arn']}",
        )


def a_replica_needs_a_file_system_of_ours(
    names: Names, file_system_id: str, efs_replica_region: str
) -> Problems:
    """A file system has one replication, which its owner decides about."""
    if given(file_system_id) and efs_replica_region:
        yield Problem(
            key=names["efs_replica_region"],
            value=f'"{efs_replica_region}"',
            allowed=(
                f"no value with {names['file_system_id']}: the replica of an existing file system"
                " is its owner's"
            ),
            fix=f"remove {names['efs_replica_region']}, or {names['file_system_id']}",
        )


def a_restore_needs_a_file_system_of_ours(
    names: Names, file_system_id: str, restore_role_arn: str
) -> Problems:
    """The role is let in by the file system's policy, which is its owner's."""
    if given(file_system_id) and given(restore_role_arn):
        yield Problem(
            key=names["restore_role_arn"],
            value=f'"{restore_role_arn}"' if isinstance(restore_role_arn, str) else "set",
            allowed=(
                f"no value with {names['file_system_id']}: the policy of an existing file system is"
                " its owner's"
            ),
            fix=f"have its owner let the role in, and remove {names['restore_role_arn']}",
        )


PRIORITY_STEP: Final = 100
"""More than our rules span, which are 25 to 100: with another offset none of them takes the
priority of one that is still there.
"""


def priorities_do_not_meet(names: Names, rule_priority_offset: int) -> Problems:
    """AWS has one rule of a priority, and the engine changes one rule after the other."""
    if rule_priority_offset % PRIORITY_STEP:
        below = rule_priority_offset - rule_priority_offset % PRIORITY_STEP
        yield Problem(
            key=names["rule_priority_offset"],
            value=str(rule_priority_offset),
            allowed=f"a multiple of {PRIORITY_STEP}: then a live stack can take another one",
            fix=f"write {below} or {below + PRIORITY_STEP}",
        )


class ReuseKeys(Settings):
    """Listener, cluster, file system, repository."""

    rules: ClassVar[tuple[Rule, ...]] = (
        a_listener_is_in_a_vpc_of_its_owner,
        a_file_system_comes_with_its_group,
        a_firewall_needs_a_load_balancer_of_ours,
        a_replica_needs_a_file_system_of_ours,
        a_restore_needs_a_file_system_of_ours,
        priorities_do_not_meet,
    )

    listener_arn: Annotated[
        str,
        arn(
            "elasticloadbalancing",
            r"listener/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}",
            "an ALB listener's ARN",
            "listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2",
        ),
    ] = setting(
        "",
        "Existing HTTPS listener that gets rules for the host of `publicUrl`. Empty: a load"
        " balancer is made. With it, certificate, TLS policy, visitors, access logs and firewall are"
        " its owner's, only the container sends `hstsSeconds`, `ingressCidrs` says whom the owner"
        " lets in, `idleTimeoutSeconds` must be its load balancer's, whose first security group gets rules"
        " that let it reach the tasks.",
        group=REUSE,
        late=True,
    )
    rule_priority_offset: int = setting(
        ExistingListener.priority_offset,
        "With `listenerArn`: added to the priorities of our rules (25 to 100), where others have"
        " taken them; a multiple of 100.",
        group=REUSE,
        within=(0, 49000),
    )
    cluster_arn: Annotated[
        str, arn("ecs", r"cluster/[A-Za-z0-9_-]{1,255}", "an ECS cluster's ARN", "cluster/shared")
    ] = setting(
        "",
        "Existing ECS cluster with the capacity providers FARGATE and FARGATE_SPOT, and with"
        " container insights for the alarms. Empty: one is made.",
        group=REUSE,
        late=True,
    )
    file_system_id: Annotated[
        str, matching(r"fs-[0-9a-f]{8,40}", "an EFS file system's id", "fs-0123456789abcdef0")
    ] = setting(
        "",
        "Existing encrypted file system with mount targets in the zones of `privateSubnetIds`."
        " Empty: one is made. With it, throughput, backups, key and policy are its owner's. Set on"
        " a live stack, it takes the place of the stack's own, which is deleted with the sites in"
        " it unless `deletionProtection` is on.",
        group=REUSE,
        late=True,
    )
    file_system_security_group_id: SecurityGroup = setting(
        "",
        "With `fileSystemId`: group of its mount targets; it gets a rule that lets the tasks"
        " reach it.",
        group=REUSE,
        late=True,
    )
    file_system_path: Annotated[
        str,
        matching(
            r"(?=.{2,100}$)(/[A-Za-z0-9._-]*[A-Za-z0-9_-]){1,4}",
            "1-4 path segments, 100 characters in all",
            "/sites",
        ),
    ] = setting(
        EfsVolumeArgs.path,
        "Directory of the file system that holds the sites; choose one per stack on a shared file"
        " system.",
        group=REUSE,
    )
    repository_name: Annotated[
        str,
        matching(
            r"(?=.{2,256}$)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
            "a repository's name",
            "teams/web/live",
        ),
    ] = setting(
        "",
        "Existing ECR repository of this account and region, with immutable tags. Empty: one is"
        " made. With it, `keepImages` is its owner's. Set on a live stack, it takes the place of"
        " the stack's own, which is deleted with its images unless `deletionProtection` is on.",
        group=REUSE,
        late=True,
    )
