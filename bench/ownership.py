"""How does ownership of sessions scale? A thousand tasks and twenty thousand sessions in virtual
time.

The logic is the product's own (`container/gateway/ownership`); the table, the users and the faults
are simulated (`bench/core/ownership.py`). Requests are counted as DynamoDB bills them; the time of
a request is drawn with a mean of 6 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from bench.core import virtual_time
from bench.core.ownership import RETRY_SECONDS, Outcome, Service, SimulatedTask
from bench.core.registry import Options
from bench.core.result import Measurement, hold
from container.gateway.ownership.model import BEAT_SECONDS, LEASE_SECONDS, OwnershipError

QUESTION = "How does ownership of sessions scale over tasks, deployments and the loss of a zone?"
ZONES: Final = 3
BATCH: Final = 10
"""Part of the tasks that a deployment replaces at once: one in so many."""
SETTLE_SECONDS: Final = 30.0
START_SECONDS: Final = 3.0
"""From the start of a dev server to readiness, on the next owner."""
READS_TO_PREPARE: Final = 2
"""Before and after the next owner waits for its turn."""

Scenario = Callable[[Service, float], Awaitable[None]]


def run(options: Options) -> Measurement:
    """Steady use, a deployment of every task, the loss of a zone: each with its own service."""
    tasks, sessions = options.pick(1000, 20), options.pick(20_000, 200)
    outcomes = {
        name: virtual_time.run(_scenario(scenario, tasks, sessions, options.pick(60, 40)))
        for name, scenario in {
            "steady": _steady,
            "deployment": _deployment,
            "zone_lost": _zone_lost,
        }.items()
    }
    figures: dict[str, float | int | str] = {"tasks": tasks, "sessions": sessions}
    for name, outcome in outcomes.items():
        figures |= _figures(name, outcome)
    worst = max(outcome.longest_double_owner for outcome in outcomes.values())
    return Measurement(
        checks=[
            hold(
                "longest time with two owners of a session, simulated",
                worst,
                "s",
                "at most",
                LEASE_SECONDS,
            ),
            hold(
                "longest time without owner after the loss of a zone, simulated",
                outcomes["zone_lost"].longest_without_owner,
                "s",
                "at most",
                LEASE_SECONDS + 2 * BEAT_SECONDS + RETRY_SECONDS,
            ),
        ],
        figures=figures,
        notes=[
            "Simulated in virtual time: the logic is real, the table's answers and the users are"
            " not."
        ],
    )


VISITS_PER_SESSION_MINUTE: Final = 12.0
"""Requests per open session that reach a control plane or an edge: reconnects, waiting pages, first
visits.
"""


async def _scenario(scenario: Scenario, tasks: int, sessions: int, seconds: float) -> Outcome:
    service = Service(
        tasks=tasks, sessions=sessions, capacity=max(2 * sessions // tasks, 4), seed=1
    )
    await asyncio.sleep(3 * BEAT_SECONDS)
    people = asyncio.create_task(service.people(sessions * VISITS_PER_SESSION_MINUTE / 60))
    await asyncio.sleep(SETTLE_SECONDS)
    service.outcome = _fresh(service)
    began = asyncio.get_running_loop().time()
    watch = asyncio.create_task(service.watch())
    await scenario(service, seconds)
    await asyncio.sleep(SETTLE_SECONDS)
    service.look()
    outcome = service.finish()
    outcome.virtual_seconds -= began
    for task in [watch, people, *(task.beat for task in service.tasks)]:
        task.cancel()
    return outcome


def _fresh(service: Service) -> Outcome:
    """Counters from zero once everybody has settled. The tasks' meters keep counting into the same
    object.
    """
    requests = service.outcome.requests
    requests.clear()
    for task in service.tasks:
        task.owners.counters.take_overs = task.owners.counters.conflicts = (
            task.owners.counters.hand_overs
        ) = 0
    return Outcome(requests=requests)


async def _steady(_service: Service, seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _deployment(service: Service, _seconds: float) -> None:
    """A rolling deployment: as many new tasks as are stopped, a tenth at a time, each session
    handed over.
    """
    old = service.living
    service.revision += 1
    size = max(1, len(old) // BATCH)
    for start in range(0, len(old), size):
        fresh = [service.add_task() for _ in range(len(old[start : start + size]))]
        await asyncio.sleep(2 * BEAT_SECONDS)
        await asyncio.gather(
            *(_drain(task, fresh[index]) for index, task in enumerate(old[start : start + size]))
        )


async def _drain(task: SimulatedTask, successor: SimulatedTask) -> None:
    """Each session becomes ready there before it ends here. The requests are those of a hand-over
    (`container/gateway/hand_over.py`, `take_on.py`), which asks for room, and whose steps are each
    held against the table.
    """

    async def one(name: str) -> None:
        with contextlib.suppress(OwnershipError):
            await task.owners.candidates()
            for _ in range(READS_TO_PREPARE):
                await successor.store.read(name)
            await asyncio.sleep(START_SECONDS)
            await successor.store.read(name)  # to render what is open
            lease = await task.owners.hand_over(name, successor.owners.task)
            await successor.store.read(name)  # to accept
            await successor.owners.acquire(name)
            task.running.pop(name, None)
            successor.running[name] = lease.fence
            await task.owners.others()  # to tell them

    task.draining = True
    await asyncio.gather(*(one(name) for name in list(task.running)))
    task.dead = True
    task.beat.cancel()


async def _zone_lost(service: Service, seconds: float) -> None:
    """Every third task dies at once."""
    for index, task in enumerate(service.living):
        if index % ZONES == 0:
            await service.kill(task)
    await asyncio.sleep(seconds / 2)


def _figures(name: str, outcome: Outcome) -> dict[str, float | int | str]:
    units: Counter[str] = outcome.requests
    return {
        f"{name}_write_units_per_second": round(
            units["write_units"] / 2 / outcome.virtual_seconds, 1
        ),
        f"{name}_read_units_per_second": round(
            units["read_units"] / 2 / outcome.virtual_seconds, 1
        ),
        f"{name}_take_overs": outcome.take_overs,
        f"{name}_hand_overs": outcome.hand_overs,
        f"{name}_conflicts": outcome.conflicts,
        f"{name}_longest_two_owners_s": round(outcome.longest_double_owner, 1),
        f"{name}_longest_without_owner_s": round(outcome.longest_without_owner, 1),
        f"{name}_visits": outcome.visits,
        f"{name}_visits_refused": outcome.refused,
    }
