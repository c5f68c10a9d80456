"""The sites' file system: encrypted, reached only through its access point, over TLS
and with IAM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.base import Component, ComponentError, Transforms
from components.existing import ExistingFileSystem, Known, KnownPart
from components.regions import REGION
from components.security_rules import empty_group

NFS_PORT = 2049

ArchiveAfterDays = Literal[7, 14, 30, 60, 90]
ThroughputMode = Literal["elastic", "bursting", "provisioned"]


@dataclass(frozen=True, kw_only=True)
class EfsVolumeArgs:
    """One file system with one access point."""

    vpc_id: pulumi.Input[str]
    subnet_ids: tuple[pulumi.Input[str], ...]
    """Private subnets, one per availability zone: each gets a mount target."""
    uid: int = 1000
    """User that every client of the access point acts as; never 0."""
    gid: int = 1000
    path: str = "/sites"
    """Directory of the file system that the access point shows as its root."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Own KMS key; None takes AWS's key for EFS. A file system keeps the key that it was made with:
    another one later is an error.
    """
    revision: str = ""
    """Another revision is another, empty file system, made before the earlier one goes."""
    throughput_mode: ThroughputMode = "elastic"
    """`elastic` pays per byte and never throttles a burst of small reads; `bursting` earns credits
    by size; `provisioned` is constant.
    """
    provisioned_mibps: int | None = None
    """With `provisioned`: throughput in MiB/s, 1-3414."""
    archive_after_days: ArchiveAfterDays | None = 30
    """Files not read for so long move to the cheaper class, and back at the first read; None keeps
    them where they are.
    """
    backups: bool = True
    """Daily backups by AWS Backup, kept for 35 days."""
    restore_role_arn: pulumi.Input[str] | None = None
    """IAM role that may mount the whole file system, besides the access point's clients. AWS Backup
    restores into a directory at the root, which the access point does not show; the role needs its
    own rights (ClientMount, ClientWrite, ClientRootAccess).
    """
    replica_region: str | None = None
    """Keep a read-only copy in this region."""
    protect: bool = False
    """Refuse to delete the file system, also in `pulumi destroy`."""
    existing: ExistingFileSystem | None = None
    """Make only an access point in this file system; its mount targets, key, policy, backups and
    replica are its owner's.
    """
    tags: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("uid", "gid"):
            value = getattr(self, name)
            if not 1 <= value <= 4294967295:
                raise ComponentError(
                    f"{name} is {value}; allowed is 1-4294967295. 0 is root, which would own every"
                    " file; take 1000"
                )
        if (self.throughput_mode == "provisioned") != (self.provisioned_mibps is not None):
            raise ComponentError(
                f"throughput_mode is {self.throughput_mode!r} and provisioned_mibps is"
                f" {self.provisioned_mibps}; allowed is provisioned_mibps with 'provisioned' only."
                " Set both, or leave provisioned_mibps out"
            )
        if self.provisioned_mibps is not None and not 1 <= self.provisioned_mibps <= 3414:
            raise ComponentError(
                f"provisioned_mibps is {self.provisioned_mibps}; allowed is 1-3414 MiB/s"
            )
        if self.replica_region is not None and not re.fullmatch(REGION, self.replica_region):
            raise ComponentError(
                f"replica_region is {self.replica_region!r}; allowed is an AWS region such as"
                " 'eu-west-1'"
            )
        if not self.subnet_ids:
            raise ComponentError(
                "subnet_ids is empty; name the private subnets that tasks run in, one per"
                " availability zone"
            )
        if not self.path.startswith("/") or self.path == "/":
            raise ComponentError(
                f"path is {self.path!r}; allowed is an absolute directory below the root, such as"
                " '/sites'"
            )


def _check_key(actual: str | None, wanted: str) -> None:
    if actual is not None and actual != wanted:
        raise ComponentError(
            f"kms_key_arn is {wanted}, and the file system was made with {actual}, which cannot be"
            " changed; allowed is that key. Set kmsKeyArn back, or make another file system by"
            " fileSystemRevision (docs/runbook.md, 'Another file system')"
        )


class EfsVolume(Component):
    """File system, mount targets, access point and policy."""

    security_group: aws.ec2.SecurityGroup | Known
    file_system: aws.efs.FileSystem | KnownPart
    mount_targets: tuple[aws.efs.MountTarget, ...]
    access_point: aws.efs.AccessPoint

    def __init__(
        self,
        name: str,
        args: EfsVolumeArgs,
        opts: pulumi.ResourceOptions | None = None,
        transforms: Transforms | None = None,
    ) -> None:
        super().__init__("EfsVolume", name, opts, transforms)
        self.args = args
        self.mount_targets = ()
        if args.existing:
            self.file_system, self.security_group = args.existing.look_up(self)
        else:
            self._create_security_group()
            self._create_file_system()
            self._create_mount_targets()
        self._create_access_point()
        if not args.existing:
            self._create_policy()
            if args.replica_region:
                self._replicate(args.replica_region)
        self.finish({"fileSystemId": self.file_system.id, "accessPointId": self.access_point.id})

    def _create_security_group(self) -> None:
        self.security_group = empty_group(
            self,
            "security_group",
            description="Mount targets of the file system that holds the sites",
            vpc_id=self.args.vpc_id,
            tags=self.args.tags,
        )

    def _create_file_system(self) -> None:
        days = self.args.archive_after_days
        if self.args.revision:
            self.rename("file_system", self.args.revision)
        system = aws.efs.FileSystem(
            self.child_name("file_system"),
            encrypted=True,
            kms_key_id=self.args.kms_key_arn,
            performance_mode="generalPurpose",
            throughput_mode=self.args.throughput_mode,
            provisioned_throughput_in_mibps=self.args.provisioned_mibps,
            lifecycle_policies=(
                [
                    aws.efs.FileSystemLifecyclePolicyArgs(transition_to_ia=f"AFTER_{days}_DAYS"),
                    aws.efs.FileSystemLifecyclePolicyArgs(
                        transition_to_primary_storage_class="AFTER_1_ACCESS"
                    ),
                ]
                if days
                else None
            ),
            tags=self.args.tags,
            # A change of the key would replace the file system by an empty one.
            opts=self.child_options(protect=self.args.protect, ignore_changes=["kmsKeyId"]),
        )
        if self.args.kms_key_arn is not None:
            pulumi.Output.all(system.kms_key_id, self.args.kms_key_arn).apply(
                lambda keys: _check_key(*keys)
            )
        backup = aws.efs.BackupPolicy(
            self.child_name("backup_policy"),
            file_system_id=system.id,
            backup_policy=aws.efs.BackupPolicyBackupPolicyArgs(
                status="ENABLED" if self.args.backups else "DISABLED"
            ),
            opts=self.child_options(),
        )
        self.file_system = system
        self.expose(file_system=system, backup_policy=backup)

    def _create_mount_targets(self) -> None:
        targets = {}
        for index, subnet_id in enumerate(self.args.subnet_ids):
            # By the subnet where its id is known now: AWS takes one per zone, so an order that
            # changes must not move any.
            key = (
                f"mount_target_{subnet_id.replace('-', '_')}"
                if isinstance(subnet_id, str)
                else f"mount_target_{index}"
            )
            targets[key] = aws.efs.MountTarget(
                self.child_name(key),
                file_system_id=self.file_system.id,
                subnet_id=subnet_id,
                security_groups=[self.security_group.id],
                opts=(
                    self.keyed_options(f"mount_target_{index}")
                    if isinstance(subnet_id, str)
                    else self.child_options()
                ),
            )
        self.mount_targets = tuple(targets.values())
        self.expose(**targets)

    def _create_access_point(self) -> None:
        uid, gid = self.args.uid, self.args.gid
        self.access_point = aws.efs.AccessPoint(
            self.child_name("access_point"),
            file_system_id=self.file_system.id,
            posix_user=aws.efs.AccessPointPosixUserArgs(uid=uid, gid=gid),
            root_directory=aws.efs.AccessPointRootDirectoryArgs(
                path=self.args.path,
                creation_info=aws.efs.AccessPointRootDirectoryCreationInfoArgs(
                    owner_uid=uid, owner_gid=gid, permissions="0750"
                ),
            ),
            tags=self.args.tags,
            opts=self.child_options(),
        )
        self.expose(access_point=self.access_point)

    def _create_policy(self) -> None:
        policy = aws.efs.FileSystemPolicy(
            self.child_name("file_system_policy"),
            file_system_id=self.file_system.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "DenyWithoutTls",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": "*",
                            "Resource": self.file_system.arn,
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        },
                        {
                            "Sid": "DenyAroundTheAccessPoint",
                            "Effect": "Deny",
                            "Principal": {"AWS": "*"},
                            "Action": [
                                "elasticfilesystem:ClientMount",
                                "elasticfilesystem:ClientWrite",
                                "elasticfilesystem:ClientRootAccess",
                            ],
                            "Resource": self.file_system.arn,
                            "Condition": self._around_the_access_point(),
                        },
                    ],
                }
            ),
            opts=self.child_options(),
        )
        self.expose(file_system_policy=policy)

    def _around_the_access_point(self) -> dict[str, dict[str, pulumi.Input[str]]]:
        around: dict[str, dict[str, pulumi.Input[str]]] = {
            "StringNotEquals": {"elasticfilesystem:AccessPointArn": self.access_point.arn}
        }
        if role := self.args.restore_role_arn:
            around["ArnNotEquals"] = {"aws:PrincipalArn": role}
        return around

    def _replicate(self, region: str) -> None:
        replication = aws.efs.ReplicationConfiguration(
            self.child_name("replication"),
            source_file_system_id=self.file_system.id,
            destination=aws.efs.ReplicationConfigurationDestinationArgs(region=region),
            # A file system has one: another region's comes after this one has gone.
            opts=self.child_options(delete_before_replace=True),
        )
        self.expose(replication=replication)
