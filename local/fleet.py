"""The tasks of the local service: started, replaced when they end, and exchanged as a rolling
deployment of ECS does.

A deployment starts as many new tasks as there are (100 % healthy, 200 % at most), waits until they
are healthy, registers them with the load balancer and takes the earlier ones out, waits for the
deregistration delay, and ends those. Unlike an ALB, the local load balancer leaves connections to a
target that was taken out open until the task ends them.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from local import tasks
from local.children import Child
from local.metadata import Metadata


@dataclass
class Running:
    """A task and its process."""

    task: tasks.Task
    child: Child


class Fleet:
    """What runs of the service. `healthy` waits for a task, `register` tells the load balancer
    which tasks there are, `extra` is for the environment of each.
    """

    def __init__(
        self,
        service: tasks.Service,
        logs: Path,
        metadata: Metadata | None,
        *,
        extra: Mapping[str, str],
        healthy: Callable[[tasks.Task, Child], Awaitable[None]],
        register: Callable[[list[tasks.Task]], None],
        deregistration_seconds: float,
    ) -> None:
        self._service, self._logs, self._metadata = service, logs, metadata
        self._healthy, self._register, self._extra = healthy, register, extra
        self._deregistration_seconds = deregistration_seconds
        self._revision = 1
        self._started = len(service.tasks)
        self.running: list[Running] = []
        self.leaving: list[Running] = []
        """Tasks of the revision before, until they have ended."""

    @property
    def children(self) -> list[Child]:
        return [each.child for each in [*self.running, *self.leaving]]

    def _start(self, task: tasks.Task) -> Running:
        told = self._metadata.register(task.address, self._revision) if self._metadata else {}
        task = replace(task, environment={**task.environment, **self._extra, **told})
        return Running(task, tasks.start(task, self._logs))

    async def start(self) -> None:
        """The first tasks, healthy."""
        self.running = [self._start(task) for task in self._service.tasks]
        await asyncio.gather(*(self._healthy(each.task, each.child) for each in self.running))
        self._register([each.task for each in self.running])

    def restart(self, ended: Running) -> None:
        """Another process for a task that has ended."""
        self.running[self.running.index(ended)] = self._start(ended.task)

    async def deploy(self) -> None:
        """Exchange all tasks; returns when the earlier ones have ended."""
        count = len(self._service.tasks)
        self._revision += 1
        # Two sets of addresses take turns: a task that starts never waits for the ports of one that
        # ends.
        first = ipaddress.IPv4Address(self._service.tasks[0].address) + (
            count if self._revision % 2 == 0 else 0
        )
        new = []
        for number in range(count):
            self._started += 1
            fresh = self._service.make(self._started - 1, str(first + number))
            new.append(self._start(fresh))
        self.leaving, self.running = self.running, new
        await asyncio.gather(*(self._healthy(each.task, each.child) for each in new))
        self._register([each.task for each in new])
        await asyncio.sleep(self._deregistration_seconds)
        for each in self.leaving:
            each.child.terminate()
        while any(each.child.exit_code is None for each in self.leaving):  # noqa: ASYNC110 - a process is not an event
            await asyncio.sleep(0.1)
        self.leaving = []
