"""A service of many tasks in virtual time: the real `Owners` on a store with latency, faults and a
meter.

Users visit sessions at random tasks, as a load balancer would send them; tasks die, are cut off
from the table, are replaced by a deployment, or lose a whole zone. The simulation notes every
moment at which two living tasks ran one session, how long sessions that somebody wanted had no
owner, and what DynamoDB would bill.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from container.gateway.ownership.model import (
    BEAT_SECONDS,
    LEASE_SECONDS,
    BadItem,
    Lease,
    OwnershipError,
    StoreUnavailable,
    Task,
)
from container.gateway.ownership.owners import Mine, Owners, Theirs
from container.gateway.ownership.store import MemoryStore

STOP_SECONDS = 0.5
"""From giving a session up to the end of its dev server."""
LOOK_SECONDS = 1.0
RETRY_SECONDS = 1.0
"""Vite's client asks so often whether its server is back."""
DRAWS = 20


@dataclass
class Faults:
    """What happens to one task's requests."""

    cut_off: bool = False
    slow: float = 0.0
    throttled: float = 0.0
    """Part of the requests that are refused."""


class MeteredStore:
    """One task's way to the shared store."""

    def __init__(
        self, shared: MemoryStore, faults: Faults, meter: Counter[str], random_source: random.Random
    ) -> None:
        self._shared = shared
        self._faults = faults
        self._meter = meter
        self._random = random_source

    async def _request(self, kind: str, units: float = 1) -> None:
        if self._faults.cut_off:
            await asyncio.sleep(1.5)
            raise StoreUnavailable("cut off")
        self._meter[kind] += 1
        self._meter["read_units" if kind.startswith("read") else "write_units"] += round(units * 2)
        await asyncio.sleep(self._random.expovariate(1 / 0.006) + self._faults.slow)
        if self._random.random() < self._faults.throttled:
            raise StoreUnavailable("throttled")

    def hear_of_bad_items(self, hear: Callable[[BadItem], None]) -> None:
        """There are none."""

    async def put_task(self, task: Task) -> int | None:
        await self._request("write_beat")
        return await self._shared.put_task(task)

    async def remove_task(self, task: Task) -> None:
        await self._request("write_task")
        await self._shared.remove_task(task)

    async def read_tasks(self, ids: Iterable[str]) -> dict[str, Task]:
        wanted = list(ids)
        if wanted:
            await self._request("read_tasks", len(wanted))
        return await self._shared.read_tasks(wanted)

    async def all_tasks(self) -> list[Task]:
        tasks = await self._shared.all_tasks()
        await self._request("read_all_tasks", max(1, len(tasks) * 200 / 4096))
        return await self._shared.all_tasks()

    async def neighbours(self, task_id: str) -> list[Task]:
        await self._request("read_neighbours", 2)
        return await self._shared.neighbours(task_id)

    async def read(self, session_id: str) -> Lease | None:
        await self._request("read_lease")
        return await self._shared.read(session_id)

    async def swap(
        self,
        before: Lease | None,
        after: Lease,
        *,
        only_if: Task | None = None,
        gone: str | None = None,
    ) -> None:
        await self._request("write_lease", 4 if only_if or gone else 1)
        await self._shared.swap(before, after, only_if=only_if, gone=gone)

    async def redeem(self, token_id: str, expires_at: int) -> bool:
        await self._request("write_link")
        return await self._shared.redeem(token_id, expires_at)


@dataclass
class SimulatedTask:
    """A task with its dev servers."""

    owners: Owners
    store: MeteredStore
    faults: Faults
    beat: asyncio.Task[None]
    running: dict[str, int] = field(default_factory=dict)
    """Fence of each session that has a dev server here."""
    dead: bool = False
    draining: bool = False


@dataclass(kw_only=True)
class Outcome:
    """What the simulation saw."""

    virtual_seconds: float = 0
    visits: int = 0
    refused: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    take_overs: int = 0
    hand_overs: int = 0
    conflicts: int = 0
    longest_double_owner: float = 0
    longest_without_owner: float = 0


