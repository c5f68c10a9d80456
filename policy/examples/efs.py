"""Examples for the rules of EFS."""

import json

import pulumi
import pulumi_aws as aws


def efs_encrypted_at_rest_violating() -> None:
    aws.efs.FileSystem("sites")


def efs_encrypted_at_rest_complying() -> None:
    aws.efs.FileSystem("sites", encrypted=True)


def efs_encrypted_in_transit_violating() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions="[]",
        volumes=[{"name": "sites", "efs_volume_configuration": {"file_system_id": "fs-1"}}],
    )


def efs_encrypted_in_transit_complying() -> None:
    aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions="[]",
        volumes=[
            {
                "name": "sites",
                "efs_volume_configuration": {
                    "file_system_id": "fs-1",
                    "transit_encryption": "ENABLED",
                    "authorization_config": {"access_point_id": "fsap-1", "iam": "ENABLED"},
                },
            }
        ],
    )


def efs_file_system_policy_violating() -> None:
    aws.efs.FileSystemPolicy(
        "sites",
        file_system_id="fs-1",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::123456789012:role/live"},
                        "Action": "elasticfilesystem:ClientMount",
                    }
                ],
            }
        ),
    )


def efs_file_system_policy_complying() -> None:
    aws.efs.FileSystemPolicy(
        "sites",
        file_system_id="fs-1",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": {"AWS": "*"},
                        "Action": "*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            }
        ),
    )


def efs_access_point_user_violating() -> None:
    aws.efs.AccessPoint("sites", file_system_id="fs-1", posix_user={"uid": 0, "gid": 0})


def efs_access_point_user_complying() -> None:
    aws.efs.AccessPoint(
        "sites",
        file_system_id="fs-1",
        posix_user={"uid": 1000, "gid": 1000},
        root_directory={
            "path": "/sites",
            "creation_info": {"owner_uid": 1000, "owner_gid": 1000, "permissions": "0750"},
        },
    )


def efs_mount_target_subnets_violating() -> None:
    sites = aws.efs.FileSystem("sites", encrypted=True)
    aws.efs.MountTarget(
        "sites-1", file_system_id=sites.id, subnet_id="subnet-1", security_groups=["sg-2"]
    )
    live = aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions="[]",
        volumes=[{"name": "sites", "efs_volume_configuration": {"file_system_id": sites.id}}],
    )
    aws.ecs.Service(
        "live",
        task_definition=live.arn,
        network_configuration={"subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"]},
    )


def efs_mount_target_subnets_complying() -> None:
    sites = aws.efs.FileSystem("sites", encrypted=True)
    targets = [
        aws.efs.MountTarget(
            f"sites-{index}",
            file_system_id=sites.id,
            subnet_id=f"subnet-{index}",
            security_groups=["sg-2"],
        )
        for index in (1, 2)
    ]
    live = aws.ecs.TaskDefinition(
        "live",
        family="live",
        container_definitions="[]",
        volumes=[{"name": "sites", "efs_volume_configuration": {"file_system_id": sites.id}}],
    )
    aws.ecs.Service(
        "live",
        task_definition=live.arn,
        network_configuration={"subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"]},
        opts=pulumi.ResourceOptions(depends_on=targets),
    )
