"""Both stores do the same: the one in memory, and the table behind DynamoDB's API (S26)."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from dataclasses import replace
from typing import Any

import boto3
import pytest

from container.gateway.ownership.dynamo import DynamoStore, make_client
from container.gateway.ownership.model import (
    BadItem,
    DuplicateTask,
    Lease,
    LostRace,
    StoreUnavailable,
    Task,
)
from container.gateway.ownership.store import OwnershipStore

A = Task(id="a", run="run-a", address="10.0.0.1:4400", free=3)
B = Task(id="b", run="run-b", address="10.0.0.2:4400", free=9)
DEMO = Lease(session_id="demo", owner="a", fence=1)


async def test_of_many_claims_of_a_new_session_one_wins(store: OwnershipStore) -> None:
    """Sixteen tasks claim at once."""
    outcomes = await asyncio.gather(
        *(
            store.swap(None, Lease(session_id="demo", owner=f"t{number}", fence=1))
            for number in range(16)
        ),
        return_exceptions=True,
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, LostRace) for outcome in outcomes)
    lease = await store.read("demo")
    assert lease is not None
    assert outcomes[int((lease.owner or "")[1:])] is None


async def test_a_swap_needs_the_very_lease_that_was_read(store: OwnershipStore) -> None:
    """Owner, fence and epoch are compared."""
    await store.swap(None, DEMO)
    for wrong in (
        None,
        replace(DEMO, owner="b"),
        replace(DEMO, owner=None),
        replace(DEMO, fence=2),
        replace(DEMO, epoch=1),
    ):
        with pytest.raises(LostRace):
            await store.swap(wrong, replace(DEMO, fence=9))
    await store.swap(DEMO, replace(DEMO, owner=None, epoch=1))
    assert await store.read("demo") == Lease(session_id="demo", owner=None, fence=1, epoch=1)
    await store.swap(
        Lease(session_id="demo", owner=None, fence=1, epoch=1), replace(DEMO, fence=2, epoch=1)
    )


async def test_a_take_over_fails_when_the_owner_has_given_a_sign_of_life(
    store: OwnershipStore,
) -> None:
    """The condition is on the beat that was seen, in the same transaction."""
    await store.put_task(A)
    await store.swap(None, DEMO)
    await store.put_task(replace(A, beat=1))
    taken = replace(DEMO, owner="b", fence=2)
    with pytest.raises(LostRace):
        await store.swap(DEMO, taken, only_if=A)
    with pytest.raises(LostRace):
        await store.swap(DEMO, taken, gone="a")
    await store.swap(DEMO, taken, only_if=replace(A, beat=1))
    assert await store.read("demo") == taken
    await store.remove_task(replace(A, beat=1))
    await store.swap(taken, replace(taken, owner="c", fence=3), gone="a")


async def test_two_tasks_with_one_id_notice_each_other(store: OwnershipStore) -> None:
    """The second is refused, and removes nothing of the first."""
    await store.put_task(A)
    twin = replace(A, run="other")
    with pytest.raises(DuplicateTask):
        await store.put_task(twin)
    await store.remove_task(twin)
    assert await store.read_tasks(["a"]) == {"a": A}
    await store.remove_task(A)
    assert await store.read_tasks(["a"]) == {}


async def test_tasks_are_listed_and_read(store: OwnershipStore) -> None:
    """More than one batch of a hundred."""
    many = [replace(A, id=f"t{number}", run=f"r{number}", beat=number) for number in range(130)]
    await asyncio.gather(*(store.put_task(task) for task in many))
    assert sorted(task.id for task in await store.all_tasks()) == sorted(task.id for task in many)
    names = sorted(task.id for task in many)
    for name in (names[0], names[64], names[-3]):
        after = names.index(name) + 1
        assert [task.id for task in await store.neighbours(name)] == [
            names[(after + step) % 130] for step in range(16)
        ]
    assert await store.read_tasks([*(task.id for task in many), "absent"]) == {
        task.id: task for task in many
    }


async def test_a_link_is_redeemed_once(store: OwnershipStore) -> None:
    """In the whole service, also under concurrent requests."""
    expires = int(time.time()) + 60
    assert sum(await asyncio.gather(*(store.redeem("link", expires) for _ in range(12)))) == 1
    assert await store.redeem("other", expires)


async def test_items_with_nonsense_are_reported_and_left_out(
    dynamodb: dict[str, Any], table: str
) -> None:
    """Nothing follows an item that no task writes: an address outside the VPC, a wrong type, a
    newer format.
    """
    problems: list[str] = []
    store = DynamoStore(
        table, make_client(**dynamodb), on_bad_item=lambda problem: problems.append(str(problem))
    )
    raw = boto3.resource("dynamodb", **dynamodb).Table(table)
    good = A.item()
    wrong: dict[str, dict[str, Any]] = {
        "public": {"address": "203.0.113.9:4400"},
        "metadata": {"address": "169.254.169.254:8080"},
        "name": {"address": "evil.example:4400"},
        "low-port": {"address": "10.0.0.1:22"},
        "text-beat": {"beat": "7"},
        "negative": {"free": -1},
        "newer": {"format": 2, "readable": 2},
        "no-run": {"run": ""},
        "other-id": {},
    }
    for name, fields in wrong.items():
        raw.put_item(
            Item={"pk": "task", "sk": name, **good, "id": name if fields else "a", **fields}
        )
    await store.put_task(B)
    assert await store.all_tasks() == [B]
    assert await store.read_tasks(wrong) == {}
    assert len(problems) == 2 * len(wrong)
    assert all("ownership table" in text and "delete it or correct it" in text for text in problems)
    raw.put_item(
        Item={
            "pk": "session#demo",
            "sk": "lease",
            "owner": "a b",
            "fence": 1,
            "epoch": 0,
            "readable": 1,
        }
    )
    narrow = DynamoStore(
        table,
        make_client(**dynamodb),
        on_bad_item=lambda problem: problems.append(str(problem)),
        within=[ipaddress.ip_network("10.9.0.0/16")],
    )
    assert await narrow.all_tasks() == []
    assert "'address' outside 10.9.0.0/16" in "".join(problems)
    with pytest.raises(BadItem, match="not a task id"):
        await store.read("demo")


async def test_a_table_that_cannot_be_reached_is_unavailable_within_seconds(
    dynamodb: dict[str, Any],
) -> None:
    """No answer, or an error answer: one exception for callers."""
    with pytest.raises(StoreUnavailable):
        await DynamoStore("absent", make_client(**dynamodb)).read("demo")
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await DynamoStore(
            "any", make_client(**{**dynamodb, "endpoint_url": "http://127.0.0.1:9"})
        ).read("demo")


async def test_two_releases_share_the_table_during_a_deployment(
    dynamodb: dict[str, Any], table: str
) -> None:
    """An older task understands a newer item that says so, and keeps what it does not know when it
    writes.
    """
    store = DynamoStore(table, make_client(**dynamodb))
    raw = boto3.resource("dynamodb", **dynamodb).Table(table)
    item = {"owner": "a", "fence": 4, "epoch": 1, "format": 2, "readable": 1, "checkpoint": "c7"}
    raw.put_item(Item={"pk": "session#demo", "sk": "lease", **item})
    raw.put_item(Item={"pk": "task", "sk": "a", **A.item(), "format": 2, "zone": "eu-central-1a"})
    assert await store.all_tasks() == [A]
    lease = await store.read("demo")
    assert lease == Lease(session_id="demo", owner="a", fence=4, epoch=1)
    await store.swap(lease, replace(lease, owner="b", fence=5), only_if=A)
    now = raw.get_item(Key={"pk": "session#demo", "sk": "lease"})["Item"]
    assert now == {"pk": "session#demo", "sk": "lease", **item, "owner": "b", "fence": 5}