class Service:
    """The tasks, the sessions that people look at, and the faults."""

    def __init__(self, *, tasks: int, sessions: int, capacity: int, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation that can be repeated
        self.store = MemoryStore(wall_clock=lambda: asyncio.get_running_loop().time())
        self._meter: Counter[str] = Counter()
        self.outcome = Outcome(requests=self._meter)
        self.tasks: list[SimulatedTask] = []
        self._by_id: dict[str, SimulatedTask] = {}
        self.capacity = capacity
        self._names = [f"s{number}" for number in range(sessions)]
        self._number = 0
        self._edges: dict[str, SimulatedTask] = {}
        self._double_since: dict[str, float] = {}
        self._wanted_since: dict[str, float] = {}
        self.revision = 1
        for _ in range(tasks):
            self.add_task()

    def add_task(self) -> SimulatedTask:
        self._number += 1
        faults, running = Faults(), dict[str, int]()
        address = (
            f"10.{self._number >> 16 & 255}.{self._number >> 8 & 255}.{self._number & 255}:4400"
        )
        record = Task(
            id=f"t{self._number}", run=f"r{self._number}", address=address, revision=self.revision
        )

        async def lost(lease: Lease, _reason: str) -> None:
            await asyncio.sleep(STOP_SECONDS)
            running.pop(lease.session_id, None)

        async def peers_cut_off(others: list[Task]) -> bool:
            asked = [self._by_id[other.id] for other in others]
            return all(not task.dead and task.owners.cut_off for task in asked)

        store = MeteredStore(self.store, faults, self._meter, self.random)
        room = self.capacity
        owners = Owners(
            store,
            record,
            room=lambda: room - len(running),
            on_lost=lost,
            peers_cut_off=peers_cut_off,
        )
        task = SimulatedTask(
            owners=owners,
            store=store,
            faults=faults,
            beat=asyncio.create_task(self._beat(owners)),
            running=running,
        )
        self.tasks.append(task)
        self._by_id[record.id] = task
        return task

    async def _beat(self, owners: Owners) -> None:
        await asyncio.sleep(self.random.uniform(0, BEAT_SECONDS))
        await owners.run()

    @property
    def living(self) -> list[SimulatedTask]:
        return [task for task in self.tasks if not task.dead]

    @property
    def serving(self) -> list[SimulatedTask]:
        return [
            task for task in self.living if not task.draining and not task.owners.cut_off
        ] or self.living

    async def visit(self, name: str) -> None:
        """A request for a session at some task."""
        self._wanted_since.setdefault(name, asyncio.get_running_loop().time())
        while True:
            self.outcome.visits += 1
            with contextlib.suppress(OwnershipError):
                if await self._reach(self._edge(name), name):
                    self._wanted_since.pop(name, None)
                    return
            self.outcome.refused += 1
            await asyncio.sleep(RETRY_SECONDS)

    def _edge(self, name: str) -> SimulatedTask:
        """Where the load balancer sends the session's visitor: always to the same task, while that
        is healthy.
        """
        edge = self._edges.get(name)
        if edge is None or edge.dead or edge.draining:
            edge = self._edges[name] = self._any()
        return edge

    def _any(self) -> SimulatedTask:
        """One that serves. There are so many that to list them for each visitor takes long."""
        for _ in range(DRAWS):
            task = self.random.choice(self.tasks)
            if not (task.dead or task.draining or task.owners.cut_off):
                return task
        return self.random.choice(self.serving)

    async def _reach(self, task: SimulatedTask, name: str) -> bool:
        """Ask a task for a session, and the one that it forwards to. A task that is not the owner
        never forwards again.
        """
        place = await task.owners.acquire(name)
        if isinstance(place, Theirs):
            owner = self._by_id[place.task.id]
            if owner.dead:
                return False
            task, place = owner, await owner.owners.acquire(name)
        if not isinstance(place, Mine) or task.dead:
            return False
        task.running[name] = place.lease.fence
        return True

    async def kill(self, task: SimulatedTask) -> None:
        """As SIGKILL: no goodbye, and its dev servers end with it."""
        task.dead = True
        task.beat.cancel()
        task.faults.cut_off = True
        task.running.clear()

    def look(self) -> None:
        """Check the invariants of this moment."""
        now = asyncio.get_running_loop().time()
        runs = Counter(name for task in self.living for name in task.running)
        double = {name for name, count in runs.items() if count > 1}
        for name in double:
            since = self._double_since.setdefault(name, now)
            self.outcome.longest_double_owner = max(self.outcome.longest_double_owner, now - since)
        for name in set(self._double_since) - double:
            del self._double_since[name]
        for name, since in list(self._wanted_since.items()):
            if runs[name]:
                del self._wanted_since[name]
            else:
                self.outcome.longest_without_owner = max(
                    self.outcome.longest_without_owner, now - since
                )

    async def watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def people(self, visits_per_second: float) -> None:
        under_way: set[asyncio.Task[None]] = set()
        while True:
            await asyncio.sleep(self.random.expovariate(visits_per_second))
            name = self.random.choice(self._names)
            if name in self._wanted_since:
                continue  # that visitor is still asking
            visit = asyncio.create_task(self.visit(name))
            under_way.add(visit)
            visit.add_done_callback(under_way.discard)

    def finish(self) -> Outcome:
        self.outcome.virtual_seconds = asyncio.get_running_loop().time()
        self.outcome.take_overs = sum(task.owners.counters.take_overs for task in self.tasks)
        self.outcome.hand_overs = sum(task.owners.counters.hand_overs for task in self.tasks)
        self.outcome.conflicts = sum(task.owners.counters.conflicts for task in self.tasks)
        return self.outcome


async def random_faults(service: Service, *, seconds: float, every: float) -> None:
    """Kill, cut off, slow down and throttle tasks at random, and put an earlier table in place;
    replace what was killed.
    """
    earlier = [service.store.contents()]
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        await asyncio.sleep(service.random.expovariate(1 / every))
        task = service.random.choice(service.living)
        match service.random.choice(
            ["kill", "cut off", "slow", "throttle", "all cut off", "restore"]
        ):
            case "kill" if len(service.living) > 1:
                await service.kill(task)
                service.add_task()
            case "cut off":
                task.faults.cut_off = True
            case "slow":
                task.faults.slow = service.random.uniform(0, 2 * LEASE_SECONDS)
            case "throttle":
                task.faults.throttled = service.random.random()
            case "restore":
                service.store.restore(service.random.choice(earlier))
                earlier.append(service.store.contents())
            case "all cut off":
                for other in service.living:
                    other.faults.cut_off = True
        await asyncio.sleep(service.random.uniform(0, 3 * LEASE_SECONDS))
        for other in service.living:
            other.faults.cut_off, other.faults.slow, other.faults.throttled = False, 0.0, 0.0
        earlier.append(service.store.contents())
