"""A live stack takes every change of its config, or refuses it before anything is touched, or the
runbook says what to do (S16, S36).

Each key is changed on a stack that exists, and back. The engine's steps are taken in this process
(`tests.aws.live`), and the resource model judges them as AWS would: duplicate rules, overlapping
subnets, a second mount target in a zone, names in use while the earlier resource is there,
protection, what is in use or not empty.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pytest

from local.engine import ROOT, ProgramError
from local.model import kind_of
from local.model.conflicts import LISTENER, SUBNET, Entry
from local.model.core import Cloud
from tests.aws.changes import (
    CHANGES,
    KMS,
    LISTS,
    OPERATIONS,
    PRIVATE,
    REGION,
    keys,
    others,
    with_lists,
)
from tests.aws.live import Update, World, update
from tests.aws.test_transitions import HOLDS_DATA
from tests.aws.variants import Overrides, in_region

RUNBOOK: Final = (ROOT / "docs" / "runbook.md").read_text()


def run(
    stack: str, config: Overrides, before: World | None = None, other: list[Entry] | None = None
) -> Update:
    done = update(stack, {**in_region(REGION), **config}, before, other or ())
    assert done.kept == [], (
        "the program leaves them out, and the provider keeps them: give each its default by name"
    )
    return done


@cache
def base(name: str) -> World:
    """A live stack; stacks that begin alike are made once."""
    change = CHANGES[name]
    first = next(
        key
        for key, each in CHANGES.items()
        if (each.stack, each.before) == (change.stack, change.before)
    )
    return _made(first)


@cache
def _made(name: str) -> World:
    made = run(CHANGES[name].stack, CHANGES[name].before)
    assert made.refused == []
    return made.world


def lost(before: World, after: World) -> set[str]:
    """Logical names of what held data before and is gone."""
    names = {
        (each.resource.type, each.resource.id): each.resource.name for each in before.state.values()
    }
    return {
        names[key] for key in before.entries.keys() - after.entries.keys() if key[0] in HOLDS_DATA
    }


@pytest.mark.parametrize("name", CHANGES)
def test_a_live_stack_takes_the_change(name: str) -> None:
    """There and back, or not at all."""
    change, before = CHANGES[name], base(name)
    if change.refused:
        with pytest.raises(ProgramError) as error:
            run(change.stack, change.after, before)
        assert change.refused in str(error.value)
        assert "docs/runbook.md" in str(error.value)
        return
    there = run(change.stack, change.after, before)
    assert set(there.protected) == change.protected
    if change.protected:
        return
    assert there.refused == []
    flow = {name for name in lost(before, there.world) if "flow-log" in name}
    assert lost(before, there.world) - flow == change.gone
    back = run(change.stack, change.before, there.world)
    assert (back.refused, back.protected) == ([], [])


def test_running_tasks_keep_their_table_until_others_have_come() -> None:
    """What the program leaves out is deleted after every update: the rights, the way to the peers,
    the table.
    """
    steps = run("dev", {"sharedOwnership": False}, base("one owner")).steps
    own = {"svc-ownership-policy", "svc-peers-in", "svc-peers-out", "owners-table"}
    assert {steps.get(f"astro-live-{name}") for name in own} == {"delete"}
    assert "astro-live-svc-task-policy" not in steps
    assert steps["astro-live-svc-task"] == "replace"


def test_what_is_left_out_stays() -> None:
    """The model keeps what the provider keeps, and says so; the key of the secrets is named, so it
    changes.
    """
    table = kind_of("aws:dynamodb/table:Table")
    own = {"hashKey": "pk", "serverSideEncryption": {"enabled": True, "kmsKeyArn": KMS}}
    cloud, urn = Cloud(), "urn:pulumi:dev::astro-live::aws:dynamodb/table:Table::owners-table"
    outputs = table.create(cloud, urn, table.check(urn, own))[1]
    assert (
        table.update(cloud, urn, outputs, {"hashKey": "pk"})["serverSideEncryption"]
        == own["serverSideEncryption"]
    )
    there = run(
        "dev",
        {"kmsKeyArn": KMS, "fileSystemRevision": "2", "hstsSeconds": 300},
        base("another key"),
    )
    back = run("dev", {}, there.world)
    keys = {
        each.properties["kmsKeyId"]
        for each in back.world.of_type("aws:secretsmanager/secret:Secret")
    }
    assert keys == {"alias/aws/secretsmanager"}
    (owners,) = back.world.of_type(table.type)
    assert owners.properties["serverSideEncryption"] == {"enabled": False}
    headers = [
        each.properties.get("routingHttpResponseStrictTransportSecurityHeaderValue")
        for each in back.world.of_type(LISTENER)
    ]
    assert "max-age=0" in headers


@pytest.mark.parametrize("operation", OPERATIONS)
def test_members_of_lists_come_and_go_anywhere(operation: str) -> None:
    """Of all lists at once: no member that stays is touched, and nothing is refused."""
    before = _lists()
    after = run("dev", with_lists(OPERATIONS[operation]), before)
    assert after.refused == []
    touched = {
        name: step
        for name, step in after.steps.items()
        if re.search(r"-(ingress|egress|private-api|mount-target)-", name)
    }
    assert set(touched.values()) <= {"create", "delete"}
    count = {"turned round": 0, "another takes the middle": 2}.get(operation, 1)
    assert len(touched) == count * len(
        ("https", "http", "egress", "egress-sign-in", "private-api", "mount-target")
    )


@cache
def _lists() -> World:
    made = run("dev", with_lists(), other=others())
    assert made.refused == []
    return made.world


def test_a_second_mount_target_of_a_zone_is_in_the_runbook() -> None:
    """AWS takes none, and the engine makes the new one first: the only change of a list that takes
    a manual step.
    """
    twin = Entry(
        type=SUBNET,
        id="subnet-0123456789abcdff0",
        properties={
            "vpcId": "vpc-0123456789abcdef0",
            "availabilityZone": f"{REGION}b",
            "cidrBlock": "10.9.0.0/24",
        },
        images={},
    )
    before = World(entries={**_lists().entries, (SUBNET, twin.id): twin}, state=_lists().state)
    after = run(
        "dev", {**with_lists(), "privateSubnetIds": [PRIVATE[0], twin.id, PRIVATE[2]]}, before
    )
    assert [refused for refused in after.refused if "MountTargetConflict" not in refused] == []
    assert len(after.refused) == 1
    assert (
        "`privateSubnetIds`: another subnet in the same zone | AWS refuses a second mount target"
        in RUNBOOK
    )


def test_every_key_is_changed() -> None:
    """A new key joins the changes, or the lists."""
    changed = {
        key
        for change in CHANGES.values()
        for key in change.after
        if change.after[key] != change.before.get(key)
    }
    assert keys() - changed - LISTS.keys() == set()


def test_the_runbook_names_what_replaces_something() -> None:
    """Every key whose change loses data, meets the protection or is refused has a row
    in the table.
    """
    table = RUNBOOK[
        RUNBOOK.index("## Changes that replace something") : RUNBOOK.index(
            "### Lift the protection"
        )
    ]
    named = {
        key
        for row in table.splitlines()
        if row.startswith("| `")
        for key in re.findall(r"`([a-zA-Z]+)(?::[^`]*)?`", row.split("|")[1])
    }
    asked = {
        "internal",
        "accessLogs",
        "repositoryName",
        "fileSystemId",
        "fileSystemRevision",
        "kmsKeyArn",
        "listenerArn",
        "vpcCidr",
    }
    asked |= {
        "vpcId",
        "availabilityZoneNames",
        "namePrefix",
        "privateSubnetIds",
        "efsReplicaRegion",
        "fileSystemPath",
        "clusterArn",
        "egress",
        "sharedOwnership",
    }
    assert asked <= named
