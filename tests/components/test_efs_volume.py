"""The sites' file system: who can reach it, and how it keeps what it holds (S12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.base import ComponentError
from components.efs_volume import EfsVolume
from tests.components.examples import KEY_ARN, volume_args
from tests.components.harness import Graph, run


def declare(**changes: Any) -> Graph:
    return run(lambda: EfsVolume("sites", volume_args(**changes)))


@pytest.fixture(scope="module")
def default() -> Graph:
    return declare()


def test_encrypted_with_awss_key_or_an_own_one(default: Graph) -> None:
    assert default["sites-file-system"].inputs["encrypted"] is True
    assert "kmsKeyId" not in default["sites-file-system"].inputs
    assert declare(kms_key_arn=KEY_ARN)["sites-file-system"].inputs["kmsKeyId"] == KEY_ARN


def test_a_mount_target_in_every_subnet(default: Graph) -> None:
    targets = default.of_type("MountTarget")
    assert sorted(target.inputs["subnetId"] for target in targets) == ["subnet-c", "subnet-d"]
    assert {tuple(target.inputs["securityGroups"]) for target in targets} == {
        ("sites-security-group-id",)
    }


def test_everyone_acts_as_the_access_points_user(default: Graph) -> None:
    point = default["sites-access-point"].inputs
    assert point["posixUser"] == {"uid": 1000, "gid": 1000}
    assert point["rootDirectory"] == {
        "path": "/sites",
        "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "0750"},
    }


def test_the_policy_demands_tls_iam_and_the_access_point(default: Graph) -> None:
    """Nothing is allowed by it, so a client needs its own rights; and it denies anyone who comes
    without TLS or around the access point.
    """
    statements = {
        each["Sid"]: each
        for each in json.loads(default["sites-file-system-policy"].inputs["policy"])["Statement"]
    }
    assert {each["Effect"] for each in statements.values()} == {"Deny"}
    assert statements["DenyWithoutTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statements["DenyAroundTheAccessPoint"]["Condition"] == {
        "StringNotEquals": {"elasticfilesystem:AccessPointArn": default["sites-access-point"].arn}
    }


ROLE = "arn:aws:iam::123456789012:role/restore"
TASK = "arn:aws:iam::123456789012:role/task"


def denied(
    graph: Graph,
    *,
    principal: str,
    tls: bool = True,
    access_point: str | None = None,
    action: str = "ClientMount",
) -> bool:
    """Whether the file system's policy denies a client, by IAM's rules: each condition of a
    statement must hold.
    """
    context = {
        "aws:SecureTransport": str(tls).lower(),
        "elasticfilesystem:AccessPointArn": access_point,
        "aws:PrincipalArn": principal,
    }
    operators = {"Bool": str.__eq__, "StringNotEquals": str.__ne__, "ArnNotEquals": str.__ne__}
    for statement in json.loads(graph["sites-file-system-policy"].inputs["policy"])["Statement"]:
        conditions = [
            (operator, *pair)
            for operator, keys in statement["Condition"].items()
            for pair in keys.items()
        ]
        if statement["Action"] == "*" or f"elasticfilesystem:{action}" in statement["Action"]:
            assert statement["Effect"] == "Deny"
            if all(
                operators[operator](str(context[key]), value) for operator, key, value in conditions
            ):
                return True
    return False


@pytest.mark.parametrize("action", ["ClientMount", "ClientWrite", "ClientRootAccess"])
def test_a_restored_file_can_be_moved_into_place_by_the_role_that_is_named(
    default: Graph, action: str
) -> None:
    """AWS Backup restores into a directory at the root of the file system, above what the access
    point shows.
    """
    restoring = declare(restore_role_arn=ROLE)
    point = default["sites-access-point"].arn
    for graph in (default, restoring):
        assert not denied(graph, principal=TASK, access_point=point, action=action)
        assert denied(graph, principal=TASK, action=action), (
            "the whole file system is not the tasks'"
        )
        assert denied(graph, principal=TASK, access_point=f"{point}-of-another", action=action)
        assert denied(graph, principal=ROLE, tls=False, action=action), "TLS is for everybody"
    assert denied(default, principal=ROLE, action=action), "before the role is named"
    assert not denied(restoring, principal=ROLE, action=action)


def test_another_revision_is_another_file_system() -> None:
    """For another key: AWS changes none in place."""
    graph = declare(revision="2")
    assert [system.name for system in graph.of_type("FileSystem")] == ["sites-file-system-2"]
    assert declare().one("FileSystem").ignore_changes == ("kmsKeyId",)


def test_throughput_lifecycle_and_backups(default: Graph) -> None:
    inputs = default["sites-file-system"].inputs
    assert (inputs["performanceMode"], inputs["throughputMode"]) == ("generalPurpose", "elastic")
    assert inputs["lifecyclePolicies"] == [
        {"transitionToIa": "AFTER_30_DAYS"},
        {"transitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]
    assert default["sites-backup-policy"].inputs["backupPolicy"] == {"status": "ENABLED"}
    changed = declare(
        archive_after_days=None, backups=False, throughput_mode="provisioned", provisioned_mibps=64
    )
    assert "lifecyclePolicies" not in changed["sites-file-system"].inputs
    assert changed["sites-file-system"].inputs["provisionedThroughputInMibps"] == 64
    assert changed["sites-backup-policy"].inputs["backupPolicy"] == {"status": "DISABLED"}


def test_protection_and_a_copy_elsewhere_are_options(default: Graph) -> None:
    assert default["sites-file-system"].protect is False
    assert default.of_type("ReplicationConfiguration") == []
    changed = declare(protect=True, replica_region="eu-west-1")
    assert changed["sites-file-system"].protect is True
    assert changed["sites-replication"].inputs["destination"] == {"region": "eu-west-1"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uid": 0}, "uid is 0; allowed is 1-4294967295. 0 is root"),
        ({"gid": 0}, "gid is 0"),
        ({"subnet_ids": ()}, "subnet_ids is empty"),
        ({"path": "/"}, "path is '/'; allowed is an absolute directory below the root"),
        ({"path": "sites"}, "path is 'sites'"),
        (
            {"throughput_mode": "provisioned"},
            "provisioned_mibps is None; allowed is provisioned_mibps with 'provisioned' only",
        ),
        ({"provisioned_mibps": 5}, "throughput_mode is 'elastic' and provisioned_mibps is 5"),
        (
            {"throughput_mode": "provisioned", "provisioned_mibps": 4000},
            "provisioned_mibps is 4000; allowed is 1-3414 MiB/s",
        ),
        (
            {"replica_region": "Frankfurt"},
            "replica_region is 'Frankfurt'; allowed is an AWS region such as 'eu-west-1'",
        ),
    ],
)
def test_refusals(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ComponentError) as error:
        volume_args(**changes)
    assert words in str(error.value)
