"""One owner for each session, whatever fails: the real logic in virtual time (S26)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bench.core import virtual_time
from bench.core.ownership import STOP_SECONDS, Outcome, Service, random_faults
from container.gateway.ownership.model import LEASE_SECONDS, Lease, Task
from container.gateway.ownership.owners import Owners, Theirs
from container.gateway.ownership.store import MemoryStore


async def _service(seed: int, seconds: float) -> Outcome:
    service = Service(tasks=4, sessions=30, capacity=20, seed=seed)
    watch, people = asyncio.create_task(service.watch()), asyncio.create_task(service.people(10))
    await asyncio.sleep(5)
    await random_faults(service, seconds=seconds, every=5)
    await asyncio.sleep(4 * LEASE_SECONDS)
    service.look()
    runs = [name for task in service.living for name in task.running]
    assert len(runs) == len(set(runs)), "two tasks run one session when all is well again"
    assert sum(len(task.owners.held) for task in service.living) >= len(runs)
    for task in (watch, people, *(task.beat for task in service.living)):
        task.cancel()
    return service.finish()


@pytest.mark.parametrize("seed", range(6))
def test_never_two_owners_beyond_a_lease(seed: int) -> None:
    """Tasks die, are cut off, slow or throttled at random, and the table is replaced by an earlier
    one; a session that somebody wants has one owner again within bounds.
    """
    outcome = virtual_time.run(_service(seed, 300))
    assert outcome.visits > 2000
    assert outcome.take_overs > 0
    assert outcome.longest_double_owner <= LEASE_SECONDS + STOP_SECONDS


async def _slow(seed: int, *, slow: float, throttled: float) -> tuple[int, int]:
    service = Service(tasks=4, sessions=30, capacity=20, seed=seed)
    people = asyncio.create_task(service.people(10))
    await asyncio.sleep(20)
    before = sum(task.owners.counters.claims for task in service.tasks)
    for task in service.tasks:
        task.faults.slow, task.faults.throttled = slow, throttled
    await asyncio.sleep(120)
    lost = sum(task.owners.counters.lost for task in service.tasks)
    for each in (people, *(task.beat for task in service.living)):
        each.cancel()
    return before, lost


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("slow", "throttled"), [(1.2, 0.0), (0.5, 0.05)])
def test_a_slow_table_ends_no_session(seed: int, slow: float, throttled: float) -> None:
    """Beats are written on time, however long the reads between them take."""
    claimed, lost = virtual_time.run(_slow(seed, slow=slow, throttled=throttled))
    assert claimed == 30
    assert lost == 0


async def _end_of(task: Task, *, forwards: bool) -> list[float]:
    """When another task hears that this one is gone; it looks at it at each even second."""
    store, heard, now = MemoryStore(), list[float](), asyncio.get_running_loop().time

    async def lost(_lease: Lease, _reason: str) -> None:
        raise AssertionError("nobody loses anything")

    await store.put_task(task)
    edge = Owners(
        store,
        Task(id="edge", run="e", address="10.0.0.1:4322"),
        room=lambda: 5,
        on_lost=lost,
        on_death=lambda: heard.append(now()),
    )
    run = asyncio.create_task(edge.run())
    if forwards:
        await store.swap(None, Lease(session_id="shop", owner=task.id))
        assert isinstance(await edge.locate("shop"), Theirs)
    await asyncio.sleep(3)
    await store.put_task(replace(task, beat=1))
    await asyncio.sleep(20)
    assert task.id not in edge.living()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    return heard


@pytest.mark.parametrize(("forwards", "seconds"), [(True, 4 + LEASE_SECONDS), (False, 10)])
def test_a_task_hears_of_a_death_when_the_lease_is_over(forwards: bool, seconds: float) -> None:
    """Where it forwards requests to it: they would go nowhere until the next beat."""
    owner = Task(id="owner", run="o", address="10.0.0.2:4322")
    assert virtual_time.run(_end_of(owner, forwards=forwards)) == pytest.approx([seconds])
