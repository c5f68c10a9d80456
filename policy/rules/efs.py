"""The sites' file system: encrypted, reached through an access point, mounted over TLS with IAM,
from where the tasks run (S19).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .core.actions import pattern
from .core.documents import opened, statements, words
from .core.joins import Join
from .core.place import Place, be_one_of, be_set, be_true
from .core.rule import Finding, Resource, ResourceRule, Settings, Stack, StackRule, unjudged
from .core.types import (
    ACCESS_POINT,
    FILE_SYSTEM,
    FILE_SYSTEM_POLICY,
    MOUNT_TARGET,
    SERVICE,
    SUBNET,
    TASK_DEFINITION,
)
from .core.values import Value, as_dict, as_list, boolean, integer


def _encrypted(resource: Resource, _: Settings) -> Iterable[Finding]:
    return resource.at("encrypted").must(be_true, "true, and it cannot be changed later")


EFS_ENCRYPTED = ResourceRule(
    id="efs-encrypted-at-rest",
    title="The file system is encrypted at rest",
    reason=(
        "Sites hold drafts and whatever people put into them. A file system cannot be encrypted"
        " after it was created."
    ),
    fix="set encrypted=True on the file system",
    link="https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html",
    severity="high",
    level="mandatory",
    types=frozenset({FILE_SYSTEM}),
    check=_encrypted,
)

# In transit


def _transit(resource: Resource, _: Settings) -> Iterable[Finding]:
    for volume in resource.at("volumes").each():
        config = volume.at("efsVolumeConfiguration")
        if not config.unknown and config.value is None:
            continue
        yield from config.at("transitEncryption").must(be_one_of("ENABLED"), "'ENABLED'")
        authorization = config.at("authorizationConfig")
        yield from authorization.at("iam").must(be_one_of("ENABLED"), "'ENABLED'")
        access_point = authorization.at("accessPointId")
        if not access_point.unknown:  # there is one
            yield from access_point.must(be_set, "the id of an access point")


EFS_TRANSIT = ResourceRule(
    id="efs-encrypted-in-transit",
    title="Tasks mount EFS over TLS, with IAM, through an access point",
    reason=(
        "Plain NFS can be read and changed on the way, and trusts whatever user id the client"
        " claims. TLS with IAM says which task it is, the access point as whom it acts and where."
    ),
    fix=(
        "set transit_encryption='ENABLED' and authorization_config={'access_point_id': …, 'iam':"
        " 'ENABLED'} in the volume's efs_volume_configuration"
    ),
    link="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-best-practices.html",
    severity="high",
    level="mandatory",
    types=frozenset({TASK_DEFINITION}),
    check=_transit,
)


_CLIENT_ACTIONS: Final = (
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "elasticfilesystem:ClientRootAccess",
)


def _refuses_plain(statement: dict[str, Value]) -> bool:
    """Whether a statement denies everyone every action of a client without TLS, under no further
    condition.
    """
    lines = [
        (operator.lower(), key.lower(), value)
        for operator, keys in as_dict(statement.get("condition")).items()
        for key, value in as_dict(keys).items()
    ]
    if len(lines) != 1 or str(statement.get("effect")).lower() != "deny":
        return False
    ((operator, key, value),) = lines
    values = as_list(value)
    plain = (
        operator in ("bool", "boolifexists")
        and key == "aws:securetransport"
        and [boolean(each) for each in values] == [False]
    )
    principal = statement.get("principal")
    everyone = principal == "*" or "*" in words(as_dict(principal).get("AWS"))
    actions = [pattern(each) for each in words(statement.get("action"))]
    everything = all(any(each.fullmatch(name) for each in actions) for name in _CLIENT_ACTIONS)
    return plain and everyone and everything


def _file_system_policy(resource: Resource, _: Settings) -> Iterable[Finding]:
    policy = resource.at("policy")
    found = yield from opened(
        policy, lambda value: list(statements(value)), "allowed is a policy document"
    )
    if found is not None and not any(map(_refuses_plain, found)):
        yield Finding(
            message=f"{policy} does not deny access without TLS; allowed is a policy that does"
        )


EFS_POLICY = ResourceRule(
    id="efs-file-system-policy",
    title="The file system's own policy refuses clients without TLS",
    reason=(
        "A task definition asks for TLS; only the file system's policy makes sure that no other"
        " client in the network goes without."
    ),
    fix=(
        "deny Action '*' for Principal {'AWS': '*'} under the condition {'Bool':"
        " {'aws:SecureTransport': 'false'}}"
    ),
    link="https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html",
    severity="medium",
    level="mandatory",
    types=frozenset({FILE_SYSTEM_POLICY}),
    check=_file_system_policy,
)

# Access point


def _access_point(resource: Resource, _: Settings) -> Iterable[Finding]:
    user, root = resource.at("posixUser"), resource.at("rootDirectory")
    yield from _not_root(user.at("uid"), user.at("gid"), *user.at("secondaryGids").each())
    yield from root.at("path").must(_below_root, "a directory below the root, as '/sites'")
    creation = root.at("creationInfo")
    if creation.unknown or be_set(creation.value):
        yield from _not_root(creation.at("ownerUid"), creation.at("ownerGid"))
        allowed = "'0750' or narrower for others, as this is writable for everyone"
        yield from creation.at("permissions").must(_closed_to_others, allowed)


def _not_root(*places: Place) -> Iterable[Finding]:
    for each in places:
        yield from each.must(
            lambda value: (integer(value) or 0) > 0, "a number above 0, as 0 is root"
        )


def _below_root(path: Value) -> bool:
    return str(path or "/").strip().strip("/.") != ""


def _closed_to_others(permissions: Value) -> bool:
    return not (isinstance(permissions, str) and permissions.strip()[-1:] in ("2", "3", "6", "7"))


EFS_ACCESS_POINT = ResourceRule(
    id="efs-access-point-user",
    title="The access point has its own user and its own directory",
    reason=(
        "An access point without a user lets clients claim to be any user, root included; one at"
        " the root of the file system shows every site of every stack that shares it."
    ),
    fix=(
        "set posix_user={'uid': 1000, 'gid': 1000} and root_directory with path='/sites' and"
        " creation_info of the same user"
    ),
    link="https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html",
    severity="high",
    level="mandatory",
    types=frozenset({ACCESS_POINT}),
    check=_access_point,
)

# Mount targets


def _mount_targets(stack: Stack, _: Settings) -> Iterable[Finding]:
    for service in stack.of({SERVICE}):
        definitions = stack.join(
            service, "taskDefinition", service.props.get("taskDefinition"), {TASK_DEFINITION}
        )
        if definitions.unknown:
            yield unjudged(
                f"{service.name}: which task definition it runs is not known yet", service.urn
            )
        for definition in definitions.found:
            mounted, unknown = _mounted(stack, definition)
            if unknown:
                yield unjudged(
                    f"{definition.name}: which file systems its volumes mount is not known yet",
                    definition.urn,
                )
            for file_system in mounted:
                yield from _reachable(stack, service, file_system)


def _mounted(stack: Stack, definition: Resource) -> tuple[list[Resource], bool]:
    """The file systems that a task mounts, and whether there may be others."""
    found: dict[str, Resource] = {}
    unknown = False
    for volume in definition.at("volumes").each():
        mounts = volume.at("efsVolumeConfiguration")
        if mounts.value is None:
            continue
        join = stack.join(definition, "volumes", mounts.at("fileSystemId").value, {FILE_SYSTEM})
        found.update({each.urn: each for each in join.found})
        unknown = unknown or join.unknown
    return list(found.values()), unknown


def _reachable(stack: Stack, service: Resource, file_system: Resource) -> Iterable[Finding]:
    targets = [
        each
        for each in stack.of({MOUNT_TARGET})
        if file_system
        in stack.join(each, "fileSystemId", each.props.get("fileSystemId"), {FILE_SYSTEM}).found
    ]
    if not targets:
        message = (
            f"{service.name} mounts {file_system.name}, which has no mount target in this stack;"
            " allowed is one per subnet of the service"
        )
        yield Finding(message=message, urn=service.urn)
        return
    missing = [each.name for each in targets if each.urn not in service.dependencies]
    if missing and service.dependencies:
        message = (
            f"{service.name} does not wait for {', '.join(missing)}; allowed is a service that"
            " depends on every mount target"
        )
        yield Finding(message=message, urn=service.urn)
    subnets = service.at("networkConfiguration", "subnets").value
    wanted = stack.join(service, "networkConfiguration", subnets, {SUBNET})
    served = [
        stack.join(each, "subnetId", each.asked.get("subnetId"), {SUBNET}) for each in targets
    ]
    if wanted.unknown or any(each.unknown for each in served):
        yield unjudged(
            f"{service.name}: whether each of its subnets has a mount target is not known yet",
            service.urn,
        )
        return
    here, outside = _places(served)
    for subnet in wanted.found:
        if not _places_of(subnet) & here:
            yield Finding(
                message=(
                    f"{service.name} runs in {subnet.name}, which has no mount target of"
                    f" {file_system.name}"
                ),
                urn=service.urn,
            )
    for subnet_id in wanted.outside:
        if subnet_id not in outside:
            yield Finding(
                message=(
                    f"{service.name} runs in {subnet_id}, which has no mount target of"
                    f" {file_system.name}"
                ),
                urn=service.urn,
            )


def _places(joins: list[Join]) -> tuple[set[str], set[str]]:
    here = {place for join in joins for subnet in join.found for place in _places_of(subnet)}
    return here, {subnet_id for join in joins for subnet_id in join.outside}


def _places_of(subnet: Resource) -> set[str]:
    """The subnet and its zone: one mount target serves a whole availability zone."""
    zones = (subnet.asked.get(key) for key in ("availabilityZone", "availabilityZoneId"))
    return {subnet.urn, *(zone for zone in zones if isinstance(zone, str))}


EFS_MOUNT_TARGETS = StackRule(
    id="efs-mount-target-subnets",
    title="Every subnet of a service has a mount target, and the service waits for it",
    reason=(
        "A task in a zone without a mount target cannot start, and one that starts before its mount"
        " target fails and counts against the deployment: it works in one zone and breaks in the"
        " next."
    ),
    fix=(
        "create a mount target in each private subnet of the service, and list them all in the"
        " service's depends_on"
    ),
    link="https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html",
    severity="medium",
    level="mandatory",
    check=_mount_targets,
)

RULES: Final = (EFS_ENCRYPTED, EFS_TRANSIT, EFS_POLICY, EFS_ACCESS_POINT, EFS_MOUNT_TARGETS)
